"""World order lines in TOP's words: the records of a trade's ``orders.order``.

A line's ``price`` is the list price and its ``discount_fee`` what the page took off it, so
``total_fee`` is the world's goods amount; ``part_mjz_discount`` is the line's share of the
discounts on the whole order, ``divide_order_fee`` (once paid) what is left, without postage.
Source: platform notes taobao.md section 4; a planted identity_breaker contradicts itself here too.
"""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.adapter import Outside
from pipelines.sandbox.adapters.taobao_views import lines, requests, status_of, trades
from pipelines.sandbox.adapters.taobao_words import wall, yuan


def line_records(outside: Outside, shop: str) -> pl.DataFrame:
    """order_id and ``orders``: the records of its lines, in their order."""
    of_trade = trades(outside, shop).select(
        "order_id", "paid_at", "promise_ship_at", "line_count",
        pl.col("order_fen").alias("trade_fen"),
    )  # fmt: skip
    latest = (
        requests(outside, shop)
        .sort("applied_at", "after_sale_id")
        .group_by("line_id")
        .last()
        .select("line_id", "after_sale_id", pl.col("status").alias("refund_status"))
    )
    parcels = outside.frames["parcel_lines"].join(
        outside.frames["parcels"].select("parcel_id", "tracking_number", "carrier_name"),
        on="parcel_id",
    )
    return (
        lines(outside, shop)
        .join(of_trade, on="order_id")
        .join(latest, on="line_id", how="left")
        .join(parcels.drop("quantity", "parcel_id"), on="line_id", how="left")
        .sort("order_id", "line_number")
        .group_by("order_id", maintain_order=True)
        .agg(pl.struct(_fields()).alias("orders"))
    )


def _fields() -> list[pl.Expr]:
    paid, shipped = pl.col("paid_at").is_not_null(), pl.col("shipped_at").is_not_null()
    discounts = pl.col("shop_discount_fen") + pl.col("platform_discount_fen")
    single = pl.col("line_count") == 1
    return [
        pl.col("line_id").cast(pl.Int64).alias("oid"),
        pl.col("line_id").alias("oid_str"),
        status_of(shipped=shipped).alias("status"),
        pl.col("refund_status").fill_null("NO_REFUND"),
        pl.col("after_sale_id").alias("refund_id"),
        pl.col("title"),
        pl.col("product_id").cast(pl.Int64).alias("num_iid"),
        pl.col("sku_id"),
        pl.col("spu_code").alias("outer_iid"),
        pl.col("merchant_code").alias("outer_sku_id"),
        pl.concat_str("spec_name", pl.lit(":"), "spec_value").alias("sku_properties_name"),
        yuan(pl.when(pl.col("is_gift")).then(0).otherwise("list_price_fen")).alias("price"),
        pl.col("quantity").alias("num"),
        yuan("goods_fen").alias("total_fee"),
        yuan(pl.when(single).then("trade_fen").otherwise("goods_fen")).alias("payment"),
        yuan(pl.col("list_fen") - pl.col("goods_fen")).alias("discount_fee"),
        pl.lit("0.00").alias("adjust_fee"),
        yuan(pl.when(paid).then(pl.col("order_fen") - pl.col("freight_fen"))).alias(
            "divide_order_fee"
        ),
        yuan(discounts).alias("part_mjz_discount"),
        pl.when(pl.col("is_gift")).then(pl.lit(value=True)).alias("is_free_gift"),
        pl.col("second_category_id").cast(pl.Int64).alias("cid"),
        pl.lit("B").alias("seller_type"),
        pl.col("shipping_type"),
        wall(pl.when(paid).then("promise_ship_at")).alias("delivery_time"),
        wall("shipped_at").alias("consign_time"),
        wall(pl.coalesce("finished_at", "closed_at")).alias("end_time"),
        pl.when(shipped).then("carrier_name").alias("logistics_company"),
        pl.when(shipped).then("tracking_number").alias("invoice_no"),
        pl.lit(value=False).alias("buyer_rate"),
        pl.lit(value=False).alias("seller_rate"),
        pl.lit(value=False).alias("is_oversold"),
        pl.lit(value=False).alias("is_daixiao"),
        pl.concat_str(
            pl.lit("https://img.example.invalid/"), pl.col("product_id"), pl.lit(".jpg")
        ).alias("pic_path"),
    ]  # fmt: skip
