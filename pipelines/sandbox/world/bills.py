"""The platforms' settlement bills: what each line brought in, less what was taken for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.sandbox.world.catalogue import Catalogue
from pipelines.sandbox.world.commissions import Commissions
from pipelines.sandbox.world.draws import DAY, HOUR, Draws, Ints, frame, picked, texts, times
from pipelines.sandbox.world.fulfilment import PROMISE, Shipping
from pipelines.sandbox.world.returns import Returns
from pipelines.sandbox.world.sales import Lines, Orders
from pipelines.sandbox.world.tables_payouts import BILL_TYPES

# What some platforms take beside their service fee, the authors' and the brokers'.
_PAYMENT_FEE_BP = {"xiaohongshu": 60}
_INSURES_RETURNS = ("taobao", "weixin_shop")
_FINES_LATE_SHIPPING = ("pdd", "xiaohongshu")
_FINE = 300
SETTLED, LATE_REFUND, OTHER = (
    BILL_TYPES.index(each) for each in ("settled", "refund_after_settle", "other")
)


@dataclass
class _Rows:
    """Bill rows of one type: what their ids begin with, their lines, times and amounts."""

    prefix: str
    kind: int
    line: Ints
    at: Ints
    items: dict[str, Ints]

    def ids(self) -> pl.Series:
        """Serial numbers."""
        return texts(np.arange(1, len(self.line) + 1), self.prefix)


def make_bills(
    catalogue: Catalogue,
    orders: Orders,
    lines: Lines,
    shipping: Shipping,
    returns: Returns,
    commissions: Commissions,
    seed: int,
) -> dict[str, pl.DataFrame]:
    """A bill row a finished line, some days later; a refund behind it is a row of its own."""
    draws = Draws(seed, "bills")
    settled = _settled(catalogue, orders, lines, shipping, returns, commissions, draws)
    at = np.full(len(lines.order), np.int64(-1))
    at[settled.line] = settled.at
    late = np.flatnonzero(
        (returns.refunded > 0) & (at[returns.line] > 0) & (returns.refunded > at[returns.line])
    )
    rows = (
        settled,
        _Rows(
            "SN9400000000",
            LATE_REFUND,
            returns.line[late],
            returns.refunded[late],
            {"user_paid": -returns.refund[late]},
        ),
        _fines(catalogue, orders, lines, shipping),
    )
    return {
        "bills": _bills(catalogue, orders, lines, rows),
        "bill_items": pl.concat(
            _items(ids, name, amount)
            for part in rows
            for ids in [part.ids()]
            for name, amount in part.items.items()
        ),
    }


def _settled(
    catalogue: Catalogue,
    orders: Orders,
    lines: Lines,
    shipping: Shipping,
    returns: Returns,
    commissions: Commissions,
    draws: Draws,
) -> _Rows:
    shops = catalogue.frames["shops"]
    wait, fee_rate = (shops[name].to_numpy() for name in ("settle_days", "fee_rate_bp"))
    line = np.flatnonzero((shipping.finished > 0) & ~lines.is_gift)
    shop = orders.shop[lines.order[line]]
    settled_at = shipping.finished[line] + wait[shop] * DAY + 2 * HOUR
    money = {name: amount[line] for name, amount in lines.money.items()}
    borne = {
        "user_paid": money["paid_fen"],
        "platform_subsidy": money["platform_borne_fen"],
        "author_subsidy": money["author_borne_fen"],
        "pay_subsidy": money["pay_discount_fen"],
        "refund_before_settle": -returns.before(settled_at, line),
    }
    income = np.maximum(sum(borne.values()), 0)
    payment_rate = np.array([_PAYMENT_FEE_BP.get(each, 0) for each in catalogue.shop_channels])
    insured = np.isin(catalogue.shop_channels, _INSURES_RETURNS)[shop]
    insured &= draws.chance(0.2, len(line)) & (shipping.parcel[line] >= 0)
    fees = {
        "platform_fee": -(income * fee_rate[shop] // 10_000),
        "commission": -commissions.settled[line],
        "colonel_fee": -commissions.colonel[line],
        "channel_fee": -(income * payment_rate[shop] // 10_000),
        "freight_insurance": np.where(insured, -draws.whole(30, 90, len(line)), 0),
    }
    return _Rows("SN9300000000", SETTLED, line, settled_at, {**borne, **fees})


def _fines(catalogue: Catalogue, orders: Orders, lines: Lines, shipping: Shipping) -> _Rows:
    """Some platforms take money from the shop for an order's first parcel that goes out late."""
    fining = np.isin(catalogue.shop_channels, _FINES_LATE_SHIPPING)[orders.shop[lines.order]]
    due = orders.paid[lines.order] + PROMISE
    is_late = fining & (lines.number == 1) & (shipping.parcel >= 0) & (shipping.shipped > due)
    line = np.flatnonzero(is_late)
    fine = np.full(len(line), -_FINE)
    return _Rows("SN9500000000", OTHER, line, shipping.shipped[line] + 3 * DAY, {"penalty": fine})


def _bills(
    catalogue: Catalogue, orders: Orders, lines: Lines, rows: tuple[_Rows, ...]
) -> pl.DataFrame:
    """All rows by the time of their settlement."""
    at = np.concatenate([part.at for part in rows])
    sorted_ = np.argsort(at, kind="stable")
    line = np.concatenate([part.line for part in rows])[sorted_]
    kind = np.repeat([part.kind for part in rows], [len(part.line) for part in rows])
    net = np.concatenate([sum(part.items.values()) for part in rows])
    order = lines.order[line]
    return frame(
        "bills",
        {
            "bill_id": pl.concat(part.ids() for part in rows).gather(sorted_),
            "shop_id": picked(catalogue.shop_ids, orders.shop[order]),
            "order_id": texts(orders.ids[order]),
            "line_id": lines.ids(orders, line),
            "settled_at": times(at[sorted_]),
            "type": picked(BILL_TYPES, kind[sorted_]),
            "net_fen": net[sorted_],
        },
    )


def _items(bill_ids: pl.Series, fee_type: str, amount: Ints) -> pl.DataFrame:
    """One fee type's amounts; none where there is nothing."""
    kept = amount != 0
    return frame(
        "bill_items",
        {
            "bill_id": bill_ids.filter(pl.Series(kept)),
            "fee_type": [fee_type] * int(kept.sum()),
            "amount_fen": amount[kept],
        },
    )
