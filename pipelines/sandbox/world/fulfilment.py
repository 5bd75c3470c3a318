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


@dataclass
class Shipping:
    """When each line was shipped, signed and finished; NEVER where it was not."""

    shipped: Ints
    signed: Ints
    finished: Ints
    frames: dict[str, pl.DataFrame]


def make_shipping(catalogue: Catalogue, orders: Orders, lines: Lines, seed: int) -> Shipping:
    """Ship what is paid: courses at once and without a parcel, things in one or two parcels."""
    draws = Draws(seed, "shipping")
    count = len(orders.shop)
    paid = orders.paid[lines.order]
    course = catalogue.product_is_course[catalogue.sku_product[lines.sku]] == 1
    is_thing = ~course & (paid > 0)
    second = is_thing & (lines.number >= 2) & draws.chance(0.08, len(paid)) & ~lines.is_gift
    parcel_key = lines.order * 2 + second
    parcel_key = _merged(orders, lines, parcel_key)
    keys, parcel = np.unique(parcel_key[is_thing], return_inverse=True)
    of_order = keys // 2
    ready = np.zeros(len(keys), np.int64)  # a merged parcel waits for its last order
    np.maximum.at(ready, parcel, paid[is_thing])
    late = draws.chance(0.05, len(keys))
    shipped = ready + draws.lag(18 * HOUR, len(keys), 0.5, 46 * HOUR)
    shipped += np.where(late, draws.whole(DAY, 3 * DAY, len(keys)), 0)
    shipped += np.where(keys % 2 == 1, 5 * HOUR, 0)
    wrong = draws.chance(0.01, len(keys))
    collected = shipped + draws.lag(6 * HOUR, len(keys), 0.6, 3 * DAY)
    moving = collected + draws.lag(10 * HOUR, len(keys), 0.4, 3 * DAY)
    out = moving + draws.lag(20 * HOUR, len(keys), 0.5, 4 * DAY)
    signed = np.where(wrong, NEVER, out + draws.lag(4 * HOUR, len(keys), 0.5, DAY))
    line_shipped, line_signed = np.full(len(paid), NEVER), np.full(len(paid), NEVER)
    line_shipped[is_thing], line_signed[is_thing] = shipped[parcel], signed[parcel]
    taught = course & (paid > 0)
    line_shipped[taught] = paid[taught] + draws.whole(MINUTE, 10 * MINUTE, int(taught.sum()))
    line_signed[taught] = line_shipped[taught]
    received = draws.lag(4 * DAY, count, 0.7, 15 * DAY)[lines.order]
    finished = np.where(line_signed > 0, line_signed + received, NEVER)
    frames = _frames(
        catalogue,
        orders,
        lines,
        parcel,
        is_thing,
        of_order,
        (shipped, collected, moving, out, signed),
        wrong,
        draws,
    )
    return Shipping(line_shipped, line_signed, finished, frames)


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


def _frames(
    catalogue: Catalogue,
    orders: Orders,
    lines: Lines,
    parcel: Ints,
    is_thing: np.ndarray,
    of_order: Ints,
    scans: tuple[Ints, Ints, Ints, Ints, Ints],
    wrong: np.ndarray,
    draws: Draws,
) -> dict[str, pl.DataFrame]:
    shipped, collected, moving, out, signed = scans
    count = len(of_order)
    carrier = draws.one_of(_CARRIER_SHARES, count)
    parcel_id = texts(np.arange(1, count + 1), "PK")
    place = draws.whole(0, len(_PLACES), count)
    parcels = frame(
        "parcels",
        {
            "parcel_id": parcel_id,
            "shop_id": picked(catalogue.shop_ids, orders.shop[of_order]),
            "warehouse": picked(["WH-HZ", "WH-GZ"], of_order % 2),
            "carrier": picked([code for code, _ in _CARRIERS], carrier),
            "carrier_name": picked([name for _, name in _CARRIERS], carrier),
            "tracking_number": texts(800_000_000_000 + np.arange(count) * 7, "KJ"),
            "shipped_at": times(shipped),
            "signed_at": times(signed),
            "is_exception": wrong,
            "freight_cost_fen": draws.whole(220, 900, count),
        },
    )
    inside = frame(
        "parcel_lines",
        {
            "parcel_id": parcel_id.gather(parcel),
            "line_id": texts(orders.ids[lines.order] + lines.number - 1).filter(
                pl.Series(is_thing)
            ),
            "quantity": lines.quantity[is_thing],
        },
    )
    steps = (
        ("picked_up", collected), ("in_transit", moving), ("out_for_delivery", out),
        ("signed", signed), ("exception", np.where(wrong, out + DAY, NEVER)),
    )  # fmt: skip
    events = pl.concat(
        frame(
            "parcel_events",
            {
                "parcel_id": parcel_id,
                "at": times(at),
                "event": [event] * count,
                "place": picked(_PLACES, place),
            },
        ).drop_nulls("at")
        for event, at in steps
    )
    return {
        "parcels": parcels,
        "parcel_lines": inside,
        "parcel_events": events.sort("at", "parcel_id"),
    }
