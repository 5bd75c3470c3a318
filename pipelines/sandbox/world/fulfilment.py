"""Shipping: parcels, what lies in them, their scans, and when a line was shipped and signed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.sandbox.world.catalogue import Catalogue
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
from pipelines.sandbox.world.sales import Lines, Orders

_CARRIERS = (
    ("shunfeng", "顺丰速运"),
    ("zhongtong", "中通快递"),
    ("yuantong", "圆通速递"),
    ("jtexpress", "极兔速递"),
)
_CARRIER_SHARES = (2, 4, 3, 2)
_PLACES = ("杭州市", "广州市", "武汉市", "成都市", "北京市")
PROMISE = 48 * HOUR
MERGE_WITHIN = 2 * HOUR
WAREHOUSES = ("WH-HZ", "WH-GZ")


@dataclass
class Parcels:
    """Parcels by column; the scans in the order in which they come."""

    order: Ints  # the (first) order in it
    warehouse: Ints
    shipped: Ints
    collected: Ints
    moving: Ints
    out: Ints
    signed: Ints
    is_wrong: Flags
    carrier: Ints
    place: Ints
    freight_cost: Ints

    def ids(self, parcel: Ints | slice = slice(None)) -> pl.Series:
        """Ids of some parcels."""
        return texts(np.arange(1, len(self.order) + 1)[parcel], "PK")


@dataclass
class Shipping:
    """When each line was shipped, signed and finished, and its parcel; NEVER where not."""

    shipped: Ints
    signed: Ints
    finished: Ints
    parcel: Ints
    parcels: Parcels

    def take_back(self, emptied: Ints) -> None:
        """Lines that were refunded in full before they went out never do.

        Args:
            emptied: When each line was refunded in full.
        """
        unshipped = (emptied > 0) & (self.shipped > 0) & (emptied <= self.shipped)
        gone = (emptied > 0) & ((self.finished < 0) | (emptied <= self.finished))
        self.finished[gone | unshipped] = NEVER
        for each in (self.shipped, self.signed, self.parcel):
            each[unshipped] = NEVER


def make_shipping(catalogue: Catalogue, orders: Orders, lines: Lines, seed: int) -> Shipping:
    """Ship what is paid: courses at once and without a parcel, things in one or two parcels."""
    draws = Draws(seed, "shipping")
    count = len(orders.shop)
    paid = orders.paid[lines.order]
    course = catalogue.product_is_course[catalogue.sku_product[lines.sku]] == 1
    is_thing = ~course & (paid > 0)
    second = is_thing & (lines.number >= 2) & draws.chance(0.08, len(paid)) & ~lines.is_gift
    parcel_key = _merged(orders, lines, lines.order * 2 + second)
    keys, inside = np.unique(parcel_key[is_thing], return_inverse=True)
    ready = np.zeros(len(keys), np.int64)  # a merged parcel waits for its last order
    np.maximum.at(ready, inside, paid[is_thing])
    scans = _scans(keys, ready, draws)
    parcel, shipped, signed = (np.full(len(paid), NEVER) for _ in range(3))
    parcel[is_thing] = inside
    shipped[is_thing], signed[is_thing] = scans["shipped"][inside], scans["signed"][inside]
    taught = course & (paid > 0)
    shipped[taught] = paid[taught] + draws.whole(MINUTE, 10 * MINUTE, int(taught.sum()))
    signed[taught] = shipped[taught]
    received = draws.lag(4 * DAY, count, 0.7, 15 * DAY)[lines.order]
    finished = np.where(signed > 0, signed + received, NEVER)
    parcels = Parcels(
        keys // 2,
        keys // 2 % len(WAREHOUSES),
        **scans,
        is_wrong=scans["signed"] < 0,
        carrier=draws.one_of(_CARRIER_SHARES, len(keys)),
        place=draws.whole(0, len(_PLACES), len(keys)),
        freight_cost=draws.whole(220, 900, len(keys)),
    )
    return Shipping(shipped, signed, finished, parcel, parcels)


def _scans(keys: Ints, ready: Ints, draws: Draws) -> dict[str, Ints]:
    """Times of parcels; a key is twice its order's position, one more for a second parcel."""
    count = len(keys)
    late = draws.chance(0.05, count)
    shipped = ready + draws.lag(18 * HOUR, count, 0.5, 46 * HOUR)
    shipped += np.where(late, draws.whole(DAY, 3 * DAY, count), 0)
    shipped += np.where(keys % 2 == 1, 5 * HOUR, 0)
    is_wrong = draws.chance(0.01, count)
    collected = shipped + draws.lag(6 * HOUR, count, 0.6, 3 * DAY)
    moving = collected + draws.lag(10 * HOUR, count, 0.4, 3 * DAY)
    out = moving + draws.lag(20 * HOUR, count, 0.5, 4 * DAY)
    signed = np.where(is_wrong, NEVER, out + draws.lag(4 * HOUR, count, 0.5, DAY))
    return {
        "shipped": shipped,
        "collected": collected,
        "moving": moving,
        "out": out,
        "signed": signed,
    }


