"""World orders in 京东's words: the records of pop.order.search, enSearch, get and enGet.

Amounts (jd.md section 4): orderTotalPrice is goods at page prices, sellerDiscount what the shop
gives, couponDetailList every discount, totalSellerDiscount what the seller bears of them, shouldPay
goods + freight - discounts, payDiscount what the wallet takes off while paying, actualPay what is
left, filled some minutes after payment.

Not said by 京东, or folded: a SKU's list price (nowhere), samples (the shop's note says 寄样), how
was paid (always online). No creator sells here, so there is no author discount.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from pipelines.sandbox.adapters.jd_units import line_units, settled_unit, unit_lines
from pipelines.sandbox.adapters.jd_words import (
    CANCELLED,
    CARRIERS,
    LOC,
    SOP,
    STATE_WORDS,
    UNFINISHED,
    UNPAID,
    cipher,
    epoch,
    happened,
    milliseconds,
    of_shop,
    stamp,
    yuan,
)
from pipelines.sandbox.listing import Listing

FILLED_LATE = timedelta(minutes=10)
# What comes without being named in optional_fields.
ALWAYS = ("orderId", "venderId", "orderState", "modified")
_SHIPMENT_SKU = pl.Struct({"skuUuid": pl.String, "skuId": pl.Int64, "num": pl.Int64})
_MONEY = (
    "goods_fen", "freight_fen", "shop_discount_fen", "platform_discount_fen", "merchant_borne_fen",
    "order_fen", "pay_discount_fen", "paid_fen",
)  # fmt: skip


def order_listing(
    frames: Mapping[str, pl.DataFrame],
    shop: str,
    now: datetime,
    by: str,
    wanted: frozenset[str],
) -> Listing:
    """A shop's orders as they stand, by ``modified`` or ``created_at``, with the wanted fields."""
    lines = unit_lines(frames, shop, now)
    whole = (
        _units(lines, frames, shop, now)
        .join(_items(lines), on="unit_id")
        .join(_shipments(lines, frames, shop, now), on="unit_id", how="left")
        .with_columns(pl.col("partialLogisticsInfoModel").fill_null([]))
    )
    vender = of_shop(frames["shops"], shop)["platform_shop_id"].item()
    shown = [
        field
        for field in _fields(str(vender), now)
        if field.meta.output_name() in wanted.union(ALWAYS)
    ]
    record = pl.struct(shown).struct.json_encode().alias("record")
    return Listing.of(
        whole.select(epoch(by).alias("at"), "unit_id", record), "at", "unit_id", "record"
    )


def _units(
    lines: pl.DataFrame, frames: Mapping[str, pl.DataFrame], shop: str, now: datetime
) -> pl.DataFrame:
    """One row an order of 京东's, with its state, which follows from what happened to its lines."""
    every = pl.col("line_id").count()
    summed = lines.group_by("unit_id", "parent_id", "order_id").agg(
        *(pl.col(name).sum() for name in _MONEY),
        pl.col("shipped_at").min(),
        (pl.col("finished_at").is_not_null() | pl.col("closed_at").is_not_null()).sum().eq(every)
        .alias("is_over"),
        pl.col("finished_at").max().alias("line_finished_at"),
        pl.max_horizontal(
            pl.col("shipped_at").max(), pl.col("finished_at").max(), pl.col("closed_at").max()
        ).alias("line_event_at"),
        (pl.col("kind") == "course").all().alias("is_course"),
    )  # fmt: skip
    orders = happened(of_shop(frames["orders"], shop), now).select(
        "order_id", "buyer_id", "created_at", "paid_at", "deposit_paid_at", "cancel_reason",
        "trade_type", "buyer_remark", "seller_remark",
    )  # fmt: skip
    joined = (
        summed.join(orders, on="order_id")
        .join(frames["buyers"].drop("channel"), on="buyer_id", how="left")
        .join(_cancellations(frames, shop, now), on="unit_id", how="left")
        .with_columns(
            pl.when("is_over").then("line_finished_at").alias("finished_at"),
            pl.max_horizontal(
                "created_at", "paid_at", "deposit_paid_at", "line_event_at", "cancel_event_at"
            ).alias("modified"),
        )
    )
    state = (
        pl.when(pl.col("finished_at").is_not_null()).then(pl.lit("FINISHED_L"))
        .when("is_over").then(pl.lit("TRADE_CANCELED"))
        .when(pl.col("paid_at").is_null()).then(pl.lit("NOT_PAY"))
        .when(pl.col("shipped_at").is_not_null()).then(pl.lit("WAIT_GOODS_RECEIVE_CONFIRM"))
        .when("is_cancelling").then(pl.lit("LOCKED"))
        .when("is_course").then(pl.lit("WAIT_SEND_CODE"))
        .otherwise(pl.lit("WAIT_SELLER_STOCK_OUT"))
    )  # fmt: skip
    return joined.with_columns(state.alias("state"))


