"""World orders in 拼多多's words: the records of the order lists and of the detail.

Amounts (pdd.md section 4), yuan: pay_amount = goods_amount - discount_amount + postage, which is
what is due; duo_duo_pay_reduction comes off it while paying (that it is not in pay_amount already
is unconfirmed). discount_amount is the platform's and the shop's, each borne by who gives it.

An order shows once its deal is closed: paid, or with its deposit, which is then its confirm_time
(unconfirmed); pay_time is the balance's. Orders that were never paid are told nowhere. Left out,
since the platform has no field for it: the buyer's id, who signed when, where the buyer came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from pipelines.sandbox.adapters.pdd_words import (
    CARRIERS,
    happened,
    order_sn,
    refund_status,
    request_status,
    wall,
    yuan,
)  # fmt: skip
from pipelines.sandbox.listing import Listing

_TOLD_FOR = timedelta(days=90)
_STEP = pl.Struct(
    {
        "advanced_paid_fee": pl.Float64, "step_discount_amount": pl.Float64,
        "step_paid_fee": pl.Float64, "step_trade_status": pl.Int32,
    }
)  # fmt: skip
_NOTHING = pl.lit([], dtype=pl.List(pl.String))


def order_listing(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime, by: str) -> Listing:
    """A mall's orders by ``confirmed_at`` (ids of goods as text) or ``updated_at`` (as numbers)."""
    orders = happened(frames["orders"].filter(pl.col("shop_id") == shop), now).with_columns(
        pl.coalesce("deposit_paid_at", "paid_at").alias("confirmed_at")
    )
    orders = orders.filter(pl.col("confirmed_at") >= now - _TOLD_FOR)
    lines = happened(frames["order_lines"].filter(pl.col("shop_id") == shop), now)
    whole = (
        orders.join(_sent(lines, frames, now), on="order_id", how="left")
        .join(_requests(frames, shop, now), on="order_id", how="left")
        .join(_items(lines, frames, as_text=by == "confirmed_at"), on="order_id", how="left")
        .join(frames["buyers"], on="buyer_id", how="left", suffix="_of_buyer")
        .with_columns(
            order_sn().alias("order_sn"),
            pl.max_horizontal(
                "created_at", "paid_at", "deposit_paid_at", "closed_at", "finished_at",
                "shipped_at", "request_event_at",
            ).alias("updated_at"),
            pl.when(pl.col("finished_at").is_not_null()).then(3)
            .when(pl.col("shipped_at").is_not_null()).then(2)
            .otherwise(1).alias("order_status"),
        )
    )  # fmt: skip
    record = pl.struct(_fields()).struct.json_encode().alias("record")
    at = pl.col(by).dt.epoch("s").alias("at")
    return Listing.of(whole.select(at, "order_sn", record), "at", "order_sn", "record")


def _sent(lines: pl.DataFrame, frames: Mapping[str, pl.DataFrame], now: datetime) -> pl.DataFrame:
    """order_id, shipped_at and the parcel of each order: one, since an order is one thing."""
    left = frames["parcels"].filter(pl.col("shipped_at") < now)
    packed = frames["parcel_lines"].join(
        left.select("parcel_id", "carrier", "tracking_number"), on="parcel_id"
    )
    things = lines.filter(~pl.col("is_gift")).select("order_id", "line_id", "shipped_at")
    return things.join(packed, on="line_id", how="left").select(
        "order_id",
        "shipped_at",
        pl.col("carrier").replace_strict(CARRIERS, return_dtype=pl.Int64).fill_null(0)
        .alias("logistics_id"),
        pl.col("tracking_number").fill_null(""),
    )  # fmt: skip


