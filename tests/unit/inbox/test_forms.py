"""A usual form is a matter of speed: what it takes must read as the general macros read it."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.sources.inbox import forms
from pipelines.sources.inbox.cells import BARE_PROVINCES, MACROS


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(MACROS)
    connection.execute(forms.MACROS)
    return connection


def test_bare_provinces_read_as_the_careful_way_reads_them(
    database: duckdb.DuckDBPyConnection,
) -> None:
    assert "广东省" in BARE_PROVINCES
    assert "新疆维吾尔自治区" in BARE_PROVINCES
    read = [
        database.execute("SELECT province_of(?), city_of(?)", [name, name]).fetchone()
        for name in BARE_PROVINCES
    ]
    assert read == [(name, None) for name in BARE_PROVINCES]


@pytest.mark.parametrize("cell", ["0", "12", "-3.50", "12.5", "007.10"])
def test_plain_money_is_the_amount_that_the_careful_way_reads(
    database: duckdb.DuckDBPyConnection, cell: str
) -> None:
    row = database.execute(
        "SELECT plain_money(?), TRY_CAST(? AS DECIMAL(18, 2)) = money_of(?)", [cell] * 3
    ).fetchone()
    assert row == (True, True)


@pytest.mark.parametrize(
    "cell", ["", "1e5", "1_000", "1.005", "1,000.00", " 1", "+1", "12.", ".5", "¥1", "1元", "--1"]
)
def test_everything_else_is_looked_at_with_care(
    database: duckdb.DuckDBPyConnection, cell: str
) -> None:
    assert database.execute("SELECT plain_money(?)", [cell]).fetchone() == (False,)
