"""Codes and texts that 微信小店's renderers share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.doudian_words import happened

CARRIERS = {"shunfeng": "SF", "zhongtong": "ZTO", "yuantong": "YTO", "jtexpress": "JTSD"}
# 直播间, 短视频, 商品橱窗; the platform has no scene for a search.
SCENES = {"live": 2, "video": 3, "card": 5, "search": 1, "other": 1}
NOTHING = pl.lit([], dtype=pl.List(pl.String))
AFTER_SALE_TYPES = {
    "pre_ship": "REFUND", "refund_only": "REFUND", "price_protection": "REFUND",
    "return_refund": "RETURN", "exchange": "EXCHANGE", "reissue": "EXCHANGE",
}  # fmt: skip
# The old numbers of after-sales' states, which orders still say.
OLD_STATES = {
    "USER_CANCELD": 1, "MERCHANT_PROCESSING": 2, "MERCHANT_REJECT_REFUND": 4,
    "MERCHANT_REJECT_RETURN": 5, "USER_WAIT_RETURN": 6, "RETURN_CLOSED": 7,
    "MERCHANT_WAIT_RECEIPT": 8, "PLATFORM_REFUNDING": 11, "MERCHANT_REFUND_SUCCESS": 13,
    "MERCHANT_RETURN_SUCCESS": 14, "MERCHANT_FAIL": 24,
}  # fmt: skip
Frames = Mapping[str, pl.DataFrame]


def of_shop(frames: Frames, table: str, shop: str, now: datetime, begins: str) -> pl.DataFrame:
    """A shop's rows of a table as they stand, those that have begun."""
    rows = frames[table].filter(pl.col("shop_id") == shop)
    return happened(rows, now).drop_nulls(begins)


def requests(frames: Frames, shop: str, now: datetime) -> pl.DataFrame:
    """A shop's after-sales with the platform's type and state."""
    asked = of_shop(frames, "after_sales", shop, now, "applied_at")
    ended = pl.col("ended_at").is_not_null()
    is_back = pl.col("is_type") != "REFUND"
    goes_back = pl.col("type").is_in(["return_refund", "exchange"])
    state = (
        pl.when(ended & (pl.col("outcome") == "withdrawn")).then(pl.lit("USER_CANCELD"))
        .when(ended & (pl.col("outcome") == "refused") & is_back).then(pl.lit("RETURN_CLOSED"))
        .when(ended & (pl.col("outcome") == "refused")).then(pl.lit("MERCHANT_FAIL"))
        .when(ended & is_back).then(pl.lit("MERCHANT_RETURN_SUCCESS"))
        .when(ended).then(pl.lit("MERCHANT_REFUND_SUCCESS"))
        .when(pl.col("handled_at").is_null()).then(pl.lit("MERCHANT_PROCESSING"))
        .when((pl.col("outcome") == "refused") & is_back).then(pl.lit("MERCHANT_REJECT_RETURN"))
        .when(pl.col("outcome") == "refused").then(pl.lit("MERCHANT_REJECT_REFUND"))
        .when(goes_back & pl.col("returned_at").is_null()).then(pl.lit("USER_WAIT_RETURN"))
        .when(goes_back).then(pl.lit("MERCHANT_WAIT_RECEIPT"))
        .otherwise(pl.lit("PLATFORM_REFUNDING"))
    )  # fmt: skip
    return (
        asked.with_columns(
            pl.col("type").replace_strict(AFTER_SALE_TYPES, return_dtype=pl.String).alias("is_type")
        )
        .with_columns(state.alias("state"))
        .with_columns(
            pl.max_horizontal(
                "applied_at", "handled_at", "returned_at", "received_at", "refunded_at", "ended_at"
            ).alias("updated_at")
        )
    )


def open_id(buyer: str) -> pl.Expr:
    """A buyer's openid: another one in every shop's app."""
    return pl.concat_str(pl.lit("oKJ"), pl.col("shop_id").str.tail(2), pl.col(buyer).str.tail(7))


def picture(name: str) -> pl.Expr:
    """Where a picture would be."""
    return pl.concat_str(pl.lit("https://example.invalid/img/"), pl.col(name), pl.lit(".jpg"))


def spec() -> pl.Expr:
    """An SKU's attributes."""
    attribute = pl.struct(
        pl.col("spec_name").alias("attr_key"), pl.col("spec_value").alias("attr_value")
    )
    return pl.concat_list(attribute).alias("sku_attrs")


def records(frame: pl.DataFrame, key: str, record: pl.Expr) -> dict[str, bytes]:
    """The JSON text of every row, by id."""
    rendered = frame.select(key, record.struct.json_encode().alias("_record"))
    return {each: text.encode() for each, text in rendered.iter_rows()}
