"""``koujing inbox``: load files from a back office, and see what came of them."""

from __future__ import annotations

import csv
import json
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.errors import UsageError
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.sources.inbox.loader import FileSummary

inbox_app = typer.Typer(
    no_args_is_help=True, help="Files that a person downloaded from a back office."
)


class OutputFormat(StrEnum):
    """How rows are printed."""

    table = "table"
    csv = "csv"
    json = "json"


@inbox_app.command()
def load(
    paths: Annotated[
        list[Path], typer.Argument(help="Files, or folders that are walked.", show_default=False)
    ],
    shop: Annotated[str, typer.Option(help="The shop or ad account that the files belong to.")],
    shop_name: Annotated[
        str | None, typer.Option(help="Its name, should it be registered now.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help="Accept this kind only; default: known by its headers.")
    ] = None,
    exported_at: Annotated[
        datetime | None,
        typer.Option(help="When it was exported, Beijing time; default: the file's name or time."),
    ] = None,
) -> None:
    """Load files into the raw lake: each whole and once; the same file again changes nothing.

    Exit code 3: a file was refused; the others are loaded.

    Example: koujing inbox load ~/Downloads/ExportOrderList202607010101.csv --shop tmall-flagship

    A folder, for a new shop: koujing inbox load exports --shop dy-main --shop-name 抖店主店
    """
    from rich.console import Console

    from pipelines.sources.inbox.loader import FilesRefusedError, load_paths

    console = Console(stderr=True)
    with console.status("") as status:
        try:
            summaries = load_paths(
                Settings(),
                paths,
                shop,
                shop_name=shop_name,
                kind=kind,
                exported_at=exported_at,
                progress=status.update,
            )
        except FilesRefusedError as refusal:
            status.stop()
            _print_summaries(refusal.summaries)
            raise
    _print_summaries(summaries)


def _print_summaries(summaries: list[FileSummary]) -> None:
    from rich.console import Console
    from rich.markup import escape

    _print_table(
        ["file", "kind", "layout", "status", "loaded", "quarantined", "totals left out", "s"],
        [
            [
                item.file,
                item.kind,
                item.layout,
                item.status.replace("_", " "),
                f"{item.rows_loaded:,}",
                f"{item.rows_quarantined:,}",
                f"{item.rows_dropped:,}",
                f"{item.seconds:.1f}",
            ]
            for item in summaries
        ],
    )
    console = Console()
    for item in summaries:
        for note in item.notes if item.status != "refused" else []:
            console.print(f"{escape(item.file)}: {escape(note)}")
        if item.unknown_columns:
            names = escape(", ".join(item.unknown_columns))
            console.print(f"{escape(item.file)}: columns no mapping names, kept in _extra: {names}")
        if item.quarantined:
            _print_table(
                ["line", "header", "cell", "reason"],
                [[_shown(value) for value in row.values()] for row in item.quarantined],
                title=f"{item.file}: rows that cannot be read",
            )
            console.print(f"All of them: koujing inbox quarantine --file {escape(item.file)}")
    if any(item.status == "loaded" for item in summaries):
        console.print("Next: [bold]koujing run[/bold] builds and publishes the numbers.")


@inbox_app.command()
def kinds() -> None:
    """List the exports that are recognised, with the headers that each must have.

    Example: koujing inbox kinds
    """
    from pipelines.sources.inbox.mapping import shipped_mappings

    _print_table(
        ["kind", "title", "channel", "belongs to a", "layouts", "must have"],
        [
            [
                item.kind,
                item.title,
                item.channel,
                item.shop_kind.replace("_", " "),
                ", ".join(layout.name for layout in item.layouts),
                ", ".join("|".join(names) for names in item.requires),
            ]
            for item in shipped_mappings().values()
        ],
    )


@inbox_app.command()
def files(
    output: Annotated[OutputFormat, typer.Option("--format", help="table, csv or json.")] = (
        OutputFormat.table
    ),
) -> None:
    """List the files that have been loaded, newest first.

    Example: koujing inbox files --format csv
    """
    from pipelines.sources.inbox.ledger import landed

    rows: list[dict[str, Any]] = landed(Settings(), "files").to_pylist()
    rows.sort(key=lambda row: (row["loaded_at"], row["_dlt_load_id"]), reverse=True)
    names = [
        "loaded_at",
        "file_name",
        "kind",
        "layout",
        "shop_key",
        "exported_at",
        "exported_at_source",
        "rows_loaded",
        "rows_quarantined",
        "rows_total_dropped",
    ]
    _print_rows(rows, names, output, "Nothing has been loaded yet.")


@inbox_app.command()
def quarantine(
    file: Annotated[
        str | None, typer.Option(help="Only rows of this file name (or the start of its id).")
    ] = None,
    output: Annotated[OutputFormat, typer.Option("--format", help="table, csv or json.")] = (
        OutputFormat.table
    ),
) -> None:
    """Show the rows that could not be read: file, line, header, cell, reason.

    Personal data is masked in them, as everywhere.

    Example: koujing inbox quarantine --file ExportOrderList202607010101.csv --format csv
    """
    from pipelines.sources.inbox.ledger import landed

    rows: list[dict[str, Any]] = landed(Settings(), "quarantine").to_pylist()
    if file is not None:
        known = {row["file_name"] for row in landed(Settings(), "files").to_pylist()}
        rows = [row for row in rows if file == row["file_name"] or row["file_id"].startswith(file)]
        if not rows and file not in known:
            raise UsageError(
                f"No file '{file}' has been loaded.", "See the names with: koujing inbox files"
            )
    rows.sort(key=lambda row: (row["file_name"], row["file_id"], row["line"]))
    names = ["file_name", "line", "column_header", "cell", "reason"]
    if output is not OutputFormat.table:
        names += ["kind", "shop_key", "raw_row", "quarantined_at"]
    _print_rows(rows, names, output, "No row is in quarantine.")


def _print_rows(
    rows: list[dict[str, Any]], names: list[str], output: OutputFormat, nothing: str
) -> None:
    """Print rows in the asked form; a table says so where there is none."""
    cells = [[_shown(row[name]) for name in names] for row in rows]
    if output is OutputFormat.json:
        records = [{name: _plain(row[name]) for name in names} for row in rows]
        typer.echo(json.dumps(records, ensure_ascii=False, indent=2))
    elif output is OutputFormat.csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(cells)
    elif rows:
        _print_table([name.replace("_", " ") for name in names], cells)
    else:
        typer.echo(nothing)


def _print_table(names: list[str], rows: list[list[str]], title: str | None = None) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title) if title else None, title_justify="left")
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    Console().print(table)


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, datetime) else value
