"""What 抖店's order record and its lines both say: states, receiver, promotions, times."""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.adapters.doudian_words import (
    ORDER_WORDS,
    PAY_TYPES,
    TRADE_TYPES,
    cipher,
    epoch,
    words,
)  # fmt: skip


def states(status: pl.Expr, main: pl.Expr) -> list[pl.Expr]:
    """Both status codes with the platform's words beside them."""
    return [
        status.alias("order_status"),
        words(ORDER_WORDS, status).alias("order_status_desc"),
        main.alias("main_status"),
        words(ORDER_WORDS, main).alias("main_status_desc"),
    ]


def _receiver() -> list[pl.Expr]:
    """Cipher text, masks and places; nothing of the buyer in clear."""
    place = [
        pl.struct(pl.col(f"{part}").alias("name"), pl.col(f"{part}_id").alias("id")).alias(part)
        for part in ("province", "city", "town")
    ]
    street = pl.struct(pl.lit("").alias("name"), pl.lit("0").alias("id")).alias("street")
    detail = cipher("##", "index*1#1##", pl.col("order_id"), pl.col("address"))
    return [
        pl.lit("").alias("post_tel"),
        pl.lit("").alias("post_receiver"),
        cipher("$$", "*1*1$$", pl.col("order_id"), pl.col("phone")).alias("encrypt_post_tel"),
        cipher("##", "*1#1##", pl.col("order_id"), pl.col("name")).alias("encrypt_post_receiver"),
        (pl.col("phone").str.head(1) + "********" + pl.col("phone").str.tail(2)).alias(
            "mask_post_tel"
        ),
        (pl.col("name").str.head(1) + "*").alias("mask_post_receiver"),
        pl.struct(*place, street, detail.alias("encrypt_detail")).alias("post_addr"),
    ]


def mask_addr() -> pl.Expr:
    """Where it goes, down to the district."""
    place = [
        pl.struct(pl.col(part).alias("name"), pl.col(f"{part}_id").alias("id")).alias(part)
        for part in ("province", "city", "town")
    ]
    street = pl.struct(pl.lit("").alias("name"), pl.lit("0").alias("id")).alias("street")
    return pl.struct(*place, street, pl.lit("***").alias("detail")).alias("mask_post_addr")


def _promotions() -> list[pl.Expr]:
    given = (
        pl.col("shop_discount_fen")
        + pl.col("platform_discount_fen")
        + pl.col("author_discount_fen")
    )
    return [
        given.alias("promotion_amount"),
        pl.col("shop_discount_fen").alias("promotion_shop_amount"),
        pl.col("platform_discount_fen").alias("promotion_platform_amount"),
        pl.col("merchant_borne_fen").alias("shop_cost_amount"),
        (pl.col("platform_borne_fen") + pl.col("author_borne_fen")).alias("platform_cost_amount"),
        pl.col("platform_borne_fen").alias("only_platform_cost_amount"),
        pl.col("author_borne_fen").alias("author_cost_amount"),
        pl.col("author_discount_fen").alias("promotion_talent_amount"),
        pl.when(pl.col("paid_at").is_not_null())
        .then("pay_discount_fen")
        .otherwise(0)
        .alias("promotion_pay_amount"),
    ]


def common() -> list[pl.Expr]:
    """What the main record and its lines both say."""
    trade = pl.col("trade_type")
    return [
        pl.lit(2).alias("biz"),
        pl.lit("小店").alias("biz_desc"),
        pl.lit(0).alias("order_type"),
        pl.lit("普通订单").alias("order_type_desc"),
        trade.replace_strict(
            {k: v[0] for k, v in TRADE_TYPES.items()}, return_dtype=pl.Int64
        ).alias("trade_type"),
        trade.replace_strict(
            {k: v[1] for k, v in TRADE_TYPES.items()}, return_dtype=pl.String
        ).alias("trade_type_desc"),
        epoch("paid_at").alias("pay_time"),
        pl.lit(7200).alias("order_expire_time"),
        epoch("finished_at").alias("finish_time"),
        epoch("created_at").alias("create_time"),
        epoch("updated_at").alias("update_time"),
        pl.when(pl.col("closed_at").is_not_null())
        .then("cancel_reason")
        .fill_null("")
        .alias("cancel_reason"),
        pl.lit(2).alias("b_type"),
        pl.lit("抖音").alias("b_type_desc"),
        pl.lit(1).alias("sub_b_type"),
        pl.lit("app内-原生").alias("sub_b_type_desc"),
        pl.lit(0).alias("app_id"),
        pl.when(pl.col("paid_at").is_not_null())
        .then(pl.col("pay_method").replace_strict(PAY_TYPES, return_dtype=pl.Int64))
        .otherwise(0)
        .alias("pay_type"),
        pl.concat_str(pl.lit("PN"), pl.col("order_id").str.tail(10)).alias("channel_payment_no"),
        pl.lit(0).alias("post_insurance_amount"),
        pl.lit(0).alias("modify_amount"),
        pl.lit(0).alias("modify_post_amount"),
        *_promotions(),
        *_receiver(),
        pl.when(pl.col("paid_at").is_not_null())
        .then(epoch("promise_ship_at"))
        .otherwise(0)
        .alias("exp_ship_time"),
    ]
