"""World after-sales, products, SKUs and parcels in 抖店's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.doudian_words import (
    AFTER_SALE_TYPES,
    NOTHING,
    epoch,
    happened,
    words,
)
from pipelines.sandbox.listing import Listing

_STATUS_WORDS = {
    6: "待商家同意", 7: "待买家退货", 11: "待商家二次同意", 8: "待商家发货", 12: "售后成功",
    14: "换货成功", 27: "商家一次拒绝", 28: "售后失败",
}  # fmt: skip
_SCANS = {
    "picked_up": ("GOT", "已揽收"), "in_transit": ("TRANSIT", "运输中"),
    "out_for_delivery": ("SEND", "派送中"), "signed": ("SIGN", "已签收"),
    "exception": ("TROUBLE", "异常"),
}  # fmt: skip


def _requests(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    """A shop's requests as they stand, with what their records need of order, line and product."""
    requests = happened(frames["after_sales"].filter(pl.col("shop_id") == shop), now)
    requests = requests.drop_nulls("applied_at")
    lines = frames["order_lines"].select(
        "line_id", "product_id", "sku_id", "price_fen", "order_fen", "freight_fen", "goods_fen",
        pl.col("quantity").alias("line_quantity"),
    )  # fmt: skip
    orders = happened(frames["orders"].filter(pl.col("shop_id") == shop), now).select(
        "order_id", "created_at", "finished_at", pl.col("closed_at").alias("order_closed_at")
    )
    ended = pl.col("ended_at").is_not_null()
    goes_back = pl.col("type").is_in(["return_refund", "exchange"])
    status = (
        pl.when(ended & (pl.col("outcome") != "succeeded")).then(28)
        .when(ended & (pl.col("type") == "exchange")).then(14)
        .when(ended).then(12)
        .when(pl.col("handled_at").is_null()).then(6)
        .when(pl.col("outcome") == "refused").then(27)
        .when(goes_back & pl.col("returned_at").is_null()).then(7)
        .when(goes_back).then(11)
        .otherwise(8)
    )  # fmt: skip
    refunded = pl.col("refunded_at").is_not_null()
    return (
        requests.join(lines, on="line_id", how="left")
        .join(orders, on="order_id", how="left")
        .join(
            frames["products"].select("product_id", pl.col("name").alias("product_name")),
            on="product_id",
            how="left",
        )
        .join(
            frames["skus"].select("sku_id", "merchant_code", "spec_name", "spec_value"),
            on="sku_id",
            how="left",
        )
        .with_columns(
            status.alias("status"),
            pl.col("type")
            .replace_strict({k: v[0] for k, v in AFTER_SALE_TYPES.items()}, return_dtype=pl.Int64)
            .alias("code"),
            pl.col("type")
            .replace_strict({k: v[1] for k, v in AFTER_SALE_TYPES.items()}, return_dtype=pl.String)
            .alias("code_text"),
            pl.when(refunded).then(3).when(ended).then(0).otherwise(1).alias("refund_status"),
            pl.max_horizontal(
                "applied_at", "handled_at", "returned_at", "received_at", "refunded_at", "ended_at"
            ).alias("updated_at"),
        )
    )


