"""Commissions: what authors and brokers earn on a line that they sold, and give back later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.sandbox.world.authors import CREATORS
from pipelines.sandbox.world.catalogue import Catalogue
from pipelines.sandbox.world.draws import (
    DAY,
    HOUR,
    NEVER,
    Flags,
    Ints,
    frame,
    picked,
    texts,
    times,
)  # fmt: skip
from pipelines.sandbox.world.fulfilment import Shipping
from pipelines.sandbox.world.returns import Returns
from pipelines.sandbox.world.rooms import Sessions
from pipelines.sandbox.world.sales import Lines, Orders

_BROKERS = tuple(broker for creators in CREATORS for broker in creators.brokers)


@dataclass
class Commissions:
    """The tables, and per line what was settled for author and broker (0 where nothing)."""

    frames: dict[str, pl.DataFrame]
    settled: Ints
    colonel: Ints


@dataclass
class _Terms:
    """What is agreed on for each commissioned line beside the product's rate."""

    broker: Ints  # position in _BROKERS
    broker_rate: Ints
    wait: Ints  # seconds from the receipt of the goods to the settlement
    in_phases: Flags


def make_commissions(
    catalogue: Catalogue,
    sessions: Sessions,
    orders: Orders,
    lines: Lines,
    shipping: Shipping,
    returns: Returns,
    seed: int,
) -> Commissions:
    """One commission a paid line that an affiliate sold and whose product offers one."""
    author = orders.author[lines.order]
    rate = catalogue.product_commission[catalogue.sku_product[lines.sku]]
    sold = catalogue.authors.is_affiliate[author] & (orders.paid[lines.order] > 0) & (rate > 0)
    line = np.flatnonzero(sold & ~lines.is_gift)
    order = lines.order[line]
    terms = _terms(catalogue, orders.shop[order], seed)
    base = lines.money["paid_fen"][line] - lines.money["freight_fen"][line]
    confirmed = shipping.finished[line]
    settles = np.where(confirmed > 0, confirmed + terms.wait, NEVER)
    emptied = returns.emptied[line]
    settled_base = np.where(settles > 0, base - returns.before(settles, line), 0)
    dead = (emptied > 0) & ((settles < 0) | (emptied <= settles))
    settles = np.where(dead, NEVER, settles)
    settled_base = np.where(dead, 0, np.maximum(settled_base, 0))
    settled = settled_base * rate[line] // 10_000
    colonel = settled_base * terms.broker_rate // 10_000
    reversed_at = np.where(emptied > 0, emptied + HOUR, NEVER)
    reversal = np.where((settles > 0) & (emptied > settles), settled, 0)
    in_phases = (settles > 0) & terms.in_phases
    frames = {
        "commissions": frame(
            "commissions",
            {
                "line_id": lines.ids(orders, line),
                "order_id": texts(orders.ids[order]),
                "shop_id": picked(catalogue.shop_ids, orders.shop[order]),
                "author_id": catalogue.authors.frame["author_id"].gather(author[line]),
                "session_id": picked(sessions.frame["session_id"], orders.session[order]),
                "rate_bp": rate[line],
                "base_fen": base,
                "estimated_fen": base * rate[line] // 10_000,
                "colonel_id": picked([each for each, _ in _BROKERS], terms.broker),
                "colonel_name": picked([each for _, each in _BROKERS], terms.broker),
                "colonel_bp": terms.broker_rate,
                "colonel_estimated_fen": base * terms.broker_rate // 10_000,
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
            lines.ids(orders, line),
            (settles, settled, colonel),
            (reversed_at, reversal),
            in_phases,
        ),
    }
    whole = np.zeros(len(lines.order), np.int64)
    fee = np.zeros(len(lines.order), np.int64)
    whole[line], fee[line] = settled, colonel
    return Commissions(frames, whole, fee)


def _terms(catalogue: Catalogue, shop: Ints, seed: int) -> _Terms:
    """Drawn channel by channel; a line's shop says its channel."""
    count = len(shop)
    terms = _Terms(
        np.full(count, NEVER),
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.zeros(count, np.bool_),
    )
    for creators in CREATORS:
        mine = np.flatnonzero(np.isin(shop, catalogue.shops_of(creators.channel)))
        draws, some = creators.draws(seed, "commissions"), len(mine)
        helped = draws.chance(0.3, some) & bool(creators.brokers)
        first = _BROKERS.index(creators.brokers[0]) if creators.brokers else 0
        broker = first + draws.whole(0, max(len(creators.brokers), 1), some)
        terms.broker[mine] = np.where(helped, broker, NEVER)
        terms.broker_rate[mine] = np.where(helped, draws.whole(1, 4, some) * 100, 0)
        terms.wait[mine] = 7 * DAY + draws.whole(0, DAY, some)
        terms.in_phases[mine] = draws.chance(creators.phased, some)
    return terms


def _phases(
    ids: pl.Series,
    settlement: tuple[Ints, Ints, Ints],
    reversal: tuple[Ints, Ints],
    in_phases: Flags,
) -> pl.DataFrame:
    """One phase for most, two for some, and one more that takes back what was reversed."""
    settles, settled, colonel = settlement
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
