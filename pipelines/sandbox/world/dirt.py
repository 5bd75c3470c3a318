"""Dirt planted on purpose, each piece listed in the table ``dirt``."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.sandbox.world.draws import Draws, frame

_BREAKERS = 9
_WRONG_BILLS = 5
_MISSING_BILLS = 5


def plant(frames: dict[str, pl.DataFrame], draws: Draws) -> dict[str, pl.DataFrame]:
    """The world with its dirt: amounts that do not add up, bills wrong or not there."""
    frames = dict(frames)
    listed = [*_marked_orders(frames["orders"])]
    listed += _break_identity(frames, draws)
    listed += _spoil_bills(frames, draws)
    kinds, tables, records, notes = (list(part) for part in zip(*listed, strict=True))
    frames["dirt"] = frame(
        "dirt", {"kind": kinds, "table": tables, "record_id": records, "note": notes}
    ).sort("kind", "record_id")
    return frames


Listed = tuple[str, str, str, str]


def _marked_orders(orders: pl.DataFrame) -> list[Listed]:
    return [
        (kind, "orders", order_id, note)
        for flag, kind, note in (
            ("is_test", "test_order", "placed by the company to test"),
            ("is_brushed", "brushed_order", "placed by the shop itself"),
        )
        for order_id in orders.filter(pl.col(flag))["order_id"]
    ]


def _break_identity(frames: dict[str, pl.DataFrame], draws: Draws) -> list[Listed]:
    """Some orders are due 0.37 yuan more than their parts say; so is their only line."""
    number = frames["order_lines"]["line_number"]
    first = number == 1
    is_single = (first & (number.shift(-1, fill_value=1) == 1)).filter(first)  # one an order
    able = frames["orders"].filter(
        is_single
        & pl.col("paid_at").is_not_null()
        & (pl.col("trade_type") == "normal")
        & ~pl.col("is_test")
        & ~pl.col("is_brushed")
    )["order_id"]
    chosen = able.gather(np.sort(draws.generator.choice(len(able), _BREAKERS, replace=False)))
    broken = pl.col("order_id").is_in(chosen.implode())
    more = [
        pl.when(broken).then(pl.col(name) + 37).otherwise(pl.col(name)).alias(name)
        for name in ("order_fen", "paid_fen")
    ]
    frames["orders"] = frames["orders"].with_columns(more)
    frames["order_lines"] = frames["order_lines"].with_columns(more)
    frames["ad_conversions"] = frames["ad_conversions"].with_columns(
        pl.when(broken).then(pl.col("pay_fen") + 37).otherwise(pl.col("pay_fen")).alias("pay_fen")
    )
    return [("identity_breaker", "orders", each, "due 0.37 yuan too much") for each in chosen]


def _spoil_bills(frames: dict[str, pl.DataFrame], draws: Draws) -> list[Listed]:
    bills = frames["bills"]
    settled = bills.filter(pl.col("type") == "settled")["bill_id"].sort()
    count = min(_WRONG_BILLS + _MISSING_BILLS, len(settled))
    chosen = settled.gather(np.sort(draws.generator.choice(len(settled), count, replace=False)))
    wrong, missing = chosen.head(count // 2), chosen.tail(count - count // 2)
    is_there = ~pl.col("bill_id").is_in(missing.implode())
    items = frames["bill_items"].filter(is_there)
    overcharged = pl.col("bill_id").is_in(wrong.implode()) & (pl.col("fee_type") == "platform_fee")
    charged = items.filter(overcharged)["bill_id"]
    frames["bill_items"] = items.with_columns(_less_a_yuan("amount_fen", overcharged))
    frames["bills"] = bills.filter(is_there).with_columns(
        _less_a_yuan("net_fen", pl.col("bill_id").is_in(charged.implode()))
    )
    return [
        # A row without a fee has nothing to overcharge.
        *(("wrong_bill_line", "bills", each, "1 yuan too much platform fee") for each in charged),
        *(("missing_bill", "bills", each, "the platform forgot this row") for each in missing),
    ]


def _less_a_yuan(column: str, where: pl.Expr) -> pl.Expr:
    return pl.when(where).then(pl.col(column) - 100).otherwise(pl.col(column)).alias(column)
