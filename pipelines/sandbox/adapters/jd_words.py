"""What 京东's renderers share: money, times, codes, the look of cipher text and masks.

Source: platform notes jd.md sections 4 and 6; codes of services as public clients list them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from pipelines.settings import SHANGHAI

UNPAID, UNFINISHED, CANCELLED = "0001-01-01 00:00:00", "0001-01-01 00:00:00", "1970-01-01 00:00:00"
SOP, LOC = "22", "75"  # goods that are sent; services that are handed over
# 京东's ids of carriers.
CARRIERS = {"shunfeng": "467", "zhongtong": "1499", "yuantong": "463", "jtexpress": "773574"}
STATE_WORDS = {
    "NOT_PAY": "等待付款", "WAIT_SELLER_STOCK_OUT": "等待出库", "WAIT_SEND_CODE": "等待发码",
    "WAIT_GOODS_RECEIVE_CONFIRM": "等待确认收货", "FINISHED_L": "完成", "TRADE_CANCELED": "取消",
    "LOCKED": "锁定",
}  # fmt: skip
EXPECTATIONS = {
    "return_refund": (10, "退货"), "refund_only": (11, "仅退款"), "exchange": (20, "换货"),
    "reissue": (80, "补发商品"), "price_protection": (90, "优鲜赔"),
}  # fmt: skip
SERVICE_WORDS = {
    10001: "待审核", 10002: "待客户反馈", 10004: "审核关闭", 10005: "待收货", 10007: "待处理",
    10010: "完成", 10011: "取消",
}  # fmt: skip
_DEADLINES = ("promise_ship_at", "deadline_at")


def happened(frame: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The frame as it stands at the clock: a time that has not come yet is null."""
    stamps = [
        name
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.Datetime) and name not in _DEADLINES
    ]
    return frame.with_columns(pl.when(pl.col(name) < now).then(pl.col(name)) for name in stamps)


def of_shop(frame: pl.DataFrame, shop: str) -> pl.DataFrame:
    """A shop's rows."""
    return frame.filter(pl.col("shop_id") == shop)


def yuan(fen: pl.Expr) -> pl.Expr:
    """Yuan with two decimals, as text."""
    return pl.concat_str(
        (fen // 100).cast(pl.String), pl.lit("."), (fen % 100).cast(pl.String).str.zfill(2)
    )


def number(fen: pl.Expr) -> pl.Expr:
    """Yuan as a JSON number, for APIs that send one: what is printed has two decimals at most."""
    return (fen.cast(pl.Float64) / 100).round(2)


def stamp(name: str) -> pl.Expr:
    """A wall clock as text; null for what has not happened."""
    return pl.col(name).dt.strftime("%Y-%m-%d %H:%M:%S")


def milliseconds(name: str) -> pl.Expr:
    """Epoch milliseconds; null for what has not happened."""
    return pl.col(name).dt.epoch("ms")


def epoch(name: str) -> pl.Expr:
    """Epoch seconds, for the order of a list."""
    return pl.col(name).dt.epoch("s")


def cipher(*parts: str) -> pl.Expr:
    """Text in the form of the platform's cipher text: never clear, another one for every order."""
    digest = pl.concat_str(*parts).hash(7).cast(pl.String)
    return pl.concat_str(pl.lit("AKJD"), digest, pl.lit("Cipher=="))


def clock_of(text: object) -> int | None:
    """Epoch seconds of a wall clock that a client sent; None where it is none."""
    try:
        moment = datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None
    return int(moment.timestamp())


def whole(value: Any, default: int) -> int:  # noqa: ANN401 - JSON
    """A whole number that a client sent as number or text."""
    try:
        return int(str(value))
    except ValueError:
        return default
