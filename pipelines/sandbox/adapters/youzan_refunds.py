"""World after-sales in 有赞's words: list, details, the record of who did what, and when.

有赞 knows three demands: 仅退款, 退货退款, 换货. 价保 is a refund for reason 221 (差价退款),
补寄 an exchange for which nothing is sent back; dates say what was asked for before shipping.
Source: platform notes youzan.md, section 4.
"""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.adapters.youzan_words import PAY_TYPES, numbered, wall, yuan
from pipelines.sandbox.listing import Listing

_DEMANDS = {"return_refund": 2, "exchange": 3, "reissue": 3}
_PRICE_DIFFERENCE = 221
# The platform's codes for money alone, and for goods that go back.
_REASONS = {
    "不喜欢/不想要": (12, 104), "商品质量问题": (11, 105), "与描述不符": (13, 103),
    "少件/漏发": (16, 101), "快递太慢": (20, 107), "七天无理由": (17, 112),
}  # fmt: skip
_STATES = {
    "WAIT_SELLER_AGREE": 1, "SELLER_REFUSE_BUYER": 10, "WAIT_BUYER_RETURN_GOODS": 20,
    "WAIT_SELLER_CONFIRM_GOODS": 30, "SELLER_RETURN_GOODS": 45, "CLOSED": 50, "SUCCESS": 60,
}  # fmt: skip
_BUYER, _SELLER = 2, 3


