"""World commissions in 精选联盟's words: a shop's commission orders and their partial settlements.

Amounts are integer fen, rates times 10,000, times wall clock with "" for what has not happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.doudian_words import happened
from pipelines.sandbox.listing import Listing

_STEPS = ("paid_at", "confirmed_at", "settled_at", "refunded_at")


def alliance_listing(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime, by: str
) -> Listing:
    """The rows of buyin.queryShopAllianceOrder, by ``paid_at`` or the alliance's ``updated_at``."""
    orders = _known(frames, shop, now).with_columns(pl.max_horizontal(_STEPS).alias("updated_at"))
    record = pl.struct(_order_fields()).struct.json_encode().alias("record")
    at = pl.col(by).dt.epoch("s").alias("at")
    return Listing.of(orders.select(at, "line_id", record), "at", "line_id", "record")


def settlement_listing(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime, by: str
) -> Listing:
    """The rows of buyin.shopMultiSettlementOrders, one a phase, by ``phase_at``."""
    phases = (
        frames["commission_phases"]
        .filter(pl.col("settled_at") < now)
        .rename({"settled_at": "phase_at"})
        .join(_known(frames, shop, now), on="line_id", how="inner")
        .with_columns(pl.concat_str("line_id", pl.lit("/"), "phase").alias("key"))
    )
    record = pl.struct(_phase_fields()).struct.json_encode().alias("record")
    at = pl.col(by).dt.epoch("s").alias("at")
    return Listing.of(phases.select(at, "key", record), "at", "key", "record")


def _known(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    """A shop's commissions as they stand, with author, product and shop."""
    held = happened(frames["commissions"].filter(pl.col("shop_id") == shop), now)
    lines = frames["order_lines"].select("line_id", "product_id", "quantity", "paid_fen")
    products = frames["products"].select("product_id", pl.col("name").alias("product_name"))
    authors = frames["authors"].select("author_id", "nickname", "buyin_id", "short_id")
    shops = frames["shops"].select("shop_id", "platform_shop_id", pl.col("name").alias("shop_name"))
    return (
        held.drop_nulls("paid_at")
        .join(lines, on="line_id", how="left")
        .join(products, on="product_id", how="left")
        .join(authors, on="author_id", how="left")
        .join(shops, on="shop_id", how="left")
    )


def _wall(name: str) -> pl.Expr:
    return pl.col(name).dt.strftime("%Y-%m-%d %H:%M:%S").fill_null("")


def _once(event: str, amount: str) -> pl.Expr:
    """An amount that is 0 until its event."""
    return pl.when(pl.col(event).is_not_null()).then(amount).otherwise(0)


def _colonel() -> pl.Expr:
    """The 团长's part; zeros where none took part."""
    number = pl.col("colonel_id").cast(pl.Int64).fill_null(0)
    return pl.struct(
        pl.col("colonel_bp").alias("commission_rate"),
        pl.lit(0).alias("activity_id"),
        pl.col("colonel_estimated_fen").alias("estimated_commission"),
        _once("settled_at", "colonel_settled_fen").alias("real_commission"),
        number.alias("institution_id"),
        pl.col("colonel_name").fill_null("").alias("institution_name"),
        number.alias("colonel_buyin_id"),
    ).alias("colonel_order_info")


def _order_fields() -> list[pl.Expr]:
    settled, refunded = pl.col("settled_at").is_not_null(), pl.col("refunded_at").is_not_null()
    flow = (
        pl.when(refunded).then(pl.lit("REFUND"))
        .when(settled).then(pl.lit("SETTLE"))
        .when(pl.col("confirmed_at").is_not_null()).then(pl.lit("CONFIRM"))
        .otherwise(pl.lit("PAY_SUCC"))
    )  # fmt: skip
    live = pl.col("session_id").is_not_null()
    real = pl.when(settled & ~refunded).then("settled_fen").otherwise(0)
    image = pl.concat_str(
        pl.lit("https://example.invalid/img/"), pl.col("product_id"), pl.lit(".jpg")
    )
    return [
        pl.col("line_id").alias("order_id"),
        pl.col("product_id"),
        pl.col("product_name"),
        image.alias("product_img"),
        pl.col("nickname").alias("author_account"),
        pl.col("shop_name"),
        pl.col("paid_fen").alias("total_pay_amount"),
        pl.col("rate_bp").alias("commission_rate"),
        pl.lit(0).alias("estimated_commission"),
        pl.lit(0).alias("real_commission"),
        flow.alias("flow_point"),
        pl.lit("抖音").alias("app"),
        _wall("updated_at").alias("update_time"),
        _wall("paid_at").alias("pay_success_time"),
        _wall("settled_at").alias("settle_time"),
        pl.col("base_fen").alias("pay_goods_amount"),
        _once("settled_at", "settled_base_fen").alias("settled_goods_amount"),
        pl.col("platform_shop_id").cast(pl.Int64).alias("shop_id"),
        pl.col("estimated_fen").alias("shop_estimated_commission"),
        real.alias("shop_real_commission"),
        pl.lit(0).alias("settled_tech_service_fee"),
        pl.col("quantity").alias("item_num"),
        _wall("refunded_at").alias("refund_time"),
        _wall("confirmed_at").alias("confirm_time"),
        pl.col("estimated_fen").alias("estimated_total_commission"),
        pl.col("short_id").alias("author_short_id"),
        pl.col("buyin_id").alias("author_buyin_id"),
        pl.when(live).then(pl.lit("live")).otherwise(pl.lit("video")).alias("media_type"),
        pl.col("session_id").cast(pl.Int64).fill_null(0).alias("media_id"),
        pl.lit(1128).alias("app_id"),
        pl.lit("1128").alias("buyer_app_id"),
        *(pl.lit("").alias(name) for name in ("distributor_name", "distributor_buyin_id")),
        *(
            pl.lit("0").alias(name)
            for name in ("ads_real_commission", "ads_estimated_commission", "ads_promotion_rate")
        ),
        _colonel(),
    ]


def _phase_fields() -> list[pl.Expr]:
    texts = ("ads_buyin_id", "distribution_type", "pid", "site_name")
    zeros = (
        "colonel_activity_id", "settle_colonel_tech_service_fee", "settle_ads_tech_service_fee",
        "settle_ads_commission", "real_service_fee",
    )  # fmt: skip
    return [
        pl.col("line_id").alias("order_id"),
        pl.col("product_id"),
        pl.col("product_name"),
        pl.col("buyin_id").alias("author_buyin_id"),
        pl.col("nickname").alias("author_account"),
        pl.col("short_id"),
        pl.col("platform_shop_id").cast(pl.Int64).alias("shop_id"),
        pl.col("commission_fen").alias("settle_shop_commission"),
        pl.lit(False).alias("is_stepped_plan"),
        pl.col("colonel_id").fill_null("").alias("colonel_buyin_id"),
        pl.col("colonel_name").fill_null("").alias("colonel_institution_name"),
        pl.col("colonel_fen").alias("settle_colonel_commission"),
        *(pl.lit("").alias(name) for name in texts),
        *(pl.lit(0).alias(name) for name in zeros),
        pl.col("phase").alias("phase_id"),
        _wall("phase_at").alias("settle_time"),
        _wall("phase_at").alias("update_time"),
    ]
