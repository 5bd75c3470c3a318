"""Live sessions, orders and their lines: what buyers did, and what they owe and paid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.sandbox.world.catalogue import DYING_SHOP, FIRST_ID, Catalogue
from pipelines.sandbox.world.draws import (
    DAY,
    HOUR,
    MINUTE,
    NEVER,
    Draws,
    Flags,
    Floats,
    Ints,
    Size,
    epoch,
    frame,
    picked,
    split,
    texts,
    times,
)  # fmt: skip

_HOURS = (2, 1, 1, 1, 1, 1, 2, 3, 5, 6, 7, 6, 6, 6, 6, 6, 5, 6, 8, 11, 13, 12, 8, 4)
_WEEKDAYS = (0.95, 0.92, 0.94, 0.97, 1.02, 1.12, 1.08)
_PEAKS = {(6, 18): 6.0, (6, 1): 2.0, (11, 1): 2.2, (11, 10): 2.5, (11, 11): 7.0}
_TRAFFIC_OFF_ROOM = (0.0, 0.30, 0.35, 0.25, 0.10)  # live, video, card, search, other
_REASONS = ("不想要了", "超时未支付", "拍错了", "地址写错")
AUTO_CLOSE = 2 * HOUR


@dataclass(frozen=True)
class Sessions:
    """The table, and its arrays for the makers of orders and ads."""

    frame: pl.DataFrame
    shop: Ints
    author: Ints
    start: Ints
    end: Ints


@dataclass
class Orders:
    """Orders by column, one position an order; NEVER where an event does not happen."""

    shop: Ints
    buyer: Ints
    created: Ints
    paid: Ints
    closed: Ints
    session: Ints
    author: Ints
    traffic: Ints
    trade: Ints
    deposit_at: Ints
    deposit: Ints
    is_test: Flags
    is_brushed: Flags
    remark: list[str | None]

    @property
    def ids(self) -> Ints:
        """Ids that grow with the time of creation; room for the lines' ids between them."""
        return FIRST_ID + np.arange(len(self.shop)) * 100 + 1


@dataclass
class Lines:
    """Order lines by column, ascending by order."""

    order: Ints
    number: Ints
    sku: Ints
    quantity: Ints
    is_gift: Flags
    money: dict[str, Ints]


def make_sessions(catalogue: Catalogue, size: Size, seed: int) -> Sessions:
    """One broadcast an evening of each 抖店 shop, some over midnight; now and then a 达人's."""
    draws = Draws(seed, "sessions")
    shops = [n for n, channel in enumerate(catalogue.shop_channels) if channel == "doudian"]
    shop = np.repeat(np.array(shops), size.days)
    day = np.tile(np.arange(size.days), len(shops))
    own = np.array([catalogue.own_authors[n] for n in shop])
    start = size.start + day * DAY + 19 * HOUR + draws.whole(0, 9_000, len(shop))
    length = draws.whole(90 * MINUTE, 200 * MINUTE, len(shop))
    length += np.where(draws.chance(0.25, len(shop)), 3 * HOUR, 0)  # over midnight
    guest = draws.chance(0.3, len(shop))
    guest_author = catalogue.affiliates[draws.whole(0, len(catalogue.affiliates), len(shop))]
    guest_start = size.start + day * DAY + 12 * HOUR + draws.whole(0, 7_200, len(shop))
    shop = np.concatenate([shop, shop[guest]])
    author = np.concatenate([own, guest_author[guest]])
    start = np.concatenate([start, guest_start[guest]])
    end = start + np.concatenate([length, draws.whole(HOUR, 3 * HOUR, int(guest.sum()))])
    order = np.lexsort((shop, start))
    shop, author, start, end = shop[order], author[order], start[order], end[order]
    viral = int(np.argmin(np.abs(start - epoch(size.last_day) + 7 * DAY - 20 * HOUR)))
    funnel = _funnel(draws, start, end, viral)
    table = frame(
        "live_sessions",
        {
            "session_id": texts(7_400_000_000_000_000_000 + 1_009 * np.arange(1, len(shop) + 1)),
            "channel": ["doudian"] * len(shop),
            "shop_id": picked(catalogue.shop_ids, shop),
            "author_id": catalogue.frames["authors"]["author_id"].gather(author),
            "title": texts(np.arange(1, len(shop) + 1), "直播间好物 第").cast(pl.String) + "场",
            "started_at": times(start),
            "ended_at": times(end),
            "is_viral": np.arange(len(shop)) == viral,
            **funnel,
        },
    )
    return Sessions(table, shop, author, start, end)


