"""World products and SKUs in TOP's words: items.onsale.get, items.inventory.get, item.skus.get."""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.adapter import Outside
from pipelines.sandbox.adapters.doudian_words import happened
from pipelines.sandbox.adapters.taobao_views import shop_of
from pipelines.sandbox.adapters.taobao_words import chosen, listing, rendered, wall, yuan
from pipelines.sandbox.listing import Listing

_PROPERTY = "1627207"


def _items(outside: Outside, shop: str) -> pl.DataFrame:
    """A shop's products as they stand, with what their SKUs come to."""
    frames = outside.frames
    of_skus = (
        frames["skus"]
        .group_by("product_id")
        .agg(pl.col("price_fen").min(), pl.col("stock_quantity").sum())
    )
    products = happened(frames["products"].filter(pl.col("shop_id") == shop), outside.now())
    return (
        products.drop_nulls("created_at")
        .join(of_skus, on="product_id")
        .with_columns(
            pl.max_horizontal("created_at", "updated_at", "off_shelf_at").alias("modified_at"),
            pl.col("off_shelf_at").is_null().alias("is_on_sale"),
        )
    )


def item_listing(
    outside: Outside, shop: str, names: frozenset[str], *, on_sale: bool | None
) -> Listing:
    """A shop's items by modified time: those on sale, those that are not, or all."""
    whole = _items(outside, shop)
    if on_sale is not None:
        whole = whole.filter(pl.col("is_on_sale") == on_sale)
    return listing(whole, "modified_at", "product_id", _fields(outside, shop), names)


def _fields(outside: Outside, shop: str) -> list[pl.Expr]:
    on_sale = pl.col("is_on_sale")
    return [
        pl.col("product_id").cast(pl.Int64).alias("num_iid"),
        pl.col("name").alias("title"),
        pl.lit(shop_of(outside, shop)["name"]).alias("nick"),
        pl.lit("fixed").alias("type"),
        pl.col("second_category_id").cast(pl.Int64).alias("cid"),
        pl.concat_str(pl.lit(f"{_PROPERTY}:"), pl.col("product_id").str.tail(5)).alias("props"),
        pl.lit("").alias("seller_cids"),
        pl.concat_str(
            pl.lit("https://img.example.invalid/"), pl.col("product_id"), pl.lit(".jpg")
        ).alias("pic_url"),
        pl.col("stock_quantity").alias("num"),
        yuan("price_fen").alias("price"),
        pl.lit(7).alias("valid_thru"),
        wall("created_at").alias("list_time"),
        wall("off_shelf_at").alias("delist_time"),
        wall("created_at").alias("first_starts_time"),
        wall("modified_at").alias("modified"),
        pl.when(on_sale).then(pl.lit("onsale")).otherwise(pl.lit("instock")).alias(
            "approve_status"
        ),
        pl.col("spu_code").alias("outer_id"),
        pl.lit(100).alias("postage_id"),
        pl.lit(value=False).alias("has_discount"),
        pl.lit(value=True).alias("has_invoice"),
        pl.lit(value=False).alias("has_warranty"),
        pl.lit(value=True).alias("has_showcase"),
    ]  # fmt: skip


def sku_records(outside: Outside, shop: str, names: frozenset[str]) -> dict[str, bytes]:
    """The SKUs of each item, as the inside of a JSON array."""

    def make() -> dict[str, bytes]:
        skus = outside.frames["skus"].filter(
            (pl.col("shop_id") == shop) & (pl.col("created_at") < outside.now())
        )
        properties = pl.concat_str(pl.lit(f"{_PROPERTY}:"), pl.col("sku_id").str.tail(5))
        fields = [
            pl.col("sku_id").cast(pl.Int64),
            pl.col("product_id").cast(pl.Int64).alias("num_iid"),
            properties.alias("properties"),
            pl.concat_str(
                properties, pl.lit(":"), "spec_name", pl.lit(":"), "spec_value"
            ).alias("properties_name"),
            pl.col("stock_quantity").alias("quantity"),
            yuan("price_fen").alias("price"),
            pl.col("merchant_code").alias("outer_id"),
            pl.concat_str(pl.lit("690"), pl.col("sku_id").str.tail(10)).alias("barcode"),
            wall("created_at").alias("created"),
            wall("created_at").alias("modified"),
            pl.lit("normal").alias("status"),
        ]  # fmt: skip
        told = (
            skus.sort("sku_id")
            .select("product_id", rendered(chosen(fields, names)))
            .group_by("product_id", maintain_order=True)
            .agg(pl.col("record").str.join(","))
        )
        return {key: text.encode() for key, text in told.iter_rows()}

    return outside.rendered(("taobao skus", shop, names), make)