def _merged(orders: Orders, lines: Lines, parcel_key: Ints) -> Ints:
    """Orders of one buyer in one shop that are paid close together go in one parcel."""
    by_buyer = np.lexsort((orders.paid, orders.buyer, orders.shop))
    before, after = by_buyer[:-1], by_buyer[1:]
    near = (
        (orders.shop[before] == orders.shop[after])
        & (orders.buyer[before] == orders.buyer[after])
        & (orders.paid[before] > 0)
        & (orders.paid[after] - orders.paid[before] < MERGE_WITHIN)
    )
    into = np.arange(len(orders.shop))
    # Only pairs: a chain's later orders keep their own parcel.
    starts = near & ~np.r_[False, near[:-1]]
    into[after[starts]] = before[starts]
    return np.where(parcel_key % 2 == 0, into[lines.order] * 2, parcel_key)


def parcel_frames(
    catalogue: Catalogue, orders: Orders, lines: Lines, shipping: Shipping
) -> dict[str, pl.DataFrame]:
    """The tables, without parcels in which nothing is left."""
    parcels = shipping.parcels
    line = np.flatnonzero(shipping.parcel >= 0)
    sent = np.unique(shipping.parcel[line])
    return {
        "parcels": frame(
            "parcels",
            {
                "parcel_id": parcels.ids(sent),
                "shop_id": picked(catalogue.shop_ids, orders.shop[parcels.order[sent]]),
                "warehouse": picked(WAREHOUSES, parcels.warehouse[sent]),
                "carrier": picked([code for code, _ in _CARRIERS], parcels.carrier[sent]),
                "carrier_name": picked([name for _, name in _CARRIERS], parcels.carrier[sent]),
                "tracking_number": texts(800_000_000_000 + sent * 7, "KJ"),
                "shipped_at": times(parcels.shipped[sent]),
                "signed_at": times(parcels.signed[sent]),
                "is_exception": parcels.is_wrong[sent],
                "freight_cost_fen": parcels.freight_cost[sent],
            },
        ),
        "parcel_lines": frame(
            "parcel_lines",
            {
                "parcel_id": parcels.ids(shipping.parcel[line]),
                "line_id": lines.ids(orders, line),
                "quantity": lines.quantity[line],
            },
        ),
        "parcel_events": _events(parcels, sent),
    }


def _events(parcels: Parcels, sent: Ints) -> pl.DataFrame:
    """All scans by time."""
    scans = {
        "picked_up": parcels.collected,
        "in_transit": parcels.moving,
        "out_for_delivery": parcels.out,
        "signed": parcels.signed,
        "exception": np.where(parcels.is_wrong, parcels.out + DAY, NEVER),
    }
    at = np.concatenate([each[sent] for each in scans.values()])
    kind, parcel = np.repeat(np.arange(len(scans)), len(sent)), np.tile(sent, len(scans))
    sorted_ = np.argsort(at, kind="stable")
    kept = sorted_[at[sorted_] > 0]
    return frame(
        "parcel_events",
        {
            "parcel_id": parcels.ids(parcel[kept]),
            "at": times(at[kept]),
            "event": picked(list(scans), kind[kept]),
            "place": picked(_PLACES, parcels.place[parcel[kept]]),
        },
    )
