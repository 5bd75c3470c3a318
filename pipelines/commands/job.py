"""``koujing run`` and ``koujing dev``: the main job, and the place to watch it."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipelines.errors import UsageError
from pipelines.settings import PROJECT_ROOT, SHANGHAI, Settings

if TYPE_CHECKING:
    from metrics_dictionary.query import MetricReader
    from pipelines.embedded import Outside

_TIMES = ["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]

_HEADLINES = ("order_cnt", "pay_order_cnt", "pay_amt", "refund_amt_by_pay", "ad_spend_amt")


def run(
    channel: Annotated[
        list[str] | None, typer.Option(help="Pull only this channel (again for more).")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=_TIMES, help="Pull again from here on (Asia/Shanghai), a backfill."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=_TIMES, help="End of the backfill; needs --since.")
    ] = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Pull all that the platforms still answer for.")
    ] = False,
    world: Annotated[
        str, typer.Option(help="On an empty home: the sandbox's world (small, demo, large, PATH).")
    ] = "",
    faults: Annotated[
        str, typer.Option(help="Fault profile of the sandbox: none, realistic or hostile.")
    ] = "none",
) -> None:
    """Run the main job: pull every channel, build, check, count, publish.

    An empty home gets the sandbox's company (38 made-up shops) first. Only what is new or changed
    since the last run is pulled; a backfill (--since, --until) never moves that mark, and says what
    of it no platform answers for any more. A shop that does not answer leaves the others fresh: the
    run ends "partly stale" and names it. Exit code 5 when a check failed (the last good version
    stays published).

    Example: koujing run --channel doudian --since 2026-11-01 --until 2026-11-08
    """
    from pipelines.embedded import Outside
    from pipelines.orchestration.job import run_job
    from pipelines.sandbox.process import refuse_another_world

    settings = Settings()
    _refuse_bad_range(since, until, full_refresh=full_refresh)
    refuse_another_world(settings, world)
    console = Console(file=sys.stdout, soft_wrap=True)
    outside = Outside(
        settings,
        channels=_known_channels(channel or []),
        since=_shanghai(since),
        until=_shanghai(until),
        full_refresh=full_refresh,
        world=world,
        faults=faults,
    )
    run_job(
        settings,
        progress=lambda step: console.print(
            f"  {step}", style="dim", highlight=False, markup=False
        ),
        outside=outside,
    )
    _print_summary(settings, console)
    _print_notices(outside, console)
    _print_stale(settings, console)


def _refuse_bad_range(
    since: datetime | None, until: datetime | None, *, full_refresh: bool
) -> None:
    """What no platform could be asked for; what one of them cannot answer is said by the pull."""
    if until and not since:
        raise UsageError("--until says where a backfill ends.", "Say where it begins: --since.")
    if since and until and since >= until:
        raise UsageError(
            f"--since {since} is not before --until {until}.",
            "The end itself is not pulled: one day is --since 2026-11-01 --until 2026-11-02.",
        )
    if since and full_refresh:
        raise UsageError(
            "--full-refresh pulls everything, --since a part of it.", "Leave one of them out."
        )


def _known_channels(channels: list[str]) -> tuple[str, ...]:
    from pipelines.gateway.catalogue import connectors

    for channel in channels:
        if channel not in connectors():
            raise UsageError(
                f"No connector '{channel}'.", f"There are: {', '.join(sorted(connectors()))}."
            )
    return tuple(channels)


def _shanghai(time: datetime | None) -> datetime | None:
    return None if time is None else time.replace(tzinfo=SHANGHAI)


def _print_notices(outside: Outside, console: Console) -> None:
    """What of a backfill could not be asked for."""
    for notice in (each for report in outside.reports for each in report.notices):
        console.print(f"\n[bold yellow]Not all of it[/]: {escape(notice)}", highlight=False)


def _print_stale(settings: Settings, console: Console) -> None:
    """Which accounts did not answer when last asked, since when, in the platform's words."""
    from pipelines.freshness import pulled_by_all, stale

    behind = list(stale(pulled_by_all(settings)))
    if behind:
        console.print("\n[bold yellow]Partly stale[/]: these did not answer; the rest is fresh.")
        for shop, said in behind:
            console.print(f"  {shop}: {said}", highlight=False, markup=False)
        console.print("What to do: koujing shop check")


def _print_summary(settings: Settings, console: Console) -> None:
    from metrics_dictionary.query import MetricReader
    from pipelines.errors import NothingPublishedError

    reader = MetricReader(settings)
    version = reader.version
    console.print(f"\n[bold]Published {version.version}[/]  (schema {version.schema_version})")
    try:
        first, last = reader.data_range()
    except NothingPublishedError as error:
        console.print(f"{error.message} {error.hint}")
        return
    console.print(_by_shop(reader))
    recent = max(first, last - timedelta(days=29))
    console.print(
        f"Data of {first} to {last}, {version.shops_fresh} of {version.shops_total} shops fresh. "
        "Times are Asia/Shanghai, money is yuan."
    )
    if version.late_shops:
        console.print(f"Not fresh: {', '.join(version.late_shops)}.")
    console.print()
    console.print("Where to look next:")
    for what, where in (
        ("the pages", "make dashboard"),
        ("a number", f"koujing metric query pay_amt --by day --from {recent} --to {last}"),
        ("what a number means", "koujing metric show 支付金额"),
        ("SQL, read-only", str(settings.serving_path)),
        ("Parquet", str(settings.export_dir)),
        ("lineage and checks", "make dev"),
        ("your own export", "koujing inbox load FILE --shop KEY, then koujing run"),
    ):
        console.print(f"  {what:<20} {where}", highlight=False)


def _by_shop(reader: MetricReader) -> Table:
    from metrics_dictionary.output import readable
    from metrics_dictionary.query import MetricQuery

    result = reader.run(MetricQuery(metrics=_HEADLINES, by=("shop",)))
    total = reader.run(MetricQuery(metrics=_HEADLINES))
    entries = [reader.catalog[metric] for metric in _HEADLINES]
    rows = [
        (name, *(readable(row[entry.id], entry) for entry in entries))
        for name, row in [*((row["shop"], row) for row in result.rows), ("合计", total.rows[0])]
    ]
    table = Table()
    # A heading may fold where it is narrow; a figure never.
    for heading, *cells in zip(("店铺", *(entry.zh for entry in entries)), *rows, strict=True):
        justify: Literal["left", "right"] = "left" if heading == "店铺" else "right"
        width = max(map(cell_len, cells))
        table.add_column(heading, justify=justify, overflow="fold", min_width=width)
    for row in rows:
        table.add_row(*row, style="bold" if row is rows[-1] else None)
    return table


def dev(
    port: Annotated[int, typer.Option(help="Port of Dagster's pages.")] = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Start `dagster dev` on this home: lineage, checks, schedules.

    Example: koujing dev --port 3001
    """
    from pipelines.orchestration.instance import prepare_dagster_home

    settings = Settings()
    os.environ["DAGSTER_HOME"] = str(prepare_dagster_home(settings))
    os.environ["KOUJING_HOME"] = str(settings.home)
    dagster = Path(sys.executable).with_name("dagster")
    # dagster dev starts its own helpers by name: they must be this environment's.
    os.environ["PATH"] = f"{dagster.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    os.chdir(PROJECT_ROOT)
    typer.echo(f"Dagster: http://{host}:{port}  (stop with Ctrl-C)")
    arguments = ["dev", "-w", "workspace.yaml", "-h", host, "-p", str(port)]
    os.execv(dagster, [str(dagster), *arguments])  # noqa: S606 - our own command, no shell
