"""千川: plans, what they spent by the hour, and the orders that they are credited with."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.sandbox.world.catalogue import Catalogue
from pipelines.sandbox.world.draws import (
    DAY,
    HOUR,
    NEVER,
    Draws,
    Ints,
    Size,
    days_of,
    frame,
    hours_of,
    picked,
    texts,
    times,
)  # fmt: skip
from pipelines.sandbox.world.sales import Lines, Orders, Sessions

# Scope and goal of each account's four plans.
_PLANS = (("standard", "live"), ("standard", "video"), ("uni", "live"), ("uni", "video"))
_FIRST_PLAN = 1_830_000_000_000_000


def make_ads(
    catalogue: Catalogue, sessions: Sessions, orders: Orders, lines: Lines, size: Size, seed: int
) -> dict[str, pl.DataFrame]:
    """The three tables of advertising."""
    draws = Draws(seed, "ads")
    shops = [n for n, channel in enumerate(catalogue.shop_channels) if channel == "doudian"]
    plan_shop = np.repeat(np.array(shops), len(_PLANS))
    kind = np.tile(np.arange(len(_PLANS)), len(shops))
    plans = _plans(catalogue, plan_shop, kind, size, draws)
    return {
        "ad_plans": plans,
        "ad_hours": _hours(sessions, plan_shop, kind, plans, size, draws),
        "ad_conversions": _conversions(orders, lines, plan_shop, kind, plans, size, draws),
    }


def _plans(
    catalogue: Catalogue, plan_shop: Ints, kind: Ints, size: Size, draws: Draws
) -> pl.DataFrame:
    count = len(plan_shop)
    accounts = catalogue.frames["ad_accounts"]["account_id"]
    authors = catalogue.frames["authors"]["author_id"].to_list()
    goals = [_PLANS[k][1] for k in kind]
    return frame(
        "ad_plans",
        {
            "plan_id": texts(_FIRST_PLAN + 1_013 * np.arange(1, count + 1)),
            "account_id": accounts.gather(np.arange(count) // len(_PLANS)),
            "shop_id": picked(catalogue.shop_ids, plan_shop),
            "name": [f"{_PLANS[k][0]}-{_PLANS[k][1]}-{n + 1:03d}" for n, k in enumerate(kind)],
            "scope": [_PLANS[k][0] for k in kind],
            "goal": goals,
            "author_id": [
                authors[catalogue.own_authors[int(shop)]] if goal == "live" else None
                for shop, goal in zip(plan_shop, goals, strict=True)
            ],
            "budget_fen": draws.whole(5, 60, count) * 100_000,
            "roi_goal_bp": draws.whole(12, 40, count) * 1_000,
            "created_at": times(size.start - draws.whole(1, 60, count) * DAY),
        },
    )


def _hours(
    sessions: Sessions, plan_shop: Ints, kind: Ints, plans: pl.DataFrame, size: Size, draws: Draws
) -> pl.DataFrame:
    """Video plans spend through the day; live plans while their own room is on."""
    video = np.flatnonzero(kind % 2 == 1)
    hours = np.arange(8, 24)
    grid = np.array(np.meshgrid(video, np.arange(size.days), hours, indexing="ij")).reshape(3, -1)
    plan_v, start_v = grid[0], size.start + grid[1] * DAY + grid[2] * HOUR
    rows: list[tuple[Ints, Ints, Ints]] = [(plan_v, start_v, np.full(len(plan_v), NEVER))]
    owned = np.flatnonzero(np.isin(sessions.author, np.unique(sessions.shop)))
    for live in np.flatnonzero(kind % 2 == 0):
        mine = owned[sessions.shop[owned] == plan_shop[live]]
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
            "plan_id": plans["plan_id"].gather(plan),
            "stat_date": pl.Series(days_of(start)).cast(pl.Int32).cast(pl.Date),
            "hour": hours_of(start),
            "session_id": picked(sessions.frame["session_id"].to_list(), session),
            "cash_fen": spend - grant,
            "grant_fen": grant,
            "impressions": impressions,
            "clicks": clicks,
            "conversions": clicks * draws.whole(1, 9, count) // 100,
        },
    ).sort("plan_id", "stat_date", "hour")


def _conversions(
    orders: Orders,
    lines: Lines,
    plan_shop: Ints,
    kind: Ints,
    plans: pl.DataFrame,
    size: Size,
    draws: Draws,
) -> pl.DataFrame:
    """Each order is credited to one plan of its shop at most: direct, or up to 7 days later."""
    able = (orders.paid > 0) & np.isin(orders.shop, plan_shop) & (orders.trade == 0)
    order = np.flatnonzero(able & draws.chance(0.35, len(orders.shop)))
    first_plan = np.searchsorted(plan_shop, orders.shop[order])
    wanted = np.where(orders.traffic[order] == 0, 0, 1) + 2 * draws.chance(0.5, len(order))
    direct = draws.chance(0.7, len(order))
    before = np.where(
        direct, draws.whole(30, 900, len(order)), DAY + draws.whole(0, 5 * DAY, len(order))
    )
    clicked = orders.created[order] - before
    kept = clicked >= size.start
    order, first_plan, wanted = order[kept], first_plan[kept], wanted[kept]
    direct, clicked = direct[kept], clicked[kept]
    paid = np.bincount(lines.order, lines.money["paid_fen"], len(orders.shop)).astype(np.int64)
    return frame(
        "ad_conversions",
        {
            "plan_id": plans["plan_id"].gather(first_plan + wanted),
            "order_id": texts(orders.ids[order]),
            "clicked_at": times(clicked),
            "kind": picked(["direct", "indirect"], np.where(direct, 0, 1)),
            "pay_fen": paid[order],
            "coupon_fen": np.where(
                draws.chance(0.1, len(order)), draws.whole(100, 900, len(order)), 0
            ),
        },
    )
