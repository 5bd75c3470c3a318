"""World commissions in 精选联盟's words: a shop's commission orders and their partial settlements.

Amounts are integer fen, rates times 10,000, times wall clock with "" for what has not happened.
Source: platform notes buyin.md section 4. That the platform takes a tenth of a commission is
invented, in the samples too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.doudian_words import happened
from pipelines.sandbox.listing import Listing

_STEPS = ("paid_at", "confirmed_at", "settled_at", "refunded_at")
# The words of alliance.getOrderList, where the sample has 结算 only; the others are unconfirmed.
_STATES = {"PAY_SUCC": "付款", "CONFIRM": "收货", "SETTLE": "结算", "REFUND": "退款"}
TECH_FEE_BP = 1_000
_LINE = pl.col("line_id")


def alliance_listing(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime, by: str
) -> Listing:
    """The rows of buyin.queryShopAllianceOrder, by the alliance's update time or by payment."""
    orders = commissions_as_they_stand(frames, _of(shop), now)
    return listed(orders, by, _order_fields(), extra=True)


def settlement_listing(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime, by: str
) -> Listing:
    """The rows of buyin.shopMultiSettlementOrders, one a phase, by settlement time."""
    phases = (
        frames["commission_phases"]
        .filter(pl.col("settled_at") < now)
        .rename({"settled_at": "phase_at"})
        .join(commissions_as_they_stand(frames, _of(shop), now), on="line_id", how="inner")
    )
    return listed(phases, by, _phase_fields(), key=pl.concat_str("line_id", pl.lit("/"), "phase"))


def looked_up(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> dict[str, bytes]:
    """The rows of alliance.getOrderList by order id; two names are misspelt there."""
    orders = commissions_as_they_stand(frames, _of(shop), now)
    record = pl.struct(
        pl.col("line_id").alias("order_id"),
        pl.col("product_id"),
        pl.col("nickname").alias("author_account"),
        pl.col("short_id"),
        pl.col("paid_fen").alias("total_pay_amount"),
        pl.col("rate_bp").alias("commission_rate"),
        pl.col("estimated_fen").alias("estimated_comission"),
        pl.col("real_fen").alias("real_comission"),
        pl.col("flow_point").replace_strict(_STATES).alias("order_status"),
        pl.col("platform_shop_id").alias("shop_id"),
        pl.lit("COMMON").alias("alliance_biz_type"),
        pl.lit(0).alias("phase_id"),
    ).struct.json_encode()
    rows = orders.select("line_id", record.alias("record")).rows()
    return {line: text.encode() for line, text in rows}


def _of(shop: str) -> pl.Expr:
    return pl.col("shop_id") == shop


def commissions_as_they_stand(
    frames: Mapping[str, pl.DataFrame], whose: pl.Expr, now: datetime
) -> pl.DataFrame:
    """Paid commissions at the clock, with state, author, product, line and shop.

    Args:
        frames: The world.
        whose: Which of the world's commissions.
        now: The clock.
    """
    lines = frames["order_lines"].select(
        "line_id", "product_id", "quantity", "paid_fen",
        "pay_discount_fen", "platform_borne_fen", "author_borne_fen",
    )  # fmt: skip
    products = frames["products"].select("product_id", pl.col("name").alias("product_name"))
    authors = frames["authors"].select("author_id", "nickname", "buyin_id", "short_id")
    shops = frames["shops"].select("shop_id", "platform_shop_id", pl.col("name").alias("shop_name"))
    settled, refunded = pl.col("settled_at").is_not_null(), pl.col("refunded_at").is_not_null()
    return (
        happened(frames["commissions"].filter(whose), now)
        .drop_nulls("paid_at")
        .join(lines, on="line_id", how="left")
        .join(products, on="product_id", how="left")
        .join(authors, on="author_id", how="left")
        .join(shops, on="shop_id", how="left")
        .with_columns(
            pl.max_horizontal(_STEPS).alias("updated_at"),
            pl.when(settled & ~refunded).then("settled_fen").otherwise(0).alias("real_fen"),
            *(
                pl.when(settled).then(f"{amount}_fen").otherwise(0)
                for amount in ("settled_base", "colonel_settled")
            ),
            pl.when(refunded).then(pl.lit("REFUND"))
            .when(settled).then(pl.lit("SETTLE"))
            .when(pl.col("confirmed_at").is_not_null()).then(pl.lit("CONFIRM"))
            .otherwise(pl.lit("PAY_SUCC")).alias("flow_point"),
        )
    )  # fmt: skip


def listed(
    frame: pl.DataFrame,
    by: str,
    fields: list[pl.Expr],
    *,
    key: pl.Expr = _LINE,
    extra: bool = False,
) -> Listing:
    """Records in the order of a time; ``extra`` adds an object without fields."""
    record = pl.struct(fields).struct.json_encode()
    if extra:
        record = pl.concat_str(record.str.head(-1), pl.lit(',"extra":{}}'))
    rows = frame.select(
        pl.col(by).dt.epoch("s").alias("at"), key.alias("key"), record.alias("record")
    )
    return Listing.of(rows, "at", "key", "record")


def _wall(name: str) -> pl.Expr:
    return pl.col(name).dt.strftime("%Y-%m-%d %H:%M:%S").fill_null("")


def tech_fee(amount: str) -> pl.Expr:
    """What the platform takes of a commission."""
    return pl.col(amount) * TECH_FEE_BP // 10_000


def common_fields() -> list[pl.Expr]:
    """What shop, MCN and 团长 see alike."""
    live = pl.col("session_id").is_not_null()
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
        pl.col("flow_point"),
        pl.lit("抖音").alias("app"),
        _wall("updated_at").alias("update_time"),
        _wall("paid_at").alias("pay_success_time"),
        _wall("settled_at").alias("settle_time"),
        pl.col("base_fen").alias("pay_goods_amount"),
        pl.col("settled_base_fen").alias("settled_goods_amount"),
        pl.col("platform_shop_id").cast(pl.Int64).alias("shop_id"),
        pl.col("quantity").alias("item_num"),
        _wall("refunded_at").alias("refund_time"),
        pl.col("short_id").alias("author_short_id"),
        pl.col("buyin_id").alias("author_buyin_id"),
        pl.when(live).then(pl.lit("live")).otherwise(pl.lit("video")).alias("media_type"),
        pl.col("session_id").cast(pl.Int64).fill_null(0).alias("media_id"),
    ]


