"""World orders in 小红书's words: the rows of order.getOrderList and order.getOrderDetail.

- totalPayAmount is what the buyer owes, once paid what they paid (freight and deposit included);
  outPromotionAmount what the wallet took off then. merchantActualReceiveAmount adds to both what
  the platform itself bears of its coupons: that is how the shop's part of a coupon can be told.
- The platform has no author's discount; on this channel the world has none either.
- When a deposit was paid stands nowhere, only that it was (totalDepositAmount). A sample (寄样) is
  no order type either: the shop's remark says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapter import Outside
from pipelines.sandbox.adapters.doudian_words import happened
from pipelines.sandbox.adapters.xiaohongshu_lines import (
    after_sales_states,
    deliveries,
    delivery_lists,
    sku_lists,
)  # fmt: skip
from pipelines.sandbox.adapters.xiaohongshu_words import (
    PAYMENT_TYPES,
    blank,
    false,
    hex_id,
    ms,
    nothing,
    order_id,
    user_id,
    zero,
)  # fmt: skip
from pipelines.sandbox.listing import Listing

_ORDER_TYPES = {"normal": 1, "presale": 2, "sample": 1, "gift": 1}
_DELIVERY = pl.Struct(
    {
        "deliveryOrderIndex": pl.Int64, "status": pl.Int32, "expressTrackingNo": pl.String,
        "expressCompanyCode": pl.String, "skuIdList": pl.List(pl.String),
    }
)  # fmt: skip
_EVENTS = (
    "created_at", "paid_at", "deposit_paid_at", "closed_at", "finished_at", "line_event_at",
    "request_event_at",
)  # fmt: skip


def order_listing(outside: Outside, shop: str, by: str) -> Listing:
    """A shop's orders as they stand, by the time of their update or creation: no amounts."""
    frame = _orders(outside, shop)
    rendered = frame.select(
        pl.col(by).dt.epoch("s").alias("at"),
        pl.col("orderId"),
        pl.struct(_listed()).struct.json_encode().alias("record"),
    )
    return Listing.of(rendered, "at", "orderId", "record")


def order_details(outside: Outside, shop: str) -> dict[str, bytes]:
    """The data of order.getOrderDetail, by order."""
    owner = outside.frames["shops"].filter(pl.col("shop_id") == shop)
    who = hex_id("5f", pl.col("platform_shop_id")).alias("shopId")
    seller = owner.select(who, pl.col("name").alias("shopName"))
    rendered = (
        _orders(outside, shop)
        .join(seller, how="cross")
        .select(
            "orderId",
            pl.struct(*_listed(), *_detailed()).struct.json_encode().alias("record"),
        )
    )
    return {key: text.encode() for key, text in rendered.iter_rows()}


def _orders(outside: Outside, shop: str) -> pl.DataFrame:
    return outside.rendered(
        ("xiaohongshu order rows", shop),
        lambda: _order_frame(outside.frames, shop, outside.now()),
    )


