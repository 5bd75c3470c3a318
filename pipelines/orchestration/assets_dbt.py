"""dbt's models, seeds and tests as assets and asset checks, with row counts and column schemas."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DbtCliResource, dbt_assets

from pipelines.orchestration.dbt_project import LayerTranslator
from pipelines.settings import Settings
from pipelines.warehouse import DBT_PROJECT_DIR, dbt_environment


def build_dbt_assets(settings: Settings, manifest: Path) -> Any:  # noqa: ANN401 - dagster_dbt is not typed here
    """Every model and seed as an asset, every data test as a check of its asset."""

    @dbt_assets(  # type: ignore[untyped-decorator] # dagster_dbt is not typed here
        manifest=manifest, dagster_dbt_translator=LayerTranslator(), name="dbt"
    )
    def dbt_models(context: dg.AssetExecutionContext) -> Iterator[Any]:
        dbt = DbtCliResource(
            project_dir=str(DBT_PROJECT_DIR),
            profiles_dir=str(DBT_PROJECT_DIR),
            # This environment's, whatever the PATH says.
            dbt_executable=str(Path(sys.executable).with_name("koujing-dbt")),
        )
        with _environment(settings):
            invocation = dbt.cli(
                # Unit tests prove the code, not the data: they run in `make test`.
                ["build", "--exclude-resource-type", "unit_test"],
                context=context,
                target_path=settings.dbt_target_dir,
                raise_on_error=False,
            )
            # dbt holds the build database until it ends; counted after that, in one pass.
            events = list(invocation.stream())
        described = _describe(settings)
        for event in events:
            yield _with_table_metadata(context, event, described)
        if not invocation.is_successful():
            raise dg.Failure(
                description="dbt failed; the last good version stays published.",
                metadata={"log": str(settings.dbt_target_dir / "logs" / "dbt.log")},
            )

    return dbt_models


@contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    """The environment that dbt needs, for one call: DbtCliResource hands on the process's own."""
    before = dict(os.environ)
    os.environ.update(dbt_environment(settings))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _describe(settings: Settings) -> dict[tuple[str, str], dict[str, Any]]:
    """Row count and columns of every built table, by schema and name."""
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
        columns: dict[tuple[str, str], list[dg.TableColumn]] = {}
        for schema, table, column, kind in connection.execute(
            "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns()"
            " WHERE database_name = current_database() AND NOT internal"
            " ORDER BY schema_name, table_name, column_index"
        ).fetchall():
            columns.setdefault((schema, table), []).append(dg.TableColumn(column, kind))
        sizes = connection.execute(
            "SELECT schema_name, table_name, estimated_size FROM duckdb_tables()"
        ).fetchall()
        return {
            (schema, table): {
                "dagster/row_count": int(rows),
                "dagster/column_schema": dg.TableSchema(columns=columns[schema, table]),
            }
            for schema, table, rows in sizes
        }


def _with_table_metadata(
    context: dg.AssetExecutionContext,
    event: Any,  # noqa: ANN401 - Dagster's union of outputs and check events
    described: dict[tuple[str, str], dict[str, Any]],
) -> Any:  # noqa: ANN401
    if not isinstance(event, dg.Output):
        return event
    layer, table = context.asset_key_for_output(event.output_name).path[-2:]
    found = described.get((layer, table), {})
    return event.with_metadata({**event.metadata, **found})
