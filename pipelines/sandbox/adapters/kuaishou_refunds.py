"""World after-sales in 快手's words: the list's record, and the detail's with what only it has.

refundFee is what the shop gives back; what the buyer asked for stands there while it is open.
negotiateUpdateTime is when the shop agreed or refused. Goods have no quantity here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.doudian_words import happened
from pipelines.sandbox.adapters.kuaishou_lines import refund_status, refund_way
from pipelines.sandbox.adapters.kuaishou_words import by_id, constants, ms, number, seconds
from pipelines.sandbox.listing import Listing

_SENT_AGAIN = (3, 4)  # 换货, 补寄


def refund_listing(
    frames: Mapping[str, pl.DataFrame],
    shop: str,
    now: datetime,
    by: str,
    exchanges: bool,
) -> Listing:
    """The records of open.seller.order.refund.pcursor.list, by update or application.

    Args:
        frames: The world.
        shop: Whose.
        now: The clock.
        by: The time that it is ordered by.
        exchanges: Whether those are asked for that no money goes back for.
    """
    requests = _requests(frames, shop, now)
    if not exchanges:
        requests = requests.filter(~pl.col("way").is_in(_SENT_AGAIN))
    record = pl.struct(_fields()).struct.json_encode().alias("record")
    return Listing.of(
        requests.select(seconds(by).alias("at"), "after_sale_id", record),
        "at",
        "after_sale_id",
        "record",
    )


def refund_details(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime
) -> dict[str, bytes]:
    """The data of open.seller.order.refund.detail by refund: only it tells price protection."""
    protected = pl.col("type") == "price_protection"
    more = [
        protected.cast(pl.Int64).alias("specialRefundType"),
        pl.col("buyer_id").alias("buyerOpenId"),
        pl.lit(0).alias("productNum"),
    ]
    record = pl.struct(*_fields(), *more).struct.json_encode().alias("record")
    return by_id(_requests(frames, shop, now).select("after_sale_id", record), "after_sale_id")


def _requests(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    """A shop's requests as they stand."""
    requests = happened(frames["after_sales"].filter(pl.col("shop_id") == shop), now)
    lines = frames["order_lines"].select("line_id", "product_id", "sku_id", "shipped_at")
    return (
        requests.drop_nulls("applied_at")
        .join(lines, on="line_id", how="left")
        .join(frames["skus"].select("sku_id", "merchant_code"), on="sku_id", how="left")
        .join(frames["orders"].select("order_id", "buyer_id"), on="order_id", how="left")
        .join(frames["shops"].select("shop_id", "platform_shop_id"), on="shop_id")
        .with_columns(
            refund_way().alias("way"),
            refund_status().alias("status"),
            pl.max_horizontal(
                "applied_at", "handled_at", "returned_at", "received_at", "refunded_at", "ended_at"
            ).alias("updated_at"),
        )
    )


def _fields() -> list[pl.Expr]:
    handled, ended = pl.col("handled_at").is_not_null(), pl.col("ended_at").is_not_null()
    refused = pl.col("outcome") == "refused"
    money = pl.when(pl.col("refunded_at").is_not_null()).then("refund_fen").otherwise("apply_fen")
    received = pl.col("shipped_at") < pl.col("applied_at")
    return [
        number("after_sale_id").alias("refundId"),
        number("line_id").alias("oid"),
        pl.when(pl.col("way").is_in(_SENT_AGAIN)).then(0).otherwise(money).alias("refundFee"),
        pl.lit(1).alias("refundType"),
        pl.col("way").alias("handlingWay"),
        pl.col("status"),
        pl.when(handled)
        .then(pl.when(refused).then(3).otherwise(2))
        .otherwise(1)
        .alias("negotiateStatus"),
        pl.when(handled)
        .then(ms("handled_at"))
        .otherwise(ms("applied_at"))
        .alias("negotiateUpdateTime"),
        pl.when(received).then(2).otherwise(1).alias("receiptStatus"),
        pl.lit(13).alias("refundReason"),
        pl.col("reason").alias("refundReasonDesc"),
        pl.lit("").alias("refundDesc"),
        ms("applied_at").alias("submitTime"),
        ms("applied_at").alias("createTime"),
        ms("updated_at").alias("updateTime"),
        ms("ended_at").alias("endTime"),
        pl.when(ended).then(0).otherwise(ms("deadline_at")).alias("expireTime"),
        number("platform_shop_id").alias("sellerId"),
        number("product_id").alias("itemId"),
        number("sku_id").alias("skuId"),
        pl.col("merchant_code").alias("skuNick"),
        *constants(relItemId=0, relSkuId=0, logisticsId=0, urgeTimes=0, requireReturnFreight=False),
    ]
