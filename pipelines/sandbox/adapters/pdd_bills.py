"""World bills as 拼多多's account file: a row an amount that came into or left the shop's balance.

Source: pdd.md section 7. What the buyer paid is credited less what was given back before; coupons
of the platform and 多多支付立减 come as one 优惠券结算; a fee that is given back is income. A day's
file grows until the day is over (unconfirmed; the platform may offer it a day later only).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import polars as pl

from pipelines.sandbox.adapters.pdd_words import order_sn, yuan_text

_HEAD = (
    "拼多多店铺账务明细查询\n\n起始时间：{day} 00:00:00 终止时间：{day} 23:59:59\n"
    "----------交易记录明细列表---------\n"
    "商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述\n"
)
# By kind of bill and amount: 账务类型, 业务描述. The number of the fine is unconfirmed.
_SALE = ("交易收入", "0010002|交易收入-订单收入")
_COUPON = ("优惠券结算", "0010005|交易收入-优惠券结算")
_FEE = ("技术服务费", "0030002|技术服务费-基础技术服务费")
_BUSINESS = {
    "settled": {
        "user_paid": _SALE, "refund_before_settle": _SALE, "platform_subsidy": _COUPON,
        "pay_subsidy": _COUPON, "platform_fee": _FEE,
    },
    "refund_after_settle": {
        "user_paid": ("退款", "0020002|交易退款-订单退款"), "platform_fee": _FEE,
    },
    "other": {"penalty": ("扣款", "0040001|售后费用-延迟发货")},
}  # fmt: skip


def bill_files(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> dict[date, bytes]:
    """The account file of each day on which something was booked."""
    bills = frames["bills"].filter((pl.col("shop_id") == shop) & (pl.col("settled_at") < now))
    words = pl.DataFrame(
        [(kind, fee, *said) for kind, fees in _BUSINESS.items() for fee, said in fees.items()],
        ["type", "fee_type", "said", "business"],
        orient="row",
    )
    amounts = (
        bills.join(frames["bill_items"], on="bill_id")
        .join(words, on=["type", "fee_type"], how="left")
        .join(frames["orders"].select("order_id", "created_at"), on="order_id", how="left")
        .group_by("bill_id", "order_id", "created_at", "settled_at", "said", "business")
        .agg(pl.col("amount_fen").sum())
        .filter(pl.col("amount_fen") != 0)
        .sort("settled_at", "bill_id", "business")
    )
    line = pl.concat_str(
        order_sn() + "\t",
        pl.col("settled_at").dt.strftime("%Y-%m-%d %H:%M:%S"),
        yuan_text(pl.max_horizontal("amount_fen", pl.lit(0))),
        yuan_text(pl.min_horizontal("amount_fen", pl.lit(0))),
        "said",
        pl.lit(""),
        "business",
        separator=",",
    )
    days = amounts.group_by(pl.col("settled_at").dt.date().alias("day")).agg(line.alias("lines"))
    return {day: bill_file(day, lines) for day, lines in days.iter_rows()}


def bill_file(day: date, lines: list[str]) -> bytes:
    """A file as the platform writes it."""
    return (_HEAD.format(day=day) + "".join(f"{line}\n" for line in lines)).encode("gb18030")
