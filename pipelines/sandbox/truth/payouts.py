"""What is paid out of sales: commissions to authors and 团长, and the platform's bills.

Counting rules: commissions and bills are money really owed, so nothing is left out of them, 补单
included. Estimates stand on the day of payment, settlements and reversals each on their own day.
What a bill prints as paid by the buyer is net of refunds before the settlement.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.truth.books import figure, orders_of, ratio, seen, yuan

_SUBSIDIES = ("platform_subsidy", "author_subsidy", "pay_subsidy")
_INCOME = ("user_paid", "refund_before_settle", *_SUBSIDIES)


def commission_figures(
    frames: Mapping[str, pl.DataFrame], now: datetime, shops: pl.Series
) -> list[pl.DataFrame]:
    """The figures of section F."""
    mine = frames["commissions"].filter(pl.col("shop_id").is_in(shops.implode()))
    mine = mine.with_columns(
        seen("paid_at", now).dt.date().alias("pay_day"),
        seen("settled_at", now).dt.date().alias("settle_day"),
    )
    phases = (
        frames["commission_phases"]
        .filter(pl.col("settled_at") < now)
        .join(mine.select("line_id", "shop_id"), on="line_id")
        .with_columns(pl.col("settled_at").dt.date().alias("settle_day"))
    )
    settled = figure(
        phases, "commission_settled_amt", "settle_day", yuan(pl.col("commission_fen").sum())
    )
    base = figure(mine, "commission_base_amt", "settle_day", yuan(pl.col("settled_base_fen").sum()))
    orders = orders_of(frames, now, shops).filter("counts")
    own = frames["authors"].drop_nulls("own_shop_id")["author_id"]
    by_author = orders.filter(pl.col("pay_day").is_not_null() & pl.col("author_id").is_not_null())
    affiliate = by_author.filter(~pl.col("author_id").is_in(own.implode()))
    return [
        figure(mine, "commission_est_amt", "pay_day", yuan(pl.col("estimated_fen").sum())),
        settled,
        base,
        ratio("commission_rate", settled, base),
        figure(phases, "colonel_fee_amt", "settle_day", yuan(pl.col("colonel_fen").sum())),
        figure(affiliate, "affiliate_pay_amt", "pay_day", yuan(pl.col("paid_fen").sum())),
        figure(by_author, "author_active_cnt", "pay_day", pl.col("author_id").n_unique()),
    ]


def settlement_figures(
    frames: Mapping[str, pl.DataFrame], now: datetime, shops: pl.Series
) -> list[pl.DataFrame]:
    """The figures of section H."""
    bills = frames["bills"].filter(
        pl.col("shop_id").is_in(shops.implode()) & (pl.col("settled_at") < now)
    )
    bills = bills.with_columns(pl.col("settled_at").dt.date().alias("settle_day"))
    items = frames["bill_items"].join(
        bills.select("bill_id", "shop_id", "settle_day", "type"), on="bill_id"
    )
    kind, amount = pl.col("fee_type"), pl.col("amount_fen")
    is_income = kind.is_in(list(_INCOME))

    def summed(metric: str, kept: pl.Expr, value: pl.Expr = amount) -> pl.DataFrame:
        return figure(items.filter(kept), metric, "settle_day", yuan(value.sum()))

    income = summed("settle_income_amt", is_income & (pl.col("type") == "settled"))
    fees = summed("settle_fee_amt", ~is_income, -amount)
    return [
        income,
        fees,
        # By what the bills print, not by their parts.
        figure(bills, "settle_amt", "settle_day", yuan(pl.col("net_fen").sum())),
        ratio("settle_fee_rate", fees, income),
        summed("subsidy_in_amt", kind.is_in(list(_SUBSIDIES))),
        summed("post_settle_refund_amt", pl.col("type") == "refund_after_settle", -amount),
        summed("platform_fee_amt", kind == "platform_fee", -amount),
    ]
