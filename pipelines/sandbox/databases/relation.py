"""What a table of a database is, and what the world says of it at a moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import polars as pl

from pipelines.sandbox.adapters.doudian_words import happened

GONE = "gone_at"
TEXT, COUNT, SMALL, YUAN, TIME = "varchar", "integer", "smallint", "numeric(12, 2)", "timestamp"
Cells = Mapping[str, tuple[str, pl.Expr]]


@dataclass(frozen=True)
class Moment:
    """The world as it stands at a moment, for the shops of one channel or all."""

    frames: Mapping[str, pl.DataFrame]
    now: datetime
    channel: str = ""

    @cached_property
    def shops(self) -> pl.DataFrame:
        """Shop and store number."""
        shops = self.frames["shops"]
        if self.channel:
            shops = shops.filter(pl.col("channel") == self.channel)
        return shops.select("shop_id", pl.col("platform_shop_id").alias("store_id"))

    def stood(self, name: str) -> pl.DataFrame:
        """A table without times that have not come; of the shops alone, with their store."""
        frame = self.frames[name]
        if "shop_id" in frame.columns:
            frame = frame.join(self.shops, on="shop_id")
        return happened(frame, self.now)

    def begun(self, name: str, begins: str) -> pl.DataFrame:
        """The same, with only the rows that are there.

        Args:
            name: Which table.
            begins: The time that makes a row be there.
        """
        return self.stood(name).drop_nulls(begins)


@dataclass(frozen=True)
class Relation:
    """A table in its database's own words.

    Attributes:
        name: Its name.
        doc: What a row is.
        key: Its primary key.
        rows: What it is made of at a moment.
        cells: SQL type and content of each column but ``update_time``.
        updated: The times in ``rows`` of which ``update_time`` is the latest.
        gone: The time in ``rows`` from which on a row is deleted.
    """

    name: str
    doc: str
    key: tuple[str, ...]
    rows: Callable[[Moment], pl.DataFrame]
    cells: Cells
    updated: tuple[str, ...]
    gone: pl.Expr | None = None

    def at(self, moment: Moment) -> pl.DataFrame:
        """All rows that are or were there, ``update_time`` and ``gone_at`` beside their cells."""
        gone = pl.lit(None, pl.Datetime("us", "Asia/Shanghai")) if self.gone is None else self.gone
        return self.rows(moment).select(
            *(cell.alias(name) for name, (_, cell) in self.cells.items()),
            wall(pl.max_horizontal(self.updated)).alias("update_time"),
            gone.alias(GONE),
        )

    def ddl(self, schema: str) -> str:
        """SQL that makes it."""
        columns = ", ".join(f"{name} {kind}" for name, (kind, _) in self.cells.items())
        doc = self.doc.replace("'", "''")
        return (
            f"CREATE TABLE {schema}.{self.name} ({columns}, update_time {TIME} NOT NULL,"
            f" PRIMARY KEY ({', '.join(self.key)}));"
            f" CREATE INDEX ON {schema}.{self.name} (update_time);"
            f" COMMENT ON TABLE {schema}.{self.name} IS '{doc}';"
        )


def wall(expression: pl.Expr) -> pl.Expr:
    """Shanghai's wall clock, as a database without time zones has it."""
    return expression.dt.replace_time_zone(None)


def text(name: str) -> tuple[str, pl.Expr]:
    """A column of ids or words."""
    return TEXT, pl.col(name)


def count(column: str | pl.Expr) -> tuple[str, pl.Expr]:
    """Units, points."""
    return COUNT, pl.col(column) if isinstance(column, str) else column


def number(expression: pl.Expr) -> tuple[str, pl.Expr]:
    """A status code, or 0 and 1."""
    return SMALL, expression.cast(pl.Int64)


def code(expression: pl.Expr, codes: Mapping[str, int]) -> tuple[str, pl.Expr]:
    """The database's own number of a word of the world."""
    return SMALL, expression.replace_strict(codes, return_dtype=pl.Int64)


def word(expression: pl.Expr, words: Mapping[str, str]) -> tuple[str, pl.Expr]:
    """The database's own word of a word of the world."""
    return TEXT, expression.replace_strict(words, return_dtype=pl.String)


def yuan(fen: str | pl.Expr) -> tuple[str, pl.Expr]:
    """Fen as yuan, exact."""
    amount = pl.col(fen) if isinstance(fen, str) else fen
    return YUAN, (amount.cast(pl.Decimal(18, 2)) / pl.lit(100)).cast(pl.Decimal(12, 2))


def time(name: str) -> tuple[str, pl.Expr]:
    """A time; null while it has not come."""
    return TIME, wall(pl.col(name))
