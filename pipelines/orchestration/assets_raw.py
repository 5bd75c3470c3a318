"""Raw tables as assets: what the lake holds in complete loads, checked before anything is built."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import polars as pl

from pipelines.embedded import Outside
from pipelines.extraction import ExtractionReport
from pipelines.freshness import stale
from pipelines.gateway.catalogue import connectors, raw_schemas
from pipelines.gateway.checks import check_stream
from pipelines.gateway.connector import Connector
from pipelines.settings import Settings
from pipelines.sources.inbox import raw_tables
from pipelines.sources.inbox.checks import check_table
from pipelines.sources.inbox.mapping import shipped_mappings
from pipelines.warehouse import RawTableState, attach_lake, write_pulls, write_shops

# Enough to see what is wrong with a table; a whole listing belongs into a query.
_SHOWN_FAILURES = 20


def build_registry_asset(settings: Settings, outside: Outside) -> dg.AssetsDefinition:
    """The registry's shops as a raw table."""

    @dg.asset(
        key=["raw", "registry", "shops"],
        group_name="raw_registry",
        description="Registered shops and ad accounts, as they stand when the run begins.",
        kinds={"sqlite", "duckdb"},
    )
    def registry_shops(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        if seeded := outside.seed_empty_home():
            context.log.info(f"empty home: {seeded} shops and accounts of the sandbox registered")
        shops = write_shops(settings)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": len(shops),
                "shops": ", ".join(shop.shop_key for shop in shops) or "none yet",
            }
        )

    return registry_shops


def build_pulls_asset(settings: Settings) -> dg.AssetsDefinition:
    """How far each account was pulled, once all connectors have asked."""

    @dg.asset(
        key=["raw", "registry", "pulls"],
        group_name="raw_registry",
        description="How far each account was pulled, and why no further.",
        deps=[dg.AssetKey(["raw", channel, "pulls"]) for channel in connectors()],
        kinds={"parquet", "duckdb"},
    )
    def registry_pulls() -> dg.MaterializeResult[None]:
        accounts = write_pulls(settings)
        behind = [f"{shop}: {said}" for shop, said in stale(accounts)]
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": len(accounts),
                "stale": "\n".join(behind[:_SHOWN_FAILURES]) or "none",
            }
        )

    return registry_pulls


def build_connector_asset(
    settings: Settings, connector: Connector, outside: Outside
) -> dg.AssetsDefinition:
    """All raw tables of one connector: pulled, landed, checked; one dead shop stops no other."""
    channel = connector.channel
    titles = {stream.table: stream.title for stream in connector.streams}
    schemas = raw_schemas(connector)
    specs = [
        dg.AssetSpec(
            ["raw", channel, table],
            group_name=f"raw_{channel}",
            description=titles.get(table, f"The gateway's {table} of {connector.title}."),
            deps=[dg.AssetKey(["raw", "registry", "shops"])],
            kinds={"parquet", "dlt"},
        )
        for table in sorted(schemas)
    ]
    checks = [
        dg.AssetCheckSpec(
            "landed_rows_fit_the_declaration",
            asset=["raw", channel, table],
            blocking=True,
            description="pandera: keys, types and ranges that the connector declares.",
        )
        for table in sorted(titles)
    ]
    answered = dg.AssetCheckSpec(
        "every_shop_answered",
        asset=["raw", channel, "pulls"],
        description="Each shop's last pull of each stream came to its end; the others are fresh.",
    )

    @dg.multi_asset(name=f"raw_{channel}", specs=specs, check_specs=[*checks, answered])
    def raw_channel(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        report = outside.pull(connector, context.log.info)
        streams = {stream.table: stream for stream in connector.streams}
        for state in attach_lake(settings, channel, schemas):
            results = []
            if stream := streams.get(state.table):
                failures = [
                    f"{Path(file).name}: {failure}"
                    for file in state.files
                    for failure in check_stream(stream, pl.read_parquet(file))
                ]
                results.append(_fits(state, "landed_rows_fit_the_declaration", failures))
            elif state.table == "pulls":
                results.append(_answered(state, report))
            yield _materialized(state, results)

    return raw_channel


def _answered(state: RawTableState, report: ExtractionReport | None) -> dg.AssetCheckResult:
    failed = [] if report is None else report.failures()
    return dg.AssetCheckResult(
        check_name="every_shop_answered",
        asset_key=["raw", state.channel, state.table],
        passed=not failed,
        # Shown, not blocking: what the other shops sold is true without this one.
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"failures": "\n".join(failed[:_SHOWN_FAILURES]) or "none"},
    )


def build_inbox_asset(settings: Settings) -> dg.AssetsDefinition:
    """All raw tables of the inbox, each with its pandera check."""
    titles = {mapping.kind: mapping.title for mapping in shipped_mappings().values()}
    specs = [
        dg.AssetSpec(
            ["raw", "inbox", table],
            group_name="raw_inbox",
            description=titles.get(table, f"The inbox's own table of {table}."),
            kinds={"parquet", "dlt"},
        )
        for table in sorted(raw_tables())
    ]
    checks = [
        dg.AssetCheckSpec(
            "landed_rows_fit_the_mapping",
            asset=["raw", "inbox", kind],
            blocking=True,
            description="pandera: types, required cells, keys and ranges of the mapping.",
        )
        for kind in sorted(titles)
    ]

    @dg.multi_asset(name="raw_inbox", specs=specs, check_specs=checks)
    def raw_inbox() -> Iterator[dg.MaterializeResult[None]]:
        for state in attach_lake(settings, "inbox", raw_tables()):
            if state.table not in titles:
                yield _materialized(state, [])
                continue
            # One landed file in memory at a time.
            failures = [
                f"{Path(file).name}: {failure}"
                for file in state.files
                for failure in check_table(state.table, pl.read_parquet(file))
            ]
            yield _materialized(state, [_fits(state, "landed_rows_fit_the_mapping", failures)])

    return raw_inbox


def _fits(state: RawTableState, check: str, failures: list[str]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=check,
        asset_key=["raw", state.channel, state.table],
        passed=not failures,
        metadata={"failures": "\n".join(failures[:_SHOWN_FAILURES]) or "none"},
    )


def _materialized(
    state: RawTableState, results: list[dg.AssetCheckResult]
) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(
        asset_key=["raw", state.channel, state.table],
        metadata={
            "dagster/row_count": state.rows,
            "dagster/column_schema": dg.TableSchema(
                columns=[dg.TableColumn(name, kind) for name, kind in state.columns]
            ),
            "files": len(state.files),
        },
        check_results=results,
    )
