"""World after-sales, goods and parcels in 拼多多's words.

A refund's row has no time of its own end: updated_time of one that reached it is that time. A
request before shipping is a 仅退款 like any other. Goods have a price for who buys in a group (the
page's) and one for who buys alone (the list price); a course is a 商家卡券 (goods_type 15).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.pdd_words import (
    CARRIERS,
    REQUEST_TYPES,
    happened,
    order_sn,
    request_status,
    wall,
    yuan_text,
)  # fmt: skip
from pipelines.sandbox.listing import Listing

_SCANS = {
    "picked_up": ("GOT", "已揽收", "揽收"), "in_transit": ("DEPARTURE", "运输中", "发件"),
    "out_for_delivery": ("SEND", "派送中", "派件"), "signed": ("SIGN", "已签收", "签收"),
    "exception": ("FAIL", "异常", "问题件"),
}  # fmt: skip
COMPANIES = [
    {"id": CARRIERS["shunfeng"], "code": "SF", "logistics_company": "顺丰速运", "available": 1},
    {"id": CARRIERS["yuantong"], "code": "YTO", "logistics_company": "圆通速递", "available": 1},
    {"id": CARRIERS["zhongtong"], "code": "ZTO", "logistics_company": "中通快递", "available": 1},
    {"id": CARRIERS["jtexpress"], "code": "JTSD", "logistics_company": "极兔速递", "available": 1},
]


def refunds(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    """A mall's requests as they stand: at, after_sale_id, order_sn, type, status and record."""
    requests = happened(frames["after_sales"].filter(pl.col("shop_id") == shop), now)
    lines = frames["order_lines"].select("line_id", "product_id", "sku_id", "price_fen")
    orders = frames["orders"].select(
        "order_id", "created_at", "paid_at", "order_fen",
        (pl.col("shop_discount_fen") + pl.col("platform_discount_fen")).alias("discount_fen"),
    )  # fmt: skip
    products = frames["products"].select("product_id", pl.col("name").alias("title"), "spu_code")
    whole = (
        requests.drop_nulls("applied_at")
        .join(lines, on="line_id", how="left")
        .join(orders, on="order_id", how="left")
        .join(products, on="product_id", how="left")
        .join(frames["skus"].select("sku_id", "merchant_code"), on="sku_id", how="left")
        .with_columns(
            order_sn().alias("order_sn"),
            request_status().alias("status"),
            pl.col("type").replace_strict(REQUEST_TYPES, return_dtype=pl.Int64).alias("kind"),
            pl.max_horizontal(
                "applied_at", "handled_at", "returned_at", "received_at", "refunded_at", "ended_at"
            ).alias("updated_at"),
        )
    )
    record = pl.struct(_refund_fields()).struct.json_encode().alias("record")
    at = pl.col("updated_at").dt.epoch("s").alias("at")
    return whole.select(at, "after_sale_id", "order_sn", "kind", "status", record)


def refund_listing(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime, kind: int, status: int
) -> Listing:
    """The rows of pdd.refund.list.increment.get by update time; 1 stands for all."""
    rows = refunds(frames, shop, now)
    for name, asked in (("kind", kind), ("status", status)):
        rows = rows.filter(pl.col(name) == asked) if asked != 1 else rows
    return Listing.of(rows, "at", "after_sale_id", "record")


def refunds_by_order(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime
) -> dict[str, list[bytes]]:
    """The same by order."""
    grouped = refunds(frames, shop, now).group_by("order_sn").agg("record")
    return {order: [text.encode() for text in texts] for order, texts in grouped.iter_rows()}


def _refund_fields() -> list[pl.Expr]:
    returned = pl.col("returned_at").is_not_null()
    given = pl.when(pl.col("refunded_at").is_not_null()).then("refund_fen").otherwise("apply_fen")
    return [
        pl.col("after_sale_id").cast(pl.Int64).alias("id"),
        pl.col("order_sn"),
        pl.col("product_id").cast(pl.Int64).alias("goods_id"),
        pl.col("sku_id"),
        pl.col("title").alias("goods_name"),
        pl.lit("").alias("good_image"),
        yuan_text(pl.col("price_fen")).alias("goods_price"),
        pl.col("quantity").cast(pl.String).alias("goods_number"),
        pl.col("merchant_code").alias("outer_id"),
        pl.col("spu_code").alias("outer_goods_id"),
        yuan_text(pl.col("order_fen")).alias("order_amount"),
        yuan_text(pl.col("discount_fen")).alias("discount_amount"),
        yuan_text(given).alias("refund_amount"),
        pl.col("reason").alias("after_sale_reason"),
        pl.col("kind").alias("after_sales_type"),
        pl.col("status").alias("after_sales_status"),
        wall("applied_at").alias("created_time"),
        wall("updated_at").alias("updated_time"),
        wall("paid_at").alias("confirm_time"),
        pl.when(returned).then("return_tracking_number").fill_null("").alias("tracking_number"),
        pl.when(returned).then("return_carrier").fill_null("").alias("shipping_name"),
        pl.col("is_fast").cast(pl.Int64).alias("speed_refund_flag"),
        pl.when("is_fast").then(pl.lit("3")).otherwise(pl.lit("0")).alias("speed_refund_status"),
        pl.col("is_intervened").cast(pl.Int64).alias("dispute_refund_status"),
        pl.lit("0").alias("user_shipping_status"),
    ]


