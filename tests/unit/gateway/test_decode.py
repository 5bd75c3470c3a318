"""Pages to Arrow: exact, with what is new kept and what is broken set apart."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.gateway.connector import ANY_JSON, Page, Stream
from pipelines.gateway.decode import Decoded, Decoder, Fetched
from pipelines.gateway.errors import MalformedAnswer
from pipelines.gateway.pii import prepare_hashing

KEY = b"0123456789abcdef0123456789abcdef"
SEEN = datetime(2026, 11, 14, 20)  # noqa: DTZ001
STREAM = Stream(
    "things",
    "东西",
    {
        "id": pl.String,
        "amount": pl.Int64,
        "at": pl.Int64,
        "open_id": pl.String,
        "phone": pl.String,
        "free": ANY_JSON,
        "lines": pl.List(pl.Struct({"name": pl.String, "who": pl.String, "tel": pl.String})),
    },
    ("id",),
    lambda *_: iter(()),
    version="at",
    constants={"asked_day": pl.String},
    pii={"open_id": "hash", "phone": "drop", "lines.who": "hash", "lines.tel": "drop"},
)


@pytest.fixture
def decode() -> Iterator[Any]:
    with duckdb.connect() as connection:
        prepare_hashing(connection, KEY)
        decoder = Decoder(STREAM, connection)

        def run(*pages: object) -> Decoded:
            batch = [
                Fetched(
                    "s", Page(json.dumps({"d": page}).encode(), ("d",), {"asked_day": "x"}), SEEN
                )
                for page in pages
            ]
            return decoder.decode(batch, "7.1", 1)

        yield run


def thing(**changed: object) -> dict[str, object]:
    return {
        "id": "1", "amount": 250, "at": 1700000000, "open_id": "o1", "phone": "17000000001",
        "free": {"any": [1]}, "lines": [{"name": "a", "who": "w", "tel": "17000000001"}], **changed,
    }  # fmt: skip


def hashed(text: str) -> str:
    return hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()


def test_a_record_comes_as_it_is_and_buyers_as_keyed_hashes(decode: Any) -> None:  # noqa: ANN401
    (row,) = decode([thing(id="6930000000000010001", amount=9007199254740993)]).table.to_pylist()
    assert (row["shop_key"], row["asked_day"]) == ("s", "x")
    assert (row["id"], row["amount"]) == ("6930000000000010001", 9007199254740993)
    assert row["open_id"] == hashed("o1")
    assert row["lines"] == [{"name": "a", "who": hashed("w")}]
    assert "phone" not in row
    assert json.loads(row["free"]) == {"any": [1]}
    assert (row["_line"], row["_extra"], row["_dlt_load_id"]) == (1, None, "7.1")
    assert row["_version"] == "00000000001700000000|2026-11-14T20:00:00"


def test_numbers_as_text_and_text_as_numbers_are_read(decode: Any) -> None:  # noqa: ANN401
    (row,) = decode([thing(id=6930000000000010001, amount="-12")]).table.to_pylist()
    assert (row["id"], row["amount"]) == ("6930000000000010001", -12)


def test_no_number_is_null_and_signs_do_not_matter(decode: Any) -> None:  # noqa: ANN401
    done = decode([thing(amount=""), thing(amount=5.0), thing(amount=-1), thing(amount=7)])
    assert [row["amount"] for row in done.table.to_pylist()] == [None, 5, -1, 7]


def test_records_that_do_not_stand_where_they_should_are_said(decode: Any) -> None:  # noqa: ANN401
    with pytest.raises(MalformedAnswer, match="no list"):
        decode({"id": "1"})


def test_missing_fields_are_null(decode: Any) -> None:  # noqa: ANN401
    (row,) = decode([{"id": "1"}]).table.to_pylist()
    assert (row["amount"], row["lines"], row["open_id"]) == (None, None, None)


def test_an_unknown_field_is_kept_and_reported_at_any_depth(decode: Any) -> None:  # noqa: ANN401
    done = decode([thing(), thing(id="2", new={"a": 1}, lines=[{"name": "a", "deep": 5}])])
    first, second = done.table.to_pylist()
    assert first["_extra"] is None
    assert json.loads(second["_extra"]) == {"lines.deep": 5, "new": {"a": 1}}
    assert second["lines"][0]["name"] == "a"
    assert dict(done.unknown) == {("s", "new"): 1, ("s", "lines.deep"): 1}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"amount": {"value": 1}}, "amount"),
        ({"amount": 12.5}, "amount"),
        ({"amount": "12.50"}, "amount"),
        ({"amount": "one"}, "amount"),
        ({"amount": 9223372036854775808}, "amount"),
        ({"amount": 99999999999999999999}, "amount"),
        ({"lines": "none"}, "lines"),
        ({"lines": [{"name": ["x"]}]}, "lines.name"),
        ({"id": {"v": 1}}, "id"),
    ],
)
def test_another_type_sets_the_record_apart_and_only_it(
    decode: Any,  # noqa: ANN401
    changed: dict[str, object],
    field: str,
) -> None:
    done = decode([thing(id="good"), thing(**changed), thing(id="good too")])
    assert [row["id"] for row in done.table.to_pylist()] == ["good", "good too"]
    (refused,) = done.refused
    assert refused.field == field
    kept = json.loads(refused.record)
    assert "phone" not in kept
    assert "open_id" not in kept
    assert "17000000001" not in refused.record


def test_a_page_of_broken_records_alone_lands_none_of_them(decode: Any) -> None:  # noqa: ANN401
    done = decode([thing(id={"v": 1})], [thing(id="good")])
    assert [row["id"] for row in done.table.to_pylist()] == ["good"]
    assert [each.field for each in done.refused] == ["id"]


def test_pages_without_records_are_no_rows(decode: Any) -> None:  # noqa: ANN401
    assert decode([], None, [thing()]).table.num_rows == 1


def test_what_is_no_json_is_said() -> None:
    with duckdb.connect() as connection:
        prepare_hashing(connection, KEY)
        page = Page(b'{"d":[{"id":', ("d",), {"asked_day": "x"})
        with pytest.raises(MalformedAnswer):
            Decoder(STREAM, connection).decode([Fetched("s", page, SEEN)], "7.1", 1)
