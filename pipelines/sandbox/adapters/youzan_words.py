"""What 有赞's renderers share: money as text, times as text, ids, codes."""

from __future__ import annotations

from datetime import datetime

import polars as pl

_DEADLINES = ("promise_ship_at", "deadline_at")
STATUS_WORDS = {
    "WAIT_BUYER_PAY": "待支付", "WAIT_SELLER_SEND_GOODS": "待发货",
    "WAIT_BUYER_CONFIRM_GOODS": "已发货", "TRADE_SUCCESS": "已完成", "TRADE_CLOSED": "已关闭",
}  # fmt: skip
PAY_TYPES = {
    "wechat": (10, "WEIXIN_DAIXIAO"), "alipay": (3, "ALIPAY"), "card": (37, "BANKCARDPAY"),
    "balance": (35, "PREPAIDCARD"), "later": (49, "PRIOR_USE"),
}  # fmt: skip
EXPRESS_IDS = {"shunfeng": 7, "zhongtong": 3, "yuantong": 2, "jtexpress": 138}
EXPRESS_NAMES = {7: "顺丰速运", 3: "中通快递", 2: "圆通速递", 138: "极兔速递"}
COURSE, THING = 31, 0  # item_type: 知识付费商品, 普通类型商品
NOTHING = pl.lit([], dtype=pl.List(pl.String))


def happened(frame: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The frame as it stands at the clock: a time that has not come yet is null."""
    stamps = [
        name
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.Datetime) and name not in _DEADLINES
    ]
    return frame.with_columns(pl.when(pl.col(name) < now).then(pl.col(name)) for name in stamps)


def yuan(fen: pl.Expr) -> pl.Expr:
    """Fen as "12.30"."""
    whole, rest = fen.abs() // 100, fen.abs() % 100
    sign = pl.when(fen < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    digits = rest.cast(pl.String).str.zfill(2)
    return pl.concat_str(sign, whole.cast(pl.String), pl.lit("."), digits)


def wall(name: str) -> pl.Expr:
    """A time as text, "" where it has not come."""
    return pl.col(name).dt.strftime("%Y-%m-%d %H:%M:%S").fill_null("")


def epoch(name: str) -> pl.Expr:
    """Epoch seconds."""
    return pl.col(name).dt.epoch("s")


def numbered(moment: str, number: str, digits: int) -> pl.Expr:
    """An id as the platform makes them: a moment to the second, then a number."""
    return pl.concat_str(
        pl.col(moment).dt.strftime("%Y%m%d%H%M%S"),
        pl.col(number).str.tail(digits).str.zfill(digits),
    )


def cipher(mark: str, *parts: pl.Expr) -> pl.Expr:
    """Text in the form of the platform's ciphertext: never clear."""
    digest = pl.concat_str(*parts).hash(7).cast(pl.String)
    return pl.concat_str(pl.lit(mark), digest, pl.lit(f"Cipher=={mark}1{mark}"))
