"""What some sales channels do their own way, as data; 抖店's ways are the rule.

Whatever is told here moves no draw: the rows of other channels stay as they are.
Source: platform notes, section 4 of each.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from pipelines.sandbox.world.catalogue import Catalogue
from pipelines.sandbox.world.draws import Flags, Ints

# Pre-sales are paid whole: there is no deposit.
NO_DEPOSITS = ("weixin_shop",)
# A cart adds up what is the same: after-sales and parcels name an SKU, not a line.
ONE_LINE_A_SKU = ("weixin_shop", "xiaohongshu")
# A buyer receives an order as a whole.
RECEIVED_WHOLE = ("weixin_shop", "xiaohongshu")


def kept_by(catalogue: Catalogue, channels: tuple[str, ...], shop: Ints) -> Flags:
    """Which of some rows (by their shop) are of channels with such a custom."""
    return np.isin(catalogue.shop_channels, channels)[shop]


def told_apart(catalogue: Catalogue, order: Ints, shop: Ints, sku: Ints) -> Ints:
    """SKUs so that none stands twice in an order: a later one moves on to the shop's next.

    Courses stay courses and things things.

    Args:
        catalogue: Its channels say where this is so.
        order: The order of each line.
        shop: The shop of each line.
        sku: The SKU of each line.
    """
    bound = kept_by(catalogue, ONE_LINE_A_SKU, shop)
    first = np.searchsorted(catalogue.sku_shop, shop, side="left")
    width = np.searchsorted(catalogue.sku_shop, shop, side="right") - first
    is_course = catalogue.product_is_course[catalogue.sku_product]
    told = sku.copy()
    while True:
        _, leaders = np.unique(np.column_stack([order, told]), axis=0, return_index=True)
        twice = bound.copy()
        twice[leaders] = False
        moves = twice | (is_course[told] != is_course[sku])
        if not moves.any():
            return told
        told[moves] = first[moves] + (told[moves] + 1 - first[moves]) % width[moves]


def received_whole(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Orders that are received as a whole: with the last of their lines.

    What was given back by then is never received; a settlement waits with the receipt, and what is
    taken back after it comes after it.
    """
    shops = frames["shops"].filter(pl.col("channel").is_in(RECEIVED_WHOLE))["shop_id"]
    here = pl.col("shop_id").is_in(shops.implode())
    last = pl.col("finished_at").max().over("order_id")
    stays = pl.col("closed_at").is_null() | (pl.col("closed_at") > last)
    together = pl.when(stays & (pl.col("shipped_at") < last)).then(last)
    lines = frames["order_lines"].with_columns(
        pl.when(here).then(together).otherwise("finished_at").alias("received_at")
    )
    waited = lines.select(
        "line_id", "received_at", (pl.col("received_at") - pl.col("finished_at")).alias("waited")
    )
    ends = lines.group_by("order_id").agg(pl.col("received_at").max())
    orders = frames["orders"].join(ends, on="order_id", how="left", maintain_order="left")
    finished = pl.when(pl.col("finished_at").is_not_null()).then("received_at")
    commissions = frames["commissions"].join(
        waited, on="line_id", how="left", maintain_order="left"
    )
    return {
        **frames,
        "order_lines": lines.with_columns(pl.col("received_at").alias("finished_at")).drop(
            "received_at"
        ),
        "orders": orders.with_columns(
            pl.when(here).then(finished).otherwise("finished_at").alias("finished_at")
        ).drop("received_at"),
        "commissions": commissions.with_columns(pl.col("received_at").alias("confirmed_at")).drop(
            "received_at", "waited"
        ),
        "bills": _waiting(frames["bills"], waited),
    }


def _waiting(bills: pl.DataFrame, waited: pl.DataFrame) -> pl.DataFrame:
    """Bill rows, those of lines that waited for their order as much later."""
    is_settled = pl.col("type") == "settled"
    waits = pl.col("waited") > pl.duration()
    later = pl.col("settled_at") + pl.col("waited")
    settled = pl.col("settled_at").filter(is_settled).max().over("line_id")
    behind = pl.max_horizontal("settled_at", settled + pl.duration(minutes=1))
    return (
        bills.join(waited, on="line_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(is_settled & waits).then(later).otherwise("settled_at").alias("settled_at")
        )
        .with_columns(pl.when(~is_settled & waits).then(behind).otherwise("settled_at"))
        .drop("received_at", "waited")
        .sort("settled_at", maintain_order=True)
    )
