"""Ads on 千川 and 拼多多: plans, what they spend by the hour, what they are credited with."""

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
    Size,
    days_of,
    frame,
    hours_of,
    picked,
    texts,
    times,
)  # fmt: skip
from pipelines.sandbox.world.rooms import Sessions
from pipelines.sandbox.world.sales import Lines, Orders
from pipelines.sandbox.world.tables_sales import TRAFFIC


@dataclass(frozen=True)
class _Platform:
    """Where a channel's shops advertise: an account a shop, with the same plans in each.

    Attributes:
        stream: Name of its stream of draws.
        plans: Scope and goal of each plan of an account; two goals a scope.
        takes: Traffic whose orders a scope's first plan is credited with.
    """

    name: str
    channel: str
    stream: str
    called: str
    first_account: int
    first_plan: int
    plans: tuple[tuple[str, str], ...]
    takes: str


_PLATFORMS = (
    _Platform(
        "qianchuan", "doudian", "ads", "千川账户", 1_799_000_000_000_000, 1_830_000_000_000_000,
        (("standard", "live"), ("standard", "video"), ("uni", "live"), ("uni", "video")), "live",
    ),
    _Platform(
        "pdd", "pdd", "pdd ads", "多多推广", 62_000_000, 530_000_000,
        (("standard", "search"), ("standard", "display")), "search",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class _Plans:
    """A platform's plans: the table, and its arrays."""

    frame: pl.DataFrame
    shop: Ints
    is_live: Flags


def make_ads(
    catalogue: Catalogue, sessions: Sessions, orders: Orders, lines: Lines, size: Size, seed: int
) -> dict[str, pl.DataFrame]:
    """The four tables of advertising."""
    tables: dict[str, list[pl.DataFrame]] = {
        "ad_accounts": [], "ad_plans": [], "ad_hours": [], "ad_conversions": [],
    }  # fmt: skip
    for platform in _PLATFORMS:
        draws = Draws(seed, platform.stream)
        accounts = _accounts(catalogue, platform)
        plans = _plans(catalogue, platform, accounts, size, draws)
        tables["ad_accounts"].append(accounts)
        tables["ad_plans"].append(plans.frame)
        tables["ad_hours"].append(_hours(catalogue, sessions, plans, size, draws))
        tables["ad_conversions"].append(_conversions(orders, lines, platform, plans, size, draws))
    return {name: pl.concat(parts) for name, parts in tables.items()}


def _accounts(catalogue: Catalogue, platform: _Platform) -> pl.DataFrame:
    shops = [catalogue.shop_ids[n] for n in catalogue.shops_of(platform.channel)]
    return frame(
        "ad_accounts",
        {
            "account_id": texts(platform.first_account + np.arange(1, len(shops) + 1)),
            "platform": [platform.name] * len(shops),
            "shop_id": shops,
            "name": [f"{platform.called} {shop}" for shop in shops],
        },
    )


def _plans(
    catalogue: Catalogue, platform: _Platform, accounts: pl.DataFrame, size: Size, draws: Draws
) -> _Plans:
    shops = catalogue.shops_of(platform.channel)
    shop = np.repeat(shops, len(platform.plans))
    count = len(shop)
    kinds = platform.plans * len(shops)
    is_live = np.array([goal == "live" for _, goal in kinds])
    own = catalogue.authors.own_of(shop) if is_live.any() else np.full(count, NEVER)
    table = frame(
        "ad_plans",
        {
            "plan_id": texts(platform.first_plan + 1_013 * np.arange(1, count + 1)),
            "account_id": accounts["account_id"].gather(np.arange(count) // len(platform.plans)),
            "shop_id": picked(catalogue.shop_ids, shop),
            "name": [f"{scope}-{goal}-{n + 1:03d}" for n, (scope, goal) in enumerate(kinds)],
            "scope": [scope for scope, _ in kinds],
            "goal": [goal for _, goal in kinds],
            "author_id": picked(
                catalogue.authors.frame["author_id"], np.where(is_live, own, NEVER)
            ),
            "budget_fen": draws.whole(5, 60, count) * 100_000,
            "roi_goal_bp": draws.whole(12, 40, count) * 1_000,
            "created_at": times(size.start - draws.whole(1, 60, count) * DAY),
        },
    )
    return _Plans(table, shop, is_live)


def _hours(
    catalogue: Catalogue, sessions: Sessions, plans: _Plans, size: Size, draws: Draws
) -> pl.DataFrame:
    """Most plans spend through the day; live plans while their own room is on."""
    all_day = np.flatnonzero(~plans.is_live)
    hours = np.arange(8, 24)
    grid = np.array(np.meshgrid(all_day, np.arange(size.days), hours, indexing="ij"))
    plan_d, day_d, hour_d = grid.reshape(3, -1)
    start_d = size.start + day_d * DAY + hour_d * HOUR
    rows: list[tuple[Ints, Ints, Ints]] = [(plan_d, start_d, np.full(len(plan_d), NEVER))]
    owned = np.flatnonzero(~catalogue.authors.is_affiliate[sessions.author])
    for live in np.flatnonzero(plans.is_live):
        mine = owned[sessions.shop[owned] == plans.shop[live]]
        first = sessions.start[mine] // HOUR * HOUR
        lasts = (sessions.end[mine] - first + HOUR - 1) // HOUR
        on = np.repeat(mine, lasts)
        step = np.arange(len(on)) - np.repeat(np.cumsum(lasts) - lasts, lasts)
        rows.append((np.full(len(on), live), np.repeat(first, lasts) + step * HOUR, on))
    plan, start, session = (np.concatenate(part) for part in zip(*rows, strict=True))
    first_of_hour = np.unique(np.stack([plan, start]), axis=1, return_index=True)[1]
    kept = first_of_hour[draws.chance(0.9, len(first_of_hour))]
    plan, start, session = plan[kept], start[kept], session[kept]
    count = len(plan)
    spend = draws.lag(6_000, count, 0.7, 10**7) + np.where(session >= 0, 9_000, 0)
    impressions = spend * draws.whole(20, 60, count) // 100
    clicks = impressions * draws.whole(15, 60, count) // 1_000
    grant = np.where(draws.chance(0.3, count), spend * draws.whole(1, 20, count) // 100, 0)
    return frame(
        "ad_hours",
        {
            "plan_id": plans.frame["plan_id"].gather(plan),
            "stat_date": pl.Series(days_of(start)).cast(pl.Int32).cast(pl.Date),
            "hour": hours_of(start),
            "session_id": picked(sessions.frame["session_id"], session),
            "cash_fen": spend - grant,
            "grant_fen": grant,
            "impressions": impressions,
            "clicks": clicks,
            "conversions": clicks * draws.whole(1, 9, count) // 100,
        },
    ).sort("plan_id", "stat_date", "hour")


def _conversions(
    orders: Orders, lines: Lines, platform: _Platform, plans: _Plans, size: Size, draws: Draws
) -> pl.DataFrame:
    """Each order is credited to one plan of its shop at most: direct, or up to 7 days later."""
    able = (orders.paid > 0) & np.isin(orders.shop, plans.shop) & (orders.trade == 0)
    order = np.flatnonzero(able & draws.chance(0.35, len(orders.shop)))
    count = len(order)
    taken = orders.traffic[order] == TRAFFIC.index(platform.takes)
    plan = np.searchsorted(plans.shop, orders.shop[order]) + np.where(taken, 0, 1)
    plan += 2 * (draws.chance(0.5, count) & (len(platform.plans) > 2))
    direct = draws.chance(0.7, count)
    before = np.where(direct, draws.whole(30, 900, count), DAY + draws.whole(0, 5 * DAY, count))
    clicked = orders.created[order] - before
    kept = clicked >= size.start
    order, plan, direct, clicked = order[kept], plan[kept], direct[kept], clicked[kept]
    paid = np.bincount(lines.order, lines.money["paid_fen"], len(orders.shop)).astype(np.int64)
    coupon = np.where(draws.chance(0.1, len(order)), draws.whole(100, 900, len(order)), 0)
    return frame(
        "ad_conversions",
        {
            "plan_id": plans.frame["plan_id"].gather(plan),
            "order_id": texts(orders.ids[order]),
            "clicked_at": times(clicked),
            "kind": picked(["direct", "indirect"], np.where(direct, 0, 1)),
            "pay_fen": paid[order],
            "coupon_fen": coupon if platform.name == "qianchuan" else 0 * coupon,
        },
    )