def _funnel(draws: Draws, start: Ints, end: Ints, viral: int) -> dict[str, Ints]:
    """Each step of the funnel is a part of the one before it."""
    count = len(start)
    exposure = draws.lag(40_000, count, 0.6, 10**8) * (1 + 11 * (np.arange(count) == viral))

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


def make_orders(catalogue: Catalogue, sessions: Sessions, size: Size, seed: int) -> Orders:
    """Every order of every shop, by time of creation."""
    draws = Draws(seed, "orders")
    shop, created = _placed(catalogue, size, draws)
    count = len(shop)
    low = np.array([catalogue.buyers_from[channel][0] for channel in catalogue.shop_channels])
    per_channel = size.buyers_a_channel
    # A few buy often: the square pulls towards the first buyers.
    buyer = low[shop] + (draws.generator.random(count) ** 1.6 * per_channel).astype(np.int64)
    again = draws.chance(0.02, count) & np.r_[False, shop[1:] == shop[:-1]]
    buyer[again] = np.r_[0, buyer[:-1]][again]
    traffic, session, author = _came_from(catalogue, sessions, shop, created, draws)
    trade = np.where(draws.chance(0.03, count), 1, np.where(draws.chance(0.01, count), 2, 0))
    pays = draws.chance(0.86, count)
    lag = draws.lag(40, count, 1.0, AUTO_CLOSE - MINUTE)
    paid = np.where(pays, created + lag, NEVER)
    presale = trade == 1
    deposit_at = np.where(presale & draws.chance(0.95, count), created + lag, NEVER)
    tail = created + 3 * DAY + draws.whole(0, 2 * DAY, count)
    paid = np.where(
        presale, np.where((deposit_at > 0) & draws.chance(0.85, count), tail, NEVER), paid
    )
    closed = np.where(paid < 0, created + AUTO_CLOSE, NEVER)
    closed = np.where(presale & (deposit_at > 0) & (paid < 0), created + 6 * DAY, closed)
    odd = draws.generator.random(count)
    is_test, is_brushed = odd < 0.002, (odd >= 0.002) & (odd < 0.005)
    remark: list[str | None] = [None] * count
    for position in np.flatnonzero(is_test | is_brushed):
        remark[position] = "内部测试单" if is_test[position] else "补单 勿发"
    return Orders(
        shop, buyer, created, paid, closed, session, author, traffic, trade, deposit_at,
        np.zeros(count, np.int64), is_test, is_brushed, remark,
    )  # fmt: skip


def _placed(catalogue: Catalogue, size: Size, draws: Draws) -> tuple[Ints, Ints]:
    """Shop and second of every order, in time order."""
    shops = len(catalogue.shop_ids)
    strength = 0.4 + 1.2 * Draws(11, "strength").generator.random(shops)
    strength = strength / strength.mean()
    days = np.arange(size.days)
    season = np.array([_season(size, int(day)) for day in days])
    rate = size.orders_a_day * strength[:, None] * season[None, :]
    dying = catalogue.shop_ids.index(DYING_SHOP)
    rate[dying] *= np.linspace(1.0, 0.05, size.days)
    placed = draws.generator.poisson(rate)
    shop = np.repeat(np.arange(shops), placed.sum(axis=1))
    day = np.concatenate([np.repeat(days, row) for row in placed])
    hour = draws.one_of(_HOURS, len(shop))
    created = size.start + day * DAY + hour * HOUR + draws.whole(0, HOUR, len(shop))
    order = np.lexsort((shop, created))
    return shop[order].astype(np.int64), created[order]


def _season(size: Size, day: int) -> float:
    from datetime import timedelta

    date = size.first_day + timedelta(days=day)
    return _WEEKDAYS[date.weekday()] * _PEAKS.get((date.month, date.day), 1.0)


def _came_from(
    catalogue: Catalogue, sessions: Sessions, shop: Ints, created: Ints, draws: Draws
) -> tuple[Ints, Ints, Ints]:
    """Traffic, session and author of each order; a room sells mostly while it is on."""
    count = len(shop)
    traffic = draws.one_of(_TRAFFIC_OFF_ROOM, count)
    session = np.full(count, NEVER, np.int64)
    author = np.full(count, NEVER, np.int64)
    on_douyin = np.array([channel == "doudian" for channel in catalogue.shop_channels])[shop]
    for each in np.unique(sessions.shop):
        mine = np.flatnonzero(sessions.shop == each)
        orders = np.flatnonzero(shop == each)
        at = np.searchsorted(sessions.start[mine], created[orders], side="right") - 1
        last = mine[np.maximum(at, 0)]
        in_room = (at >= 0) & (created[orders] < sessions.end[last])
        later = (at >= 0) & ~in_room & draws.chance(0.02, len(orders))  # paid days after the show
        live = (in_room & draws.chance(0.7, len(orders))) | later
        session[orders[live]] = last[live]
        author[orders[live]] = sessions.author[last[live]]
        traffic[orders[live]] = 0
    by_author = on_douyin & (traffic == 1) & draws.chance(0.6, count)
    pick = catalogue.affiliates[draws.whole(0, len(catalogue.affiliates), count)]
    author[by_author] = pick[by_author]
    return traffic, session, author