def shop_commission() -> list[pl.Expr]:
    """What the shop pays the author, before it is shared out."""
    return [
        pl.col("estimated_fen").alias("shop_estimated_commission"),
        pl.col("real_fen").alias("shop_real_commission"),
        pl.col("estimated_fen").alias("estimated_total_commission"),
    ]


def _activity() -> pl.Expr:
    """The one 招商活动 of all 团长."""
    return pl.when(pl.col("colonel_id").is_not_null()).then(600_001).otherwise(0)


def colonel(*more: pl.Expr) -> pl.Expr:
    """The 团长's part; zeros where none took part."""
    number = pl.col("colonel_id").cast(pl.Int64).fill_null(0)
    return pl.struct(
        pl.col("colonel_bp").alias("commission_rate"),
        _activity().alias("activity_id"),
        pl.col("colonel_estimated_fen").alias("estimated_commission"),
        pl.col("colonel_settled_fen").alias("real_commission"),
        number.alias("institution_id"),
        pl.col("colonel_name").fill_null("").alias("institution_name"),
        number.alias("colonel_buyin_id"),
        *more,
    ).alias("colonel_order_info")


def _order_fields() -> list[pl.Expr]:
    return [
        *common_fields(),
        *shop_commission(),
        *(pl.lit(0).alias(name) for name in ("estimated_commission", "real_commission")),
        tech_fee("real_fen").alias("settled_tech_service_fee"),
        _wall("confirmed_at").alias("confirm_time"),
        pl.lit(1128).alias("app_id"),
        *distribution(),
        *(pl.lit("0").alias(f"ads_{name}_commission") for name in ("real", "estimated")),
        colonel(),
    ]


def distribution() -> list[pl.Expr]:
    """No distributor took part."""
    return [
        pl.lit("1128").alias("buyer_app_id"),
        *(pl.lit("").alias(name) for name in ("distributor_name", "distributor_buyin_id")),
        pl.lit("0").alias("ads_promotion_rate"),
    ]


def _phase_fields() -> list[pl.Expr]:
    texts = ("ads_buyin_id", "distribution_type", "pid", "site_name")
    zeros = (
        "settle_colonel_tech_service_fee", "settle_ads_tech_service_fee", "settle_ads_commission",
        "real_service_fee",
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
        _activity().alias("colonel_activity_id"),
        pl.col("colonel_fen").alias("settle_colonel_commission"),
        *(pl.lit("").alias(name) for name in texts),
        *(pl.lit(0).alias(name) for name in zeros),
        pl.col("phase").alias("phase_id"),
        _wall("phase_at").alias("settle_time"),
        _wall("phase_at").alias("update_time"),
    ]
