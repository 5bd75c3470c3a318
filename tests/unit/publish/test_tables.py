from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from metrics_dictionary.catalog import MetricEntry
from pipelines.errors import BuildFailedError
from pipelines.publish.metric_tables import DICTIONARY_TABLE, METRIC_TABLES
from pipelines.publish.serving import README, VERSION_TABLE
from pipelines.publish.tables import Table, describe_marts, undescribed


@pytest.fixture
def build() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as build")
        connection.execute("create schema build.marts")
        connection.execute(
            "create table build.marts.fct_orders (order_id varchar not null, order_date date)"
        )
        yield connection


def manifest(folder: Path, **changes: object) -> Path:
    node = {
        "resource_type": "model",
        "schema": "marts",
        "name": "fct_orders",
        "alias": "fct_orders",
        "description": "订单",
        "config": {"materialized": "incremental", "meta": {"export_partition": "order_date"}},
        "columns": {
            "order_id": {"description": "订单号"},
            "order_date": {"description": "下单日"},
        },
    } | changes
    path = folder / "manifest.json"
    path.write_text(json.dumps({"nodes": {"model.koujing.fct_orders": node}}), encoding="utf-8")
    return path


def described(build: duckdb.DuckDBPyConnection, path: Path) -> Table:
    (table,) = describe_marts(build, "build", path)
    return table


def test_a_table_takes_types_from_the_build_and_words_from_dbt(
    build: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    table = described(build, manifest(tmp_path))
    assert table.key == "marts.fct_orders"
    assert table.partition_by == "order_date"
    assert [(c.name, c.data_type, c.description, c.required) for c in table.columns] == [
        ("order_id", "VARCHAR", "订单号", True),
        ("order_date", "DATE", "下单日", False),
    ]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"description": ""}, "marts.fct_orders: no Chinese description"),
        ({"description": "Orders"}, "marts.fct_orders: no Chinese description"),
        (
            {"columns": {"order_id": {"description": "订单号"}}},
            "marts.fct_orders.order_date: no Chinese description",
        ),
        (
            {"config": {"materialized": "table", "meta": {"export_partition": "order_id"}}},
            "export_partition 'order_id' is not one of its DATE columns",
        ),
        ({"name": "fct_gone", "alias": "fct_gone"}, "marts.fct_gone: dbt describes it"),
    ],
)
def test_what_cannot_be_published_is_named(
    build: duckdb.DuckDBPyConnection, tmp_path: Path, changes: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(BuildFailedError) as caught:
        described(build, manifest(tmp_path, **changes))
    assert complaint in caught.value.message


def test_a_view_is_refused(build: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    build.execute("create view build.marts.fct_view as select 1 as x")
    with pytest.raises(BuildFailedError, match=r"marts\.fct_view: is a view"):
        described(build, manifest(tmp_path))


def test_without_a_manifest_the_remedy_is_a_run(
    build: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with pytest.raises(BuildFailedError, match="no dbt manifest") as caught:
        described(build, tmp_path / "manifest.json")
    assert "koujing run" in caught.value.hint


def test_the_outlets_own_tables_are_described_in_chinese() -> None:
    assert [undescribed(table) for table in (*METRIC_TABLES, README, VERSION_TABLE)] == [[]] * 5


def test_every_field_of_a_dictionary_entry_has_a_column() -> None:
    named = {"metric_id": "id", "name_zh": "zh", "name_en": "en"}
    columns = {named.get(column.name, column.name) for column in DICTIONARY_TABLE.columns}
    assert columns == {*MetricEntry.model_fields, "grains", "storable_daily"}
