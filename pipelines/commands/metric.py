"""``koujing metric``: look a metric up, or ask for its number."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from pipelines.errors import UsageError
from pipelines.settings import Settings

if TYPE_CHECKING:
    from metrics_dictionary.catalog import Catalog, MetricEntry
    from metrics_dictionary.periods import Comparison
    from metrics_dictionary.query import MetricReader, MetricResult

metric_app = typer.Typer(
    help="The metric dictionary: one definition for every number.", no_args_is_help=True
)


class QueryFormat(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


class ListFormat(StrEnum):
    """How entries are written."""

    TABLE = "table"
    JSON = "json"


def _catalog() -> Catalog:
    """The published dictionary; before the first publish the one in the checkout."""
    from metrics_dictionary.catalog import Catalog
    from pipelines.parsing import parsed_semantic_manifest
    from pipelines.publish.versions import VersionStore

    settings = Settings()
    store = VersionStore(settings)
    published = store.current()
    if published is not None:
        return Catalog.load(store.semantic_manifest(published.version))
    return Catalog.load(parsed_semantic_manifest(settings))


@metric_app.command("list")
def list_metrics(
    search: Annotated[
        str, typer.Argument(help="Only those whose id, name or alias has this.")
    ] = "",
    output: Annotated[ListFormat, typer.Option("--format", help="How to write it.")] = (
        ListFormat.TABLE
    ),
) -> None:
    """List the metrics.

    Example: koujing metric list 退款
    """
    entries = [
        entry
        for entry in _catalog().entries
        if any(search.lower() in name.lower() for name in entry.names)
    ]
    if output is ListFormat.JSON:
        typer.echo(
            json.dumps([entry.model_dump(mode="json") for entry in entries], ensure_ascii=False)
        )
        return
    if not entries:
        raise UsageError(f"No metric's name has '{search}'.", "See all: koujing metric list")
    table = Table("id", "名称", "单位", "时间口径", "公式", title=f"{len(entries)} metrics")
    for entry in entries:
        table.add_row(entry.id, entry.zh, entry.unit, entry.anchor, entry.formula)
    Console().print(table)


@metric_app.command("show")
def show_metric(
    name: Annotated[str, typer.Argument(help="Id, Chinese name or alias.")],
    output: Annotated[ListFormat, typer.Option("--format", help="How to write it.")] = (
        ListFormat.TABLE
    ),
) -> None:
    """Show one metric's whole definition.

    Example: koujing metric show 支付金额
    """
    entry = _catalog().resolve(name)
    if output is ListFormat.JSON:
        typer.echo(json.dumps(entry.model_dump(mode="json"), ensure_ascii=False, indent=2))
        return
    Console().print(_definition(entry))


def _definition(entry: MetricEntry) -> Table:
    table = Table(title=f"{entry.zh}  {entry.id}", show_header=False, title_justify="left")
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    mapping = "\n".join(f"{source}: {text}" for source, text in entry.platform_mapping.items())
    for label, value in (
        ("English", entry.en),
        ("说明", entry.description),
        ("公式", entry.formula),
        ("时间口径", entry.anchor),
        ("单位", f"{entry.unit}, {entry.decimals} decimals"),
        ("默认过滤", entry.default_filter),
        ("可用维度", ", ".join(entry.dimensions)),
        ("可加性", entry.additive),
        ("重述窗口", f"{entry.restatement_days} days" if entry.restatement_days else "—"),
        ("平台对应", mapping or "—"),
        ("容易错在", entry.traps),
        ("例", entry.example),
        ("别名", ", ".join(entry.aliases) or "—"),
        ("事实表", ", ".join(entry.facts)),
        ("负责", f"业务 {entry.business_owner} / 技术 {entry.tech_owner}"),
        ("版本", f"{entry.version} ({entry.status}) since {entry.valid_from}"),
    ):
        table.add_row(label, value)
    return table


@metric_app.command("query")
def query_metrics(
    names: Annotated[str, typer.Argument(help="Metric ids or names, separated by commas.")],
    by: Annotated[str, typer.Option(help="Dimensions, separated by commas: day,shop …")] = "",
    where: Annotated[
        list[str] | None, typer.Option(help="dimension=value[,value…]; may be repeated.")
    ] = None,
    start: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First business day, inclusive."),
    ] = None,
    end: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="Last business day, inclusive."),
    ] = None,
    compare: Annotated[
        str | None, typer.Option(help="previous_period, dod, wow, mom or yoy.")
    ] = None,
    output: Annotated[QueryFormat, typer.Option("--format", help="How to write it.")] = (
        QueryFormat.TABLE
    ),
    out: Annotated[Path | None, typer.Option(help="Write to this file.")] = None,
) -> None:
    """Ask for numbers from the published version.

    Example: koujing metric query pay_amt,pay_order_cnt --by day --where shop=demo-tmall
    --from 2026-11-01 --to 2026-11-11 --compare previous_period --format json
    """
    from metrics_dictionary.query import MetricQuery, MetricReader

    reader = MetricReader(Settings())
    question = MetricQuery(
        metrics=_split(names),
        by=_split(by),
        start=start.date() if start else None,
        end=end.date() if end else None,
        where=_filters(where or []),
        compare=_comparison(compare),
    )
    result = reader.run(question)
    if output is QueryFormat.TABLE and out is None:
        _print_table(reader, result)
    else:
        _write(reader, result, output, out)


def _split(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(",") if name.strip())


def _filters(conditions: list[str]) -> dict[str, tuple[str, ...]]:
    filters: dict[str, tuple[str, ...]] = {}
    for condition in conditions:
        dimension, equals, values = condition.partition("=")
        if not equals or not _split(values):
            raise UsageError(
                f"'{condition}' is not a filter.", "Write --where shop=demo-tmall,demo-doudian"
            )
        filters[dimension.strip()] = filters.get(dimension.strip(), ()) + _split(values)
    return filters


def _comparison(word: str | None) -> Comparison | None:
    from metrics_dictionary.periods import COMPARISONS

    for known in COMPARISONS:
        if word == known:
            return known
    if word is None:
        return None
    raise UsageError(f"'{word}' is not a comparison.", f"Use one of: {', '.join(COMPARISONS)}.")


def _print_table(reader: MetricReader, result: MetricResult) -> None:
    from metrics_dictionary.output import columns, readable

    catalog = reader.catalog
    entries = {
        name: catalog[metric]
        for metric in result.query.metrics
        for name in (metric, f"{metric}__prev")
    }
    table = Table()
    for name in columns(result.query):
        title = f"{entries[name].zh}\n{name}" if name in entries else name
        by = name in result.query.by
        table.add_column(title, justify="left" if by else "right", overflow="fold")
    for row in result.rows:
        table.add_row(
            *(
                f"{row[name]:+.2%}"
                if name.endswith("__change") and row[name] is not None
                else readable(row[name], entries.get(name))
                for name in columns(result.query)
            )
        )
    console = Console()
    console.print(table)
    for said in dict.fromkeys(
        f"{metric}: {mark['zh']}"
        for marks in result.marks
        for metric, kinds in marks.items()
        for mark in kinds.values()
    ):
        console.print(f"  ! {said}", style="yellow", soft_wrap=True)
    version = result.version
    console.print(
        f"version {version.version}, data until {version.data_until:%Y-%m-%d %H:%M}", style="dim"
    )


def _write(
    reader: MetricReader, result: MetricResult, output: QueryFormat, out: Path | None
) -> None:
    from metrics_dictionary.output import as_csv, as_json, write_parquet

    if output is QueryFormat.PARQUET:
        if out is None:
            raise UsageError("Parquet needs a file.", "Add --out numbers.parquet")
        write_parquet(result, reader.catalog, out)
        return
    text = as_json(result) if output is QueryFormat.JSON else as_csv(result)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")


@metric_app.command("docs")
def write_docs(
    out: Annotated[Path, typer.Option(help="Where the Markdown goes.")] = Path("docs/metrics.md"),
) -> None:
    """Write the catalogue of the checkout's dictionary as Markdown.

    Example: koujing metric docs --out docs/metrics.md
    """
    from metrics_dictionary.catalog import Catalog
    from metrics_dictionary.docs import render
    from pipelines.parsing import parsed_semantic_manifest

    out.write_text(render(Catalog.load(parsed_semantic_manifest(Settings()))), encoding="utf-8")
    typer.echo(f"written: {out}")
