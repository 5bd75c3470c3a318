"""What tables are described in: columns, their types, and the channels that all speak of."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

TIME = pl.Datetime("us", "Asia/Shanghai")
ID, TEXT, FEN, COUNT, FLAG, DAY = pl.String, pl.String, pl.Int64, pl.Int64, pl.Boolean, pl.Date
CHANNELS = (
    "doudian", "taobao", "jd", "pdd", "kuaishou", "xiaohongshu", "weixin_shop", "youzan", "mall",
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column: its type, what it means, and whether it may be null."""

    dtype: pl.DataType | type[pl.DataType]
    doc: str
    nullable: bool = False
    one_of: tuple[str, ...] = ()
    refers_to: str = ""  # "table.column" that must hold the value


@dataclass(frozen=True)
class Table:
    """A table: what a row is, which columns identify it, its columns."""

    doc: str
    key: tuple[str, ...]
    columns: dict[str, Column]


def shop_column() -> Column:
    """The shop of a row."""
    return Column(ID, "The shop.", refers_to="shops.shop_id")