def after_sale_listing(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime, by: str
) -> Listing:
    """The items of afterSale.List, by the time of their update or application."""
    requests = _requests(frames, shop, now)
    spec = pl.concat_list(
        pl.struct(pl.col("spec_name").alias("name"), pl.col("spec_value").alias("value"))
    )
    info = pl.struct(
        pl.col("after_sale_id").alias("aftersale_id"),
        pl.lit(1).alias("aftersale_order_type"),
        pl.col("code").alias("aftersale_type"),
        pl.col("status").alias("aftersale_status"),
        epoch("ended_at").alias("aftersale_status_to_final_time"),
        pl.col("line_id").alias("related_id"),
        epoch("applied_at").alias("apply_time"),
        epoch("updated_at").alias("update_time"),
        pl.when(pl.col("ended_at").is_null())
        .then(epoch("deadline_at"))
        .otherwise(0)
        .alias("status_deadline"),
        pl.col("apply_fen").alias("refund_amount"),
        pl.min_horizontal("refund_freight_fen", "apply_fen").alias("refund_post_amount"),
        pl.col("quantity").alias("aftersale_num"),
        pl.lit(0).alias("part_type"),
        pl.lit(0).alias("aftersale_refund_type"),
        pl.when(pl.col("is_fast")).then(1).otherwise(0).alias("refund_type"),
        pl.when(pl.col("is_intervened")).then(2).otherwise(0).alias("arbitrate_status"),
        epoch("applied_at").alias("create_time"),
        pl.lit(0).alias("refund_tax_amount"),
        pl.lit(0).alias("left_urge_sms_count"),
        pl.when(pl.col("returned_at").is_not_null())
        .then("return_tracking_number")
        .fill_null("")
        .alias("return_logistics_code"),
        pl.when(pl.col("returned_at").is_not_null())
        .then("return_carrier")
        .fill_null("")
        .alias("return_logistics_company_name"),
        pl.lit("").alias("exchange_logistics_company_name"),
        pl.lit(0).alias("risk_decision_code"),
        pl.lit("").alias("risk_decision_reason"),
        pl.lit("").alias("risk_decision_description"),
        pl.lit(0).alias("return_promotion_amount"),
        pl.col("refund_status"),
        pl.lit(0).alias("arbitrate_blame"),
        pl.lit("").alias("remark"),
        pl.when(pl.col("code") == 2).then(0).otherwise(1).alias("got_pkg"),
        pl.lit(0).alias("is_agree_refuse_sign"),
        NOTHING.alias("reason_second_labels"),
        NOTHING.alias("aftersale_tags"),
        pl.lit(0).alias("store_id"),
        pl.lit("").alias("store_name"),
        pl.lit(0).alias("aftersale_sub_type"),
        NOTHING.alias("auto_audit_bits"),
    ).alias("aftersale_info")
    related = pl.struct(
        pl.col("line_id").alias("sku_order_id"),
        pl.lit(3).alias("order_status"),
        (pl.col("order_fen") - pl.col("freight_fen")).alias("pay_amount"),
        pl.col("freight_fen").alias("post_amount"),
        pl.col("line_quantity").alias("item_num"),
        epoch("created_at").alias("create_time"),
        pl.lit(0).alias("tax_amount"),
        pl.lit(0).alias("is_oversea_order"),
        pl.col("product_name"),
        pl.col("product_id").cast(pl.Int64),
        NOTHING.alias("tags"),
        spec.alias("sku_spec"),
        pl.col("merchant_code").alias("shop_sku_code"),
        pl.col("apply_fen").alias("aftersale_pay_amount"),
        pl.col("quantity").alias("aftersale_item_num"),
        pl.col("price_fen").alias("price"),
    )
    order = pl.struct(
        pl.col("order_id").alias("shop_order_id"),
        pl.concat_list(related).alias("related_order_info"),
        pl.lit(0).alias("order_flag"),
    ).alias("order_info")
    text = pl.struct(
        words(_STATUS_WORDS, pl.col("status")).alias("aftersale_status_text"),
        pl.col("code_text").alias("aftersale_type_text"),
        pl.lit("原路退款").alias("aftersale_refund_type_text"),
        pl.col("reason").alias("reason_text"),
        pl.lit("").alias("return_logistics_text"),
    ).alias("text_part")
    record = (
        pl.struct(info, order, text, NOTHING.alias("seller_logs"))
        .struct.json_encode()
        .alias("record")
    )
    return Listing.of(
        requests.select(epoch(by).alias("at"), "after_sale_id", record),
        "at",
        "after_sale_id",
        "record",
    )


def after_sale_details(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime
) -> dict[str, bytes]:
    """The data of afterSale.Detail, by id: here the money really given back stands."""
    requests = _requests(frames, shop, now)
    refunded = pl.col("refunded_at").is_not_null()
    info = pl.struct(
        pl.col("after_sale_id").cast(pl.Int64),
        pl.col("status").alias("after_sale_status"),
        words(_STATUS_WORDS, pl.col("status")).alias("after_sale_status_desc"),
        pl.col("code").alias("after_sale_type"),
        pl.col("code_text").alias("after_sale_type_text"),
        pl.lit(1).alias("after_sale_order_type"),
        pl.lit(0).alias("refund_type"),
        pl.lit("原路退款").alias("refund_type_text"),
        pl.col("refund_status"),
        pl.col("apply_fen").alias("refund_total_amount"),
        pl.when(refunded).then("refund_freight_fen").otherwise(0).alias("refund_post_amount"),
        pl.lit(0).alias("refund_promotion_amount"),
        pl.when(refunded).then("refund_fen").otherwise(0).alias("real_refund_amount"),
        epoch("refunded_at").alias("refund_time"),
        epoch("applied_at").alias("apply_time"),
        epoch("updated_at").alias("update_time"),
        pl.col("reason"),
        pl.lit("").alias("reason_remark"),
        pl.lit(1).alias("after_sale_apply_count"),
        pl.when(pl.col("ended_at").is_null())
        .then(epoch("deadline_at"))
        .otherwise(0)
        .alias("status_deadline"),
        epoch("ended_at").alias("aftersale_status_to_final_time"),
        epoch("handled_at").alias("merchant_handled_time"),
    ).alias("after_sale_info")
    order = pl.struct(
        pl.col("order_id").cast(pl.Int64).alias("shop_order_id"),
        pl.concat_list(pl.struct(pl.col("line_id").cast(pl.Int64).alias("sku_order_id"))).alias(
            "sku_order_infos"
        ),
    ).alias("order_info")
    rendered = requests.select(
        "after_sale_id",
        pl.struct(pl.struct(info).alias("process_info"), order)
        .struct.json_encode()
        .alias("record"),
    )
    return {key: text.encode() for key, text in rendered.iter_rows()}


