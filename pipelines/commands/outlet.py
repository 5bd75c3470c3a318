"""`koujing publish`, `koujing rollback`, `koujing versions`: the outlet by hand."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.publish.versions import PublishedVersion


class OutputFormat(StrEnum):
    """How a command answers."""

    table = "table"
    json = "json"


FormatOption = Annotated[
    OutputFormat, typer.Option("--format", help="A table to read, or JSON for scripts.")
]


def publish(output: FormatOption = OutputFormat.table) -> None:
    """Publish the warehouse as it was last built: all tables and metrics at once.

    The new version is audited first; if a check fails, the last good version stays and the exit
    code is 5. Readers are never blocked, and never see half a version.

    \b
    Examples:
      koujing publish
      koujing publish --format json
    """  # noqa: D301 - \b: click keeps these lines
    from pipelines.publish.outlet import publish as publish_build

    settings = Settings()
    with Console(stderr=True).status("publishing") as status:
        version = publish_build(settings, on_step=lambda step: status.update(f"publishing: {step}"))
    _show([version], version.version, output)
    if output is OutputFormat.table:
        Console().print(
            f"Analysts open {settings.serving_path} (read-only).\n"
            f"The data platform reads {settings.export_dir / 'latest.json'}.",
            soft_wrap=True,
        )


def rollback(
    version: Annotated[str, typer.Argument(help="A kept version; `koujing versions` lists them.")],
    output: FormatOption = OutputFormat.table,
) -> None:
    """Let readers get an older version again, in the serving database and in the export.

    Later versions stay listed, and the next publish goes on from here.

    \b
    Examples:
      koujing rollback v20261122.013005
    """  # noqa: D301 - \b: click keeps these lines
    from pipelines.publish.outlet import rollback as roll_back

    current = roll_back(Settings(), version)
    _show([current], current.version, output)


def versions(output: FormatOption = OutputFormat.table) -> None:
    """List the published versions, newest first, and mark the one that readers get.

    \b
    Examples:
      koujing versions
      koujing versions --format json
    """  # noqa: D301 - \b: click keeps these lines
    from pipelines.publish.outlet import repair
    from pipelines.publish.versions import VersionStore

    settings = Settings()
    repair(settings)
    store = VersionStore(settings)
    current = store.current()
    if current is None and output is OutputFormat.table:
        Console().print("Nothing is published yet. `koujing run` builds and publishes.")
        return
    _show(store.all(), current.version if current else "", output)


def _show(listed: list[PublishedVersion], current: str, output: OutputFormat) -> None:
    if output is OutputFormat.json:
        rows = [
            version.model_dump(mode="json") | {"is_current": version.version == current}
            for version in listed
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    # Wider than a narrow terminal, so that a version's name is never cut short.
    console = Console(width=max(Console().width, 120))
    table = Table(box=None, pad_edge=False)
    for header in ("current", "version", "published at", "data until", "as of", "schema"):
        table.add_column(header, no_wrap=True)
    for header in ("tables", "rows", "shops fresh"):
        table.add_column(header, justify="right", no_wrap=True)
    for version in listed:
        table.add_row(
            "*" if version.version == current else "",
            version.version,
            f"{version.published_at:%Y-%m-%d %H:%M:%S}",
            f"{version.data_until:%Y-%m-%d %H:%M}",
            f"{version.as_of:%Y-%m-%d %H:%M}",
            version.schema_version,
            str(len(version.tables)),
            f"{sum(version.tables.values()):,}",
            f"{version.shops_fresh}/{version.shops_total}",
        )
    console.print(table)
