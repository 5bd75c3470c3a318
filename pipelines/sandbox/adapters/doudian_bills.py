"""World settlement bills in 抖店's words: the rows of order.getSettleBillDetailV3."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.doudian_words import epoch
from pipelines.sandbox.listing import Listing


def bill_listing(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> Listing:
    """The rows of order.getSettleBillDetailV3, by settlement time; deductions are negative."""
    bills = frames["bills"].filter((pl.col("shop_id") == shop) & (pl.col("settled_at") < now))
    items = frames["bill_items"].join(bills.select("bill_id"), on="bill_id", how="semi")
    wide = items.pivot("fee_type", index="bill_id", values="amount_fen", aggregate_function="sum")
    for name in _BILL_ITEMS:
        if name not in wide.columns:
            wide = wide.with_columns(pl.lit(0, pl.Int64).alias(name))
    lines = frames["order_lines"].select(
        "line_id", "product_id", "quantity", "goods_fen", "freight_fen", "shop_discount_fen"
    )
    joined = (
        bills.join(wide, on="bill_id", how="left")
        .join(lines, on="line_id", how="left")
        .join(
            frames["orders"].select("order_id", "created_at", "author_id"),
            on="order_id",
            how="left",
        )
        .with_columns(pl.col(name).fill_null(0) for name in _BILL_ITEMS)
    )
    real = pl.col("user_paid") + pl.col("refund_before_settle")
    income = real + pl.col("platform_subsidy") + pl.col("author_subsidy") + pl.col("pay_subsidy")
    fees = pl.sum_horizontal(
        "platform_fee",
        "commission",
        "colonel_fee",
        "channel_fee",
        "freight_insurance",
        "penalty",
        "other",
    )
    is_late = pl.col("type") == "refund_after_settle"
    record = pl.struct(
        pl.col("settled_at").dt.strftime("%Y-%m-%d %H:%M:%S").alias("settle_time"),
        pl.col("bill_id").alias("request_no"),
        pl.col("order_id").alias("shop_order_id"),
        pl.col("line_id").alias("order_id"),
        (income + fees).alias("settle_amount"),
        pl.lit("聚合账户").alias("pay_type_desc"),
        pl.when(is_late).then(1).otherwise(0).alias("trade_type"),
        pl.when(pl.col("refund_before_settle") < 0)
        .then(1)
        .otherwise(0)
        .alias("is_contains_refund_before_settle"),
        pl.col("created_at").dt.strftime("%Y-%m-%d %H:%M:%S").fill_null("").alias("order_time"),
        pl.col("product_id").fill_null(""),
        pl.col("quantity").fill_null(1).alias("goods_count"),
        pl.when(pl.col("commission") < 0)
        .then(pl.lit("精选联盟"))
        .otherwise(pl.lit("小店自卖"))
        .alias("flow_type_desc"),
        pl.lit("普通订单").alias("order_type"),
        pl.when(is_late)
        .then("user_paid")
        .otherwise(pl.col("goods_fen") + pl.col("freight_fen"))
        .fill_null(0)
        .alias("total_amount"),
        pl.when(is_late)
        .then("user_paid")
        .otherwise("goods_fen")
        .fill_null(0)
        .alias("total_goods_amount"),
        pl.when(is_late).then(0).otherwise("freight_fen").fill_null(0).alias("post_amount"),
        pl.when(is_late)
        .then(0)
        .otherwise(-pl.col("shop_discount_fen"))
        .fill_null(0)
        .alias("shop_coupon"),
        pl.col("refund_before_settle"),
        pl.col("platform_subsidy").alias("platform_coupon"),
        pl.col("author_subsidy").alias("author_coupon"),
        pl.col("pay_subsidy").alias("zt_pay_promotion"),
        pl.lit(0).alias("zr_pay_promotion"),
        real.alias("real_pay_amount"),
        income.alias("total_income"),
        pl.col("platform_fee").alias("platform_service_fee"),
        pl.col("commission"),
        pl.lit(0).alias("good_learn_channel_fee"),
        pl.col("colonel_fee").alias("colonel_service_fee"),
        pl.col("channel_fee").alias("channel_promotion_fee"),
        (pl.col("freight_insurance") + pl.col("penalty") + pl.col("other")).alias(
            "other_sharing_amount"
        ),
        fees.alias("total_outcome"),
        pl.when(is_late).then(pl.lit("结算后退款")).otherwise(pl.lit("")).alias("remark"),
        pl.lit(0).alias("packing_amount"),
        pl.lit("否").alias("free_commission_flag"),
        pl.lit(0).alias("real_free_commission_amount"),
    )
    rendered = joined.select(
        epoch("settled_at").alias("at"), "bill_id", record.struct.json_encode().alias("record")
    )
    return Listing.of(rendered, "at", "bill_id", "record")


_BILL_ITEMS = (
    "user_paid", "platform_subsidy", "author_subsidy", "pay_subsidy", "refund_before_settle",
    "platform_fee", "commission", "colonel_fee", "channel_fee", "freight_insurance", "penalty",
    "other",
)  # fmt: skip
