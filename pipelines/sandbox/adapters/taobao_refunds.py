"""World after-sales in TOP's words: refunds.receive.get, refund.get, refund.messages.get.

``order_status`` is the line's status when the buyer asked, as in the sample of a refund before
shipping. A refund carries no time of the shop's first answer: its first message does.
TOP does not say how much of a refund is postage.
"""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.adapter import Outside
from pipelines.sandbox.adapters.taobao_views import (
    alipay_number,
    lines,
    requests,
    shop_of,
    trades,
)
from pipelines.sandbox.adapters.taobao_words import (
    chosen,
    listing,
    masked,
    rendered,
    wall,
    wrapped,
    yuan,
)
from pipelines.sandbox.listing import Listing

DETAIL_ONLY = frozenset({
    "num_iid", "price", "shipping_type", "split_seller_fee", "split_taobao_fee", "alipay_no",
    "advance_status", "cs_status", "good_return_time", "refund_remind_timeout",
})  # fmt: skip
_BUYER, _SELLER = "1", "2"


def refund_listing(outside: Outside, shop: str, names: frozenset[str], status: str) -> Listing:
    """A shop's refunds with the fields that were asked for, by modified time."""
    whole = _with_parts(outside, shop)
    if status:
        whole = whole.filter(pl.col("status") == status)
    return listing(whole, "modified_at", "after_sale_id", _fields(outside, shop), names)


def refund_details(outside: Outside, shop: str, names: frozenset[str]) -> dict[str, bytes]:
    """The same by refund_id, with all that refund.get has."""

    def make() -> dict[str, bytes]:
        whole = refund_listing(outside, shop, names, "")
        return dict(zip(whole.ids, whole.records, strict=True))

    return outside.rendered(("taobao refund details", shop, names), make)


def _with_parts(outside: Outside, shop: str) -> pl.DataFrame:
    of_line = lines(outside, shop).select(
        "line_id", "product_id", "sku_id", "title", "spu_code", "spec_name", "spec_value",
        "list_price_fen", "finished_at", "shipping_type",
    )  # fmt: skip
    of_trade = trades(outside, shop).select(
        "order_id", "buyer_id", "paid_at", pl.col("order_fen").alias("trade_fen")
    )
    return (
        requests(outside, shop)
        .join(of_line, on="line_id")
        .join(of_trade, on="order_id")
        .join(outside.frames["buyers"].select("buyer_id", "name"), on="buyer_id")
    )


def _phase() -> pl.Expr:
    """Before or after the buyer confirmed."""
    later = pl.col("finished_at") <= pl.col("applied_at")
    return pl.when(later).then(pl.lit("aftersale")).otherwise(pl.lit("onsale"))


def _order_status() -> pl.Expr:
    return (
        pl.when(pl.col("type") == "pre_ship").then(pl.lit("WAIT_SELLER_SEND_GOODS"))
        .when(_phase() == "aftersale").then(pl.lit("TRADE_FINISHED"))
        .otherwise(pl.lit("WAIT_BUYER_CONFIRM_GOODS"))
    )  # fmt: skip


def _good_status() -> pl.Expr:
    return (
        pl.when(pl.col("returned_at").is_not_null()).then(pl.lit("BUYER_RETURNED_GOODS"))
        .when(pl.col("type") == "pre_ship").then(pl.lit("BUYER_NOT_RECEIVED"))
        .otherwise(pl.lit("BUYER_RECEIVED"))
    )  # fmt: skip


