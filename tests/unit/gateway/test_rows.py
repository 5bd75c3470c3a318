"""A database's rows land exactly as declared, or are refused and shown; nothing personal comes."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from decimal import Decimal

import duckdb
import polars as pl
import pytest

from pipelines.gateway.connector import Rows
from pipelines.gateway.database import table_stream
from pipelines.gateway.decode import Decoded, Fetched
from pipelines.gateway.errors import ShapeChanged
from pipelines.gateway.pii import prepare_hashing
from pipelines.gateway.rows import RowsDecoder, as_declared

KEY = b"a made-up key of more than 32 bytes for tests"
SEEN = datetime(2026, 11, 14, 20)  # noqa: DTZ001 - a wall clock
MONEY, TIME = pl.Decimal(18, 2), pl.Datetime("us")
STREAM = table_stream(
    "orders",
    "订单",
    {
        "order_no": pl.String,
        "buyer": pl.String,
        "phone": pl.String,
        "amount": MONEY,
        "is_gift": pl.Boolean,
        "update_time": TIME,
    },
    ("order_no",),
    pii={"buyer": "hash", "phone": "drop"},
)


def decoded(**changed: list[object] | pl.Series) -> Decoded:
    frame = pl.DataFrame(
        {
            "order_no": [7, 8],
            "buyer": ["M-1", None],
            "amount": [Decimal("1.50"), Decimal("2.00")],
            "is_gift": [0, 1],
            "update_time": [datetime(2026, 11, 14, 9), datetime(2026, 11, 14, 10)],  # noqa: DTZ001
            **changed,
        }
    )
    with duckdb.connect() as connection:
        prepare_hashing(connection, KEY)
        decoder = RowsDecoder(STREAM, connection)
        fetched = Fetched("mall-01", Rows(frame.to_arrow()), SEEN)
        return decoder.decode([fetched], "1.2", 1)


def test_rows_land_as_declared_with_hashes_and_versions() -> None:
    first, second = decoded().table.to_pylist()
    assert first == {
        "shop_key": "mall-01",
        "order_no": "7",
        "buyer": hmac.new(KEY, b"M-1", hashlib.sha256).hexdigest(),
        "amount": Decimal("1.50"),
        "is_gift": False,
        "update_time": datetime(2026, 11, 14, 9),  # noqa: DTZ001
        "_extra": None,
        "_version": "2026-11-14 09:00:00.000000|2026-11-14T20:00:00",
        "_line": 1,
        "_observed_at": SEEN,
        "_dlt_load_id": "1.2",
    }
    assert (second["buyer"], second["is_gift"], second["_line"]) == (None, True, 2)


def test_a_number_that_became_text_lands_and_what_is_none_is_refused() -> None:
    done = decoded(amount=["1.5", "a lot, call 17012345678"])
    assert done.table["amount"].to_pylist() == [Decimal("1.50")]
    (refused,) = done.refused
    assert (refused.field, refused.shop_key) == ("amount", "mall-01")
    assert "17012345678" not in refused.record
    assert json.loads(refused.record)["order_no"] == 8
    assert "buyer" not in json.loads(refused.record)


def test_a_column_that_cannot_hold_it_any_more_is_named() -> None:
    with pytest.raises(ShapeChanged, match=r"orders.amount holds Float64 now, Decimal.* declared"):
        decoded(amount=[1.5, 2.0])


def test_columns_that_nobody_declared_are_kept_as_text_and_told() -> None:
    done = decoded(**{"_extra.note": ["ring 17012345678", None]})
    assert [json.loads(text) for text in done.table["_extra"].to_pylist()] == [
        {"note": "ring ***"}, {"note": None},
    ]  # fmt: skip
    assert done.unknown == {("mall-01", "note"): 2}


@pytest.mark.parametrize(
    ("found", "declared", "expected"),
    [
        pytest.param(pl.Series([10**15]), MONEY, [Decimal(10**15)], id="whole yuan"),
        pytest.param(pl.Series(["12.345", "x", ""]), MONEY, [None] * 3, id="nothing is cut off"),
        pytest.param(
            pl.Series([Decimal("0.125"), Decimal("0.500")]), MONEY, [None, Decimal("0.50")],
            id="a third decimal",
        ),
        pytest.param(
            pl.Series([Decimal("4.00"), Decimal("4.50")]), pl.Int64, [4, None], id="half a unit"
        ),
        pytest.param(pl.Series([2, 1, 0]), pl.Boolean, [None, True, False], id="a flag of two"),
        pytest.param(
            pl.Series(["2026-11-14 09:00:00", "soon"]), TIME,
            [datetime(2026, 11, 14, 9), None], id="a time as text",  # noqa: DTZ001
        ),
        pytest.param(
            pl.Series([datetime(2026, 11, 14, 1)]).dt.replace_time_zone("UTC"), TIME,  # noqa: DTZ001
            [datetime(2026, 11, 14, 9)], id="a time with its zone",  # noqa: DTZ001
        ),
    ],
)  # fmt: skip
def test_a_value_is_taken_exactly_or_not_at_all(
    found: pl.Series, declared: object, expected: list[object]
) -> None:
    value = as_declared("x", found.dtype, declared)
    assert value is not None
    assert found.alias("x").to_frame().select(value.alias("x"))["x"].to_list() == expected


@pytest.mark.parametrize(
    ("found", "declared"),
    [(pl.Float64(), pl.Int64), (pl.Boolean(), MONEY), (pl.Date(), TIME), (MONEY, pl.String)],
)
def test_a_type_that_cannot_hold_it_is_none(found: pl.DataType, declared: object) -> None:
    assert as_declared("x", found, declared) is None
