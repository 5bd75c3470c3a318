"""World after-sales, parcels on their way and SKUs in 小红书's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapter import Outside
from pipelines.sandbox.adapters.doudian_words import happened
from pipelines.sandbox.adapters.xiaohongshu_lines import deliveries, delivery_id
from pipelines.sandbox.adapters.xiaohongshu_words import (
    RETURN_TYPES,
    SCANS,
    SENT,
    blank,
    false,
    item_id,
    ms,
    nothing,
    order_id,
    return_id,
    sku_id,
    user_id,
    yuan_number,
    zero,
)  # fmt: skip
from pipelines.sandbox.listing import Listing

_TIME = "%Y-%m-%d %H:%M:%S"
_RECORDS = {
    "买家申请售后": ("applied_at", "买家", 1), "商家处理": ("handled_at", "商家", 2),
    "买家退货": ("returned_at", "买家", 1), "商家收货": ("received_at", "商家", 2),
    "退款成功": ("refunded_at", "系统", 3),
}  # fmt: skip


def aftersale_listing(outside: Outside, shop: str, by: str) -> Listing:
    """The rows of afterSale.listAfterSaleInfos, by the time of their update or application."""
    rendered = _requests(outside, shop).select(
        pl.col(by).dt.epoch("s").alias("at"),
        pl.col("returnsId"),
        pl.struct(_listed()).struct.json_encode().alias("record"),
    )
    return Listing.of(rendered, "at", "returnsId", "record")


def aftersale_details(outside: Outside, shop: str) -> dict[str, bytes]:
    """The data of afterSale.getAfterSaleInfo, by id: the money really given back is here."""
    detail = pl.struct(
        pl.struct(*_listed(), *_detailed()).alias("afterSaleInfo"),
        _waybills().alias("logisticsInfo"),
        "negotiateRecords",
    )
    rendered = _requests(outside, shop).select(
        "returnsId", detail.struct.json_encode().alias("record")
    )
    return {key: text.encode() for key, text in rendered.iter_rows()}


def _requests(outside: Outside, shop: str) -> pl.DataFrame:
    return outside.rendered(
        ("xiaohongshu request rows", shop),
        lambda: _request_frame(outside.frames, shop, outside.now()),
    )


def _request_frame(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    """A shop's requests as they stand, with what their records need of order, line and SKU."""
    requests = happened(frames["after_sales"].filter(pl.col("shop_id") == shop), now)
    lines = frames["order_lines"].select(
        "line_id", "product_id", "sku_id", "price_fen", pl.col("quantity").alias("bought")
    )
    ended = pl.col("ended_at").is_not_null()
    goes_back = pl.col("type").is_in(["return_refund", "exchange"])
    status = (
        pl.when(ended & (pl.col("outcome") == "succeeded")).then(4)
        .when(ended & (pl.col("outcome") == "withdrawn")).then(5)
        .when(ended).then(6)
        .when(pl.col("handled_at").is_null()).then(1)
        .when(pl.col("outcome") == "refused").then(9)
        .when(pl.col("is_intervened")).then(14)
        .when(goes_back & pl.col("returned_at").is_null()).then(2)
        .when(goes_back & pl.col("received_at").is_null()).then(3)
        .when(pl.col("type") == "exchange").then(12)
        .otherwise(1)
    )  # fmt: skip
    known = (
        requests.drop_nulls("applied_at")
        .join(lines, on="line_id", how="left")
        .join(frames["orders"].select("order_id", "buyer_id"), on="order_id", how="left")
        .join(
            frames["products"].select("product_id", pl.col("name").alias("item")),
            on="product_id",
            how="left",
        )
        .join(
            frames["skus"].select("sku_id", "merchant_code", "spec_name", "spec_value"),
            on="sku_id",
            how="left",
        )
        .join(_first_waybills(frames), on="line_id", how="left")
        .with_columns(
            status.alias("status"),
            return_id().alias("returnsId"),
            pl.max_horizontal(
                "applied_at", "handled_at", "returned_at", "received_at", "refunded_at", "ended_at"
            ).alias("updated_at"),
        )
    )
    return known.join(_negotiations(known), on="after_sale_id", how="left")


