"""What TOP's renderers share: yuan as text, wall clocks, nulls that are left out, codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from pipelines.sandbox.listing import Listing

# Nothing of this kind stands inside a text: quotes there are escaped.
_NULL = r',?"\w+":null'


def yuan(fen: str | pl.Expr) -> pl.Expr:
    """Fen as TOP writes money: "12.30"."""
    amount = pl.col(fen) if isinstance(fen, str) else fen
    sign = pl.when(amount < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    cents = (amount.abs() % 100).cast(pl.String).str.zfill(2)
    return pl.when(amount.is_not_null()).then(
        pl.concat_str(sign, amount.abs() // 100, pl.lit("."), cents)
    )


def wall(name: str | pl.Expr) -> pl.Expr:
    """A time as TOP writes it; null where it has not come."""
    moment = pl.col(name) if isinstance(name, str) else name
    return moment.dt.strftime("%Y-%m-%d %H:%M:%S")


def wrapped(records: str | pl.Expr, inner: str) -> pl.Expr:
    """A list in TOP's double wrapping; null where it is empty, for empty ones are left out."""
    listed = pl.col(records) if isinstance(records, str) else records
    return pl.when(listed.list.len() > 0).then(pl.struct(listed.alias(inner)))


def chosen(fields: Iterable[pl.Expr], names: frozenset[str]) -> list[pl.Expr]:
    """Of a record's fields those that were asked for."""
    return [each for each in fields if each.meta.output_name() in names]


def rendered(fields: list[pl.Expr]) -> pl.Expr:
    """A record as JSON, without what it does not have."""
    if not fields:
        return pl.lit("{}").alias("record")
    text = pl.struct(fields).struct.json_encode()
    return text.str.replace_all(_NULL, "").str.replace_all("{,", "{", literal=True).alias("record")


def listing(
    frame: pl.DataFrame, by: str, key: str, fields: Iterable[pl.Expr], names: frozenset[str]
) -> Listing:
    """Records with the fields that were asked for, by a time."""
    record = rendered(chosen(fields, names))
    shown = frame.select(pl.col(by).dt.epoch("s").alias("at"), pl.col(key).alias("key"), record)
    return Listing.of(shown, "at", "key", "record")


def coded(name: str, codes: Mapping[str, str | int]) -> pl.Expr:
    """The platform's code for a word of the world; one that has none is an error."""
    kind = pl.Int64 if all(isinstance(each, int) for each in codes.values()) else pl.String
    return pl.col(name).replace_strict(codes, return_dtype=kind)


def masked(text: str, kept: int = 1) -> pl.Expr:
    """The first letters of a text and stars."""
    return pl.concat_str(pl.col(text).str.head(kept), pl.lit("**"))
