"""Live sessions: the shops' own rooms of an evening, and now and then an affiliate's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.sandbox.world.authors import CREATORS, Creators, numbered
from pipelines.sandbox.world.catalogue import Catalogue
from pipelines.sandbox.world.draws import (
    DAY,
    HOUR,
    MINUTE,
    Draws,
    Flags,
    Ints,
    Size,
    epoch,
    frame,
    picked,
    texts,
    times,
)  # fmt: skip


@dataclass(frozen=True)
class Sessions:
    """The table, and its arrays for the makers of orders and ads."""

    frame: pl.DataFrame
    shop: Ints
    author: Ints
    start: Ints
    end: Ints


def make_sessions(catalogue: Catalogue, size: Size, seed: int) -> Sessions:
    """The sessions of each channel that has rooms, channel by channel, each by its start."""
    parts = [_sessions(catalogue, each, size, seed) for each in CREATORS if each.room_ids]
    return Sessions(
        pl.concat(part.frame for part in parts),
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("shop", "author", "start", "end")
        ),
    )


def _sessions(catalogue: Catalogue, creators: Creators, size: Size, seed: int) -> Sessions:
    """One broadcast an evening of each shop, some over midnight; at noon at times a 达人's."""
    assert creators.room_ids is not None, "asked for channels with rooms only"
    draws = creators.draws(seed, "sessions")
    shops = catalogue.shops_of(creators.channel)
    shop = np.repeat(shops, size.days)
    day = np.tile(np.arange(size.days), len(shops))
    start = size.start + day * DAY + 19 * HOUR + draws.whole(0, 9_000, len(shop))
    length = draws.whole(90 * MINUTE, 200 * MINUTE, len(shop))
    length += np.where(draws.chance(0.25, len(shop)), 3 * HOUR, 0)  # over midnight
    guest = draws.chance(0.3, len(shop))
    affiliates = catalogue.authors.affiliates[creators.channel]
    guest_author = affiliates[draws.whole(0, len(affiliates), len(shop))]
    guest_start = size.start + day * DAY + 12 * HOUR + draws.whole(0, 7_200, len(shop))
    guest_length = draws.whole(HOUR, 3 * HOUR, int(guest.sum()))
    on = creators.draws(seed, "evenings").chance(creators.evenings, len(shop))
    author = np.concatenate([catalogue.authors.own_of(shop[on]), guest_author[guest]])
    end = np.concatenate([start[on] + length[on], guest_start[guest] + guest_length])
    start = np.concatenate([start[on], guest_start[guest]])
    shop = np.concatenate([shop[on], shop[guest]])
    order = np.lexsort((shop, start))
    shop, author, start, end = shop[order], author[order], start[order], end[order]
    number = np.arange(1, len(shop) + 1)
    is_viral = number == _viral(creators, start, size) + 1
    table = frame(
        "live_sessions",
        {
            "session_id": numbered(creators.room_ids, number),
            "channel": [creators.channel] * len(shop),
            "shop_id": picked(catalogue.shop_ids, shop),
            "author_id": catalogue.authors.frame["author_id"].gather(author),
            "title": texts(number, "直播间好物 第") + "场",
            "started_at": times(start),
            "ended_at": times(end),
            "is_viral": is_viral,
            **_funnel(draws, creators.exposed, is_viral),
        },
    )
    return Sessions(table, shop, author, start, end)


def _viral(creators: Creators, start: Ints, size: Size) -> int:
    """Position of the company's one viral session: on 抖店, a week before the end at 20:00."""
    if creators.channel != "doudian":
        return -1
    return int(np.argmin(np.abs(start - epoch(size.last_day) + 7 * DAY - 20 * HOUR)))


def _funnel(draws: Draws, exposed: int, is_viral: Flags) -> dict[str, Ints]:
    """Each step of the funnel is a part of the one before it."""
    count = len(is_viral)
    exposure = draws.lag(exposed, count, 0.6, 10**8) * (1 + 11 * is_viral)

    def part(of: Ints, low: float, high: float) -> Ints:
        return (of * (low + (high - low) * draws.generator.random(count))).astype(np.int64)

    view = part(exposure, 0.12, 0.30)
    item_exposure = part(view, 0.6, 0.9)
    item_click = part(item_exposure, 0.15, 0.4)
    return {
        "exposure_uv": exposure,
        "exposure_pv": exposure + part(exposure, 0.1, 0.9),
        "view_uv": view,
        "view_pv": view + part(view, 0.1, 0.6),
        "watch_seconds": view * draws.whole(25, 140, count),
        "peak_online": np.maximum(part(view, 0.02, 0.08), 1),
        "comment_count": part(view, 0.05, 0.3),
        "like_count": part(view, 0.5, 4),
        "share_count": part(view, 0.002, 0.01),
        "interact_uv": part(view, 0.03, 0.15),
        "follow_count": part(view, 0.005, 0.03),
        "fan_club_count": part(view, 0.001, 0.005),
        "item_exposure_uv": item_exposure,
        "item_click_uv": item_click,
        "item_click_pv": item_click + part(item_click, 0.2, 1.5),
    }
