"""World settlement bills as 有赞's bill records: one a kind of amount.

The platform documents no field of youzan.pay.customer.query.querybillrecord. These are the columns
of the back office's 对账单 (类型, 名称, 业务单号, 关联单号, 支付流水号, 收入, 支出, 入账时间) under
names of our own, with the line's oid beside.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.youzan_trades import Frames
from pipelines.sandbox.adapters.youzan_words import wall, yuan
from pipelines.sandbox.listing import Listing

_TYPES = {
    "settled": "订单结算", "refund_after_settle": "结算后退款", "bond_refund": "保证金退还",
    "other": "其他",
}  # fmt: skip
_NAMES = {
    "user_paid": "订单货款", "platform_subsidy": "平台补贴", "pay_subsidy": "支付优惠补贴",
    "refund_before_settle": "结算前退款", "platform_fee": "交易手续费",
}  # fmt: skip


def bill_listing(frames: Frames, lines: pl.DataFrame, shop: str, now: datetime) -> Listing:
    """The records, by the time of entry."""
    bills = frames["bills"].filter((pl.col("shop_id") == shop) & (pl.col("settled_at") < now))
    amount = pl.col("amount_fen")
    rows = (
        frames["bill_items"]
        .join(bills, on="bill_id")
        .join(lines.select("line_id", "tid"), on="line_id", how="left")
        .sort("bill_id", "fee_type")
        .with_columns(
            pl.concat_str(
                "bill_id",
                pl.lit("-"),
                pl.int_range(1, pl.len() + 1).over("bill_id").cast(pl.String),
            ).alias("record_no")
        )
    )
    record = pl.struct(
        pl.col("record_no"),
        pl.col("type").replace_strict(_TYPES, return_dtype=pl.String).alias("record_type"),
        pl.col("fee_type").replace_strict(_NAMES, return_dtype=pl.String).alias("record_name"),
        pl.coalesce("tid", pl.concat_str(pl.lit("E"), pl.col("order_id"))).alias("order_no"),
        pl.col("line_id").alias("oid"),
        pl.col("bill_id").alias("relation_no"),
        yuan(amount.clip(0)).alias("income"),
        yuan(-amount.clip(upper_bound=0)).alias("expense"),
        wall("settled_at").alias("entry_time"),
    )
    rendered = rows.select(
        pl.col("settled_at").dt.epoch("s").alias("at"),
        "record_no",
        record.struct.json_encode().alias("record"),
    )
    return Listing.of(rendered, "at", "record_no", "record")
