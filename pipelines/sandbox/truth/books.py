"""What all books share: what is visible, which orders count, how figures are written.

- Visible is what happened before the moment of asking; the same second is not before it.
- Where a platform tells of an order once it is paid, or its deposit, one that never was is none.
- An order counts whose buyer is one: no test, no 补单, no sample. Only the sections that say so
  (ads, commissions, settlement, parcels) count every order: that money moved all the same.
- A day is the Shanghai date of the one event that the figure is dated by, whatever came before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

import polars as pl
import polars.selectors as cs

from pipelines.sandbox.app import found_adapters

# Twelve places: a ratio that is rounded twice can land on the wrong side of a half.
YUAN = pl.Decimal(38, 12)
HOUR, DAY = 3_600, 86_400  # seconds
Figures = dict[str, pl.DataFrame]  # by metric: shop, day, value


class Books:
    """A world as it stood at a moment: what had not happened by then is not there."""

    def __init__(self, frames: Mapping[str, pl.DataFrame], now: datetime) -> None:
        self.frames, self.now = frames, now

    def table(self, name: str, begins: str) -> pl.DataFrame:
        """The rows that were there, without the times that had not come.

        Args:
            name: Which table.
            begins: The time that makes a row be there.
        """
        return self._stood(name).drop_nulls(begins)

    def shops_of(self, *channels: str, named: str = "shop_id") -> pl.Expr:
        """Whether a row's shop, in the column of that name, is on one of some channels."""
        shops = self.frames["shops"].filter(pl.col("channel").is_in(channels))["shop_id"]
        return pl.col(named).is_in(shops.implode())

    def _stood(self, name: str) -> pl.DataFrame:
        times = cs.datetime(time_zone="*").as_expr()
        return self.frames[name].with_columns(pl.when(times < self.now).then(times))

    @cached_property
    def all_orders(self) -> pl.DataFrame:
        """Every order that was placed and told of."""
        silent = self.shops_of(*(each.channel for each in found_adapters() if each.tells_once_paid))
        told = pl.any_horizontal(pl.col("paid_at", "deposit_paid_at").is_not_null())
        return self.table("orders", "created_at").filter(~silent | told)

    @cached_property
    def orders(self) -> pl.DataFrame:
        """The orders that count."""
        return self.all_orders.filter(
            ~pl.col("is_test") & ~pl.col("is_brushed") & (pl.col("trade_type") != "sample")
        )

    @cached_property
    def lines(self) -> pl.DataFrame:
        """The lines of the orders that count, with what their orders say of them."""
        whose = self.orders.select(
            "order_id", "created_at", "paid_at", "trade_type", "session_id", "author_id"
        )
        return self._stood("order_lines").join(whose, on="order_id")

    @cached_property
    def refunds(self) -> pl.DataFrame:
        """What was given back, whichever order it was for."""
        return self.table("after_sales", "refunded_at")

    @cached_property
    def own_authors(self) -> pl.Series:
        """The company's own accounts: nobody is paid a commission for them."""
        return self.frames["authors"].drop_nulls("own_shop_id")["author_id"]


def yuan(fen: pl.Expr) -> pl.Expr:
    """Fen as exact yuan."""
    return fen.cast(YUAN) * pl.lit("0.01").cast(YUAN)


def total(fen: str, where: pl.Expr | None = None) -> pl.Expr:
    """A column of fen summed to yuan, over some rows or all."""
    chosen = pl.col(fen) if where is None else pl.col(fen).filter(where)
    return yuan(chosen.sum())


def count() -> pl.Expr:
    """How many rows."""
    return pl.len().cast(pl.Int64)


def figures(frame: pl.DataFrame, day: str, **values: pl.Expr) -> Figures:
    """Metrics by shop and the date of a time; rows where that time has not come are left out."""
    booked = (
        frame.drop_nulls(day)
        .group_by(pl.col("shop_id").alias("shop"), pl.col(day).dt.date().alias("day"))
        .agg(value.alias(metric) for metric, value in values.items())
    )
    return {
        metric: booked.select("shop", "day", pl.col(metric).cast(YUAN).alias("value"))
        for metric in values
    }


def ratio(over: pl.DataFrame, under: pl.DataFrame, times: int = 1) -> pl.DataFrame:
    """One figure by another, where the lower one is not 0; a missing upper one is 0."""
    quotient = pl.col("value_over").fill_null(0) * times / pl.col("value").cast(pl.Decimal(38, 2))
    return (
        under.filter(pl.col("value") != 0)
        .join(over, on=("shop", "day"), how="left", suffix="_over")
        .select("shop", "day", quotient.cast(YUAN).alias("value"))
    )


def less(whole: pl.DataFrame, part: pl.DataFrame) -> pl.DataFrame:
    """One figure less another; a missing one is 0."""
    return (
        pl.concat([whole, part.with_columns(-pl.col("value"))])
        .group_by("shop", "day")
        .agg(pl.col("value").sum().cast(YUAN))
    )


def average_time(frame: pl.DataFrame, day: str, since: str, until: str, unit: int) -> pl.DataFrame:
    """The mean time between two events of a row in units of seconds, where both have come."""
    seconds = (pl.col(until) - pl.col(since)).dt.total_seconds()
    parts = figures(frame.drop_nulls([since, until]), day, took=seconds.sum(), units=count() * unit)
    return ratio(parts["took"], parts["units"])
