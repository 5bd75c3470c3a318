"""What 小红书's renderers share: ids, times, amounts in three units, codes."""

from __future__ import annotations

from typing import Any

import polars as pl

# World type -> returnType. A reissue (补寄) is no type of its own here: it goes as an exchange with
# nothing sent back.
RETURN_TYPES = {
    "return_refund": 1, "exchange": 2, "reissue": 2, "refund_only": 4, "pre_ship": 5,
    "price_protection": 6,
}  # fmt: skip
PAYMENT_TYPES = {"alipay": 1, "wechat": 2, "later": 5, "card": 8, "balance": -1}
# Nodes of a parcel: nodeId, words. Only 8 is known from a sample, the others are made up.
SCANS = {
    "picked_up": (5, "已揽收"), "in_transit": (8, "运输中"), "out_for_delivery": (9, "派送中"),
    "signed": (10, "已签收"), "exception": (11, "异常"),
}  # fmt: skip
SENT = (1, "已发货")


def hex_id(prefix: str, digits: pl.Expr) -> pl.Expr:
    """An id of 24 hex digits, as the platform's are, out of a world id."""
    return pl.concat_str(pl.lit(prefix), digits.str.zfill(24 - len(prefix)))


def order_id(column: str = "order_id") -> pl.Expr:
    """An order's id: P and digits."""
    return pl.concat_str(pl.lit("P"), pl.col(column))


def sku_id(column: str = "sku_id") -> pl.Expr:
    """A SKU's id."""
    return hex_id("60", pl.col(column))


def item_id(column: str = "product_id") -> pl.Expr:
    """A product's id."""
    return hex_id("64", pl.col(column))


def user_id(column: str = "buyer_id") -> pl.Expr:
    """A buyer's stable id."""
    return hex_id("5f", pl.col(column).str.extract(r"(\d+)$"))


def return_id(column: str = "after_sale_id") -> pl.Expr:
    """An after-sale's id: R and digits."""
    return pl.concat_str(pl.lit("R"), pl.col(column))


def serial(column: str = "bill_id") -> pl.Expr:
    """The number of a bill row."""
    return pl.col(column).str.extract(r"(\d+)$").cast(pl.Int64)


def ms(moment: str | pl.Expr) -> pl.Expr:
    """Epoch milliseconds; 0 stands for what has not happened."""
    column = pl.col(moment) if isinstance(moment, str) else moment
    return column.dt.epoch("ms").fill_null(0)


def yuan_number(fen: pl.Expr) -> pl.Expr:
    """Yuan as a JSON number (afterSale.*)."""
    return fen.fill_null(0) / 100


def yuan_text(fen: pl.Expr) -> pl.Expr:
    """Yuan as text with two decimals (finance.*)."""
    whole = fen.fill_null(0)
    return pl.concat_str(
        pl.when(whole < 0).then(pl.lit("-")).otherwise(pl.lit("")),
        (whole.abs() // 100).cast(pl.String),
        pl.lit("."),
        (whole.abs() % 100).cast(pl.String).str.zfill(2),
    )


def blank(*names: str) -> list[pl.Expr]:
    """Texts that are empty here."""
    return [pl.lit("").alias(name) for name in names]


def zero(*names: str) -> list[pl.Expr]:
    """Numbers that are 0 here."""
    return [pl.lit(0).alias(name) for name in names]


def false(*names: str) -> list[pl.Expr]:
    """Flags that are never set here."""
    return [pl.lit(value=False).alias(name) for name in names]


def nothing(kind: Any = pl.String) -> pl.Expr:  # noqa: ANN401 - a polars type
    """An empty list."""
    return pl.lit([], dtype=pl.List(kind))