def _cancellations(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    """When something last happened to the cancelling of an order, and whether it is open."""
    requests = happened(
        of_shop(frames["after_sales"], shop).filter(pl.col("type") == "pre_ship"), now
    ).drop_nulls("applied_at")
    return (
        requests.join(line_units(frames, shop).drop("order_id"), on="line_id")
        .with_columns(settled_unit().alias("unit_id"))
        .group_by("unit_id")
        .agg(
            pl.max_horizontal(
                pl.col("applied_at").max(), pl.col("handled_at").max(), pl.col("ended_at").max()
            ).alias("cancel_event_at"),
            pl.col("ended_at").is_null().any().alias("is_cancelling"),
        )
    )


def _items(lines: pl.DataFrame) -> pl.DataFrame:
    """unit_id and itemInfoList."""
    item = pl.struct(
        pl.col("line_number").alias("id"),
        pl.col("sku_id").alias("skuId"),
        pl.col("merchant_code").alias("outerSkuId"),
        pl.col("product_id").alias("wareId"),
        pl.concat_str("product_name", pl.lit(" "), "spec_value").alias("skuName"),
        yuan(pl.when("is_gift").then(0).otherwise("price_fen")).alias("jdPrice"),
        pl.lit("0").alias("giftPoint"),
        pl.col("quantity").cast(pl.String).alias("itemTotal"),
        pl.col("merchant_code").alias("productNo"),
        pl.lit("").alias("serviceName"),
        pl.lit("0").alias("newStoreId"),
        pl.lit("1").alias("invoiceContentId"),
        pl.lit("{}").alias("itemExt"),
    )
    return lines.group_by("unit_id").agg(item.alias("itemInfoList"))


def _shipments(
    lines: pl.DataFrame, frames: Mapping[str, pl.DataFrame], shop: str, now: datetime
) -> pl.DataFrame:
    """unit_id, partialLogisticsInfoModel, waybill and logisticsId of what has left.

    A course is handed over: shipped without carrier and waybill.
    """
    parcels = of_shop(frames["parcels"], shop).filter(pl.col("shipped_at") < now)
    packed = frames["parcel_lines"].join(
        parcels.select("parcel_id", "carrier", "tracking_number"), on="parcel_id"
    )
    sent = (
        lines.drop_nulls("shipped_at")
        .join(packed.drop("quantity"), on="line_id", how="left")
        .with_columns(
            pl.col("carrier").replace_strict(CARRIERS, default="").fill_null("").alias("logicId"),
            pl.col("tracking_number").fill_null("").alias("waybillId"),
        )
        .sort("unit_id", "shipped_at", "line_number")
    )
    sku = pl.struct(
        pl.concat_str(pl.lit("1_"), "sku_id", pl.lit("_"), pl.col("line_number")).alias("skuUuid"),
        pl.col("sku_id").cast(pl.Int64).alias("skuId"),
        pl.col("quantity").alias("num"),
    )
    by_parcel = (
        sent.group_by("unit_id", "logicId", "waybillId", "shipped_at", maintain_order=True)
        .agg(sku.alias("skus"))
        .with_columns(pl.int_range(1, pl.len() + 1).over("unit_id").alias("shipmentId"))
    )
    shipment = pl.struct(
        "shipmentId",
        "logicId",
        "waybillId",
        pl.lit(1).alias("packageNum"),
        milliseconds("shipped_at").alias("shipmentTime"),
        milliseconds("shipped_at").alias("shipmentModifyTime"),
        "skus",
    )
    by_carrier = (
        by_parcel.filter(pl.col("waybillId") != "")
        .group_by("unit_id", "logicId", maintain_order=True)
        .agg(pl.col("waybillId").str.join(","))
        .group_by("unit_id", maintain_order=True)
        .agg(
            pl.col("waybillId").str.join("|").alias("waybill"),
            pl.col("logicId").str.join("|").alias("logisticsId"),
        )
    )
    return (
        by_parcel.group_by("unit_id", maintain_order=True)
        .agg(shipment.alias("partialLogisticsInfoModel"))
        .join(by_carrier, on="unit_id", how="left")
    )


def _fields(vender: str, now: datetime) -> list[pl.Expr]:
    paid = pl.col("paid_at").is_not_null()
    filled = pl.col("paid_at") <= now - FILLED_LATE
    due = yuan(pl.col("order_fen"))
    discounts = pl.col("shop_discount_fen") + pl.col("platform_discount_fen")
    no_end = pl.when(pl.col("state") == "TRADE_CANCELED").then(pl.lit(CANCELLED))
    return [
        pl.col("unit_id").alias("orderId"),
        pl.lit(vender).alias("venderId"),
        pl.when("is_course").then(pl.lit(LOC)).otherwise(pl.lit(SOP)).alias("orderType"),
        pl.lit("4-在线支付").alias("payType"),
        yuan(pl.col("goods_fen")).alias("orderTotalPrice"),
        yuan(pl.col("goods_fen") - pl.col("shop_discount_fen")).alias("orderSellerPrice"),
        due.alias("orderPayment"),
        yuan(pl.col("freight_fen")).alias("freightPrice"),
        yuan(pl.col("shop_discount_fen")).alias("sellerDiscount"),
        pl.when(filled).then(yuan(pl.col("paid_fen"))).otherwise(pl.lit("")).alias("actualPay"),
        due.alias("shouldPay"),
        yuan(pl.col("goods_fen")).alias("totalOriginalPrice"),
        yuan(pl.col("merchant_borne_fen")).alias("totalSellerDiscount"),
        yuan(pl.col("goods_fen") - pl.col("merchant_borne_fen")).alias("totalSellerReceivable"),
        yuan(pl.when(paid).then("pay_discount_fen").otherwise(0)).alias("payDiscount"),
        pl.col("state").alias("orderState"),
        pl.col("state")
        .replace_strict(STATE_WORDS, return_dtype=pl.String)
        .alias("orderStateRemark"),
        pl.lit("任意时间").alias("deliveryType"),
        pl.lit("不需要开具发票").alias("invoiceInfo"),
        pl.col("buyer_remark").fill_null("").alias("orderRemark"),
        stamp("created_at").alias("orderStartTime"),
        pl.coalesce(stamp("finished_at"), no_end.otherwise(pl.lit(UNFINISHED))).alias(
            "orderEndTime"
        ),
        stamp("paid_at").fill_null(UNPAID).alias("paymentConfirmTime"),
        stamp("modified").alias("modified"),
        pl.lit("0.00").alias("balanceUsed"),
        pl.lit("0").alias("returnOrder"),
        pl.col("parent_id").alias("parentOrderId"),
        pl.col("parent_id").alias("directParentOrderId"),
        pl.lit("移动端订单").alias("orderSource"),
        pl.lit("").alias("storeOrder"),
        pl.lit("0").alias("storeId"),
        pl.col("waybill").fill_null(""),
        pl.col("logisticsId").fill_null(""),
        pl.lit(67).alias("idSopShipmenttype"),
        pl.when(pl.col("trade_type") == "sample")
        .then(pl.lit("寄样"))
        .otherwise(pl.col("seller_remark").fill_null(""))
        .alias("venderRemark"),
        pl.col("buyer_id").alias("open_id_buyer"),
        pl.concat_str(pl.lit("o*"), "buyer_id").alias("xid_buyer"),
        pl.lit([], dtype=pl.List(pl.String)).alias("vatInfo"),
        _consignee(),
        pl.col("itemInfoList"),
        _coupons(discounts),
        pl.col("partialLogisticsInfoModel"),
    ]  # fmt: skip


def _coupons(discounts: pl.Expr) -> pl.Expr:
    """Every discount of an order, by what gave it; none has a SKU."""

    def coupon(kind: str, fen: pl.Expr) -> pl.Expr:
        return pl.when(fen > 0).then(
            pl.struct(
                pl.col("unit_id").alias("orderId"),
                pl.lit("").alias("skuId"),
                pl.lit(kind).alias("couponType"),
                yuan(fen).alias("couponPrice"),
            )
        )

    given = pl.col("shop_discount_fen")
    both = pl.concat_list(coupon("100-店铺优惠", given), coupon("41-京东券优惠", discounts - given))
    return both.list.drop_nulls().alias("couponDetailList")


def _consignee() -> pl.Expr:
    """Cipher text and masks; of the place nothing below the district in clear."""
    masked = pl.concat_str(
        pl.col("phone").str.head(3), pl.lit("*******"), pl.col("phone").str.tail(1)
    )
    return pl.struct(
        cipher("unit_id", "name").alias("fullname"),
        cipher("unit_id", "phone").alias("mobile"),
        cipher("unit_id", "phone").alias("telephone"),
        masked.alias("desen_mobile"),
        masked.alias("desen_telephone"),
        cipher("unit_id", "address").alias("fullAddress"),
        "province",
        pl.col("province_id").alias("provinceId"),
        "city",
        pl.col("city_id").alias("cityId"),
        pl.col("town").alias("county"),
        pl.col("town_id").alias("countyId"),
        pl.lit("").alias("town"),
        pl.lit("0").alias("townId"),
    ).alias("consigneeInfo")
