"""What 抖店's renderers share: times, what has happened, codes, the look of ciphertext."""

from __future__ import annotations

from datetime import datetime

import polars as pl

TRADE_TYPES = {
    "normal": (0, "普通"),
    "presale": (2, "定金预售"),
    "sample": (10, "寄样"),
    "gift": (102, "预售赠品"),
}
PAY_TYPES = {"wechat": 1, "alipay": 2, "card": 4, "balance": 5, "later": 12}
AFTER_SALE_TYPES = {
    "return_refund": (0, "退货退款"), "refund_only": (1, "已发货仅退款"),
    "pre_ship": (2, "未发货仅退款"),
    "exchange": (3, "换货"), "price_protection": (6, "价保"), "reissue": (7, "补寄"),
}  # fmt: skip
_DEADLINES = ("promise_ship_at", "deadline_at")
NOTHING = pl.lit([], dtype=pl.List(pl.String))
ORDER_WORDS = {
    1: "待支付", 105: "已支付", 2: "备货中", 101: "部分发货", 3: "已发货", 4: "已取消", 5: "已完成",
    103: "部分支付", 21: "发货前退款完结", 22: "发货后退款完结", 39: "收货后退款完结",
}  # fmt: skip


def happened(frame: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The frame as it stands at the clock: a time that has not come yet is null.

    Deadlines are no events: they are known before they come.
    """
    stamps = [
        name
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.Datetime) and name not in _DEADLINES
    ]
    return frame.with_columns(pl.when(pl.col(name) < now).then(pl.col(name)) for name in stamps)


def epoch(name: str) -> pl.Expr:
    """Epoch seconds; 0 stands for what has not happened."""
    return pl.col(name).dt.epoch("s").fill_null(0)


def words(codes: dict[int, str], column: pl.Expr) -> pl.Expr:
    """The platform's word beside a code."""
    return column.replace_strict(codes, return_dtype=pl.String)


def cipher(prefix: str, suffix: str, *parts: pl.Expr) -> pl.Expr:
    """Text in the form of the platform's ciphertext: another one for every order, never clear."""
    digest = pl.concat_str(*parts).hash(7).cast(pl.String)
    return pl.concat_str(pl.lit(prefix), digest, pl.lit(f"Cipher==*{suffix}"))


def seconds(text: object) -> int | None:
    """An epoch that a client sent as number or text; None where it sent none."""
    digits = str(text if text is not None else "")
    return int(digits) if digits.isdigit() and int(digits) > 0 else None
