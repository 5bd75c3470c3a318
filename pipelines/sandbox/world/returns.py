"""After-sales: requests of every type, their way and their end, and what they do to orders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.sandbox.world.catalogue import FIRST_ID, Catalogue
from pipelines.sandbox.world.draws import (
    DAY,
    HOUR,
    MINUTE,
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
from pipelines.sandbox.world.sales import Lines, Orders
from pipelines.sandbox.world.tables_service import AFTER_SALE_TYPES, OUTCOMES

PRE_SHIP, REFUND_ONLY, RETURN, EXCHANGE, REISSUE, PRICE = range(len(AFTER_SALE_TYPES))
SUCCEEDED, REFUSED, WITHDRAWN = range(len(OUTCOMES))
_REASONS = ("不喜欢/不想要", "商品质量问题", "与描述不符", "少件/漏发", "快递太慢", "七天无理由")
_AFTER_SHIPPING = (0.0, 0.22, 0.60, 0.07, 0.04, 0.07)


@dataclass
class Returns:
    """The table, and what the other makers need to know of it, one position a request."""

    frame: pl.DataFrame
    line: Ints
    refund: Ints
    refunded: Ints
    emptied: Ints  # one a line: when it was refunded in full, else NEVER

    def before(self, at: Ints, line: Ints) -> Ints:
        """What each of some lines had got back by a time of its own."""
        by_line = np.full(len(self.emptied), NEVER)
        by_line[line] = at
        counted = (self.refunded > 0) & (self.refunded <= by_line[self.line])
        total = np.bincount(self.line, np.where(counted, self.refund, 0), len(self.emptied))
        return total.astype(np.int64)[line]


def make_returns(
    catalogue: Catalogue, orders: Orders, lines: Lines, shipping: Shipping, seed: int
) -> Returns:
    """Requests of paid lines; what a line gets back never exceeds what was paid for it."""
    draws = Draws(seed, "returns")
    paid = orders.paid[lines.order]
    can = (paid > 0) & ~lines.is_gift & (lines.money["paid_fen"] > 0)
    first = np.flatnonzero(can & draws.chance(0.14, len(paid)))
    again = first[draws.chance(0.10, len(first))]
    line = np.concatenate([first, again])
    is_again = np.arange(len(line)) >= len(first)
    count = len(line)
    shipped, signed = shipping.shipped[line], shipping.signed[line]
    early = ~is_again & draws.chance(0.3, count)
    # An early bird asks before shipping: its line then never ships if the request succeeds.
    room = np.maximum(shipped - paid[line], 2 * MINUTE)
    applied_early = paid[line] + np.minimum(draws.lag(2 * HOUR, count, 1.2), room - MINUTE)
    base = np.maximum(np.maximum(signed, shipped), paid[line])
    applied = np.where(early, applied_early, base + draws.lag(3 * DAY, count, 1.1, 55 * DAY))
    applied = np.where(is_again, base + 4 * DAY + draws.lag(6 * DAY, count, 0.8, 40 * DAY), applied)
    kind = np.where(early, PRE_SHIP, draws.one_of(_AFTER_SHIPPING, count))
    course = catalogue.product_is_course[catalogue.sku_product[lines.sku[line]]] == 1
    kind = np.where(course & (kind > REFUND_ONLY), REFUND_ONLY, kind)
    outcome = draws.one_of((0.82, 0.08, 0.10), count)
    stamps = _stamps(kind, outcome, applied, draws)
    money = _money(lines, line, kind, outcome, is_again, draws)
    refunded = np.where(money["refund_fen"] > 0, stamps["ended"], NEVER)
    per_line = np.bincount(line, money["refund_fen"], len(paid)).astype(np.int64)
    last = np.full(len(paid), NEVER)
    np.maximum.at(last, line, refunded)
    full = (per_line > 0) & (per_line >= lines.money["paid_fen"])
    table = _frame(
        catalogue, orders, lines, line, kind, outcome, applied, stamps, money, refunded, draws
    )
    return Returns(table, line, money["refund_fen"], refunded, np.where(full, last, NEVER))


def _stamps(kind: Ints, outcome: Ints, applied: Ints, draws: Draws) -> dict[str, Ints]:
    count = len(kind)
    handled = applied + draws.lag(3 * HOUR, count, 0.8, 3 * DAY)
    goes_back = np.isin(kind, (RETURN, EXCHANGE)) & (outcome == SUCCEEDED)
    returned = np.where(goes_back, handled + draws.lag(DAY, count, 0.5, 6 * DAY), NEVER)
    received = np.where(goes_back, returned + draws.lag(2 * DAY, count, 0.4, 8 * DAY), NEVER)
    ended = np.where(
        outcome == SUCCEEDED,
        np.maximum(handled, received) + draws.lag(HOUR, count, 0.8, 2 * DAY),
        np.where(
            outcome == REFUSED, handled + 2 * DAY, applied + draws.lag(DAY, count, 0.5, 5 * DAY)
        ),
    )
    withdrawn_first = (outcome == WITHDRAWN) & (ended <= handled)
    return {
        "handled": np.where(withdrawn_first, NEVER, handled),
        "returned": returned,
        "received": received,
        "ended": ended,
    }


def _money(
    lines: Lines, line: Ints, kind: Ints, outcome: Ints, is_again: Flags, draws: Draws
) -> dict[str, Ints]:
    """First requests take back all or a part; a second one takes part of what is left."""
    paid, freight = lines.money["paid_fen"][line], lines.money["freight_fen"][line]
    count = len(line)
    partial = draws.chance(0.25, count) & np.isin(kind, (REFUND_ONLY, RETURN))
    share = np.where(partial, draws.whole(10, 70, count), 100)
    amount = np.where(kind == PRICE, paid * 5 // 100, (paid - freight) * share // 100)
    with_freight = (kind == PRE_SHIP) | (
        np.isin(kind, (REFUND_ONLY, RETURN)) & ~partial & draws.chance(0.5, count)
    )
    freight_back = np.where(with_freight, freight, 0)
    amount = np.where(np.isin(kind, (EXCHANGE, REISSUE)), 0, amount + freight_back)
    freight_back = np.where(amount > 0, freight_back, 0)
    taken = np.bincount(
        line[~is_again], np.where(outcome == SUCCEEDED, amount, 0)[~is_again], len(lines.order)
    )
    left = paid - taken[line].astype(np.int64)
    amount = np.where(is_again, np.minimum(amount, left * 4 // 10), amount)
    freight_back = np.where(is_again, 0, freight_back)
    given = np.where(outcome == SUCCEEDED, amount, 0)
    return {
        "apply_fen": amount,
        "refund_fen": given,
        "refund_freight_fen": np.where(given > 0, freight_back, 0),
        "quantity": np.where(partial, 1, lines.quantity[line]),
    }


def _frame(
    catalogue: Catalogue,
    orders: Orders,
    lines: Lines,
    line: Ints,
    kind: Ints,
    outcome: Ints,
    applied: Ints,
    stamps: dict[str, Ints],
    money: dict[str, Ints],
    refunded: Ints,
    draws: Draws,
) -> pl.DataFrame:
    count = len(line)
    order = lines.order[line]
    goes_back = stamps["returned"] > 0
    agent = draws.whole(0, 12, count)
    # Ids in the order of applying, as a platform gives them out.
    rank = np.empty(count, np.int64)
    rank[np.lexsort((line, applied))] = np.arange(count)
    return frame(
        "after_sales",
        {
            "after_sale_id": texts(FIRST_ID + 100_000_000_000_000_000 + rank * 10 + 3),
            "order_id": texts(orders.ids[order]),
            "line_id": lines.ids(orders, line),
            "shop_id": picked(catalogue.shop_ids, orders.shop[order]),
            "type": picked(AFTER_SALE_TYPES, kind),
            "reason": picked(_REASONS, draws.whole(0, len(_REASONS), count)),
            **money,
            "applied_at": times(applied),
            "handled_at": times(stamps["handled"]),
            "returned_at": times(stamps["returned"]),
            "return_carrier": picked(["zhongtong"], np.where(goes_back, 0, -1)),
            "return_tracking_number": picked(
                texts(np.arange(count), "RT"), np.where(goes_back, np.arange(count), NEVER)
            ),
            "received_at": times(stamps["received"]),
            "refunded_at": times(refunded),
            "ended_at": times(stamps["ended"]),
            "outcome": picked(OUTCOMES, outcome),
            "deadline_at": times(applied + 2 * DAY),
            "is_fast": draws.chance(0.05, count) & (kind == PRE_SHIP),
            "is_intervened": draws.chance(0.03, count),
            "agent_id": picked(
                [f"agent-{n:02d}" for n in range(1, 13)], np.where(stamps["handled"] > 0, agent, -1)
            ),
        },
    ).sort("applied_at", "after_sale_id")