def _on_sale(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    products = happened(frames["products"].filter(pl.col("shop_id") == shop), now)
    return products.drop_nulls("created_at").with_columns(
        pl.col("off_shelf_at").is_null().alias("is_on")
    )


def goods_listing(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> Listing:
    """The records of pdd.goods.list.get, which has no prices."""
    sku = pl.struct(
        pl.col("sku_id").cast(pl.Int64),
        pl.col("spec_value").alias("spec"),
        pl.lit([], dtype=pl.List(pl.String)).alias("spec_details"),
        pl.col("stock_quantity").alias("sku_quantity"),
        pl.lit(0).alias("reserve_quantity"),
        pl.col("merchant_code").alias("outer_id"),
        pl.col("spu_code").alias("outer_goods_id"),
        pl.col("is_on").cast(pl.Int64).alias("is_sku_onsale"),
    )
    products = _on_sale(frames, shop, now)
    skus = (
        frames["skus"]
        .join(products.select("product_id", "spu_code", "is_on"), on="product_id")
        .sort("sku_id")
        .group_by("product_id", maintain_order=True)
        .agg(sku.alias("sku_list"), pl.col("stock_quantity").sum().alias("goods_quantity"))
    )
    record = pl.struct(
        pl.col("product_id").cast(pl.Int64).alias("goods_id"),
        pl.col("name").alias("goods_name"),
        pl.col("goods_quantity"),
        pl.lit(0).alias("goods_reserve_quantity"),
        pl.lit("").alias("image_url"),
        pl.lit("").alias("thumb_url"),
        (pl.col("sku_list").list.len() > 1).cast(pl.Int64).alias("is_more_sku"),
        pl.col("is_on").cast(pl.Int64).alias("is_onsale"),
        pl.col("created_at").dt.epoch("s"),
        pl.col("sku_list"),
    )
    rendered = products.join(skus, on="product_id").select(
        pl.col("created_at").dt.epoch("s").alias("at"),
        "product_id",
        record.struct.json_encode().alias("record"),
    )
    return Listing.of(rendered, "at", "product_id", "record")


def goods_details(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> dict[str, bytes]:
    """The fields of pdd.goods.detail.get by goods_id, without their braces."""
    spec = pl.struct(
        pl.lit(1).alias("parent_id"),
        pl.col("spec_name").alias("parent_name"),
        pl.lit(1).alias("spec_id"),
        pl.col("spec_value").alias("spec_name"),
    )
    sku = pl.struct(
        pl.col("sku_id").cast(pl.Int64),
        pl.col("price_fen").alias("multi_price"),
        pl.col("list_price_fen").alias("price"),
        pl.col("stock_quantity").alias("quantity"),
        pl.lit(0).alias("reserve_quantity"),
        pl.lit(1).alias("is_onsale"),
        pl.col("merchant_code").alias("out_sku_sn"),
        pl.lit(999).alias("limit_quantity"),
        pl.lit(200).alias("weight"),
        pl.concat_list(spec).alias("spec"),
    )
    skus = (
        frames["skus"]
        .sort("sku_id")
        .group_by("product_id", maintain_order=True)
        .agg(sku.alias("sku_list"), pl.col("list_price_fen").max().alias("market_price"))
    )
    record = pl.struct(
        pl.col("product_id").cast(pl.Int64).alias("goods_id"),
        pl.col("name").alias("goods_name"),
        pl.col("second_category_id").cast(pl.Int64).alias("cat_id"),
        pl.col("market_price"),
        pl.when("is_on").then(1).otherwise(2).alias("status"),
        pl.when(pl.col("kind") == "course").then(15).otherwise(1).alias("goods_type"),
        pl.col("spu_code").alias("outer_goods_id"),
        pl.col("sku_list"),
    )
    joined = _on_sale(frames, shop, now).join(skus, on="product_id")
    rendered = joined.select("product_id", record.struct.json_encode().alias("record"))
    return {key: text.encode()[1:-1] for key, text in rendered.iter_rows()}


def traces(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> dict[str, bytes]:
    """The fields of pdd.logistics.ordertrace.get by waybill, newest scan first."""
    parcels = frames["parcels"].filter((pl.col("shop_id") == shop) & (pl.col("shipped_at") < now))
    said = [
        pl.col("event").replace_strict(
            {name: words[part] for name, words in _SCANS.items()}, return_dtype=pl.String
        )
        for part in range(3)
    ]
    scan = pl.struct(
        said[0].alias("action"),
        pl.concat_str(pl.lit("【"), "place", pl.lit("】"), said[1]).alias("desc"),
        said[1].alias("status_desc"),
        said[2].alias("node_description"),
        wall("at").alias("status_time"),
        wall("at").alias("time"),
    )
    scans = (
        frames["parcel_events"]
        .filter(pl.col("at") < now)
        .sort("at", descending=True)
        .group_by("parcel_id", maintain_order=True)
        .agg(scan.alias("trace_list"))
    )
    joined = parcels.join(scans, on="parcel_id", how="left").with_columns(
        pl.col("trace_list").fill_null([])
    )
    rendered = joined.select("tracking_number", pl.struct("trace_list").struct.json_encode())
    return {key: text.encode()[1:-1] for key, text in rendered.iter_rows()}
