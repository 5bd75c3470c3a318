"""World orders as 有赞's trades: what is sent apart is a trade of its own.

有赞 says shipping and completion of a trade, not of its lines, and splits one checkout into trades
under a 虚拟总单号 (orders_combine_id) where its goods go different ways. So a world order is one
trade a parcel and one a course, and all of a trade's lines are sent and completed together; a line
that is given back in full before is not completed with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.youzan_words import happened, numbered

_MONEY = (
    "goods_fen", "freight_fen", "shop_discount_fen", "platform_discount_fen", "merchant_borne_fen",
    "platform_borne_fen", "order_fen", "pay_discount_fen", "paid_fen",
)  # fmt: skip
Frames = Mapping[str, pl.DataFrame]


def lines_of(frames: Frames, shop: str, now: datetime) -> pl.DataFrame:
    """A shop's lines as they stand, each with its trade's number and what it needs of others."""
    lines = frames["order_lines"].filter(pl.col("shop_id") == shop)
    parcels = frames["parcels"].select(
        "parcel_id", "carrier", "tracking_number", pl.col("shipped_at").alias("parcel_at")
    )
    packed = frames["parcel_lines"].select("line_id", "parcel_id").join(parcels, on="parcel_id")
    known = (
        lines.join(
            frames["products"].select("product_id", "kind", "name", "spu_code"), on="product_id"
        )
        .join(
            frames["skus"].select("sku_id", "merchant_code", "spec_name", "spec_value"), on="sku_id"
        )
        .join(packed, on="line_id", how="left")
    )
    is_course = pl.col("kind") == "course"
    # What never leaves would have gone with the order's first parcel.
    with_parcel = pl.coalesce("parcel_id", pl.col("parcel_id").min().over("order_id"), pl.lit(""))
    part = pl.when(is_course).then("line_id").otherwise(with_parcel).alias("part")
    orders = frames["orders"].select("order_id", pl.col("created_at").alias("ordered_at"))
    numbered_lines = (
        known.with_columns(part)
        .join(orders, on="order_id")
        .with_columns(pl.col("line_id").min().over("order_id", "part").alias("first_line_id"))
        .with_columns(
            pl.concat_str(pl.lit("E"), numbered("ordered_at", "first_line_id", 9)).alias("tid"),
            pl.when(pl.col("part").n_unique().over("order_id") > 1)
            .then(pl.concat_str(pl.lit("V"), numbered("ordered_at", "order_id", 9)))
            .otherwise(pl.lit(""))
            .alias("combine_id"),
        )
    )
    return happened(numbered_lines, now).sort("order_id", "line_number")


def requests_of(frames: Frames, shop: str, now: datetime) -> pl.DataFrame:
    """A shop's after-sales as they stand."""
    requests = happened(frames["after_sales"].filter(pl.col("shop_id") == shop), now)
    return requests.drop_nulls("applied_at")


def trades_of(frames: Frames, shop: str, now: datetime) -> pl.DataFrame:
    """A shop's trades: money, times and status, with their order's and buyer's columns."""
    lines = lines_of(frames, shop, now)
    requests = requests_of(frames, shop, now)
    touched = requests.group_by("line_id").agg(
        pl.max_horizontal(
            pl.col("applied_at").max(), pl.col("handled_at").max(), pl.col("returned_at").max(),
            pl.col("received_at").max(), pl.col("refunded_at").max(), pl.col("ended_at").max(),
        ).alias("request_event_at"),
        pl.col("refunded_at").is_not_null().any().alias("is_refunded"),
    )  # fmt: skip
    waits = pl.col("shipped_at").is_null() & pl.col("closed_at").is_null()
    trades = (
        lines.join(touched, on="line_id", how="left")
        .group_by("order_id", "tid", "combine_id", maintain_order=True)
        .agg(
            *(pl.col(name).sum() for name in _MONEY),
            (pl.col("kind") == "course").all().alias("is_virtual"),
            pl.when(~waits.any()).then(pl.col("shipped_at").max()).alias("consigned_at"),
            pl.col("shipped_at").max().alias("shipped_at"),
            pl.col("finished_at").max(),
            pl.when(pl.col("closed_at").is_not_null().all())
            .then(pl.col("closed_at").max())
            .alias("closed_at"),
            pl.col("request_event_at").max(),
            pl.col("request_event_at").is_not_null().any().alias("is_disputed"),
            pl.col("is_refunded").fill_null(value=False).any(),
        )
    )
    orders = happened(frames["orders"].filter(pl.col("shop_id") == shop), now)
    of_order = orders.drop_nulls("created_at").drop(*_MONEY, "finished_at", "closed_at")
    return (
        trades.join(of_order, on="order_id")
        .join(frames["buyers"].drop("channel"), on="buyer_id")
        .with_columns(
            _status().alias("status"),
            pl.max_horizontal(
                "created_at", "deposit_paid_at", "paid_at", "shipped_at", "finished_at",
                "closed_at", "request_event_at",
            ).alias("updated_at"),
        )
    )  # fmt: skip


def _status() -> pl.Expr:
    return (
        pl.when(pl.col("closed_at").is_not_null()).then(pl.lit("TRADE_CLOSED"))
        .when(pl.col("finished_at").is_not_null()).then(pl.lit("TRADE_SUCCESS"))
        .when(pl.col("paid_at").is_null()).then(pl.lit("WAIT_BUYER_PAY"))
        .when(pl.col("consigned_at").is_not_null()).then(pl.lit("WAIT_BUYER_CONFIRM_GOODS"))
        .otherwise(pl.lit("WAIT_SELLER_SEND_GOODS"))
    )  # fmt: skip
