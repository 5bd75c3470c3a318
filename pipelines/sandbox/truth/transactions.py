"""Orders, lines, buyers and money that was paid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.truth.books import figure, lines_of, orders_of, ratio, yuan

_DISCOUNTS = (
    pl.col("shop_discount_fen") + pl.col("platform_discount_fen") + pl.col("author_discount_fen")
)


def transaction_figures(
    frames: Mapping[str, pl.DataFrame], now: datetime, shops: pl.Series
) -> list[pl.DataFrame]:
    """All figures of section A that 抖店 can answer."""
    everyone = orders_of(frames, now, shops)
    orders = everyone.filter("counts")
    paid = orders.filter(pl.col("pay_day").is_not_null())
    lines = lines_of(frames, orders)
    paid_lines = lines.filter(pl.col("pay_day").is_not_null())
    # An identity_breaker says so by its parts.
    breaks = pl.col("goods_fen") + pl.col("freight_fen") - _DISCOUNTS != pl.col("order_fen")
    order_cnt = figure(orders, "order_cnt", "order_day", pl.len())
    pay_amt = figure(paid, "pay_amt", "pay_day", yuan(pl.col("paid_fen").sum()))
    pay_orders = figure(paid, "pay_order_cnt", "pay_day", pl.len())
    buyers = figure(paid, "pay_buyer_uv", "pay_day", pl.col("buyer_id").n_unique())
    units = figure(
        paid_lines, "pay_qty", "pay_day", pl.col("quantity").filter(~pl.col("is_gift")).sum()
    )
    by_platform = pl.col("platform_borne_fen") + pl.col("author_borne_fen")
    goods = _money(paid_lines, "pay_goods_amt", pl.col("paid_fen") - pl.col("freight_fen"))
    later_paid = figure(paid, "order_pay_cnt", "order_day", pl.len())
    return [
        order_cnt,
        figure(lines, "order_line_cnt", "order_day", pl.len()),
        figure(orders, "order_amt", "order_day", yuan(pl.col("order_fen").sum())),
        figure(everyone, "exception_order_cnt", "order_day", breaks.sum()),
        pay_amt,
        pay_orders,
        figure(paid_lines, "pay_line_cnt", "pay_day", pl.len()),
        units,
        buyers,
        later_paid,
        _money(paid_lines, "list_amt", pl.col("list_fen")),
        goods,
        _money(
            paid_lines,
            "receivable_amt",
            pl.col("paid_fen") + by_platform + pl.col("pay_discount_fen"),
        ),
        _money(paid_lines, "shop_disc_amt", pl.col("shop_discount_fen")),
        _money(paid_lines, "merchant_borne_amt", pl.col("merchant_borne_fen")),
        _money(paid_lines, "plat_borne_amt", by_platform),
        _money(paid_lines, "freight_income_amt", pl.col("freight_fen")),
        ratio("avg_unit_price", goods, units),
        ratio("avg_order_value", pay_amt, pay_orders),
        ratio("avg_buyer_value", pay_amt, buyers),
        ratio("units_per_order", units, pay_orders),
        ratio("order_pay_rate", later_paid, order_cnt),
    ]


def _money(lines: pl.DataFrame, metric: str, fen: pl.Expr) -> pl.DataFrame:
    """An amount of paid lines by the day of payment."""
    return figure(lines, metric, "pay_day", yuan(fen.sum()))
