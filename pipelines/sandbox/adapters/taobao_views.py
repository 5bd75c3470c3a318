"""A shop's trades, lines and refunds as they stand at the clock, with TOP's statuses.

Statuses and modified times follow from what has happened. A signature at the door changes no trade
(TRADE_BUYER_SIGNED is of cash on delivery alone); each step of a refund does.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from pipelines.sandbox.adapter import Outside
from pipelines.sandbox.adapters.doudian_words import happened
from pipelines.sandbox.adapters.taobao_words import coded

# A course ships nothing.
SHIPPING = {"course": "virtual", "hardware": "express"}
DISPUTES = {
    "pre_ship": "REFUND", "refund_only": "REFUND", "return_refund": "REFUND_AND_RETURN",
    "exchange": "TMALL_EXCHANGE", "reissue": "RESHIPPING", "price_protection": "OTHERS",
}  # fmt: skip
_REQUEST_TIMES = (
    "applied_at", "handled_at", "returned_at", "received_at", "refunded_at", "ended_at",
)  # fmt: skip


def _of_shop(outside: Outside, table: str, shop: str) -> pl.DataFrame:
    return happened(outside.frames[table].filter(pl.col("shop_id") == shop), outside.now())


def shop_of(outside: Outside, shop: str) -> dict[str, Any]:
    """The shop's own row."""
    return outside.frames["shops"].filter(pl.col("shop_id") == shop).row(0, named=True)


def requests(outside: Outside, shop: str) -> pl.DataFrame:
    """After-sales that were applied for: ``status``, ``modified_at``, ``dispute_type``."""

    def make() -> pl.DataFrame:
        ended, money = pl.col("ended_at").is_not_null(), pl.col("outcome")
        goes_back = pl.col("type").is_in(["return_refund", "exchange"])
        status = (
            pl.when(ended & (money == "succeeded")).then(pl.lit("SUCCESS"))
            .when(ended).then(pl.lit("CLOSED"))
            .when(pl.col("handled_at").is_null()).then(pl.lit("WAIT_SELLER_AGREE"))
            .when(money == "refused").then(pl.lit("SELLER_REFUSE_BUYER"))
            .when(goes_back & pl.col("returned_at").is_null())
            .then(pl.lit("WAIT_BUYER_RETURN_GOODS"))
            .when(goes_back).then(pl.lit("WAIT_SELLER_CONFIRM_GOODS"))
            .when(pl.col("type") == "reissue").then(pl.lit("WAIT_SELLER_CONSIGN_GOODS"))
            .otherwise(pl.lit("WAIT_SELLER_AGREE"))
        )  # fmt: skip
        return (
            _of_shop(outside, "after_sales", shop)
            .drop_nulls("applied_at")
            .with_columns(
                status.alias("status"),
                pl.max_horizontal(_REQUEST_TIMES).alias("modified_at"),
                coded("type", DISPUTES).alias("dispute_type"),
            )
        )

    return outside.rendered(("taobao requests", shop), make)


def lines(outside: Outside, shop: str) -> pl.DataFrame:
    """Order lines with what their product and SKU say of them."""

    def make() -> pl.DataFrame:
        products = outside.frames["products"].select(
            "product_id", pl.col("name").alias("title"), "spu_code", "kind", "second_category_id"
        )
        skus = outside.frames["skus"].select("sku_id", "merchant_code", "spec_name", "spec_value")
        return (
            _of_shop(outside, "order_lines", shop)
            .join(products, on="product_id")
            .join(skus, on="sku_id")
            .with_columns(coded("kind", SHIPPING).alias("shipping_type"))
        )

    return outside.rendered(("taobao lines", shop), make)


def trades(outside: Outside, shop: str) -> pl.DataFrame:
    """Orders that were placed: ``status``, ``modified_at`` and figures of their lines."""

    def make() -> pl.DataFrame:
        orders = _of_shop(outside, "orders", shop).drop_nulls("created_at")
        joined = orders.join(_of_lines(outside, shop), on="order_id").join(
            requests(outside, shop).group_by("order_id").agg(pl.col("modified_at").max()),
            on="order_id",
            how="left",
        )
        some = pl.col("shipped_lines") > 0
        partly = some & (pl.col("shipped_lines") < pl.col("lines_to_ship"))
        return joined.with_columns(
            status_of(shipped=some, partly=partly).alias("status"),
            pl.max_horizontal(
                "created_at", "deposit_paid_at", "paid_at", "closed_at", "finished_at",
                "line_event_at", "modified_at",
            ).alias("modified_at"),
        )  # fmt: skip

    return outside.rendered(("taobao trades", shop), make)


def _of_lines(outside: Outside, shop: str) -> pl.DataFrame:
    """What a trade's lines come to."""
    refunded = (
        requests(outside, shop)
        .filter(pl.col("refunded_at").is_not_null())
        .group_by("line_id")
        .agg(pl.col("refund_fen").sum().alias("back_fen"))
    )
    kept = pl.col("order_fen") - pl.col("back_fen").fill_null(0)
    finished = pl.col("finished_at").is_not_null()
    is_open = ~finished & pl.col("closed_at").is_null()
    shipped = pl.col("shipped_at")
    return (
        lines(outside, shop)
        .join(refunded, on="line_id", how="left")
        .group_by("order_id")
        .agg(
            pl.len().alias("line_count"),
            pl.col("quantity").first(),
            pl.col("product_id").first(),
            pl.col("list_price_fen").first(),
            pl.col("shipping_type").eq("virtual").all().alias("is_virtual"),
            kept.filter(finished).sum().alias("received_fen"),
            pl.col("order_fen").filter(is_open).sum().alias("open_fen"),
            shipped.min(),
            shipped.is_not_null().sum().alias("shipped_lines"),
            (pl.col("closed_at").is_null() | shipped.is_not_null()).sum().alias("lines_to_ship"),
            pl.max_horizontal(
                shipped.max(), pl.col("finished_at").max(), pl.col("closed_at").max()
            ).alias("line_event_at"),
        )
    )


def status_of(*, shipped: pl.Expr, partly: pl.Expr | None = None) -> pl.Expr:
    """The status that follows from a trade's or a line's times.

    What is refunded after the buyer confirmed stays TRADE_FINISHED: that is an after-sale.
    """
    paid, closed = pl.col("paid_at").is_not_null(), pl.col("closed_at").is_not_null()
    in_parts = pl.lit(value=False) if partly is None else partly
    return (
        pl.when(~paid & closed).then(pl.lit("TRADE_CLOSED_BY_TAOBAO"))
        .when(~paid).then(pl.lit("WAIT_BUYER_PAY"))
        .when(pl.col("finished_at").is_not_null()).then(pl.lit("TRADE_FINISHED"))
        .when(closed).then(pl.lit("TRADE_CLOSED"))
        .when(in_parts).then(pl.lit("SELLER_CONSIGNED_PART"))
        .when(shipped).then(pl.lit("WAIT_BUYER_CONFIRM_GOODS"))
        .otherwise(pl.lit("WAIT_SELLER_SEND_GOODS"))
    )  # fmt: skip


def alipay_number(moment: str, tail: str) -> pl.Expr:
    """An Alipay trade number: it begins with the day of the payment."""
    return pl.concat_str(
        pl.col(moment).dt.strftime("%Y%m%d"), pl.lit("22"), pl.col(tail).str.tail(18)
    )
