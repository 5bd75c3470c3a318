"""千川's words for summed figures: metrics of its reports, money in each one's unit.

Expressions over the columns ``qianchuan_figures.SUMS``. Source: platform notes qianchuan.md
sections 4 and 6.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

Metrics = Mapping[str, pl.Expr]
Money = Callable[[pl.Expr], pl.Expr]


def yuan(fen: pl.Expr) -> pl.Expr:
    """As most reports word money; polars multiplies by 1/100, and rounding mends the last digit."""
    return (fen / 100).round(2)


def micro(fen: pl.Expr) -> pl.Expr:
    """As money is worded in units of 1/100,000 yuan."""
    return fen * 1_000


def part(over: pl.Expr, under: pl.Expr) -> pl.Expr:
    """A ratio to two decimals; 0 of nothing."""
    return pl.when(under != 0).then((over / under).round(2)).otherwise(0.0)


def percent(over: pl.Expr, under: pl.Expr) -> pl.Expr:
    """A rate from 0 to 100 to four decimals; 0 of nothing."""
    return pl.when(under != 0).then((100 * over / under).round(4)).otherwise(0.0)


def each(fen: pl.Expr, count: pl.Expr) -> pl.Expr:
    """An amount's share of each, whole fen, halves up; 0 of nothing."""
    return pl.when(count != 0).then((2 * fen + count) // (2 * count)).otherwise(0)


def records(frame: pl.DataFrame, words: Metrics) -> list[bytes]:
    """A frame's rows as JSON texts."""
    row = pl.struct([value.alias(name) for name, value in words.items()])
    return [text.encode() for text in frame.select(row.struct.json_encode()).to_series()]


def wall(column: str) -> pl.Expr:
    """A moment as yyyy-MM-dd HH:mm:ss."""
    return pl.col(column).dt.strftime("%Y-%m-%d %H:%M:%S")


_NONE = pl.lit(0)
_COST, _SHOWS, _CLICKS = pl.col("cost"), pl.col("shows"), pl.col("clicks")
_CONVERTS, _DIRECT = pl.col("converts"), pl.col("direct")
_PAID = _DIRECT + pl.col("indirect")
_ORDERS = pl.col("direct_orders") + pl.col("indirect_orders")

# What nobody orders does not exist in the world: created orders are the paid ones, and nothing is
# paid for ahead. dy_* and luban_* follow from clicks and conversions, for their looks.
STANDARD: Metrics = {
    "stat_cost": yuan(_COST),
    "show_cnt": _SHOWS,
    "click_cnt": _CLICKS,
    "ctr": percent(_CLICKS, _SHOWS),
    "cpm_platform": yuan(each(1_000 * _COST, _SHOWS)),
    "cpc_platform": yuan(each(_COST, _CLICKS)),
    "convert_cnt": _CONVERTS,
    "convert_cost": yuan(each(_COST, _CONVERTS)),
    "convert_rate": percent(_CONVERTS, _CLICKS),
    "pay_order_count": pl.col("direct_orders"),
    "pay_order_amount": yuan(_DIRECT),
    "pay_order_coupon_amount": yuan(pl.col("coupon")),
    "prepay_order_count": _NONE,
    "prepay_order_amount": _NONE,
    "prepay_and_pay_order_roi": part(_DIRECT, _COST),
    "create_order_count": _ORDERS,
    "create_order_amount": yuan(_PAID),
    "create_order_roi": part(_PAID, _COST),
    "indirect_order_pay_count_7days": pl.col("indirect_orders"),
    "indirect_order_pay_gmv_7days": yuan(pl.col("indirect")),
    "all_order_pay_count_7days": _ORDERS,
    "all_order_pay_gmv_7days": yuan(_PAID),
    "all_order_pay_roi_7days": part(_PAID, _COST),
    "unfinished_estimate_order_gmv": _NONE,
    "all_order_refund_amount_7d": yuan(pl.col("refund_7d")),
    "all_order_refund_amount_14d": yuan(pl.col("refund_14d")),
    "ad_all_order_settle_amount_7d": yuan(pl.col("settle_7d")),
    "ad_all_order_settle_amount_14d": yuan(pl.col("settle_14d")),
    "luban_live_enter_cnt": _CLICKS,
    "dy_follow": _CONVERTS,
    "dy_like": _CLICKS // 3,
    "dy_comment": _CLICKS // 9,
    "dy_share": _CLICKS // 20,
    "luban_live_comment_cnt": _CLICKS // 9,
}


def _uni(money: Money) -> Metrics:
    """A 全域 report's metrics; gmv is what buyers paid, 整体成交金额 has the coupons on top."""
    whole = _PAID + pl.col("coupon")
    settled = _PAID - pl.col("refund_1h")
    return {
        "stat_cost": money(_COST),
        "total_pay_order_count_for_roi2": _ORDERS,
        "total_cost_per_pay_order_for_roi2": money(each(_COST, _ORDERS)),
        "total_pay_order_gmv_for_roi2": money(_PAID),
        "total_pay_order_coupon_amount_for_roi2": money(pl.col("coupon")),
        "total_ecom_platform_subsidy_amount_for_roi2": _NONE,
        "total_pay_order_gmv_include_coupon_for_roi2": money(whole),
        "total_prepay_and_pay_order_roi2": part(whole, _COST),
        "total_prepay_order_count_for_roi2": _NONE,
        "total_prepay_order_gmv_for_roi2": _NONE,
        "total_unfinished_estimate_order_gmv_for_roi2": _NONE,
        "total_refund_order_count_for_roi2_1h": pl.col("refund_1h_orders"),
        "total_refund_order_gmv_for_roi2_1h_all": money(pl.col("refund_1h")),
        "total_order_settle_amount_for_roi2_1h": money(settled),
        "total_order_settle_count_for_roi2_1h": _ORDERS - pl.col("refund_1h_orders"),
        "total_prepay_and_pay_settle_roi2_1h": part(settled, _COST),
    }


UNI_IN_YUAN, UNI_IN_MICRO = _uni(yuan), _uni(micro)
