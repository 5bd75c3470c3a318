"""World commissions in 快手's words: the shop's 分销订单 (open.seller.order.cps.list).

totalFee is what was paid without freight and never changes; baseAmount is what counts of it, less
refunds once it is settled, and estimatedIncome follows it (both unconfirmed: the platform names no
settled amount for the shop). Rates are per mille.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.doudian_words import happened
from pipelines.sandbox.adapters.kuaishou_words import constants, ms, number, seconds
from pipelines.sandbox.listing import Listing


def cps_listing(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime, by: str) -> Listing:
    """By the time of their update or creation."""
    owed = happened(frames["commissions"].filter(pl.col("shop_id") == shop), now)
    orders = (
        owed.drop_nulls("paid_at")
        .join(
            frames["order_lines"].select("line_id", "freight_fen", "product_id"),
            on="line_id",
            how="left",
        )
        .join(
            frames["orders"].select("order_id", "buyer_id", "created_at"), on="order_id", how="left"
        )
        .join(frames["authors"].select("author_id", "nickname"), on="author_id", how="left")
        .join(frames["shops"].select("shop_id", "platform_shop_id"), on="shop_id")
        .with_columns(
            pl.max_horizontal("paid_at", "confirmed_at", "settled_at", "refunded_at").alias(
                "updated_at"
            )
        )
    )
    record = pl.struct(_fields()).struct.json_encode().alias("record")
    return Listing.of(
        orders.select(seconds(by).alias("at"), "line_id", record), "at", "line_id", "record"
    )


def _fields() -> list[pl.Expr]:
    settled = pl.col("settled_at").is_not_null()
    status = (
        pl.when(pl.col("refunded_at").is_not_null()).then(80)
        .when(settled).then(60)
        .when(pl.col("confirmed_at").is_not_null()).then(50)
        .otherwise(30)
    )  # fmt: skip
    brokered = pl.when(settled).then("colonel_settled_fen").otherwise("colonel_estimated_fen")
    return [
        number("line_id").alias("oid"),
        number("author_id").alias("distributorId"),
        pl.col("nickname").alias("distributorName"),
        number("platform_shop_id").alias("sellerId"),
        status.alias("status"),
        ms("settled_at").alias("settlementTime"),
        ms("settled_at").alias("settlementSuccessTime"),
        ms("refunded_at").alias("refundTime"),
        ms("paid_at").alias("payTime"),
        pl.col("freight_fen").alias("expressFee"),
        pl.col("base_fen").alias("totalFee"),
        pl.when(settled).then("settled_base_fen").otherwise("base_fen").alias("baseAmount"),
        (pl.col("rate_bp") // 10).alias("commissionRate"),
        pl.when(settled).then("settled_fen").otherwise("estimated_fen").alias("estimatedIncome"),
        ms("paid_at").alias("createTime"),
        ms("updated_at").alias("updateTime"),
        pl.lit(0).alias("platformDpRate"),
        number("colonel_id").alias("activityUserId"),
        pl.col("colonel_name").fill_null("").alias("activityUserNickname"),
        (pl.col("colonel_bp") // 10).alias("investmentPromotionRate"),
        brokered.alias("investmentPromotionAmount"),
        pl.col("buyer_id").alias("buyerOpenId"),
        pl.when(pl.col("session_id").is_not_null())
        .then(pl.lit("直播间"))
        .otherwise(pl.lit("短视频"))
        .alias("orderChannel"),
        *constants(
            settlementBizType=1, promoterServiceInCome=0, promoterExcitationInCome=0,
            investmentServiceInCome=0, investmentExcitationInCome=0,
        ),
    ]  # fmt: skip