def product_listing(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> Listing:
    """The records of product.listV2, by update time."""
    products = happened(frames["products"].filter(pl.col("shop_id") == shop), now)
    products = products.drop_nulls("created_at").with_columns(
        pl.max_horizontal("created_at", "updated_at", "off_shelf_at").alias("changed_at")
    )
    prices = (
        frames["skus"]
        .group_by("product_id")
        .agg(
            pl.col("list_price_fen").min().alias("market_price"),
            pl.col("price_fen").min().alias("discount_price"),
        )
    )
    category = pl.struct(
        pl.col("first_category_id").cast(pl.Int64).alias("first_cid"),
        pl.col("second_category_id").cast(pl.Int64).alias("second_cid"),
        pl.lit(0).alias("third_cid"),
        pl.lit(0).alias("fourth_cid"),
        pl.col("first_category").alias("first_cname"),
        pl.col("second_category").alias("second_cname"),
        pl.lit("").alias("third_cname"),
        pl.lit("").alias("fourth_cname"),
    ).alias("category_detail")
    record = pl.struct(
        pl.col("product_id").cast(pl.Int64),
        pl.when(pl.col("off_shelf_at").is_not_null()).then(1).otherwise(0).alias("status"),
        pl.lit(3).alias("check_status"),
        "market_price",
        "discount_price",
        pl.lit("").alias("img"),
        pl.col("name"),
        pl.lit(1).alias("pay_type"),
        pl.lit(0).alias("product_type"),
        pl.col("product_id").str.tail(6).cast(pl.Int64).alias("spec_id"),
        pl.lit(0).alias("cos_ratio"),
        epoch("created_at").alias("create_time"),
        epoch("changed_at").alias("update_time"),
        pl.lit(0).alias("out_product_id"),
        pl.col("spu_code").alias("outer_product_id"),
        pl.lit("").alias("description"),
        category,
        pl.lit(0).alias("sell_num"),
    )
    rendered = products.join(prices, on="product_id", how="left").select(
        epoch("changed_at").alias("at"), "product_id", record.struct.json_encode().alias("record")
    )
    return Listing.of(rendered, "at", "product_id", "record")


def sku_records(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> dict[str, bytes]:
    """The data of sku.list (an array), by product."""
    skus = frames["skus"].filter((pl.col("shop_id") == shop) & (pl.col("created_at") < now))
    record = pl.struct(
        pl.col("sku_id").cast(pl.Int64).alias("id"),
        pl.lit(0).alias("out_sku_id"),
        pl.col("product_id").cast(pl.Int64),
        pl.col("product_id").alias("product_id_str"),
        pl.col("spec_value").alias("spec_detail_name1"),
        pl.lit("").alias("spec_detail_name2"),
        pl.lit("").alias("spec_detail_name3"),
        pl.col("price_fen").alias("price"),
        pl.lit(0).alias("settlement_price"),
        epoch("created_at").alias("create_time"),
        pl.col("merchant_code").alias("code"),
        pl.lit(0).alias("sku_type"),
        pl.col("stock_quantity").alias("stock_num"),
        pl.lit(0).alias("prehold_stock_num"),
        pl.lit(0).alias("prom_stock_num"),
    )
    rendered = skus.sort("sku_id").select("product_id", record.struct.json_encode().alias("record"))
    grouped = rendered.group_by("product_id", maintain_order=True).agg(
        pl.col("record").str.join(",")
    )
    return {key: f"[{text}]".encode() for key, text in grouped.iter_rows()}


def routes(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> dict[str, bytes]:
    """The data of logistics.trackNoRouteDetail, by waybill, newest scan first."""
    parcels = frames["parcels"].filter((pl.col("shop_id") == shop) & (pl.col("shipped_at") < now))
    scans = frames["parcel_events"].filter(pl.col("at") < now)
    node = pl.struct(
        pl.concat_str(pl.lit("【"), pl.col("place"), pl.lit("】"), _scan(1)).alias("content"),
        pl.col("at").dt.epoch("s").cast(pl.String).alias("timestamp"),
        _scan(0).alias("state"),
        _scan(1).alias("state_description"),
        pl.col("place").alias("site_name"),
    )
    nodes = (
        scans.sort("at", descending=True)
        .group_by("parcel_id", maintain_order=True)
        .agg(node.alias("route__node_list"))
    )
    joined = parcels.join(nodes, on="parcel_id", how="left")
    joined = joined.with_columns(pl.col("route__node_list").fill_null([]))
    info = pl.struct(
        pl.col("tracking_number").alias("track_no"), pl.col("carrier").alias("express")
    ).alias("track_info")
    rendered = joined.select(
        "tracking_number", pl.struct("route__node_list", info).struct.json_encode().alias("record")
    )
    return {key: text.encode() for key, text in rendered.iter_rows()}


def _scan(part: int) -> pl.Expr:
    return pl.col("event").replace_strict(
        {name: said[part] for name, said in _SCANS.items()}, return_dtype=pl.String
    )
