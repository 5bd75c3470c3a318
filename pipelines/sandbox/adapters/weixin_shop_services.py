"""World after-sales and products in 微信小店's words.

The platform knows three types. A price protection is a refund whose reason says 退差价; a reissue
is an exchange of which nothing comes back. When the shop first answered is told nowhere.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.doudian_words import epoch, happened
from pipelines.sandbox.adapters.weixin_shop_words import (
    NOTHING,
    Frames,
    open_id,
    picture,
    records,
    requests,
    spec,
)
from pipelines.sandbox.listing import Listing

_REASONS = {
    "七天无理由": "NO_LONGER_WANT", "不喜欢/不想要": "NO_LONGER_WANT",
    "商品质量问题": "QUALITY_ISSUE", "与描述不符": "NOT_MATCH_PRODUCT_DESC",
    "快递太慢": "NOT_DELIVERED_TOO_LONG", "少件/漏发": "OTHERS",
}  # fmt: skip
_WAITING = ("MERCHANT_PROCESSING", "MERCHANT_WAIT_RECEIPT")


def after_sale_ids(frames: Frames, shop: str, now: datetime, by: str) -> Listing:
    """A shop's after-sales as the list has them, by the time of their update or application."""
    name = pl.format('"{}"', "after_sale_id").alias("id")
    asked = requests(frames, shop, now).select(epoch(by).alias("at"), "after_sale_id", name)
    return Listing.of(asked, "at", "after_sale_id", "id")


def after_sale_records(frames: Frames, shop: str, now: datetime) -> dict[str, bytes]:
    """The records of getaftersaleorder, by id."""
    lines = frames["order_lines"].select("line_id", "product_id", "sku_id", "price_fen")
    buyers = frames["orders"].select("order_id", "buyer_id")
    asked = (
        requests(frames, shop, now)
        .join(lines, on="line_id")
        .join(buyers, on="order_id")
        .join(frames["skus"].select("sku_id", "merchant_code"), on="sku_id", how="left")
        .with_columns(((pl.col("deadline_at") - now).dt.total_seconds()).alias("left"))
    )
    return records(asked, "after_sale_id", pl.struct(_fields()))


def _fields() -> list[pl.Expr]:
    given = pl.col("refunded_at").is_not_null()
    succeeded = pl.col("ended_at").is_not_null() & (pl.col("outcome") == "succeeded")
    is_price = pl.col("type") == "price_protection"
    reason = pl.col("reason").replace_strict(_REASONS, return_dtype=pl.String)
    returned = pl.col("returned_at").is_not_null()

    def where_returned(value: pl.Expr) -> pl.Expr:
        return pl.when(returned).then(value).fill_null(pl.lit(""))

    return [
        pl.col("after_sale_id").alias("after_sale_order_id"),
        pl.col("state").alias("status"),
        open_id("buyer_id").alias("openid"),
        pl.col("order_id"),
        pl.struct(
            "product_id", "sku_id", pl.col("merchant_code").alias("sku_code"),
            pl.col("quantity").alias("count"), pl.col("is_fast").alias("fast_refund"),
            NOTHING.alias("voucher_list"), NOTHING.alias("gift_product_list"),
        ).alias("product_info"),
        pl.struct(
            pl.lit("").alias("desc"), (pl.col("type") != "pre_ship").alias("receive_product"),
            pl.when(pl.col("state") == "USER_CANCELD")
            .then(epoch("ended_at")).otherwise(0).alias("cancel_time"),
            NOTHING.alias("media_id_list"), pl.lit("").alias("tel_number"),
            pl.lit(0).alias("wxa_vip_discounted_price"),
        ).alias("details"),
        pl.struct(
            pl.when(succeeded).then("refund_fen").otherwise("apply_fen").alias("amount"),
            pl.when(given).then(1).otherwise(0).alias("refund_reason"),
        ).alias("refund_info"),
        pl.struct(
            where_returned(pl.col("return_tracking_number")).alias("waybill_id"),
            where_returned(pl.lit("ZTO")).alias("delivery_id"),
            where_returned(pl.lit("中通快递")).alias("delivery_name"),
        ).alias("return_info"),
        pl.struct(
            pl.lit("").alias("reject_reason"), NOTHING.alias("refund_certificates")
        ).alias("merchant_upload_info"),
        epoch("applied_at").alias("create_time"),
        epoch("updated_at").alias("update_time"),
        epoch("ended_at").alias("complete_time"),
        pl.when(is_price).then(pl.lit("OTHERS")).otherwise(reason).alias("reason"),
        pl.when(is_price).then(pl.lit("退差价")).otherwise("reason").alias("reason_text"),
        pl.struct(
            pl.lit("").alias("code"), pl.lit(0).alias("ret"), pl.lit("").alias("message")
        ).alias("refund_resp"),
        pl.col("is_type").alias("type"),
        pl.when(pl.col("state").is_in(_WAITING))
        .then(pl.max_horizontal("left", 0)).otherwise(0).alias("deadline"),
        pl.lit(0).alias("gen_scene"),
    ]  # fmt: skip


def product_records(frames: Frames, shop: str, now: datetime) -> dict[str, bytes]:
    """The records of product/get, by id; the platform says no times of a product."""
    products = happened(frames["products"].filter(pl.col("shop_id") == shop), now)
    products = products.drop_nulls("created_at")
    skus = frames["skus"].filter((pl.col("shop_id") == shop) & (pl.col("created_at") < now))
    sku = pl.struct(
        "sku_id", pl.lit("").alias("out_sku_id"), picture("product_id").alias("thumb_img"),
        pl.col("price_fen").alias("sale_price"), pl.col("list_price_fen").alias("market_price"),
        pl.col("stock_quantity").alias("stock_num"), pl.col("merchant_code").alias("sku_code"),
        spec(), pl.lit(5).alias("status"),
    )  # fmt: skip
    of_product = skus.sort("sku_id").group_by("product_id", maintain_order=True).agg(
        sku.alias("skus"), pl.col("price_fen").min().alias("min_price")
    )  # fmt: skip
    category = pl.concat_list(
        *(
            pl.struct(pl.col(f"{level}_category_id").alias("cat_id"))
            for level in ("first", "second")
        )
    )
    attribute = pl.struct(pl.lit("品牌").alias("attr_key"), pl.col("brand").alias("attr_value"))
    record = pl.struct(
        "product_id", pl.col("spu_code").alias("out_product_id"), pl.col("name").alias("title"),
        pl.concat_list(picture("product_id")).alias("head_imgs"), category.alias("cats_v2"),
        pl.concat_list(attribute).alias("attrs"),
        pl.struct(pl.lit("1").alias("template_id")).alias("express_info"),
        pl.when(pl.col("off_shelf_at").is_null()).then(5).otherwise(11).alias("status"),
        pl.lit(4).alias("edit_status"), "skus", "min_price", "spu_code",
    )  # fmt: skip
    joined = products.join(of_product, on="product_id", how="left").sort("product_id")
    return records(joined, "product_id", record)