def _requests(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    """order_id, the status of its newest request and when any of its requests last changed."""
    requests = happened(frames["after_sales"].filter(pl.col("shop_id") == shop), now)
    return (
        requests.drop_nulls("applied_at")
        .with_columns(
            request_status().alias("request_status"),
            pl.max_horizontal(
                "applied_at", "handled_at", "returned_at", "received_at", "refunded_at", "ended_at"
            ).alias("request_event_at"),
        )
        .sort("applied_at", "after_sale_id")
        .group_by("order_id", maintain_order=True)
        .agg(pl.col("request_status").last(), pl.col("request_event_at").max())
    )


def _items(
    lines: pl.DataFrame, frames: Mapping[str, pl.DataFrame], *, as_text: bool
) -> pl.DataFrame:
    """order_id, item_list and gift_list."""
    products = frames["products"].select("product_id", pl.col("name").alias("title"), "spu_code")
    skus = frames["skus"].select("sku_id", "merchant_code", "spec_value")
    number = pl.String if as_text else pl.Int64
    item = pl.struct(
        pl.col("product_id").cast(number).alias("goods_id"),
        pl.col("sku_id").cast(number),
        pl.col("title").alias("goods_name"),
        pl.col("spec_value").alias("goods_spec"),
        yuan(pl.when("is_gift").then(0).otherwise("price_fen")).alias("goods_price"),
        pl.col("quantity").alias("goods_count"),
        pl.lit("").alias("goods_img"),
        pl.col("merchant_code").alias("outer_id"),
        pl.col("spu_code").alias("outer_goods_id"),
    )
    return (
        lines.join(products, on="product_id", how="left")
        .join(skus, on="sku_id", how="left")
        .sort("order_id", "line_number")
        .group_by("order_id", maintain_order=True)
        .agg(
            item.filter(~pl.col("is_gift")).alias("item_list"),
            item.filter(pl.col("is_gift")).alias("gift_list"),
        )
    )


def _fields() -> list[pl.Expr]:
    return [*_states(), *_times(), *_amounts(), *_receiver(), *_parcel(), *_notes(), *_inside()]


def _states() -> list[pl.Expr]:
    unpaid = pl.col("paid_at").is_null()
    never = unpaid & pl.col("closed_at").is_not_null()
    return [
        pl.col("order_sn"),
        pl.col("order_id").str.tail(15).cast(pl.Int64).alias("group_order_id"),
        pl.col("order_status"),
        pl.when(never).then(2).otherwise(1).alias("confirm_status"),
        pl.lit(1).alias("group_status"),
        refund_status(pl.col("request_status")).alias("refund_status"),
        pl.col("request_status").fill_null(0).alias("after_sales_status"),
        (pl.col("trade_type") == "presale").cast(pl.Int64).alias("trade_type"),
        pl.lit(1).alias("is_lucky_flag"),
        (pl.col("trade_type") == "presale").cast(pl.Int64).alias("is_pre_sale"),
        pl.lit(0).alias("risk_control_status"),
        pl.lit(-1).alias("stock_out_handle_status"),
    ]


def _times() -> list[pl.Expr]:
    return [
        wall("created_at").alias("created_time"),
        wall("paid_at").alias("pay_time"),
        wall("confirmed_at").alias("confirm_time"),
        wall("updated_at").alias("updated_at"),
        pl.when(pl.col("paid_at").is_not_null())
        .then(wall("promise_ship_at"))
        .otherwise(pl.lit(""))
        .alias("last_ship_time"),
        wall("shipped_at").alias("shipping_time"),
        wall("finished_at").alias("receive_time"),
    ]


def _amounts() -> list[pl.Expr]:
    discounts = pl.col("shop_discount_fen") + pl.col("platform_discount_fen")
    paid = pl.col("paid_at").is_not_null()
    return [
        yuan(pl.col("goods_fen")).alias("goods_amount"),
        yuan(discounts).alias("discount_amount"),
        yuan(pl.col("platform_discount_fen")).alias("platform_discount"),
        yuan(pl.col("shop_discount_fen")).alias("seller_discount"),
        pl.lit(0.0).alias("capital_free_discount"),
        pl.lit(0.0).alias("order_change_amount"),
        yuan(pl.when(paid).then("pay_discount_fen").otherwise(0)).alias("duo_duo_pay_reduction"),
        yuan(pl.col("freight_fen")).alias("postage"),
        yuan(pl.col("order_fen")).alias("pay_amount"),
        *(pl.lit("").alias(name) for name in ("pay_type", "pay_no", "inner_transaction_id")),
    ]


def _receiver() -> list[pl.Expr]:
    """Cipher text while it waits to be sent, masks and places; nothing of the buyer in clear."""
    digest = pl.concat_str("order_id", "phone").hash(7).cast(pl.String)
    waits = pl.col("order_status") == 1

    def cipher(mark: str, end: str) -> pl.Expr:
        text = pl.concat_str(pl.lit(mark), digest, pl.lit(end))
        return pl.when(waits).then(text).otherwise(pl.lit(""))

    return [
        cipher("~AgAAAN", "~0~").alias("receiver_name"),
        cipher("$AgAAAP", "$1$$").alias("receiver_phone"),
        pl.lit("").alias("address"),
        cipher("~AgAAAA", "~0~").alias("receiver_address"),
        (pl.col("name").str.head(1) + "**").alias("receiver_name_mask"),
        (pl.col("phone").str.head(1) + "**********").alias("receiver_phone_mask"),
        pl.lit("***").alias("receiver_address_mask"),
        *(pl.col(name) for name in ("province", "city", "town")),
        *(pl.col(f"{name}_id").cast(pl.Int64) for name in ("province", "city", "town")),
        pl.lit("中国").alias("country"),
        pl.lit(0).alias("country_id"),
    ]


def _parcel() -> list[pl.Expr]:
    return [
        pl.col("tracking_number").fill_null(""),
        pl.col("logistics_id").fill_null(0),
    ]


def _notes() -> list[pl.Expr]:
    return [
        pl.col("seller_remark").fill_null("").alias("remark"),
        pl.max_horizontal("seller_stars", pl.lit(0)).alias("remark_tag"),
        pl.col("buyer_remark").fill_null("").alias("buyer_memo"),
        pl.lit(0).alias("invoice_status"),
    ]


def _inside() -> list[pl.Expr]:
    paid = pl.col("paid_at").is_not_null()
    step = pl.struct(
        yuan(pl.col("deposit_fen")).alias("advanced_paid_fee"),
        pl.lit(0.0).alias("step_discount_amount"),
        yuan(pl.when(paid).then("paid_fen").otherwise("deposit_fen")).alias("step_paid_fee"),
        pl.when(paid).then(2).otherwise(1).alias("step_trade_status"),
    )
    tag = pl.struct(pl.lit("consolidate_order").alias("name"), pl.lit(0).alias("value"))
    return [
        pl.col("item_list"),
        pl.col("gift_list"),
        _NOTHING.alias("card_info_list"),
        _NOTHING.alias("service_fee_detail"),
        pl.concat_list(tag).alias("order_tag_list"),
        pl.when(pl.col("trade_type") == "presale")
        .then(step)
        .otherwise(pl.lit(None, dtype=_STEP))
        .alias("step_order_info"),
    ]
