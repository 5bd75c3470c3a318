"""What 千川's plans spent and are credited with, by plan, day and hour, as it stands at the clock.

An hour's spend shows once the hour has begun. An order shows once it is paid, and counts for the
day and hour of the click: old days keep growing. Refunds and settlements within N days of the
payment follow as they happen. Source: docs/world.md, platform notes qianchuan.md section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from pipelines.sandbox.adapter import Outside

Span = tuple[date, date]  # both days in it
_KEY = ("plan_id", "day", "hour")
_PLAN = ("account_id", "plan_id", "scope", "goal")
_WITHIN = {"1h": timedelta(hours=1), "7d": timedelta(days=7), "14d": timedelta(days=14)}
# Amounts in fen; *_orders are counts of credited orders.
SUMS = (
    "cost", "cash", "grant", "shows", "clicks", "converts", "direct_orders", "direct",
    "indirect_orders", "indirect", "coupon", "refund_1h_orders", "refund_1h", "refund_7d",
    "refund_14d", "settle_7d", "settle_14d",
)  # fmt: skip


def hourly(outside: Outside, account: str, span: Span, *where: pl.Expr) -> pl.DataFrame:
    """An account's figures by plan, day and hour: ``SUMS``, and whose they are."""
    return _of(
        outside.rendered(("qianchuan hours",), lambda: _hours(outside)), account, span, where
    )


def daily(outside: Outside, account: str, span: Span, *where: pl.Expr) -> pl.DataFrame:
    """The same by plan and day."""

    def days() -> pl.DataFrame:
        hours = outside.rendered(("qianchuan hours",), lambda: _hours(outside))
        return summed(hours, *_PLAN, "day")

    return _of(outside.rendered(("qianchuan days",), days), account, span, where)


def summed(figures: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Sums by some columns, in their order; one row for all where there is no column."""
    sums = pl.col(SUMS).sum()
    return figures.group_by(by).agg(sums).sort(by) if by else figures.select(sums)


def _of(figures: pl.DataFrame, account: str, span: Span, where: Sequence[pl.Expr]) -> pl.DataFrame:
    days = pl.col("day").is_between(*span)
    return figures.filter(pl.col("account_id") == account, days, *where)


def _hours(outside: Outside) -> pl.DataFrame:
    spent = visible_hours(outside).drop("session_id").group_by(_KEY).sum()
    whole = spent.join(_credited_hours(outside), on=_KEY, how="full", coalesce=True)
    plans = outside.frames["ad_plans"].select(_PLAN)
    return whole.join(plans, on="plan_id").with_columns(pl.col(SUMS).fill_null(0))


def visible_hours(outside: Outside) -> pl.DataFrame:
    """The hours of spend that have begun; ``cost`` is cash and grants."""
    begins = pl.col("stat_date").cast(pl.Datetime("us")) + pl.duration(hours="hour")
    return (
        outside.frames["ad_hours"]
        .filter(begins.dt.replace_time_zone("Asia/Shanghai") < outside.now())
        .select(
            "plan_id",
            pl.col("stat_date").alias("day"),
            "hour",
            "session_id",
            (pl.col("cash_fen") + pl.col("grant_fen")).alias("cost"),
            pl.col("cash_fen").alias("cash"),
            pl.col("grant_fen").alias("grant"),
            pl.col("impressions").alias("shows"),
            "clicks",
            pl.col("conversions").alias("converts"),
        )
    )


def credited_orders(outside: Outside) -> pl.DataFrame:
    """Credits whose order is paid, with what was refunded and settled of the order so far."""
    return outside.rendered(("qianchuan credits",), lambda: _credited(outside))


def _credited(outside: Outside) -> pl.DataFrame:
    now = outside.now()
    credited = outside.frames["ad_conversions"]
    orders = (
        outside.frames["orders"]
        .filter(pl.col("paid_at") < now)
        .join(credited, on="order_id", how="semi")
        .select("order_id", "created_at", "paid_at", "finished_at", "session_id")
    )
    refunds = (
        outside.frames["after_sales"]
        .filter(pl.col("refunded_at") < now)
        .join(orders.select("order_id", "paid_at"), on="order_id")
        .group_by("order_id")
        .agg(
            pl.col("refund_fen")
            .filter(pl.col("refunded_at") <= pl.col("paid_at") + within)
            .sum()
            .alias(f"refund_{name}")
            for name, within in _WITHIN.items()
        )
    )
    known = credited.join(orders, on="order_id").join(refunds, on="order_id", how="left")
    return known.with_columns(
        pl.col([f"refund_{name}" for name in _WITHIN]).fill_null(0)
    ).with_columns(
        pl.when(
            (pl.col("finished_at") < now) & (pl.col("finished_at") <= pl.col("paid_at") + within)
        )
        .then(pl.col("pay_fen") - pl.col(f"refund_{name}"))
        .otherwise(0)
        .alias(f"settle_{name}")
        for name, within in _WITHIN.items()
        if name != "1h"
    )


def _credited_hours(outside: Outside) -> pl.DataFrame:
    direct = pl.col("kind") == "direct"
    return (
        credited_orders(outside)
        .group_by(
            "plan_id",
            pl.col("clicked_at").dt.date().alias("day"),
            pl.col("clicked_at").dt.hour().cast(pl.Int64).alias("hour"),
        )
        .agg(
            direct.sum().cast(pl.Int64).alias("direct_orders"),
            pl.col("pay_fen").filter(direct).sum().alias("direct"),
            (~direct).sum().cast(pl.Int64).alias("indirect_orders"),
            pl.col("pay_fen").filter(~direct).sum().alias("indirect"),
            pl.col("coupon_fen").sum().alias("coupon"),
            (pl.col("refund_1h") > 0).sum().cast(pl.Int64).alias("refund_1h_orders"),
            pl.col("refund_1h", "refund_7d", "refund_14d", "settle_7d", "settle_14d").sum(),
        )
    )
