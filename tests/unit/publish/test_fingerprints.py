from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from pipelines.publish.fingerprints import Fingerprints, fingerprint, in_partitions
from pipelines.publish.tables import Column, Table

DAILY = Table(
    "main",
    "daily",
    "日表",
    (
        Column("day", "DATE", "日"),
        Column("id", "VARCHAR", "号"),
        Column("amt", "DECIMAL(18,2)", "元"),
    ),
    "day",
)
WHOLE = Table("main", "daily", "整表", DAILY.columns)
NINTH, TENTH = date(2026, 11, 9), date(2026, 11, 10)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def of(connection: duckdb.DuckDBPyConnection, rows: str, table: Table = DAILY) -> Fingerprints:
    connection.execute("create or replace table daily (day date, id varchar, amt decimal(18, 2))")
    connection.execute(f"insert into daily values {rows}")
    return fingerprint(connection, table)


def test_the_order_of_rows_does_not_matter(connection: duckdb.DuckDBPyConnection) -> None:
    one = of(connection, "('2026-11-09', 'a', 1), ('2026-11-09', 'b', 2)")
    other = of(connection, "('2026-11-09', 'b', 2), ('2026-11-09', 'a', 1)")
    assert one == other
    assert one[NINTH].rows == 2


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param("('2026-11-09', 'a', 1), ('2026-11-09', 'b', 2.01)", id="one cent"),
        pytest.param("('2026-11-09', 'a', 2), ('2026-11-09', 'b', 1)", id="amounts swapped"),
        pytest.param("('2026-11-09', 'a', 1), ('2026-11-09', null, 2)", id="an id lost"),
        pytest.param(
            "('2026-11-09', 'a', 1), ('2026-11-09', 'b', 2), ('2026-11-09', 'b', 2)", id="doubled"
        ),
        pytest.param("('2026-11-09', 'a', 1)", id="one dropped"),
    ],
)
def test_any_change_of_rows_shows(connection: duckdb.DuckDBPyConnection, changed: str) -> None:
    before = of(connection, "('2026-11-09', 'a', 1), ('2026-11-09', 'b', 2)")
    assert of(connection, changed)[NINTH].digest != before[NINTH].digest


def test_only_the_changed_day_differs(connection: duckdb.DuckDBPyConnection) -> None:
    before = of(connection, "('2026-11-09', 'a', 1), ('2026-11-10', 'b', 2), (null, 'c', 3)")
    after = of(connection, "('2026-11-09', 'a', 1), ('2026-11-10', 'b', 9), (null, 'c', 3)")
    assert {day for day in before if before[day] != after[day]} == {TENTH}


def test_an_empty_whole_table_has_a_fingerprint_and_an_empty_daily_one_has_no_day(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    of(connection, "(null, 'c', 3)")
    connection.execute("delete from daily")
    assert fingerprint(connection, DAILY) == {}
    assert fingerprint(connection, WHOLE)[None].rows == 0


def test_partitions_are_selected_with_and_without_a_day(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    of(connection, "('2026-11-09', 'a', 1), ('2026-11-10', 'b', 2), (null, 'c', 3)")

    def ids(days: set[date | None]) -> list[str]:
        rows = connection.execute(f"select id from daily where {in_partitions(DAILY, days)}")
        return sorted(name for (name,) in rows.fetchall())

    assert ids({NINTH}) == ["a"]
    assert ids({NINTH, None}) == ["a", "c"]
    assert ids({None}) == ["c"]
