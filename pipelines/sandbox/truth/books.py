"""What all books share: what is visible, who counts, how figures are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

# Twelve places: a ratio that is rounded twice can land on the wrong side of a half.
YUAN = pl.Decimal(38, 12)


def seen(column: str, now: datetime) -> pl.Expr:
    """A time that has come; else null."""
    return pl.when(pl.col(column) < now).then(pl.col(column))


def orders_of(frames: Mapping[str, pl.DataFrame], now: datetime, shops: pl.Series) -> pl.DataFrame:
    """Orders placed before now, with their days and whether they count."""
    return (
        frames["orders"]
        .filter(pl.col("shop_id").is_in(shops.implode()) & (pl.col("created_at") < now))
        .with_columns(
            pl.col("created_at").dt.date().alias("order_day"),
            seen("paid_at", now).dt.date().alias("pay_day"),
            (~pl.col("is_test") & ~pl.col("is_brushed") & (pl.col("trade_type") != "sample")).alias(
                "counts"
            ),
        )
    )


def lines_of(frames: Mapping[str, pl.DataFrame], orders: pl.DataFrame) -> pl.DataFrame:
    """The lines of those orders."""
    return frames["order_lines"].join(
        orders.select("order_id", "order_day", "pay_day", "counts", "buyer_id"),
        on="order_id",
        how="inner",
    )


def yuan(fen: pl.Expr) -> pl.Expr:
    """Fen as exact yuan."""
    return fen.cast(YUAN) * pl.lit("0.01").cast(YUAN)


def figure(frame: pl.DataFrame, metric: str, day: str, value: pl.Expr) -> pl.DataFrame:
    """One metric by shop and a day of the frame; rows without that day are left out."""
    return (
        frame.filter(pl.col(day).is_not_null())
        .group_by(pl.col("shop_id").alias("shop"), pl.col(day).alias("day"))
        .agg(value.alias("value"))
        .select(
            pl.lit(metric).alias("metric"), "shop", "day", pl.col("value").cast(YUAN).alias("value")
        )
    )


def ratio(metric: str, over: pl.DataFrame, under: pl.DataFrame) -> pl.DataFrame:
    """One figure by another, where the lower one is not 0; a missing upper one is 0."""
    return (
        under.filter(pl.col("value") != 0)
        .join(over, on=("shop", "day"), how="left", suffix="_over")
        .select(
            pl.lit(metric).alias("metric"),
            "shop",
            "day",
            (pl.col("value_over").fill_null(0) / pl.col("value").cast(pl.Decimal(38, 2)))
            .cast(YUAN)
            .alias("value"),
        )
    )


def less(metric: str, whole: pl.DataFrame, part: pl.DataFrame) -> pl.DataFrame:
    """One figure less another; a missing one is 0."""
    return (
        pl.concat(
            [whole.select("shop", "day", "value"), part.select("shop", "day", -pl.col("value"))]
        )
        .group_by("shop", "day")
        .agg(pl.col("value").sum())
        .select(pl.lit(metric).alias("metric"), "shop", "day", pl.col("value").cast(YUAN))
    )
