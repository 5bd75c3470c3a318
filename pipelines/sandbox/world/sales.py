"""Orders and their lines: what buyers did, and what they owe and paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.sandbox.world.authors import CREATORS, Creators
from pipelines.sandbox.world.catalogue import DYING_SHOP, FIRST_ID, Catalogue
from pipelines.sandbox.world.customs import NO_DEPOSITS, kept_by, told_apart
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
    Split,
    picked,
    texts,
)  # fmt: skip
from pipelines.sandbox.world.rooms import Sessions

_HOURS = (2, 1, 1, 1, 1, 1, 2, 3, 5, 6, 7, 6, 6, 6, 6, 6, 5, 6, 8, 11, 13, 12, 8, 4)
_WEEKDAYS = (0.95, 0.92, 0.94, 0.97, 1.02, 1.12, 1.08)
_PEAKS = {(6, 18): 6.0, (6, 1): 2.0, (11, 1): 2.2, (11, 10): 2.5, (11, 11): 7.0}
_TRAFFIC_OFF_ROOM = (0.0, 0.30, 0.35, 0.25, 0.10)  # live, video, card, search, other
_REASONS = ("不想要了", "超时未支付", "拍错了", "地址写错")
AUTO_CLOSE = 2 * HOUR


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

    def ids(self, orders: Orders, line: Ints | slice = slice(None)) -> pl.Series:
        """Ids of some lines; the first line of an order has the order's own."""
        return texts(orders.ids[self.order[line]] + self.number[line] - 1)


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
    origins = _came_from(catalogue, sessions, shop, created, draws, seed)
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
    deposit_at[kept_by(catalogue, NO_DEPOSITS, shop)] = NEVER
    odd = draws.generator.random(count)
    is_test, is_brushed = odd < 0.002, (odd >= 0.002) & (odd < 0.005)
    return Orders(
        shop, buyer, created, paid, closed, origins.session, origins.author, origins.traffic, trade,
        deposit_at, np.zeros(count, np.int64), is_test, is_brushed,
    )  # fmt: skip


def _placed(catalogue: Catalogue, size: Size, draws: Draws) -> tuple[Ints, Ints]:
    """Shop and second of every order, in time order."""
    shops = len(catalogue.shop_ids)
    strength = 0.4 + 1.2 * Draws(11, "strength").generator.random(shops)
    strength = strength / strength.mean()
    days = np.arange(size.days)
    seasons = np.array([season(size.first_day + timedelta(days=int(day))) for day in days])
    rate = size.orders_a_day * strength[:, None] * seasons[None, :]
    dying = catalogue.shop_ids.index(DYING_SHOP)
    rate[dying] *= np.linspace(1.0, 0.05, size.days)
    placed = draws.generator.poisson(rate)
    shop = np.repeat(np.arange(shops), placed.sum(axis=1))
    day = np.concatenate([np.repeat(days, row) for row in placed])
    hour = draws.one_of(_HOURS, len(shop))
    created = size.start + day * DAY + hour * HOUR + draws.whole(0, HOUR, len(shop))
    order = np.lexsort((shop, created))
    return shop[order].astype(np.int64), created[order]


def season(day: date) -> float:
    """How much more than on an ordinary day is sold: weekends, 618, 双11 and their eves."""
    return _WEEKDAYS[day.weekday()] * _PEAKS.get((day.month, day.day), 1.0)


@dataclass
class _Origins:
    """Where orders came from, filled channel by channel."""

    traffic: Ints
    session: Ints
    author: Ints


def _came_from(
    catalogue: Catalogue, sessions: Sessions, shop: Ints, created: Ints, draws: Draws, seed: int
) -> _Origins:
    """Traffic of every order; session and author on channels that know creators."""
    count = len(shop)
    origins = _Origins(
        draws.one_of(_TRAFFIC_OFF_ROOM, count), np.full(count, NEVER), np.full(count, NEVER)
    )
    for creators in CREATORS:
        # 抖店's draws come out of the orders' own stream, since it was first.
        mine = draws if creators.channel == "doudian" else creators.draws(seed, "came from")
        if creators.room_ids:
            for each in catalogue.shops_of(creators.channel):
                placed = np.flatnonzero(shop == each)
                broadcast = np.flatnonzero(sessions.shop == each)
                _to_rooms(origins, placed, created[placed], sessions, broadcast, mine)
        _by_posts(origins, catalogue, creators, shop, mine)
    return origins


def _to_rooms(
    origins: _Origins,
    placed: Ints,
    created: Ints,
    sessions: Sessions,
    broadcast: Ints,
    draws: Draws,
) -> None:
    """One shop's orders to its rooms: they sell mostly while they are on."""
    at = np.searchsorted(sessions.start[broadcast], created, side="right") - 1
    last = broadcast[np.maximum(at, 0)]
    in_room = (at >= 0) & (created < sessions.end[last])
    later = (at >= 0) & ~in_room & draws.chance(0.02, len(placed))  # paid days after the show
    live = (in_room & draws.chance(0.7, len(placed))) | later
    origins.session[placed[live]] = last[live]
    origins.author[placed[live]] = sessions.author[last[live]]
    origins.traffic[placed[live]] = 0


def _by_posts(
    origins: _Origins, catalogue: Catalogue, creators: Creators, shop: Ints, draws: Draws
) -> None:
    """Videos (on 小红书 notes) sell too: most of them an affiliate's, some the shop's own."""
    count = len(shop)
    here = np.isin(shop, catalogue.shops_of(creators.channel))
    posted = here & (origins.traffic == 1) & draws.chance(0.6, count)
    affiliates = catalogue.authors.affiliates[creators.channel]
    origins.author[posted] = affiliates[draws.whole(0, len(affiliates), count)][posted]
    if creators.own_posts:
        own = posted & draws.chance(creators.own_posts, count)
        origins.author[own] = catalogue.authors.own_of(shop[own])


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
    sku = told_apart(catalogue, order, orders.shop[order], sku)
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
    return _priced(catalogue, Lines(order, number, sku, quantity, is_gift, money), orders, draws)


def _priced(catalogue: Catalogue, lines: Lines, orders: Orders, draws: Draws) -> Lines:
    """Discounts by who gives and who bears them, split from the order to its lines to the fen."""
    count, order, goods = len(orders.shop), lines.order, lines.money["goods_fen"]
    whole = np.bincount(order, goods, count).astype(np.int64)

    def off(share: float, low: float, high: float) -> Ints:
        given: Floats = draws.chance(share, count) * (
            low + (high - low) * draws.generator.random(count)
        )
        return (whole * given).astype(np.int64)

    givers = [each.channel for each in CREATORS if each.gives_discounts]
    by_giver = (orders.author >= 0) & np.isin(catalogue.shop_channels, givers)[orders.shop]
    by_order = {
        "shop_discount_fen": off(0.35, 0.03, 0.15),
        "platform_discount_fen": off(0.25, 0.02, 0.10),
        "author_discount_fen": np.where(by_giver, off(0.12, 0.01, 0.03), 0),
        "pay_discount_fen": np.where(draws.chance(0.08, count), draws.whole(50, 600, count), 0),
        "freight_fen": np.where(draws.chance(0.12, count), draws.whole(6, 13, count) * 100, 0),
    }
    money = lines.money
    split = Split(order, goods)
    for name, amount in by_order.items():
        money[name] = split.of(amount)
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
