"""World products and SKUs in 有赞's words: the lists of items by where they stand, and details.

The list price of a SKU stands as its standard_price (标准价), the cheapest as the item's 划线价.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.youzan_trades import Frames
from pipelines.sandbox.adapters.youzan_words import COURSE, THING, happened, wall, yuan
from pipelines.sandbox.listing import Listing

ON_SALE, TAKEN_OFF, SOLD_OUT = "onsale", "for_shelved", "sold_out"


def _products(frames: Frames, shop: str, now: datetime) -> pl.DataFrame:
    products = happened(frames["products"].filter(pl.col("shop_id") == shop), now)
    skus = frames["skus"].group_by("product_id").agg(
        pl.col("list_price_fen").min(), pl.col("price_fen").min(), pl.col("stock_quantity").sum()
    )  # fmt: skip
    return (
        products.drop_nulls("created_at")
        .join(skus, on="product_id")
        .with_columns(
            pl.max_horizontal("created_at", "updated_at", "off_shelf_at").alias("changed_at"),
            pl.when(pl.col("kind") == "course").then(COURSE).otherwise(THING).alias("item_type"),
            pl.when(pl.col("off_shelf_at").is_not_null())
            .then(pl.lit(TAKEN_OFF))
            .when(pl.col("stock_quantity") == 0)
            .then(pl.lit(SOLD_OUT))
            .otherwise(pl.lit(ON_SALE))
            .alias("listing"),
        )
    )


def _common() -> list[pl.Expr]:
    return [
        pl.col("product_id").cast(pl.Int64).alias("item_id"),
        pl.concat_str(pl.lit("3kj"), pl.col("product_id").str.tail(9)).alias("alias"),
        pl.col("name").alias("title"),
        pl.col("item_type"),
        pl.col("spu_code").alias("item_no"),
        pl.col("stock_quantity").alias("quantity"),
        pl.lit(0).alias("sold_num"),
    ]


def item_listing(frames: Frames, shop: str, now: datetime, listing: str) -> Listing:
    """The items of one list, by update time."""
    record = pl.struct(
        *_common(),
        pl.col("price_fen").alias("price"),
        pl.lit(1).alias("post_type"),
        pl.lit(0).alias("post_fee"),
        wall("created_at").alias("created_time"),
        wall("changed_at").alias("update_time"),
        pl.lit("https://shop.example.invalid/goods").alias("detail_url"),
        pl.lit("https://example.invalid/p.jpg").alias("image"),
        pl.lit([], dtype=pl.List(pl.String)).alias("item_imgs"),
        pl.lit(100).alias("num"),
        yuan(pl.col("list_price_fen")).alias("origin"),
        pl.lit(value=False).alias("is_lock"),
    )
    rendered = _products(frames, shop, now).filter(pl.col("listing") == listing)
    rendered = rendered.select(
        pl.col("changed_at").dt.epoch("s").alias("at"),
        "product_id",
        record.struct.json_encode().alias("record"),
    )
    return Listing.of(rendered, "at", "product_id", "record")


def item_details(frames: Frames, shop: str, now: datetime) -> dict[str, bytes]:
    """The data of youzan.item.detail.get, by item."""
    prop = pl.struct(
        pl.lit(1).alias("prop_name_id"),
        pl.col("spec_name").alias("prop_name"),
        pl.lit(2).alias("prop_value_id"),
        pl.col("spec_value").alias("prop_value_name"),
    )
    sku = pl.struct(
        pl.col("sku_id").cast(pl.Int64),
        pl.col("merchant_code").alias("sku_no"),
        pl.concat_list(prop).alias("sku_props"),
        pl.col("price_fen").alias("price"),
        pl.col("list_price_fen").alias("standard_price"),
        pl.col("stock_quantity").alias("stock_num"),
        pl.lit(0).alias("sold_num"),
        pl.col("created_at").dt.epoch("ms").alias("sku_created_time"),
    )
    skus = frames["skus"].filter(pl.col("created_at") < now).sort("sku_id")
    listed = skus.group_by("product_id", maintain_order=True).agg(sku.alias("sku_list"))
    record = pl.struct(
        *_common(),
        pl.col("sku_list"),
        (pl.col("kind") == "course").cast(pl.Int64).alias("is_virtual"),
        (pl.col("listing") != TAKEN_OFF).cast(pl.Int64).alias("is_display"),
        pl.col("created_at").dt.epoch("ms").alias("created_time"),
        pl.struct(
            pl.col("price_fen").alias("price"), yuan(pl.col("list_price_fen")).alias("origin")
        ).alias("item_price_param"),
        pl.struct(
            pl.col("second_category_id").alias("leaf_category_id"),
            pl.lit(1).alias("status"),
            pl.concat_list("first_category", "second_category").alias("category_names"),
        ).alias("category_properties"),
    )
    rendered = _products(frames, shop, now).join(listed, on="product_id").select(
        "product_id", record.struct.json_encode().alias("record")
    )  # fmt: skip
    return {number: text.encode() for number, text in rendered.iter_rows()}
