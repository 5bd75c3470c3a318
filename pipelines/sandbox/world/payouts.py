"""What is paid out of a sale: commissions to authors, and the platform's settlement bills."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.sandbox.world.catalogue import Catalogue
from pipelines.sandbox.world.draws import (
    DAY,
    HOUR,
    NEVER,
    Draws,
    Flags,
    Ints,
    frame,
    picked,
    texts,
    times,
)  # fmt: skip
from pipelines.sandbox.world.fulfilment import Shipping
from pipelines.sandbox.world.returns import Returns
from pipelines.sandbox.world.sales import Lines, Orders, Sessions

_COLONELS = (
    ("7200000000000000011", "招商团长甲(虚构)"),
    ("7200000000000000022", "招商团长乙(虚构)"),
)


@dataclass
class Commissions:
    """The tables, and per line what was settled for author and colonel (0 where nothing)."""

    frames: dict[str, pl.DataFrame]
    settled: Ints
    colonel: Ints


def make_commissions(
    catalogue: Catalogue,
    sessions: Sessions,
    orders: Orders,
    lines: Lines,
    shipping: Shipping,
    returns: Returns,
    seed: int,
) -> Commissions:
    """One commission a paid line that a 达人 sold and whose product offers one."""
    draws = Draws(seed, "commissions")
    author = orders.author[lines.order]
    rate = catalogue.product_commission[catalogue.sku_product[lines.sku]]
    sold = (author >= len(catalogue.own_authors)) & (orders.paid[lines.order] > 0) & (rate > 0)
    line = np.flatnonzero(sold & ~lines.is_gift)
    order, count = lines.order[line], len(line)
    base = lines.money["paid_fen"][line] - lines.money["freight_fen"][line]
    estimated = base * rate[line] // 10_000
    helped = draws.chance(0.3, count)
    who = np.where(helped, draws.whole(0, 2, count), NEVER)
    colonel_rate = np.where(helped, draws.whole(1, 4, count) * 100, 0)
    confirmed = shipping.finished[line]
    settles = np.where(confirmed > 0, confirmed + 7 * DAY + draws.whole(0, DAY, count), NEVER)
    emptied = returns.emptied[line]
    before = _refunded_before(returns, lines, settles, line)
    settled_base = np.where(settles > 0, np.maximum(base - before, 0), 0)
    dead = (emptied > 0) & ((settles < 0) | (emptied <= settles))
    settles = np.where(dead, NEVER, settles)
    settled_base = np.where(dead, 0, settled_base)
    settled = settled_base * rate[line] // 10_000
    colonel = settled_base * colonel_rate // 10_000
    reversed_at = np.where(emptied > 0, emptied + HOUR, NEVER)
    reversal = np.where((settles > 0) & (emptied > settles), settled, 0)
    in_phases = (settles > 0) & draws.chance(0.1, count)
    frames = {
        "commissions": frame(
            "commissions",
            {
                "line_id": texts(orders.ids[order] + lines.number[line] - 1),
                "order_id": texts(orders.ids[order]),
                "shop_id": picked(catalogue.shop_ids, orders.shop[order]),
                "author_id": catalogue.frames["authors"]["author_id"].gather(author[line]),
                "session_id": picked(sessions.frame["session_id"].to_list(), orders.session[order]),
                "rate_bp": rate[line],
                "base_fen": base,
                "estimated_fen": estimated,
                "colonel_id": picked([each for each, _ in _COLONELS], who),
                "colonel_name": picked([each for _, each in _COLONELS], who),
                "colonel_bp": colonel_rate,
                "colonel_estimated_fen": base * colonel_rate // 10_000,
                "paid_at": times(orders.paid[order]),
                "confirmed_at": times(confirmed),
                "settled_at": times(settles),
                "refunded_at": times(reversed_at),
                "settled_base_fen": settled_base,
                "settled_fen": settled,
                "colonel_settled_fen": colonel,
                "reversed_fen": reversal,
            },
        ),
        "commission_phases": _phases(
            orders, lines, line, (settles, settled, colonel), (reversed_at, reversal), in_phases
        ),
    }
    whole = np.zeros(len(lines.order), np.int64)
    fee = np.zeros(len(lines.order), np.int64)
    whole[line], fee[line] = settled, colonel
    return Commissions(frames, whole, fee)


def _refunded_before(returns: Returns, lines: Lines, at: Ints, line: Ints) -> Ints:
    """What each chosen line had got back by a time."""
    by_line = np.full(len(lines.order), np.int64(-1))
    by_line[line] = at
    counted = (returns.refunded > 0) & (returns.refunded <= by_line[returns.line])
    total = np.bincount(returns.line, np.where(counted, returns.refund, 0), len(lines.order))
    return total.astype(np.int64)[line]


def _phases(
    orders: Orders,
    lines: Lines,
    line: Ints,
    settlement: tuple[Ints, Ints, Ints],
    reversal: tuple[Ints, Ints],
    in_phases: Flags,
) -> pl.DataFrame:
    """One phase for most, two for some, and one more that takes back what was reversed."""
    settles, settled, colonel = settlement
    ids = texts(orders.ids[lines.order[line]] + lines.number[line] - 1)
    half = np.where(in_phases, settled // 2, settled)
    colonel_half = np.where(in_phases, colonel // 2, colonel)
    parts = (
        (
            settles > 0,
            np.int64(1),
            np.where(in_phases, settles - 3 * DAY, settles),
            half,
            colonel_half,
        ),
        (in_phases, np.int64(2), settles, settled - half, colonel - colonel_half),
        (reversal[1] > 0, np.int64(3), reversal[0], -reversal[1], np.zeros_like(colonel)),
    )
    return pl.concat(
        frame(
            "commission_phases",
            {
                "line_id": ids.filter(pl.Series(kept)),
                "phase": np.full(int(kept.sum()), phase),
                "settled_at": times(at[kept]),
                "commission_fen": fen[kept],
                "colonel_fen": fee[kept],
            },
        )
        for kept, phase, at, fen, fee in parts
    )


def make_bills(
    catalogue: Catalogue,
    orders: Orders,
    lines: Lines,
    shipping: Shipping,
    returns: Returns,
    commissions: Commissions,
) -> dict[str, pl.DataFrame]:
    """A bill row a finished line, some days later; a refund behind it is a row of its own."""
    shops = catalogue.frames["shops"]
    wait, fee_rate = (shops[name].to_numpy() for name in ("settle_days", "fee_rate_bp"))
    shop = orders.shop[lines.order]
    money = lines.money
    line = np.flatnonzero((shipping.finished > 0) & ~lines.is_gift)
    settled_at = shipping.finished[line] + wait[shop[line]] * DAY + 2 * HOUR
    before = _refunded_before(returns, lines, settled_at, line)
    borne = {
        "user_paid": money["paid_fen"][line],
        "platform_subsidy": money["platform_borne_fen"][line],
        "author_subsidy": money["author_borne_fen"][line],
        "pay_subsidy": money["pay_discount_fen"][line],
        "refund_before_settle": -before,
    }
    income = sum(borne.values())
    fees = {
        "platform_fee": -(np.maximum(income, 0) * fee_rate[shop[line]] // 10_000),
        "commission": -commissions.settled[line],
        "colonel_fee": -commissions.colonel[line],
    }
    ids = texts(np.arange(1, len(line) + 1), "SN9300000000")
    rows = [_bill(catalogue, orders, lines, ids, line, settled_at, "settled", {**borne, **fees})]
    at = np.full(len(shop), np.int64(-1))
    at[line] = settled_at
    late = np.flatnonzero(
        (returns.refunded > 0) & (at[returns.line] > 0) & (returns.refunded > at[returns.line])
    )
    late_ids = texts(np.arange(1, len(late) + 1), "SN9400000000")
    late_items = {"user_paid": -returns.refund[late]}
    rows.append(
        _bill(
            catalogue,
            orders,
            lines,
            late_ids,
            returns.line[late],
            returns.refunded[late],
            "refund_after_settle",
            late_items,
        )
    )
    return {
        "bills": pl.concat(bills for bills, _ in rows).sort("settled_at", "bill_id"),
        "bill_items": pl.concat(items for _, items in rows),
    }


def _bill(
    catalogue: Catalogue,
    orders: Orders,
    lines: Lines,
    ids: pl.Series,
    line: Ints,
    settled_at: Ints,
    kind: str,
    items: dict[str, Ints],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    order = lines.order[line]
    bills = frame(
        "bills",
        {
            "bill_id": ids,
            "shop_id": picked(catalogue.shop_ids, orders.shop[order]),
            "order_id": texts(orders.ids[order]),
            "line_id": texts(orders.ids[order] + lines.number[line] - 1),
            "settled_at": times(settled_at),
            "type": [kind] * len(line),
            "net_fen": sum(items.values()),
        },
    )
    parts = [
        frame(
            "bill_items",
            {"bill_id": ids, "fee_type": [name] * len(line), "amount_fen": amount},
        ).filter(pl.col("amount_fen") != 0)
        for name, amount in items.items()
    ]
    return bills, pl.concat(parts)
