"""Raw tables as assets: what the lake holds in complete loads, checked before anything is built."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import polars as pl

from pipelines.embedded import load_samples_into_empty_home
from pipelines.settings import Settings
from pipelines.sources.inbox import raw_tables
from pipelines.sources.inbox.checks import check_table
from pipelines.sources.inbox.mapping import shipped_mappings
from pipelines.warehouse import RawTableState, attach_lake, write_shops

# Enough to see what is wrong with a table; a whole listing belongs into a query.
_SHOWN_FAILURES = 20


def build_registry_asset(settings: Settings) -> dg.AssetsDefinition:
    """The registry's shops as a raw table."""

    @dg.asset(
        key=["raw", "registry", "shops"],
        group_name="raw_registry",
        description="Registered shops and ad accounts, as they stand when the run begins.",
        deps=[dg.AssetKey(["raw", "inbox", "files"])],  # loading a file registers its shop
        kinds={"sqlite", "duckdb"},
    )
    def registry_shops() -> dg.MaterializeResult[None]:
        shops = write_shops(settings)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": len(shops),
                "shops": ", ".join(shop.shop_key for shop in shops) or "none yet",
            }
        )

    return registry_shops


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
    def raw_inbox(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        for summary in load_samples_into_empty_home(settings):
            context.log.info(f"made-up sample {summary.file}: {summary.rows_loaded} rows")
        states = attach_lake(settings)
        for state in states:
            yield _materialized(state, is_kind=state.table in titles)

    return raw_inbox


def _materialized(state: RawTableState, *, is_kind: bool) -> dg.MaterializeResult[None]:
    results = []
    if is_kind:
        # One landed file in memory at a time.
        failures = [
            f"{Path(file).name}: {failure}"
            for file in state.files
            for failure in check_table(state.table, pl.read_parquet(file))
        ]
        results.append(
            dg.AssetCheckResult(
                check_name="landed_rows_fit_the_mapping",
                asset_key=["raw", "inbox", state.table],
                passed=not failures,
                metadata={"failures": "\n".join(failures[:_SHOWN_FAILURES]) or "none"},
            )
        )
    return dg.MaterializeResult(
        asset_key=["raw", "inbox", state.table],
        metadata={
            "dagster/row_count": state.rows,
            "dagster/column_schema": dg.TableSchema(
                columns=[dg.TableColumn(name, kind) for name, kind in state.columns]
            ),
            "files": len(state.files),
        },
        check_results=results,
    )