def with_words(requests: pl.DataFrame, lines: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """Requests with their trade, the platform's id, demand, reason, status and update time."""
    demand = pl.col("type").replace_strict(_DEMANDS, default=1, return_dtype=pl.Int64)
    code = [
        pl.col("reason").replace_strict(
            {words: codes[part] for words, codes in _REASONS.items()}, return_dtype=pl.Int64
        )
        for part in (0, 1)
    ]
    return (
        requests.join(lines.select("line_id", "tid"), on="line_id")
        .join(orders.select("order_id", "pay_method"), on="order_id")
        .with_columns(
            numbered("applied_at", "after_sale_id", 10).alias("refund_id"),
            demand.alias("demand"),
            pl.when(pl.col("type") == "price_protection")
            .then(_PRICE_DIFFERENCE)
            .when(demand == 1)
            .then(code[0])
            .otherwise(code[1])
            .alias("reason_code"),
            _status().alias("status"),
            pl.max_horizontal(
                "applied_at", "handled_at", "returned_at", "received_at", "refunded_at", "ended_at"
            ).alias("updated_at"),
            pl.col("type").is_in(["return_refund", "exchange"]).alias("return_goods"),
        )
    )


def _status() -> pl.Expr:
    ended, handled = pl.col("ended_at").is_not_null(), pl.col("handled_at").is_not_null()
    goes_back = pl.col("type").is_in(["return_refund", "exchange"]) & handled
    return (
        pl.when(ended & (pl.col("outcome") == "succeeded")).then(pl.lit("SUCCESS"))
        .when(ended).then(pl.lit("CLOSED"))
        .when(handled & (pl.col("outcome") == "refused")).then(pl.lit("SELLER_REFUSE_BUYER"))
        .when(goes_back & pl.col("returned_at").is_null()).then(pl.lit("WAIT_BUYER_RETURN_GOODS"))
        .when(goes_back & pl.col("received_at").is_null()).then(pl.lit("WAIT_SELLER_CONFIRM_GOODS"))
        .when(goes_back & (pl.col("type") == "exchange")).then(pl.lit("SELLER_RETURN_GOODS"))
        .otherwise(pl.lit("WAIT_SELLER_AGREE"))
    )  # fmt: skip


def _listed(kdt_id: int) -> list[pl.Expr]:
    return [
        pl.col("refund_id"),
        pl.col("status"),
        pl.col("tid"),
        pl.lit(kdt_id).alias("kdt_id"),
        pl.col("return_goods"),
        pl.col("reason_code").alias("reason"),
        yuan(pl.col("apply_fen")).alias("refund_fee"),
        wall("applied_at").alias("created"),
        wall("updated_at").alias("modified"),
        pl.when("is_intervened").then(2).otherwise(1).alias("cs_status"),
    ]


def refund_listing(requests: pl.DataFrame, kdt_id: int, by: str) -> Listing:
    """The refunds of youzan.trade.refund.search, by the time of their update or application."""
    record = pl.struct(_listed(kdt_id)).struct.json_encode().alias("record")
    rendered = requests.select(pl.col(by).dt.epoch("s").alias("at"), "refund_id", record)
    return Listing.of(rendered, "at", "refund_id", "record")


def refund_details(requests: pl.DataFrame, kdt_id: int) -> dict[str, bytes]:
    """The data of youzan.trade.refund.get, by refund_id."""
    refunded = pl.col("refunded_at").is_not_null()
    succeeded = pl.col("status") == "SUCCESS"
    pay_way = pl.col("pay_method").replace_strict(
        {method: said[0] for method, said in PAY_TYPES.items()}, return_dtype=pl.Int64
    )
    fund = pl.concat_list(
        pl.struct(
            pl.col("refund_id").alias("refund_no"),
            pl.col("refund_id"),
            pl.col("refund_fen").alias("refund_fee"),
            pl.lit(2).alias("status"),
            pay_way.alias("pay_way"),
            pl.lit(0).alias("refund_mode"),
            pl.lit("退款成功").alias("message"),
        )
    )
    item = pl.struct(
        pl.lit(kdt_id).alias("kdt_id"),
        pl.col("line_id").alias("oid"),
        pl.col("apply_fen").alias("refund_fee"),
        pl.col("quantity").alias("item_num"),
    )
    record = pl.struct(
        *_listed(kdt_id),
        pl.col("line_id").alias("oid"),
        pl.col("updated_at").dt.epoch("ms").alias("version"),
        pl.lit("BUYER_APPLY_REFUND").alias("refund_type"),
        pl.col("demand"),
        pl.when(succeeded)
        .then(wall("ended_at"))
        .otherwise(pl.lit(""))
        .alias("refund_success_time"),
        # When it reached the buyer, some seconds later; the application while it has not.
        pl.when(refunded)
        .then((pl.col("refunded_at") + pl.duration(seconds=5)).dt.strftime("%Y-%m-%d %H:%M:%S"))
        .otherwise(wall("applied_at"))
        .alias("refund_account_time"),
        pl.when(refunded)
        .then(yuan(pl.col("refund_freight_fen")))
        .otherwise(pl.lit("0.00"))
        .alias("refund_postage"),
        pl.when(refunded).then(fund).otherwise(fund.list.head(0)).alias("refund_fund_list"),
        pl.concat_list(item).alias("refund_order_item"),
    )
    rendered = requests.select("refund_id", record.struct.json_encode().alias("record"))
    return {number: text.encode() for number, text in rendered.iter_rows()}


def refund_messages(requests: pl.DataFrame) -> dict[str, bytes]:
    """The data of youzan.trade.refund.messages.get, by refund_id, oldest first."""
    steps = [
        requests.drop_nulls(at).select(
            "refund_id",
            pl.col(at).alias("at"),
            pl.struct(
                pl.lit(role).alias("owner_role"),
                wall(at).alias("created"),
                pl.col("refund_id"),
                pl.lit(words).alias("content"),
            )
            .struct.json_encode()
            .alias("record"),
        )
        for at, role, words in (
            ("applied_at", _BUYER, "发起了退款申请"),
            ("handled_at", _SELLER, "处理了退款申请"),
            ("returned_at", _BUYER, "已退货"),
            ("received_at", _SELLER, "已收到退货"),
        )
    ]
    grouped = (
        pl.concat(steps)
        .sort("refund_id", "at")
        .group_by("refund_id", maintain_order=True)
        .agg(pl.col("record").str.join(","))
    )
    return {
        number: b'{"refund_messages":[' + text.encode() + b"]}"
        for number, text in grouped.iter_rows()
    }


def refund_orders(requests: pl.DataFrame) -> pl.DataFrame:
    """Refunds of each trade (refund_order), as youzan.trade.get has them."""
    record = pl.struct(
        pl.when(pl.col("demand") == 3).then(5).otherwise(1).alias("refund_type"),
        yuan(pl.col("apply_fen")).alias("refund_fee"),
        pl.col("refund_id"),
        pl.col("status").replace_strict(_STATES, return_dtype=pl.Int64).alias("refund_state"),
        pl.concat_list("line_id").alias("oids"),
    )
    told = requests.select("tid", record.struct.json_encode().alias("refund_order"))
    return told.group_by("tid", maintain_order=True).agg(pl.col("refund_order").str.join(","))
