"""What was asked back and what was given back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.truth.books import figure, less, lines_of, orders_of, ratio, seen, yuan


def refund_figures(
    frames: Mapping[str, pl.DataFrame], now: datetime, shops: pl.Series
) -> list[pl.DataFrame]:
    """All figures of section B that 抖店 can answer."""
    orders = orders_of(frames, now, shops).filter("counts")
    paid = orders.filter(pl.col("pay_day").is_not_null())
    lines = lines_of(frames, orders).select("line_id", "pay_day")
    requests = (
        frames["after_sales"]
        .filter(pl.col("applied_at") < now)
        .join(lines, on="line_id", how="inner")
        .with_columns(
            pl.col("applied_at").dt.date().alias("apply_day"),
            seen("refunded_at", now).dt.date().alias("refund_day"),
        )
    )
    given = requests.filter(pl.col("refund_day").is_not_null())
    pay_amt = figure(paid, "pay_amt", "pay_day", yuan(pl.col("paid_fen").sum()))
    pay_orders = figure(paid, "pay_order_cnt", "pay_day", pl.len())
    money = yuan(pl.col("refund_fen").sum())
    refund_amt = figure(given, "refund_amt", "refund_day", money)
    by_pay = figure(given, "refund_amt_by_pay", "pay_day", money)
    touched = given.select("order_id").unique()
    refunded_orders = figure(
        paid.join(touched, on="order_id", how="semi"),
        "refund_order_cnt_by_pay",
        "pay_day",
        pl.len(),
    )
    return [
        figure(requests, "refund_apply_cnt", "apply_day", pl.len()),
        figure(given, "refund_cnt", "refund_day", pl.len()),
        refund_amt,
        by_pay,
        refunded_orders,
        less("net_pay_amt_by_pay", pay_amt, by_pay),
        less("net_pay_amt", pay_amt, refund_amt),
        ratio("refund_rate", refund_amt, pay_amt),
        ratio("refund_rate_by_pay", by_pay, pay_amt),
        ratio("refund_order_rate", refunded_orders, pay_orders),
    ]
