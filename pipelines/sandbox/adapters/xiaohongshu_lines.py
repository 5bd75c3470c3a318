"""World order lines in 小红书's words: ``skuList`` of an order, and what was sent together.

Of a line stand here: the page's price as rawPricePerSku, the shop's discount as merchant discount,
the platform's coupons as red discount (whoever bears them), and what the buyer pays for it without
freight as totalPaidAmount, the wallet's discount taken off once it is paid.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines.sandbox.adapters.xiaohongshu_words import (
    blank,
    false,
    item_id,
    order_id,
    sku_id,
    zero,
)  # fmt: skip


def sku_lists(
    orders: pl.DataFrame,
    lines: pl.DataFrame,
    requests: pl.DataFrame,
    frames: Mapping[str, pl.DataFrame],
) -> pl.DataFrame:
    """order_id and skuList."""
    of_order = orders.select("order_id", "paid_at", "author_id", "deposit_paid_at", "deposit_fen")
    affiliates = frames["authors"].filter(pl.col("own_shop_id").is_null())
    joined = (
        lines.join(of_order, on="order_id")
        .join(
            frames["products"].select("product_id", pl.col("name").alias("item"), "kind"),
            on="product_id",
            how="left",
        )
        .join(
            frames["skus"].select("sku_id", "merchant_code", "spec_value"), on="sku_id", how="left"
        )
        .join(affiliates.select("author_id", "nickname"), on="author_id", how="left")
        .join(after_sales_states(requests, "line_id"), on="line_id", how="left")
        .sort("order_id", "line_number")
    )
    return (
        joined.select("order_id", pl.struct(_fields()).alias("skuList"))
        .group_by("order_id", maintain_order=True)
        .agg("skuList")
    )


def after_sales_states(requests: pl.DataFrame, by: str) -> pl.DataFrame:
    """Of orders or lines, the platform's code of what has become of their requests."""
    is_open = pl.col("ended_at").is_null().any()
    code = (
        pl.when(is_open).then(2)
        .when((pl.col("outcome") == "succeeded").any()).then(3)
        .when((pl.col("outcome") == "withdrawn").any()).then(7)
        .otherwise(5)
    )  # fmt: skip
    return requests.group_by(by).agg(code.alias("after_sales_state"))


def _fields() -> list[pl.Expr]:
    fen, each = pl.col, pl.col("quantity")
    price = pl.when("is_gift").then(0).otherwise("price_fen")
    borne = fen("shop_discount_fen")
    deposit = pl.when(pl.col("deposit_paid_at").is_not_null()).then("deposit_fen").otherwise(0)
    is_sold_by = pl.col("nickname").is_not_null() & ~pl.col("is_gift")
    by = [
        pl.when(is_sold_by).then(name).otherwise(pl.lit("")).alias(alias)
        for name, alias in (("author_id", "kolId"), ("nickname", "kolName"))
    ]
    component = pl.struct(
        sku_id().alias("skuId"),
        pl.col("merchant_code").alias("erpCode"),
        _barcode(),
        _platform_code(),
        pl.lit(1).alias("quantity"),
        pl.col("item").alias("registerName"),
        pl.col("item").alias("skuName"),
        (price - borne // each).alias("pricePerSku"),
        pl.lit(0).alias("taxPerSku"),
        (paid_for_goods() // each).alias("paidAmountPerSku"),
        (deposit // each).alias("depositAmountPerSku"),
        (borne // each).alias("merchantDiscountPerSku"),
        (fen("platform_discount_fen") // each).alias("redDiscountPerSku"),
        price.alias("rawPricePerSku"),
    )
    return [
        sku_id().alias("skuId"),
        pl.concat_str("item", pl.lit(" "), "spec_value").alias("skuName"),
        pl.col("merchant_code").alias("erpcode"),
        pl.col("spec_value").alias("skuSpec"),
        pl.lit("https://example.invalid/s.jpg").alias("skuImage"),
        each.alias("skuQuantity"),
        pl.concat_list(component).alias("skuDetailList"),
        paid_for_goods().alias("totalPaidAmount"),
        borne.alias("totalMerchantDiscount"),
        fen("platform_discount_fen").alias("totalRedDiscount"),
        *zero("totalTaxAmount", "totalNetWeight"),
        pl.col("is_gift").cast(pl.Int64).alias("skuTag"),
        *false("isChannel"),
        (pl.col("kind") == "course").cast(pl.Int64).alias("deliveryMode"),
        *by,
        pl.col("after_sales_state").fill_null(1).alias("skuAfterSaleStatus"),
        pl.struct(blank("sNCode", "barCode", "iMEI1Code", "iMEI2Code")).alias(
            "skuIdentifyCodeInfo"
        ),
        item_id().alias("itemId"),
        pl.col("item").alias("itemName"),
    ]


def paid_for_goods() -> pl.Expr:
    """What the buyer owes or has paid for a line, without freight."""
    due = pl.col("order_fen") - pl.col("freight_fen")
    return (
        pl.when(pl.col("paid_at").is_null()).then(due).otherwise(due - pl.col("pay_discount_fen"))
    )


def _barcode() -> pl.Expr:
    return pl.concat_str(pl.lit("69"), pl.col("sku_id").str.tail(11)).alias("barcode")


def _platform_code() -> pl.Expr:
    return pl.concat_str(pl.lit("XHS"), pl.col("sku_id").str.tail(8)).alias("scSkuCode")


def deliveries(lines: pl.DataFrame, frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """What has left, one row an order and parcel; a course is handed over without one.

    Returns:
        order_id, index (1, 2, … as they left), parcel_id and its waybill (null without one), when,
        whether all in it was received, skuIdList.
    """
    parcels = frames["parcels"].select("parcel_id", "carrier", "carrier_name", "tracking_number")
    sent = (
        lines.drop_nulls("shipped_at")
        .join(frames["parcel_lines"].select("line_id", "parcel_id"), on="line_id", how="left")
        .sort("order_id", "line_number")
    )
    together = pl.coalesce("parcel_id", "line_id").alias("together")
    return (
        sent.group_by("order_id", together, maintain_order=True)
        .agg(
            pl.col("parcel_id").first(),
            pl.col("shipped_at").min(),
            pl.col("finished_at").is_not_null().all().alias("is_received"),
            sku_id().alias("skuIdList"),
        )
        .join(parcels, on="parcel_id", how="left")
        .sort("order_id", "shipped_at", "together")
        .with_columns(pl.int_range(1, pl.len() + 1).over("order_id").alias("index"))
    )


def delivery_id() -> pl.Expr:
    """An id made of the order's digits and which of its deliveries it is."""
    number = pl.col("index").cast(pl.String).str.zfill(2)
    return pl.concat_str(order_id().str.replace("P", "D", literal=True), number)


def delivery_lists(sent: pl.DataFrame) -> pl.DataFrame:
    """order_id, simpleDeliveryOrderList, and the first waybill."""
    one = pl.struct(
        pl.col("index").alias("deliveryOrderIndex"),
        pl.when("is_received").then(7).otherwise(6).alias("status"),
        pl.col("tracking_number").fill_null("").alias("expressTrackingNo"),
        pl.col("carrier").fill_null("").alias("expressCompanyCode"),
        "skuIdList",
    )
    return sent.group_by("order_id", maintain_order=True).agg(
        one.alias("simpleDeliveryOrderList"),
        pl.col("tracking_number").drop_nulls().first().alias("first_waybill"),
        pl.col("carrier").drop_nulls().first().alias("first_carrier"),
        pl.col("shipped_at").min().alias("first_shipped_at"),
    )
