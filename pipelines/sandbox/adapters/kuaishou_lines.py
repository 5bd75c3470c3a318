"""A 快手 shop's order lines as they stand at the clock, joined with all that is said of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from pipelines.sandbox.adapters.doudian_words import happened
from pipelines.sandbox.adapters.kuaishou_words import CARRIERS, number

# 已签收 becomes 订单成功 some days after the receipt.
TRUSTED_FOR = timedelta(days=7)
_REFUND_WAYS = {
    "return_refund": 1, "refund_only": 10, "pre_ship": 10, "price_protection": 10, "exchange": 3,
    "reissue": 4,
}  # fmt: skip


def order_lines(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    """A shop's lines as they stand, with what their records need of all else."""
    orders = happened(frames["orders"].filter(pl.col("shop_id") == shop), now)
    orders = orders.drop_nulls("created_at").select(
        "order_id", "buyer_id", "created_at", "paid_at", "promise_ship_at", "pay_method",
        "trade_type", "traffic", "session_id", "author_id", "buyer_remark", "seller_remark",
        "deposit_fen", "deposit_paid_at",
    )  # fmt: skip
    lines = happened(frames["order_lines"].filter(pl.col("shop_id") == shop), now)
    return (
        lines.join(orders, on="order_id")
        .join(_products(frames), on="product_id", how="left")
        .join(
            frames["skus"].select("sku_id", "merchant_code", "spec_value"), on="sku_id", how="left"
        )
        .join(
            frames["authors"].select("author_id", "nickname", "own_shop_id"),
            on="author_id",
            how="left",
        )
        .join(frames["buyers"].drop("channel"), on="buyer_id", how="left")
        .join(_parcels(frames, shop, now), on="line_id", how="left")
        .join(_requests(frames, shop, now), on="line_id", how="left")
        .with_columns(
            _status(now).alias("status"),
            (
                pl.col("shop_discount_fen")
                + pl.col("platform_discount_fen")
                + pl.col("author_discount_fen")
            ).alias("discount_fen"),
            pl.col("refunds").fill_null([]),
            pl.col("parcels").fill_null([]),
        )
    )


def _products(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    return frames["products"].select(
        "product_id", pl.col("name").alias("product_name"), pl.col("kind").alias("product_kind"),
        "spu_code", "brand", "second_category_id", "second_category",
    )  # fmt: skip


def _parcels(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    """line_id and parcels: the waybills that have left."""
    left = frames["parcels"].filter((pl.col("shop_id") == shop) & (pl.col("shipped_at") < now))
    parcel = pl.struct(
        pl.col("parcel_id").str.extract(r"(\d+)$").cast(pl.Int64).alias("logisticsId"),
        pl.col("tracking_number").alias("expressNo"),
        pl.col("carrier").replace_strict(CARRIERS).cast(pl.Int64).alias("expressCode"),
    )
    packed = frames["parcel_lines"].join(left, on="parcel_id").sort("line_id", "parcel_id")
    return packed.group_by("line_id").agg(parcel.alias("parcels"))


def _requests(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    """line_id, its newest after-sale as the order shows it, and when one last changed."""
    requests = happened(frames["after_sales"].filter(pl.col("shop_id") == shop), now)
    requests = requests.drop_nulls("applied_at").sort("applied_at", "after_sale_id")
    changed = pl.max_horizontal(
        "applied_at", "handled_at", "returned_at", "received_at", "refunded_at", "ended_at"
    )
    shown = pl.struct(
        number("after_sale_id").alias("refundId"),
        refund_status().alias("refundStatus"),
        refund_way().alias("handlingWay"),
        (pl.col("type") == "price_protection").cast(pl.Int64).alias("specialRefundType"),
    )
    return requests.group_by("line_id").agg(
        shown.tail(1).alias("refunds"), changed.max().alias("request_changed_at")
    )


def refund_way() -> pl.Expr:
    """How an after-sale is handled (handlingWay)."""
    return pl.col("type").replace_strict(_REFUND_WAYS, return_dtype=pl.Int64)


def refund_status() -> pl.Expr:
    """Where an after-sale is."""
    goes_back = pl.col("type").is_in(["return_refund", "exchange"])
    ended, refused = pl.col("ended_at").is_not_null(), pl.col("outcome") == "refused"
    return (
        pl.when(ended & (pl.col("outcome") == "succeeded")).then(60)
        .when(ended).then(70)
        .when(pl.col("handled_at").is_null() & pl.col("is_intervened"))
        .then(pl.when(goes_back).then(21).otherwise(20))
        .when(pl.col("handled_at").is_null()).then(pl.when(goes_back).then(11).otherwise(10))
        .when(refused).then(12)
        .when(goes_back & pl.col("returned_at").is_null()).then(30)
        .when(goes_back & pl.col("received_at").is_null()).then(40)
        .when(pl.col("type").is_in(["exchange", "reissue"])).then(45)
        .otherwise(50)
    )  # fmt: skip


def _status(now: datetime) -> pl.Expr:
    return (
        pl.when(pl.col("closed_at").is_not_null()).then(80)
        .when(pl.col("finished_at") + TRUSTED_FOR < now).then(70)
        .when(pl.col("finished_at").is_not_null()).then(50)
        .when(pl.col("shipped_at").is_not_null()).then(40)
        .when(pl.col("paid_at").is_not_null()).then(30)
        .otherwise(10)
    )  # fmt: skip