def _fields(outside: Outside, shop: str) -> list[pl.Expr]:
    seller = pl.lit(shop_of(outside, shop)["name"])
    refund = pl.when(pl.col("status") == "SUCCESS").then("refund_fen").otherwise("apply_fen")
    went_back = pl.col("returned_at").is_not_null()
    sku = pl.concat_str("sku_id", pl.lit("|"), "spec_name", pl.lit(":"), "spec_value")
    timeout = pl.when(pl.col("ended_at").is_null()).then("deadline_at")
    return [
        pl.col("after_sale_id").alias("refund_id"),
        pl.col("order_id").cast(pl.Int64).alias("tid"),
        pl.col("line_id").cast(pl.Int64).alias("oid"),
        yuan("trade_fen").alias("total_fee"),
        yuan(refund).alias("refund_fee"),
        yuan(pl.col("trade_fen") - refund).alias("payment"),
        masked("name").alias("buyer_nick"),
        seller.alias("seller_nick"),
        wall("applied_at").alias("created"),
        wall("modified_at").alias("modified"),
        wall("ended_at").alias("end_time"),
        _order_status().alias("order_status"),
        pl.col("status"),
        _good_status().alias("good_status"),
        pl.col("type").is_in(["return_refund", "exchange"]).alias("has_good_return"),
        pl.col("reason"),
        pl.col("title"),
        pl.col("quantity").alias("num"),
        sku.alias("sku"),
        pl.col("spu_code").alias("outer_id"),
        _phase().alias("refund_phase"),
        pl.col("modified_at").dt.epoch("ms").alias("refund_version"),
        pl.lit("null").alias("operation_contraint"),
        pl.col("dispute_type"),
        pl.when(went_back).then("return_carrier").alias("company_name"),
        pl.when(went_back).then("return_tracking_number").alias("sid"),
        pl.col("product_id").cast(pl.Int64).alias("num_iid"),
        yuan("list_price_fen").alias("price"),
        pl.col("shipping_type"),
        pl.lit("0.00").alias("split_seller_fee"),
        pl.lit("0.00").alias("split_taobao_fee"),
        alipay_number("paid_at", "order_id").alias("alipay_no"),
        pl.lit(0).alias("advance_status"),
        pl.when(pl.col("is_intervened")).then(3).otherwise(1).alias("cs_status"),
        wall("returned_at").alias("good_return_time"),
        pl.struct(
            timeout.is_not_null().alias("exist_timeout"),
            pl.lit(1).alias("remind_type"),
            wall(timeout).alias("timeout"),
        ).alias("refund_remind_timeout"),
    ]


def refund_messages(outside: Outside, shop: str, names: frozenset[str]) -> dict[str, bytes]:
    """The messages of each refund, oldest first, as the inside of a response object."""

    def make() -> dict[str, bytes]:
        said = pl.concat([_said(outside, shop, "applied_at"), _said(outside, shop, "handled_at")])
        listed = (
            said.sort("refund_id", "created")
            .group_by("refund_id", maintain_order=True)
            .agg(
                pl.len().alias("total_results"),
                pl.struct(chosen(map(pl.col, said.columns), names)).alias("messages"),
            )
        )
        told = listed.select(
            "refund_id",
            rendered(
                [
                    wrapped("messages", "refund_message").alias("refund_messages"),
                    pl.col("total_results"),
                ]
            ),
        )
        return {key: text[1:-1].encode() for key, text in told.iter_rows()}

    return outside.rendered(("taobao messages", shop, names), make)


def _said(outside: Outside, shop: str, moment: str) -> pl.DataFrame:
    """The buyer's first message, or the shop's."""
    by_shop = moment == "handled_at"
    goods = pl.col("type").is_in(["return_refund", "exchange"]) & (pl.col("outcome") != "refused")
    approved = pl.lit(by_shop) & goods
    return (
        _with_parts(outside, shop)
        .drop_nulls(moment)
        .select(
            pl.col("after_sale_id").str.tail(12).cast(pl.Int64).alias("id") * 10 + int(by_shop),
            pl.col("after_sale_id").alias("refund_id"),
            pl.lit(_SELLER if by_shop else _BUYER).alias("owner_role"),
            pl.lit("卖家已处理" if by_shop else "买家发起申请").alias("content"),
            wall(moment).alias("created"),
            pl.when(approved)
            .then(pl.lit("RETURN_GOODS_APPROVED"))
            .otherwise(pl.lit("NORMAL"))
            .alias("message_type"),
            _phase().alias("refund_phase"),
        )
    )
