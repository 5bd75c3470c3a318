"""World settlement bills in TOP's words: bill.accounts.get and bill.bills.get.

The fee bill is the only list of TOP that names trade, line and amount; cash itself stands in the
Alipay ledger, which comes as a file. So that the books can be held against something, the sandbox
gives all parts of a settlement as rows of the fee bill: what the shop pays is positive, as the
platform has charges, what it gets is negative. ``tmall_commission`` is of the notes' sample, the
other accounts are the sandbox's own words.
"""

from __future__ import annotations

import orjson
import polars as pl

from pipelines.sandbox.adapter import Outside
from pipelines.sandbox.adapters.taobao_words import coded, listing, wall
from pipelines.sandbox.listing import Listing

_LATE = "late"
# By fee type (of refunds after the settlement: "late"): number, code, name, account_type.
ACCOUNTS = {
    "platform_fee": (1, "tmall_commission", "天猫佣金", 3),
    "user_paid": (2, "trade_income", "交易收款", 2),
    "refund_before_settle": (3, "trade_refund", "交易退款", 2),
    _LATE: (4, "aftersale_refund", "售后退款", 2),
    "platform_subsidy": (5, "platform_subsidy", "平台补贴", 6),
    "pay_subsidy": (6, "alipay_point", "集分宝", 6),
    "freight_insurance": (7, "freight_insurance", "运费险", 4),
}
_SINCE = "2012-01-01 00:00:00"


def account_records(names: frozenset[str]) -> bytes:
    """All accounts as the inside of a JSON array."""
    records = [
        {
            "account_id": number,
            "account_code": code,
            "account_name": name,
            "account_type": kind,
            "related_order": 1,
            "status": 1,
            "gmt_create": _SINCE,
            "gmt_modified": _SINCE,
        }
        for number, code, name, kind in ACCOUNTS.values()
    ]
    shown = [{key: each[key] for key in each if key in names} for each in records]
    return orjson.dumps(shown)[1:-1]


def bill_listing(outside: Outside, shop: str, names: frozenset[str], by: str) -> Listing:
    """A shop's bill rows by pay_time or by biz_time."""
    frames = outside.frames
    bills = frames["bills"].filter(
        (pl.col("shop_id") == shop) & (pl.col("settled_at") < outside.now())
    )
    lines = frames["order_lines"].select("line_id", "product_id", "finished_at", "order_fen")
    is_late = pl.col("type") == "refund_after_settle"
    kind = pl.when(is_late).then(pl.lit(_LATE)).otherwise("fee_type")
    whole = (
        bills.join(frames["bill_items"], on="bill_id")
        .join(lines, on="line_id", how="left")
        .with_columns(kind.alias("account"))
        .with_columns(
            coded("account", {key: row[0] for key, row in ACCOUNTS.items()}).alias("account_id"),
            coded("account", {key: row[2] for key, row in ACCOUNTS.items()}).alias("notice"),
            pl.coalesce("finished_at", "settled_at").alias("biz_at"),
        )
        .with_columns(
            (pl.col("bill_id").str.tail(-2).cast(pl.Int64) * 10 + pl.col("account_id")).alias("bid")
        )
    )
    fields = [
        pl.col("bid"),
        pl.col("account_id"),
        pl.col("order_id").alias("trade_id"),
        pl.col("line_id").alias("order_id"),
        pl.col("product_id").alias("num_iid"),
        (-pl.col("amount_fen")).alias("amount"),
        pl.col("order_fen").fill_null(0).alias("total_amount"),
        pl.lit(1).alias("status"),
        pl.concat_str(pl.lit("T200P"), "order_id").alias("alipay_outno"),
        pl.lit("2088000000000000").alias("alipay_id"),
        pl.lit("shop@example.invalid").alias("alipay_mail"),
        pl.lit("2088000000000001").alias("obj_alipay_id"),
        pl.lit("plat@example.invalid").alias("obj_alipay_mail"),
        pl.col("notice").alias("alipay_notice"),
        wall("biz_at").alias("biz_time"),
        wall("settled_at").alias("pay_time"),
        wall(pl.col("settled_at").dt.truncate("1d")).alias("book_time"),
        wall("settled_at").alias("gmt_create"),
        wall("settled_at").alias("gmt_modified"),
    ]
    keyed = whole.with_columns(pl.col("bid").cast(pl.String).alias("key"))
    return listing(keyed, by, "key", fields, names)
