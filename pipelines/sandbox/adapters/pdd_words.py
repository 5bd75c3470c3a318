"""What 拼多多's renderers share: times and amounts as text and numbers, carriers, after-sales."""

from __future__ import annotations

from datetime import datetime

import polars as pl

CARRIERS = {"shunfeng": 44, "yuantong": 85, "zhongtong": 115, "jtexpress": 384}
# Of pdd.refund.list.increment.get.
REQUEST_TYPES = {
    "pre_ship": 2, "refund_only": 2, "return_refund": 3, "exchange": 4, "reissue": 5,
}  # fmt: skip
_DEADLINES = ("promise_ship_at", "deadline_at")
_CLOSED, _MONEY_LEAVES = (9, 11, 12, 13, 16, 17, 24, 25), (4, 5)


def happened(frame: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The frame as it stands: a time that has not come yet is null; deadlines are known before."""
    stamps = [
        name
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.Datetime) and name not in _DEADLINES
    ]
    return frame.with_columns(pl.when(pl.col(name) < now).then(pl.col(name)) for name in stamps)


def wall(name: str) -> pl.Expr:
    """A wall clock; empty for what has not happened."""
    return pl.col(name).dt.strftime("%Y-%m-%d %H:%M:%S").fill_null("")


def yuan(fen: pl.Expr) -> pl.Expr:
    """Yuan as a JSON number of two decimals; the division alone can leave a trace behind them."""
    return (fen / 100).round(2)


def yuan_text(fen: pl.Expr) -> pl.Expr:
    """Yuan as text with two decimals."""
    cents = (fen.abs() % 100).cast(pl.String).str.zfill(2)
    sign = pl.when(fen < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str(sign, (fen.abs() // 100).cast(pl.String), pl.lit("."), cents)


def order_sn() -> pl.Expr:
    """The platform's number of an order: its day and fifteen digits."""
    day = pl.col("created_at").dt.strftime("%y%m%d")
    return pl.concat_str(day, pl.lit("-"), pl.col("order_id").str.tail(15))


def request_status() -> pl.Expr:
    """after_sales_status of a request, as far as it has come."""
    ended = pl.col("ended_at").is_not_null()
    waits = pl.col("handled_at").is_null()
    kind, outcome = pl.col("type"), pl.col("outcome")
    swaps = kind.is_in(["exchange", "reissue"])
    # Nothing was left to give back: no refund on a platform that has no time of refunding.
    in_vain = ~swaps & pl.col("refunded_at").is_null()
    return (
        pl.when(ended & (outcome == "withdrawn")).then(11)
        .when(ended & (outcome == "refused") & swaps).then(17)
        .when(ended & ((outcome == "refused") | in_vain)).then(12)
        .when(ended & swaps).then(16)
        .when(ended).then(10)
        .when(waits & swaps).then(14)
        .when(waits & (kind == "return_refund")).then(3)
        .when(waits).then(2)
        .when(outcome == "refused").then(6)
        .when(kind == "exchange").then(15)
        .when(kind == "reissue").then(32)
        .when((kind == "return_refund") & pl.col("returned_at").is_null()).then(7)
        .when((kind == "return_refund") & pl.col("received_at").is_null()).then(3)
        .otherwise(4)
    )  # fmt: skip


def refund_status(status: pl.Expr) -> pl.Expr:
    """An order's refund_status by the status of its newest request."""
    return (
        pl.when(status == 10).then(4)
        .when(status.is_null() | status.is_in(_CLOSED)).then(1)
        .when(status.is_in(_MONEY_LEAVES)).then(3)
        .otherwise(2)
    )  # fmt: skip
