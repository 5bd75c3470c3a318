"""World after-sales in 京东's words: cancelled orders, service bills, what they gave back.

What is asked for before shipping is a refund of a cancelled order (whole orders only, see
``jd_units``); everything else is a service bill of a SKU. 京东 settles price protection outside of
services; here it is told as 90 (优鲜赔), the kind that gives money and takes no goods.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.jd_units import line_units, settled_unit
from pipelines.sandbox.adapters.jd_words import (
    EXPECTATIONS,
    SERVICE_WORDS,
    epoch,
    happened,
    milliseconds,
    number,
    of_shop,
    stamp,
)
from pipelines.sandbox.listing import Listing


def _requests(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    """A shop's requests as they stand, with order, SKU and buyer."""
    lines = of_shop(frames["order_lines"], shop).select(
        "line_id", "line_number", "product_id", "sku_id", "paid_fen"
    )
    return (
        happened(of_shop(frames["after_sales"], shop), now)
        .drop_nulls("applied_at")
        .join(lines, on="line_id")
        .join(line_units(frames, shop).drop("order_id"), on="line_id")
        .join(frames["orders"].select("order_id", "buyer_id"), on="order_id")
        .join(frames["buyers"].select("buyer_id", "name", "phone"), on="buyer_id", how="left")
        .join(
            frames["products"].select("product_id", pl.col("name").alias("ware")), on="product_id"
        )
        .with_columns(
            settled_unit().alias("unit_id"),
            pl.max_horizontal(
                "applied_at", "handled_at", "returned_at", "received_at", "refunded_at", "ended_at"
            ).alias("updated_at"),
        )
    )


def refund_apply_listing(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime, by: str
) -> Listing:
    """The result of refundapply.queryPageList, by the time of applying or checking."""
    requests = _requests(frames, shop, now).filter(pl.col("type") == "pre_ship").drop_nulls(by)
    ended, outcome = pl.col("ended_at").is_not_null(), pl.col("outcome")
    status = (
        pl.when(ended & (outcome == "succeeded")).then(3)
        .when(ended & (outcome == "refused")).then(2)
        .when(ended).then(8)
        .when(pl.col("handled_at").is_not_null() & (outcome == "succeeded")).then(1)
        .otherwise(0)
    )  # fmt: skip
    record = pl.struct(
        pl.col("after_sale_id").cast(pl.Int64).alias("id"),
        pl.col("unit_id").alias("orderId"),
        pl.col("buyer_id").alias("buyerId"),
        pl.concat_str(pl.col("name").str.head(1), pl.lit("**")).alias("buyerName"),
        pl.col("apply_fen").alias("applyRefundSum"),
        stamp("applied_at").alias("applyTime"),
        stamp("handled_at").alias("checkTime"),
        pl.col("agent_id").fill_null("").alias("checkUserName"),
        pl.lit("").alias("checkRemark"),
        status.alias("status"),
        stamp("updated_at").alias("modified"),
    )
    return _listing(requests, by, "after_sale_id", record)


def service_listing(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime, by: str
) -> Listing:
    """The data of asc.query.list, by the time of update or application."""
    services = _services(frames, shop, now)
    done = pl.col("status") == 10010
    approved = pl.col("handled_at").is_not_null()
    agreed = pl.col("outcome") == "succeeded"
    goes_back = pl.col("type").is_in(["return_refund", "exchange"])
    record = pl.struct(
        pl.col("after_sale_id").cast(pl.Int64).alias("serviceId"),
        _apply_id().alias("applyId"),
        pl.col("unit_id").cast(pl.Int64).alias("orderId"),
        pl.lit(22).alias("orderType"),
        pl.lit("POPSOP").alias("orderTypeName"),
        pl.col("sku_id").cast(pl.Int64).alias("skuId"),
        pl.concat_str(pl.lit("1_"), "sku_id", pl.lit("_"), "line_number").alias("skuUuid"),
        pl.col("ware").alias("wareName"),
        pl.lit(10).alias("wareType"),
        pl.lit("主商品").alias("wareTypeName"),
        pl.col("quantity").alias("serviceCount"),
        number(pl.col("paid_fen")).alias("actualPayPrice"),
        pl.col("expected").alias("customerExpect"),
        pl.col("expected_word").alias("customerExpectName"),
        pl.col("status").alias("serviceStatus"),
        pl.col("status")
        .replace_strict(SERVICE_WORDS, return_dtype=pl.String)
        .alias("serviceStatusName"),
        milliseconds("applied_at").alias("applyTime"),
        milliseconds("updated_at").alias("updateTime"),
        milliseconds("handled_at").alias("approveTime"),
        pl.when(approved & agreed).then(31).alias("approveResult"),
        pl.when(approved & agreed).then(pl.lit("上门取件")).alias("approveResultName"),
        pl.when(done).then(milliseconds("ended_at")).alias("processTime"),
        pl.when(done).then(pl.when(goes_back).then(40).otherwise(23)).alias("processResult"),
        pl.lit(19).alias("questionTypeCid1"),
        pl.col("reason").alias("questionTypeCid1Name"),
        pl.when(pl.col("returned_at").is_not_null())
        .then("return_tracking_number")
        .fill_null("")
        .alias("expressCode"),
        pl.col("buyer_id").alias("customerPin"),
        pl.concat_str(pl.col("name").str.head(1), pl.lit("**")).alias("customerName"),
        pl.concat_str(
            pl.col("phone").str.head(3), pl.lit("****"), pl.col("phone").str.tail(1)
        ).alias("customerTel"),
        pl.lit("***").alias("pickwareAddress"),
        pl.col("agent_id").fill_null("").alias("approveName"),
    )
    return _listing(services, by, "after_sale_id", record)