def _first_waybills(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    parcels = frames["parcels"].select(
        "parcel_id", pl.col("tracking_number").alias("sent_by"), "carrier", "carrier_name"
    )
    inside = frames["parcel_lines"].join(parcels, on="parcel_id")
    return inside.unique("line_id", keep="first", maintain_order=True).drop("parcel_id", "quantity")


def _negotiations(requests: pl.DataFrame) -> pl.DataFrame:
    """after_sale_id and negotiateRecords: who did what, when."""
    steps = pl.concat(
        requests.drop_nulls(column).select(
            "after_sale_id",
            pl.col(column).alias("done_at"),
            pl.struct(
                pl.lit(title).alias("title"),
                pl.lit(who).alias("operatorRoleName"),
                pl.lit(role).alias("operatorRole"),
                nothing().alias("attributes"),
                pl.col(column).dt.strftime(_TIME).alias("time"),
            ).alias("negotiateRecords"),
        )
        for title, (column, who, role) in _RECORDS.items()
    )
    return (
        steps.sort("after_sale_id", "done_at", maintain_order=True)
        .group_by("after_sale_id", maintain_order=True)
        .agg("negotiateRecords")
    )


def _listed() -> list[pl.Expr]:
    """What list and detail both have."""
    return [
        pl.col("returnsId"),
        pl.col("type").replace_strict(RETURN_TYPES, return_dtype=pl.Int64).alias("returnType"),
        pl.lit(103).alias("reasonId"),
        pl.col("reason").alias("reasonNameZh"),
        pl.col("status"),
        user_id().alias("userId"),
        order_id().alias("orderId"),
        ms("applied_at").alias("applyTime"),
        ms("updated_at").alias("updatedAt"),
        ms(pl.when(pl.col("ended_at").is_null()).then("deadline_at")).alias("expireTime"),
        *blank("desc"),
        pl.col("is_fast").cast(pl.Int64).alias("returnsTag"),
        yuan_number(pl.col("apply_fen")).alias("expectedRefundAmountYuan"),
    ]


def _detailed() -> list[pl.Expr]:
    """What only the detail has: the thing, the money, how far it is."""
    refunded = pl.col("refunded_at").is_not_null()
    succeeds = pl.col("status") == 4
    address = ("province", "city", "county", "town", "street", "phone", "name", "fullAddress")
    freight = pl.min_horizontal("refund_freight_fen", "apply_fen")
    spec = pl.struct(pl.col("spec_name").alias("name"), pl.col("spec_value").alias("value"))
    sku = pl.struct(
        sku_id().alias("skuId"),
        pl.col("item").alias("skuName"),
        *blank("image"),
        pl.col("price_fen").alias("price"),
        pl.col("bought").alias("boughtCount"),
        pl.col("quantity").alias("appliedCount"),
        yuan_number(pl.col("apply_fen") - freight).alias("appliedTotalAmountYuan"),
        *blank("scskucode", "barcode"),
        pl.concat_list(spec).alias("variants"),
        pl.col("merchant_code").alias("skuERPCode"),
    )
    return [
        pl.struct(blank(*address)).alias("returnAddress"),
        nothing().alias("proofPhotos"),
        *false("supportCarriageInsurance"),
        *blank("openAddressId"),
        pl.concat_list(sku).alias("skus"),
        nothing().alias("exchangeSKUs"),
        *blank("closeReasonZh"),
        yuan_number(freight).alias("appliedShipFeeAmountYuan"),
        yuan_number(pl.col("apply_fen") - freight).alias("appliedSkusAmountYuan"),
        yuan_number(pl.when(refunded).then("refund_fen").otherwise(0)).alias("refundAmountYuan"),
        pl.when(refunded)
        .then(2)
        .when(succeeds | pl.col("status").is_in([5, 6]))
        .then(0)
        .otherwise(101)
        .alias("refundStatus"),
        pl.when(pl.col("type") == "pre_ship").then(1).otherwise(2).alias("cargoStatus"),
        ms("refunded_at").alias("refundTime"),
    ]


def _waybills() -> pl.Expr:
    sent_back = pl.col("returned_at").is_not_null()
    return pl.struct(
        pl.struct(
            pl.when(sent_back).then("return_tracking_number").fill_null("").alias("expressNo"),
            pl.when(sent_back).then("return_carrier").fill_null("").alias("expressCompanyCode"),
            *blank("expressCompanyName"),
            ms("returned_at").alias("fillExpressNoTime"),
            ms("received_at").alias("expressSignTime"),
        ).alias("afterSale"),
        pl.struct(
            *blank("expressNo", "expressCompanyCode", "expressCompanyName"),
            *zero("fillExpressNoTime"),
        ).alias("exchange"),
        pl.struct(
            pl.col("sent_by").fill_null("").alias("expressNo"),
            pl.col("carrier").fill_null("").alias("expressCompanyCode"),
            pl.col("carrier_name").fill_null("").alias("expressCompanyName"),
        ).alias("order"),
    )


def tracks(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> dict[str, bytes]:
    """The data of order.getOrderTracking, by order: its deliveries and where each has been.

    The first record is the shop's posting, at its second. A delivery without a waybill (a course)
    has only that one: whether the platform shows such a delivery at all is not known.
    """
    lines = happened(frames["order_lines"].filter(pl.col("shop_id") == shop), now)
    sent = deliveries(lines, frames).with_columns(delivery_id().alias("deliveryOrderId"))
    key = ("order_id", "deliveryOrderId")
    scans = (
        frames["parcel_events"]
        .filter(pl.col("at") < now)
        .join(sent.select(*key, "parcel_id"), on="parcel_id")
        .select(*key, "at", "place", *_node(pl.col("event")))
    )
    posted = sent.select(
        *key,
        pl.col("shipped_at").alias("at"),
        pl.lit("").alias("place"),
        pl.lit(SENT[0], pl.Int64).alias("nodeId"),
        pl.lit(SENT[1]).alias("word"),
    )
    record = pl.struct(
        pl.col("at").dt.strftime(_TIME).alias("eventAt"),
        pl.concat_str("place", pl.lit(" "), "word").alias("eventDesc"),
        pl.col("at").dt.strftime(_TIME).alias("trackingPartnerSyncAt"),
        "nodeId",
        *zero("subNodeId", "trackingStatus"),
        pl.col("word").alias("trackingStatusDesc"),
        pl.struct(*blank("provinceName"), pl.col("place").alias("cityName")).alias("location"),
    ).alias("records")
    been = (
        pl.concat([posted, scans])
        .sort(*key, "at", "nodeId")
        .group_by(*key, maintain_order=True)
        .agg(record, pl.col("word").last())
    )
    info = pl.struct(
        order_id().alias("orderId"),
        "deliveryOrderId",
        pl.col("word").alias("currentStatusDesc"),
        pl.col("carrier").fill_null("").alias("expressCompanyCode"),
        pl.col("carrier_name").fill_null("").alias("expressCompanyName"),
        pl.col("tracking_number").fill_null("").alias("expressNo"),
        "records",
    )
    rendered = (
        sent.join(been, on=key, how="left")
        .sort("order_id", "index")
        .group_by("order_id", maintain_order=True)
        .agg(info.alias("orderTrackInfos"))
        .select(
            order_id().alias("orderId"),
            pl.struct("orderTrackInfos").struct.json_encode().alias("record"),
        )
    )
    return {key: text.encode() for key, text in rendered.iter_rows()}


def _node(event: pl.Expr) -> list[pl.Expr]:
    return [
        event.replace_strict(
            {name: said[part] for name, said in SCANS.items()}, return_dtype=kind
        ).alias(alias)
        for part, kind, alias in ((0, pl.Int64, "nodeId"), (1, pl.String, "word"))
    ]


def sku_listing(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> Listing:
    """The rows of product.getDetailSkuList, by update time: a SKU and the product it belongs to."""
    products = happened(frames["products"].filter(pl.col("shop_id") == shop), now)
    joined = (
        frames["skus"]
        .filter((pl.col("shop_id") == shop) & (pl.col("created_at") < now))
        .join(products.drop_nulls("created_at").drop("shop_id", "created_at"), on="product_id")
        .with_columns(
            pl.max_horizontal("created_at", "updated_at", "off_shelf_at").alias("changed_at")
        )
    )
    times = (ms("created_at").alias("createTime"), ms("changed_at").alias("updateTime"))
    item = pl.struct(
        item_id().alias("id"),
        pl.col("name"),
        *blank("ename"),
        *zero("brandId"),
        pl.col("second_category_id").alias("categoryId"),
        nothing().alias("attributes"),
        pl.lit("601a0000000000000000fb49").alias("shippingTemplateId"),
        *zero("shippingGrossWeight"),
        nothing().alias("variantIds"),
        nothing().alias("images"),
        *blank("videoUrl"),
        pl.col("spu_code").alias("articleNo"),
        nothing().alias("imageDescriptions"),
        *blank("transparentImage", "description"),
        nothing().alias("faq"),
        *false("isChannel"),
        (pl.col("kind") == "course").cast(pl.Int64).alias("deliveryMode"),
        pl.lit(1).alias("freeReturn"),
        *false("enableMultiWarehouse"),
        *times,
    )
    variant = pl.struct(
        pl.lit("5a60000000000000009ce6").alias("id"),
        pl.col("spec_name").alias("name"),
        pl.col("spec_value").alias("value"),
        *blank("valueId"),
    )
    sku = pl.struct(
        sku_id().alias("id"),
        item_id().alias("itemId"),
        pl.concat_str("name", pl.lit(" "), "spec_value").alias("name"),
        pl.lit(1).alias("ipq"),
        pl.col("list_price_fen").alias("originalPrice"),
        pl.col("price_fen").alias("price"),
        pl.col("stock_quantity").alias("stock"),
        *blank("logisticsPlanId", "whcode"),
        pl.lit(1).alias("priceType"),
        pl.col("merchant_code").alias("erpCode"),
        pl.concat_list(variant).alias("variants"),
        pl.struct(pl.lit("48h").alias("time"), pl.lit("RELATIVE_TIME_NEW").alias("type")).alias(
            "deliveryTime"
        ),
        *blank("specImage", "barcode", "scSkucode"),
        pl.lit("red_auto").alias("logisticsName"),
        pl.col("off_shelf_at").is_null().alias("buyable"),
        nothing().alias("unionItemDetails"),
        *times,
        *false("isGift"),
        *zero("deliveryFlag", "rowNumber"),
    )
    rendered = joined.select(
        pl.col("changed_at").dt.epoch("s").alias("at"),
        "sku_id",
        pl.struct(item.alias("item"), sku.alias("sku")).struct.json_encode().alias("record"),
    )
    return Listing.of(rendered, "at", "sku_id", "record")
