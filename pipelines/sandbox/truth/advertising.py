"""What was spent on ads for a shop, and what the platform credits to them.

Counting rules: an hour's spend counts once the hour has begun, on its business day, for the shop
that the account buys for. A credited order counts on the day of the click once it is paid, whatever
it was worth to us (the platform does not know 补单). Refunds within 7 days are those that happened
no later than 7 days after the payment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from pipelines.sandbox.truth.books import figure, ratio, yuan


def advertising_figures(
    frames: Mapping[str, pl.DataFrame], now: datetime, shops: pl.Series
) -> list[pl.DataFrame]:
    """The figures of section D that 千川 can answer."""
    plans = frames["ad_plans"].filter(pl.col("shop_id").is_in(shops.implode()))
    hours = (
        frames["ad_hours"]
        .join(plans.select("plan_id", "shop_id", "scope"), on="plan_id")
        .filter(
            (pl.col("stat_date").cast(pl.Datetime("us")) + pl.duration(hours="hour"))
            < now.replace(tzinfo=None)
        )
    )
    credits_ = _credits(frames, now, plans)
    is_standard, is_uni = pl.col("scope") == "standard", pl.col("scope") == "uni"
    is_direct = pl.col("kind") == "direct"

    def spent(metric: str, *kept: pl.Expr, of: str = "spend_fen") -> pl.DataFrame:
        rows = hours.with_columns((pl.col("cash_fen") + pl.col("grant_fen")).alias("spend_fen"))
        return figure(rows.filter(*kept), metric, "stat_date", yuan(pl.col(of).sum()))

    def seen(metric: str, of: str) -> pl.DataFrame:
        return figure(hours.filter(is_standard), metric, "stat_date", pl.col(of).sum())

    def credited(metric: str, value: pl.Expr, *kept: pl.Expr) -> pl.DataFrame:
        return figure(credits_.filter(*kept), metric, "click_day", value)

    paid = yuan(pl.col("pay_fen").sum())
    standard_spend = spent("ad_std_spend_amt", is_standard)
    uni_spend = spent("ad_uni_spend_amt", is_uni)
    shows, clicks = seen("ad_imp_pv", "impressions"), seen("ad_click_cnt", "clicks")
    direct = credited("ad_direct_pay_amt", paid, is_standard, is_direct)
    uni_pay = credited(
        "ad_uni_pay_amt", yuan((pl.col("pay_fen") + pl.col("coupon_fen")).sum()), is_uni
    )
    return [
        spent("ad_spend_amt"),
        spent("ad_cash_spend_amt", of="cash_fen"),
        standard_spend,
        uni_spend,
        shows,
        clicks,
        seen("ad_conv_cnt", "conversions"),
        direct,
        credited("ad_indirect_pay_amt_w7", paid, is_standard, ~is_direct),
        credited("ad_all_pay_amt_w7", paid, is_standard),
        credited("ad_refund_amt_w7", yuan(pl.col("refund_fen").sum()), is_standard),
        credited("ad_uni_order_cnt", pl.len(), is_uni),
        uni_pay,
        credited("ad_coupon_amt", yuan(pl.col("coupon_fen").sum())),
        ratio("ad_ctr", clicks, shows),
        ratio("ad_direct_roi", direct, standard_spend),
        ratio("ad_uni_roi", uni_pay, uni_spend),
    ]


def _credits(
    frames: Mapping[str, pl.DataFrame], now: datetime, plans: pl.DataFrame
) -> pl.DataFrame:
    """Credited orders that are paid, with the day of the click and their 7-day refunds."""
    orders = frames["orders"].filter(pl.col("paid_at") < now).select("order_id", "paid_at")
    refunds = (
        frames["after_sales"]
        .filter(pl.col("refunded_at") < now)
        .join(orders, on="order_id")
        .filter(pl.col("refunded_at") <= pl.col("paid_at") + timedelta(days=7))
        .group_by("order_id")
        .agg(pl.col("refund_fen").sum())
    )
    return (
        frames["ad_conversions"]
        .join(plans.select("plan_id", "shop_id", "scope"), on="plan_id")
        .join(orders, on="order_id")
        .join(refunds, on="order_id", how="left")
        .with_columns(
            pl.col("clicked_at").dt.date().alias("click_day"), pl.col("refund_fen").fill_null(0)
        )
    )