def _order_frame(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    def stood(name: str) -> pl.DataFrame:
        return happened(frames[name].filter(pl.col("shop_id") == shop), now)

    orders = stood("orders").drop_nulls("created_at")
    lines = stood("order_lines").filter(pl.col("order_id").is_in(orders["order_id"].implode()))
    requests = stood("after_sales").drop_nulls("applied_at")
    return (
        _with_states(orders, lines, requests)
        .join(frames["buyers"].drop("channel"), on="buyer_id", how="left")
        .join(sku_lists(orders, lines, requests, frames), on="order_id", how="left")
        .join(delivery_lists(deliveries(lines, frames)), on="order_id", how="left")
        .with_columns(
            pl.col("simpleDeliveryOrderList").fill_null(nothing(_DELIVERY)),
            order_id().alias("orderId"),
        )
    )


def _with_states(orders: pl.DataFrame, lines: pl.DataFrame, requests: pl.DataFrame) -> pl.DataFrame:
    """Status and times of each order, which follow from what has happened to its parts."""
    sent = pl.col("shipped_at").is_not_null()
    parts = lines.group_by("order_id").agg(
        sent.sum().alias("sent_lines"),
        (pl.col("closed_at").is_null() | sent).sum().alias("lines_to_send"),
        pl.col("finished_at").max().alias("received_at"),
        pl.max_horizontal(
            pl.col("shipped_at", "signed_at", "finished_at", "closed_at").max()
        ).alias("line_event_at"),
    )
    touched = requests.group_by("order_id").agg(
        pl.max_horizontal(
            pl.col(
                "applied_at", "handled_at", "returned_at", "received_at", "refunded_at", "ended_at"
            ).max()
        ).alias("request_event_at")
    )
    paid, closed = pl.col("paid_at").is_not_null(), pl.col("closed_at").is_not_null()
    any_sent = pl.col("sent_lines") > 0
    status = (
        pl.when(closed & paid).then(8)
        .when(closed).then(9)
        .when(pl.col("received_at").is_not_null()).then(7)
        .when(~paid).then(1)
        .when(any_sent & (pl.col("sent_lines") < pl.col("lines_to_send"))).then(5)
        .when(any_sent).then(6)
        .otherwise(4)
    )  # fmt: skip
    return (
        orders.join(parts, on="order_id", how="left")
        .join(touched, on="order_id", how="left")
        .join(after_sales_states(requests, "order_id"), on="order_id", how="left")
        .with_columns(
            status.alias("status"),
            pl.max_horizontal(*_EVENTS).alias("updated_at"),
        )
    )


def _listed() -> list[pl.Expr]:
    """What list and detail both have."""
    closed_unpaid = pl.col("status") == 9
    remark = pl.when(pl.col("trade_type") == "sample").then(pl.lit("寄样"))
    province = pl.col("province").str.replace("(省|市|壮族自治区|维吾尔自治区|自治区)$", "")
    return [
        pl.col("orderId"),
        pl.col("trade_type").replace_strict(_ORDER_TYPES, return_dtype=pl.Int64).alias("orderType"),
        pl.col("status").alias("orderStatus"),
        pl.col("after_sales_state").fill_null(1).alias("orderAfterSalesStatus"),
        closed_unpaid.cast(pl.Int64).alias("cancelStatus"),
        ms("created_at").alias("createdTime"),
        ms("paid_at").alias("paidTime"),
        ms("updated_at").alias("updateTime"),
        ms("first_shipped_at").alias("deliveryTime"),
        ms(pl.when(closed_unpaid).then("closed_at")).alias("cancelTime"),
        ms("received_at").alias("finishTime"),
        ms(pl.when(pl.col("paid_at").is_not_null()).then("promise_ship_at")).alias(
            "promiseLastDeliveryTime"
        ),
        pl.lit("601a0000000000000000fb49").alias("planInfoId"),
        pl.lit("包邮-默认模板").alias("planInfoName"),
        pl.lit("1").alias("receiverCountryId"),
        pl.lit("中国").alias("receiverCountryName"),
        pl.col("province_id").alias("receiverProvinceId"),
        province.alias("receiverProvinceName"),
        pl.col("city_id").alias("receiverCityId"),
        pl.col("city").alias("receiverCityName"),
        pl.col("town_id").alias("receiverDistrictId"),
        pl.col("town").alias("receiverDistrictName"),
        pl.col("buyer_remark").fill_null("").alias("customerRemark"),
        pl.concat_str(remark, "seller_remark", separator=" ", ignore_nulls=True).alias(
            "sellerRemark"
        ),
        pl.max_horizontal(pl.col("seller_stars") + 1, pl.lit(0)).alias("sellerRemarkFlag"),
        *blank("originalOrderId"),
        pl.lit("red_express").alias("logistics"),
        nothing().alias("orderTagList"),
    ]  # fmt: skip


def _detailed() -> list[pl.Expr]:
    """What only the detail has."""
    paid = pl.col("paid_at").is_not_null()
    pays = pl.when(paid).then("paid_fen").otherwise("order_fen")
    off_while_paying = pl.when(paid).then("pay_discount_fen").otherwise(0)
    deposit = pl.when(pl.col("deposit_paid_at").is_not_null()).then("deposit_fen").otherwise(0)
    customs = pl.struct(
        *blank("payNo", "payChannel"),
        *zero("productValue", "payAmount", "taxAmount", "shippingFee", "discountAmount"),
        nothing().alias("zoneCodes"),
    )
    transfer = pl.struct(
        *blank("internationalExpressNo", "paintMarker", "collectionPlace", "threeSegmentCode"),
        *zero("orderDeclaredAmount"),
    )
    codes = pl.struct(false("snRequired", "barCodeRequired", "imei1Required", "imei2Required"))
    return [
        *zero("presaleDeliveryStartTime", "presaleDeliveryEndTime"),
        pl.col("skuList"),
        *zero("totalNetWeightAmount"),
        pays.alias("totalPayAmount"),
        pl.col("freight_fen").alias("totalShippingFree"),
        (pl.col("simpleDeliveryOrderList").list.len() > 1).alias("unpack"),
        pl.col("first_waybill").fill_null("").alias("expressTrackingNo"),
        pl.col("first_carrier").fill_null("").alias("expressCompanyCode"),
        *blank("receiverName", "receiverPhone", "receiverAddress"),
        customs.alias("boundExtendInfo"),
        transfer.alias("transferExtendInfo"),
        pl.concat_str(pl.lit("oa"), pl.col("order_id").hash(7).cast(pl.String)).alias(
            "openAddressId"
        ),
        pl.col("simpleDeliveryOrderList"),
        deposit.alias("totalDepositAmount"),
        pl.col("shop_discount_fen").alias("totalMerchantDiscount"),
        pl.col("platform_discount_fen").alias("totalRedDiscount"),
        (pays + off_while_paying + pl.col("platform_borne_fen")).alias(
            "merchantActualReceiveAmount"
        ),
        *zero("totalChangePriceAmount"),
        pl.when(paid)
        .then(pl.col("pay_method").replace_strict(PAYMENT_TYPES, return_dtype=pl.Int64))
        .otherwise(0)
        .alias("paymentType"),
        pl.col("shopId"),
        pl.col("shopName"),
        *blank("whcode"),
        user_id().alias("userId"),
        pl.lit(1).alias("logisticsMode"),
        *blank("customsCode"),
        off_while_paying.alias("outPromotionAmount"),
        *blank("outTradeNo", "subsidySupplierId", "subsidySupplierName", "subsidyWpServiceCode"),
        codes.alias("subsidySkuIdentifyCodeRequiredInfo"),
    ]
