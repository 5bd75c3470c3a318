"""World products and SKUs in 快手's words: the items of open.item.list.get, by their ids."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.doudian_words import happened
from pipelines.sandbox.adapters.kuaishou_words import constants, ms, number

_ON_SHELF, _PASSED = 1, 2


def item_records(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime, *, on_shelf: bool
) -> list[bytes]:
    """A shop's items; all that are not deleted, or those on the shelf."""
    products = happened(frames["products"].filter(pl.col("shop_id") == shop), now)
    products = products.drop_nulls("created_at").with_columns(
        pl.max_horizontal("created_at", "updated_at", "off_shelf_at").alias("changed_at")
    )
    if on_shelf:
        products = products.filter(pl.col("off_shelf_at").is_null())
    seller = frames["shops"].filter(pl.col("shop_id") == shop)["platform_shop_id"][0]
    whole = products.join(_skus(frames, shop, now), on="product_id", how="left")
    record = pl.struct(_fields(int(seller))).struct.json_encode().alias("record")
    return [text.encode() for text in whole.sort("product_id").select(record)["record"]]


def _fields(seller: int) -> list[pl.Expr]:
    picture = pl.format("https://example.invalid/item/{}.jpg", "product_id")
    virtual = pl.col("kind") == "course"
    rule = pl.struct(
        *constants(refundRule="1", promiseDeliveryTime=172_800, deliveryTimeMode="spot"),
        pl.when(virtual)
        .then(pl.lit("certificate"))
        .otherwise(pl.lit("logistics"))
        .alias("deliveryMethod"),
    )
    return [
        number("product_id").alias("kwaiItemId"),
        pl.lit(seller).alias("userId"),
        pl.lit(0).alias("relItemId"),
        pl.col("name").alias("title"),
        pl.lit("").alias("details"),
        picture.alias("mainImageUrl"),
        pl.concat_list(picture).alias("imageUrls"),
        pl.format("https://example.invalid/detail?id={}", "product_id").alias("linkUrl"),
        number("second_category_id").alias("categoryId"),
        pl.col("second_category").alias("categoryName"),
        pl.col("skuList").list.eval(pl.element().struct.field("skuSalePrice").min()).list.first()
        .alias("price"),
        pl.lit(0).alias("volume"),
        ms("created_at").alias("createTime"),
        ms("changed_at").alias("updateTime"),
        rule.alias("serviceRule"),
        pl.lit(_PASSED).alias("auditStatus"),
        pl.lit("").alias("auditReason"),
        pl.when(pl.col("off_shelf_at").is_null()).then(_ON_SHELF).otherwise(0).alias("shelfStatus"),
        *constants(
            shelfStatusUpdateReason="", fromType=0, appkey="", itemStatus=1, expressTemplateId=1,
            itemType=1, multipleStock=False, duplicationStatus=2, duplicationReason="",
        ),
        pl.col("skuList"),
    ]  # fmt: skip


def _skus(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    """product_id and skuList."""
    skus = frames["skus"].filter((pl.col("shop_id") == shop) & (pl.col("created_at") < now))
    prop = pl.struct(
        *constants(skuPropId=1, propId=10),
        pl.col("spec_name").alias("propName"),
        pl.lit(100).alias("propValueId"),
        pl.col("spec_value").alias("propValueName"),
        number("product_id").alias("itemId"),
        number("sku_id").alias("skuId"),
        *constants(
            imageUrl="", isValid=1, isMainProp=1, propSortNum=1, propValueSortNum=1, propVersion=1
        ),
    )
    sku = pl.struct(
        number("sku_id").alias("kwaiSkuId"),
        pl.lit(0).alias("relSkuId"),
        number("product_id").alias("kwaiItemId"),
        pl.col("stock_quantity").alias("skuStock"),
        *constants(reserveStock=0, imageUrl=""),
        pl.col("price_fen").alias("skuSalePrice"),
        *constants(volume=0, isValid=1),
        ms("created_at").alias("createTime"),
        ms("created_at").alias("updateTime"),
        pl.col("spec_value").alias("specification"),
        pl.lit("").alias("appkey"),
        pl.col("merchant_code").alias("skuNick"),
        pl.lit("").alias("gtinCode"),
        pl.lit([], dtype=pl.List(pl.String)).alias("goodsCode"),
        pl.concat_list(prop).alias("skuProp"),
    )
    return skus.sort("sku_id").group_by("product_id").agg(sku.alias("skuList"))