def _services(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    requests = _requests(frames, shop, now).filter(pl.col("type") != "pre_ship")
    ended, outcome = pl.col("ended_at").is_not_null(), pl.col("outcome")
    goes_back = pl.col("type").is_in(["return_refund", "exchange"])
    status = (
        pl.when(ended & (outcome == "succeeded")).then(10010)
        .when(ended & (outcome == "refused")).then(10004)
        .when(ended).then(10011)
        .when(pl.col("handled_at").is_null()).then(10001)
        .when(outcome == "refused").then(10002)
        .when(goes_back & pl.col("received_at").is_null()).then(10005)
        .otherwise(10007)
    )  # fmt: skip
    codes = {name: code for name, (code, _) in EXPECTATIONS.items()}
    words = {name: word for name, (_, word) in EXPECTATIONS.items()}
    return requests.with_columns(
        status.alias("status"),
        pl.col("type").replace_strict(codes, return_dtype=pl.Int64).alias("expected"),
        pl.col("type").replace_strict(words, return_dtype=pl.String).alias("expected_word"),
    )


def _apply_id() -> pl.Expr:
    return pl.col("after_sale_id").str.tail(10).cast(pl.Int64) + 9_000_000_000


def refund_listing(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime, by: str
) -> Listing:
    """The data of asc.serviceAndRefund.view, by application or approval; ids are orders."""
    services = _services(frames, shop, now).drop_nulls(by)
    refunded = pl.col("refunded_at").is_not_null()
    bill = pl.struct(
        pl.col("after_sale_id").cast(pl.Int64).alias("serviceId"),
        _apply_id().alias("afsApplyId"),
        pl.col("unit_id").cast(pl.Int64).alias("orderId"),
        pl.col("sku_id").cast(pl.Int64).alias("wareId"),
        pl.col("ware").alias("wareName"),
        pl.col("agent_id").fill_null("").alias("approveName"),
        stamp("applied_at").alias("afsApplyTime"),
        stamp("handled_at").alias("approveDate"),
        pl.col("reason").alias("questionDesc"),
        pl.col("buyer_id").alias("customerPin"),
        pl.lit("").alias("approveNotes"),
        pl.col("reason").alias("applyReason"),
    ).alias("sameOrderServiceBill")
    refund = pl.col("after_sale_id").str.tail(12).cast(pl.Int64)
    record = pl.struct(
        pl.when(refunded).then(refund).alias("afsRefundId"),
        pl.when(refunded).then(number(pl.col("refund_fen"))).alias("refoundAmount"),
        stamp("refunded_at").alias("completeTime"),
        pl.when(refunded).then(13).alias("status"),
        bill,
    )
    return _listing(services, by, "unit_id", record)


def refund_amounts(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime
) -> dict[str, bytes]:
    """The data of b2c.shop.aftersales.refund.get by service; an estimate until money is back."""
    services = _services(frames, shop, now)
    refunded = pl.col("refunded_at").is_not_null()
    actual = pl.struct(number(pl.col("refund_fen")).alias("actualRefundAmount"))
    estimate = pl.struct(number(pl.col("apply_fen")).alias("maxRefundAmount"))
    order = pl.col("unit_id").cast(pl.Int64).alias("orderId")
    told: dict[str, bytes] = {}
    for rows, detail in (
        (services.filter(refunded), actual.alias("afsActualRefundDetail")),
        (services.filter(~refunded), estimate.alias("afsEstimateRefundDetail")),
    ):
        text = rows.select(
            "after_sale_id", pl.struct(order, detail).struct.json_encode().alias("it")
        )
        told |= {service: data.encode() for service, data in text.iter_rows()}
    return told


def _listing(frame: pl.DataFrame, by: str, key: str, record: pl.Expr) -> Listing:
    rendered = frame.select(epoch(by).alias("at"), key, record.struct.json_encode().alias("record"))
    return Listing.of(rendered, "at", key, "record")