def make_lines(catalogue: Catalogue, orders: Orders, seed: int) -> Lines:
    """One to five lines an order, and all money of order and lines."""
    draws = Draws(seed, "lines")
    count = len(orders.shop)
    lines_of = 1 + draws.one_of((0.68, 0.2, 0.08, 0.03, 0.01), count)
    lines_of[orders.trade == 1] = 1
    order = np.repeat(np.arange(count), lines_of)
    total = len(order)
    number = np.arange(total) - np.repeat(np.cumsum(lines_of) - lines_of, lines_of) + 1
    first = np.searchsorted(catalogue.sku_shop, orders.shop, side="left")
    behind = np.searchsorted(catalogue.sku_shop, orders.shop, side="right")
    width = (behind - first)[order]
    sku = first[order] + (draws.generator.random(total) ** 1.4 * width).astype(np.int64)
    # Pre-sale is for things that are still being made.
    course = catalogue.product_is_course[catalogue.sku_product[sku]] == 1
    shift = (orders.trade[order] == 1) & course
    sku = np.where(shift, np.minimum(sku + 2, behind[order] - 1), sku)
    quantity = 1 + draws.one_of((0.85, 0.11, 0.04), total)
    is_gift = (number > 1) & (number == lines_of[order]) & draws.chance(0.12, total)
    quantity[is_gift] = 1
    price = np.where(is_gift, 0, catalogue.sku_price[sku])
    money = {
        "price_fen": catalogue.sku_price[sku],
        "list_price_fen": catalogue.sku_list_price[sku],
        "list_fen": np.where(is_gift, 0, catalogue.sku_list_price[sku]) * quantity,
        "goods_fen": price * quantity,
    }
    return _priced(Lines(order, number, sku, quantity, is_gift, money), orders, draws)


def _priced(lines: Lines, orders: Orders, draws: Draws) -> Lines:
    """Discounts by who gives and who bears them, split from the order to its lines to the fen."""
    count, order, goods = len(orders.shop), lines.order, lines.money["goods_fen"]
    whole = np.bincount(order, goods, count).astype(np.int64)

    def off(share: float, low: float, high: float) -> Ints:
        given: Floats = draws.chance(share, count) * (
            low + (high - low) * draws.generator.random(count)
        )
        return (whole * given).astype(np.int64)

    by_order = {
        "shop_discount_fen": off(0.35, 0.03, 0.15),
        "platform_discount_fen": off(0.25, 0.02, 0.10),
        "author_discount_fen": np.where(orders.author >= 0, off(0.12, 0.01, 0.03), 0),
        "pay_discount_fen": np.where(draws.chance(0.08, count), draws.whole(50, 600, count), 0),
        "freight_fen": np.where(draws.chance(0.12, count), draws.whole(6, 13, count) * 100, 0),
    }
    money = lines.money
    for name, amount in by_order.items():
        money[name] = split(amount, order, goods)
    shared = draws.chance(0.3, count)[order]  # coupons that the shop bears a part of
    merchant_part = np.where(shared, money["platform_discount_fen"] * 3 // 10, 0)
    money["merchant_borne_fen"] = money["shop_discount_fen"] + merchant_part
    money["platform_borne_fen"] = money["platform_discount_fen"] - merchant_part
    money["author_borne_fen"] = money["author_discount_fen"]
    money["order_fen"] = (
        goods
        + money["freight_fen"]
        - money["shop_discount_fen"]
        - money["platform_discount_fen"]
        - money["author_discount_fen"]
    )
    money["paid_fen"] = money["order_fen"] - money["pay_discount_fen"]
    presale = orders.trade == 1
    due = np.bincount(order, money["paid_fen"], count).astype(np.int64)
    orders.deposit = np.where(presale & (orders.deposit_at > 0), due // 5, 0)
    return lines


def cancel_reasons(orders: Orders, seed: int) -> pl.Series:
    """Why an unpaid order was closed."""
    drawn = Draws(seed, "cancelled").whole(0, len(_REASONS), len(orders.shop))
    return picked(_REASONS, np.where(orders.closed > 0, drawn, NEVER))
