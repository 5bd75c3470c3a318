"""World products, SKUs and pre-sales in 京东's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.jd_words import (
    epoch,
    happened,
    milliseconds,
    number,
    of_shop,
)
from pipelines.sandbox.listing import Listing

_ON_SALE, _TAKEN_DOWN = 8, 2


def ware_listing(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> Listing:
    """The data of ware.read.searchWare4Valid, by modified time."""
    priced = (
        of_shop(frames["skus"], shop)
        .group_by("product_id")
        .agg(
            pl.col("price_fen").min(),
            pl.col("list_price_fen").min(),
            pl.col("stock_quantity").sum(),
        )
    )
    wares = (
        happened(of_shop(frames["products"], shop), now)
        .drop_nulls("created_at")
        .join(priced, on="product_id", how="left")
        .with_columns(
            pl.max_horizontal("created_at", "updated_at", "off_shelf_at").alias("changed_at")
        )
    )
    record = pl.struct(
        pl.col("product_id").cast(pl.Int64).alias("wareId"),
        pl.col("name").alias("title"),
        pl.when(pl.col("off_shelf_at").is_null())
        .then(_ON_SALE)
        .otherwise(_TAKEN_DOWN)
        .alias("wareStatus"),
        pl.col("second_category_id").cast(pl.Int64).alias("categoryId"),
        pl.col("spu_code").alias("outerId"),
        pl.col("spu_code").alias("itemNum"),
        number(pl.col("price_fen")).alias("jdPrice"),
        number(pl.col("list_price_fen")).alias("marketPrice"),
        pl.col("stock_quantity").alias("stockNum"),
        pl.lit(1).alias("brandId"),
        pl.col("brand").alias("brandName"),
        milliseconds("created_at").alias("onlineTime"),
        milliseconds("created_at").alias("created"),
        milliseconds("changed_at").alias("modified"),
    )
    return _listing(wares, "changed_at", "product_id", record)


def sku_listing(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> Listing:
    """The data of sku.read.searchSkuList."""
    skus = happened(of_shop(frames["skus"], shop), now).drop_nulls("created_at")
    gone = happened(of_shop(frames["products"], shop), now).select("product_id", "off_shelf_at")
    record = pl.struct(
        pl.col("sku_id").cast(pl.Int64).alias("skuId"),
        pl.col("product_id").cast(pl.Int64).alias("wareId"),
        pl.col("spec_value").alias("skuName"),
        pl.when(pl.col("off_shelf_at").is_null()).then(1).otherwise(2).alias("status"),
        number(pl.col("price_fen")).alias("jdPrice"),
        pl.col("merchant_code").alias("outerId"),
        pl.concat_str(pl.lit("69"), pl.col("sku_id").str.tail(11)).alias("barCode"),
        pl.col("stock_quantity").alias("stockNum"),
        milliseconds("created_at").alias("created"),
        milliseconds("created_at").alias("modified"),
    )
    skus = skus.join(gone, on="product_id", how="left")
    return _listing(skus, "created_at", "sku_id", record)


def presale_listing(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> Listing:
    """The data of presale…getPresaleOrderByPage, by the time of the order."""
    orders = happened(of_shop(frames["orders"], shop), now).drop_nulls("created_at")
    lines = of_shop(frames["order_lines"], shop).filter(pl.col("line_number") == 1)
    presales = (
        orders.filter(pl.col("trade_type") == "presale")
        .join(lines.select("order_id", "sku_id", "product_id", "quantity"), on="order_id")
        .join(frames["products"].select("product_id", "name"), on="product_id", how="left")
        .with_columns(
            pl.max_horizontal("created_at", "deposit_paid_at", "paid_at", "closed_at").alias(
                "changed_at"
            )
        )
    )
    begun, paid = pl.col("deposit_paid_at").is_not_null(), pl.col("paid_at").is_not_null()
    plan = pl.col("paid_fen") // 5
    balance = pl.col("paid_fen") - pl.col("deposit_fen")
    record = pl.struct(
        pl.col("order_id").str.tail(11).cast(pl.Int64).alias("id"),
        pl.col("order_id").cast(pl.Int64).alias("orderId"),
        pl.col("buyer_id").alias("userPin"),
        pl.col("product_id").str.tail(9).cast(pl.Int64).alias("presaleId"),
        pl.col("sku_id").cast(pl.Int64).alias("skuID"),
        pl.col("quantity").alias("skuCount"),
        pl.col("name").alias("productName"),
        pl.when(paid).then(2).when(begun).then(1).otherwise(0).alias("orderStatus"),
        number(pl.col("freight_fen")).alias("freight"),
        number(plan).alias("payBargainPlan"),
        number(pl.when(begun).then("deposit_fen").otherwise(0)).alias("payBargainReal"),
        milliseconds("deposit_paid_at").alias("bargainTime"),
        number(balance).alias("payBalancePlan"),
        number(pl.when(paid).then(balance).otherwise(0)).alias("payBalanceReal"),
        milliseconds("paid_at").alias("balanceTime"),
        number(pl.col("order_fen")).alias("yushouPrice"),
        milliseconds("created_at").alias("createTime"),
        milliseconds("created_at").alias("orderTime"),
        milliseconds("changed_at").alias("updateTime"),
        pl.lit(1).alias("yn"),
    )
    return _listing(presales, "created_at", "order_id", record)


def _listing(frame: pl.DataFrame, by: str, key: str, record: pl.Expr) -> Listing:
    rendered = frame.select(epoch(by).alias("at"), key, record.struct.json_encode().alias("record"))
    return Listing.of(rendered, "at", key, "record")
