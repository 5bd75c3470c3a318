"""World order lines in 微信小店's words: what order_detail has for each SKU.

Who gives a discount stands in fields of its own (weixin_shop.md section 4): the shop in
merchant_discounted_price, the author in finder_discounted_price; a coupon of the platform in two
parts, its own in cash_coupon_discounted_price, the shop's in platform_activity_merchant_…. The
world's 支付优惠, which a third party pays, is folded into national_subsidy_discounted_price, the
one discount that is taken off while paying and costs neither shop nor platform. real_price is what
is paid for the line, freight apart.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.doudian_words import epoch
from pipelines.sandbox.adapters.weixin_shop_words import Frames, picture, spec

_TOUCHING = ("refused", "withdrawn")


def taken_off() -> list[pl.Expr]:
    """Discounts by who gives them, of lines and orders alike."""
    coupon = pl.col("merchant_borne_fen") - pl.col("shop_discount_fen")
    subsidy = pl.when(pl.col("paid_at").is_not_null()).then("pay_discount_fen").otherwise(0)
    return [
        pl.col("shop_discount_fen").alias("merchant_discounted_price"),
        pl.col("author_discount_fen").alias("finder_discounted_price"),
        pl.col("platform_borne_fen").alias("cash_coupon_discounted_price"),
        coupon.alias("platform_activity_merchant_discounted_price"),
        subsidy.alias("national_subsidy_discounted_price"),
        pl.lit(0).alias("deduction_price"),
        pl.lit(False).alias("use_deduction"),
    ]


def discounts() -> pl.Expr:
    """All that is taken off before paying."""
    return (
        pl.col("shop_discount_fen")
        + pl.col("platform_discount_fen")
        + pl.col("author_discount_fen")
    )


def due() -> pl.Expr:
    """What is to be paid, with freight; once paid, what was paid."""
    return pl.when(pl.col("paid_at").is_not_null()).then("paid_fen").otherwise("order_fen")


def product_infos(lines: pl.DataFrame, asked: pl.DataFrame, frames: Frames) -> pl.DataFrame:
    """order_id and product_infos."""
    is_open = pl.col("ended_at").is_null()
    done = ~is_open & ~pl.col("outcome").is_in(_TOUCHING)
    touched = asked.group_by("line_id").agg(
        pl.col("quantity").filter(is_open).sum().alias("on"),
        pl.col("quantity").filter(done).max().fill_null(0).alias("done"),
    )
    products = frames["products"].select("product_id", "spu_code", pl.col("name").alias("title"))
    skus = frames["skus"].select("sku_id", "merchant_code", "spec_name", "spec_value")
    joined = (
        lines.join(products, on="product_id", how="left")
        .join(skus, on="sku_id", how="left")
        .join(touched, on="line_id", how="left")
        .sort("order_id", "line_number")
    )
    record = pl.struct(_fields()).alias("product_infos")
    return _listed(joined.select("order_id", record), "product_infos")


def _fields() -> list[pl.Expr]:
    is_gift = pl.col("is_gift")
    return [
        pl.col("product_id"),
        pl.col("sku_id"),
        pl.col("quantity").alias("sku_cnt"),
        pl.col("title"),
        picture("product_id").alias("thumb_img"),
        pl.when(is_gift).then(0).otherwise("price_fen").alias("sale_price"),
        pl.when(is_gift).then(0).otherwise("list_price_fen").alias("market_price"),
        (due() - pl.col("freight_fen")).alias("real_price"),
        (pl.col("goods_fen") - discounts()).alias("estimate_price"),
        (discounts() > 0).alias("is_discounted"),
        pl.lit(0).alias("change_price"),
        pl.lit(False).alias("is_change_price"),
        *taken_off(),
        pl.col("merchant_code").alias("sku_code"),
        spec(),
        pl.col("on").fill_null(0).alias("on_aftersale_sku_cnt"),
        pl.col("done").fill_null(0).alias("finish_aftersale_sku_cnt"),
        pl.col("spu_code").alias("out_product_id"),
        pl.lit("").alias("out_sku_id"),
        is_gift.alias("is_free_gift"),
        pl.when(pl.col("paid_at").is_not_null())
        .then(epoch("promise_ship_at"))
        .otherwise(0)
        .alias("delivery_deadline"),
        pl.struct(
            (pl.col("trade_type") == "presale").cast(pl.Int64).alias("stock_type"),
            pl.lit("0").alias("predict_delivery_time"),
        ).alias("sku_deliver_info"),
    ]


def source_infos(lines: pl.DataFrame, frames: Frames) -> pl.DataFrame:
    """order_id and source_infos: who sold each SKU."""
    authors = frames["authors"].select("author_id", "nickname", "own_shop_id")
    is_own = pl.col("own_shop_id") == pl.col("shop_id")
    in_room = pl.col("session_id").is_not_null()
    record = pl.struct(
        "sku_id",
        pl.lit(1).alias("account_type"),
        pl.col("author_id").alias("account_id"),
        pl.when(is_own).then(0).otherwise(100).alias("sale_channel"),
        pl.col("nickname").alias("account_nickname"),
        pl.when(in_room).then(2).otherwise(1).alias("content_type"),
        pl.col("session_id").fill_null("").alias("content_id"),
    ).alias("source_infos")
    sold = lines.drop_nulls("author_id").join(authors, on="author_id")
    return _listed(sold.sort("order_id", "line_number").select("order_id", record), "source_infos")


def commission_infos(lines: pl.DataFrame, frames: Frames, shop: str, now: datetime) -> pl.DataFrame:
    """order_id and commission_infos: what an affiliate and an institution are promised.

    The amount stays what was promised at payment (as the sample of a refunded order has it); what
    is settled in the end is told by the alliance's account.
    """
    owed = (
        frames["commissions"]
        .filter((pl.col("shop_id") == shop) & (pl.col("paid_at") < now))
        .select(
            "line_id", "estimated_fen", "colonel_id", "colonel_name", "colonel_estimated_fen",
            (pl.col("settled_at") < now).fill_null(value=False).alias("is_settled"),
        )
        .join(lines.select("line_id", "line_number", "order_id", "sku_id", "author_id"), "line_id")
        .join(frames["authors"].select("author_id", "nickname"), on="author_id")
    )  # fmt: skip
    status = pl.when("is_settled").then(2).otherwise(1).alias("status")
    unknown = (pl.lit("").alias("talent_id"),)
    author = pl.struct(
        "sku_id",
        "nickname",
        pl.lit(0).alias("type"),
        status,
        pl.col("estimated_fen").alias("amount"),
        pl.col("author_id").alias("finder_id"),
        pl.concat_str(pl.lit("open"), pl.col("author_id")).alias("openfinderid"),
        *unknown,
        pl.lit("").alias("agency_id"),
    )
    agency = pl.struct(
        "sku_id",
        pl.col("colonel_name").alias("nickname"),
        pl.lit(1).alias("type"),
        status,
        pl.col("colonel_estimated_fen").alias("amount"),
        pl.lit("").alias("finder_id"),
        pl.lit("").alias("openfinderid"),
        *unknown,
        pl.col("colonel_id").alias("agency_id"),
    )
    told = pl.concat(
        [
            owed.select("order_id", "line_number", author.alias("commission_infos")),
            owed.drop_nulls("colonel_id").select(
                "order_id", "line_number", agency.alias("commission_infos")
            ),
        ]
    )
    return _listed(told.sort("order_id", "line_number", maintain_order=True), "commission_infos")


def _listed(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    return rows.group_by("order_id", maintain_order=True).agg(name)
