"""千川's reports: standard promotion, 全域 plans, what was charged, which orders are credited.

Each function gives all records of one question; the adapter cuts them into pages.
Source: platform notes qianchuan.md section 4.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import polars as pl

from pipelines.sandbox.adapter import Answer, Outside
from pipelines.sandbox.adapters.qianchuan_answers import Refused, granted
from pipelines.sandbox.adapters.qianchuan_asked import GOALS, REQUIRED, Asked
from pipelines.sandbox.adapters.qianchuan_figures import credited_orders, daily, hourly, summed
from pipelines.sandbox.adapters.qianchuan_words import (
    STANDARD,
    UNI_IN_MICRO,
    UNI_IN_YUAN,
    micro,
    records,
    wall,
    yuan,
)  # fmt: skip

Records = Callable[[Asked, Outside], list[bytes]]
_DAILY, _HOURLY, _ATTRIBUTED, _CHARGED = 180, 7, 90, 366
_MOST_UNI_FIELDS = 11  # the most that are known to be answered; too many are a 50000
_GRAINS = ("", "TIME_GRANULARITY_DAILY", "TIME_GRANULARITY_HOURLY")
_SCOPES = (REQUIRED, "1", "3", "7", "15", "30")
# The list shows plans of the first unless another is asked for; the world's are all of the first.
_SCENES = ("UNI_PROJECT", "OVERALL_PROJECT")
_BIDS = ("SMART_BID_CUSTOM", "SMART_BID_CONSERVATIVE")
_ALL = "ALL"
_PICTURE = pl.lit("https://example.invalid/a.jpg")


def standard_report(*, by_plan: bool) -> Records:
    """report/advertiser/get, or by plan report/ad/get: 全域 plans are not in it."""

    def rows(asked: Asked, outside: Outside) -> list[bytes]:
        account, metrics = asked.advertiser(), asked.metrics(STANDARD)
        goal = asked.one_of("marketing_goal", (REQUIRED, _ALL, *GOALS), within="filtering")
        grain = _GRAINS.index(asked.one_of("time_granularity", _GRAINS))
        figures = hourly if grain == 2 else daily
        span = asked.span(_HOURLY if grain == 2 else _DAILY)
        shown = figures(outside, account, span, pl.col("scope") == "standard", _of_goal(goal))
        by = (*(("plan_id",) if by_plan else ()), *("day", "hour")[:grain])
        hour = pl.col("hour").cast(pl.String).str.zfill(2) if grain == 2 else pl.lit("00")
        words = {
            "advertiser_id": pl.lit(int(account)),
            **({"stat_datetime": pl.format("{} {}:00:00", "day", hour)} if grain else {}),
            **metrics,
            **({"ad_id": pl.col("plan_id").cast(pl.Int64)} if by_plan else {}),
        }
        order = STANDARD[asked.one_of("order_field", tuple(STANDARD))]
        falls = asked.one_of("order_type", ("ASC", "DESC")) == "DESC"
        return records(summed(shown, *by).sort(order, descending=falls, maintain_order=True), words)

    return rows


def uni_report(asked: Asked, outside: Outside) -> Answer:
    """report/uni_promotion/get: one sum over the span, in yuan."""
    if len(asked.fields()) > _MOST_UNI_FIELDS:
        raise Refused(50000)
    account, span = asked.advertiser(), asked.span(_DAILY)
    goal = asked.one_of("marketing_goal", (_ALL, *GOALS))
    shown = daily(outside, account, span, pl.col("scope") == "uni", _of_goal(goal))
    (record,) = records(summed(shown), asked.metrics(UNI_IN_YUAN))
    return granted(record)


def uni_plans(asked: Asked, outside: Outside) -> list[bytes]:
    """uni_promotion/list: plans with their sums over the span, in 1/100,000 yuan."""
    account, goal = asked.advertiser(), asked.one_of("marketing_goal", (REQUIRED, *GOALS))
    span = asked.span(_DAILY, "start_time", "end_time")
    if span[0] <= (outside.now() - timedelta(days=_DAILY)).date():
        raise Refused(40000, f"start_time: only the last {_DAILY} days are kept")
    metrics = asked.metrics(UNI_IN_MICRO)
    scene = asked.one_of("adlab_scene", _SCENES)
    bid = asked.one_of("smart_bid_type", _BIDS, within="filtering")
    if (scene, bid) != (_SCENES[0], _BIDS[0]):
        return []
    plans: pl.DataFrame = outside.rendered(("qianchuan plans",), lambda: _plans(outside))
    mine = plans.filter((pl.col("account_id") == account) & _of_goal(goal))
    sums = summed(daily(outside, account, span), "plan_id")
    words = {
        "ad_info": pl.col("ad_info"),
        "stats_info": pl.struct([value.alias(name) for name, value in metrics.items()]),
        "room_info": pl.col("room_info"),
        "product_info": pl.lit([], dtype=pl.List(pl.String)),
    }
    known = mine.join(sums, on="plan_id", how="left", maintain_order="left")
    return records(known.with_columns(pl.col(sums.columns[1:]).fill_null(0)), words)


def _plans(outside: Outside) -> pl.DataFrame:
    """全域 plans that are there: plan_id, account_id, goal, and ad_info and room_info as shown."""
    authors = outside.frames["authors"].select("author_id", "nickname")
    created = wall("created_at")
    info = {
        "id": pl.col("plan_id").cast(pl.Int64),
        "name": pl.col("name"),
        "adlab_scene": pl.lit(_SCENES[0]),
        "marketing_goal": pl.col("goal").replace_strict(
            {ours: word for word, ours in GOALS.items()}
        ),
        "status": pl.lit("DELIVERY_OK"),
        "opt_status": pl.lit("ENABLE"),
        "smart_bid_type": pl.lit(_BIDS[0]),
        "budget": yuan(pl.col("budget_fen")),
        "budget_mode": pl.lit("BUDGET_MODE_DAY"),
        "roi2_goal": (pl.col("roi_goal_bp") / 10_000).round(4),
        "deep_external_action": pl.lit("AD_CONVERT_TYPE_LIVE_PAY_ROI"),
        "create_time": created,
        "modify_time": created,
        "start_time": created,
        "end_time": pl.lit(""),
        "delivery_seconds": pl.lit(0),
        "daily_delivery_time": pl.lit(0),
        "marketing_services_mode": pl.lit("BASE_AD_FEE"),
    }
    room = pl.struct(
        pl.col("author_id").alias("anchor_id"),
        pl.col("nickname").alias("anchor_name"),
        _PICTURE.alias("anchor_avatar"),
    )
    return (
        outside.frames["ad_plans"]
        .filter((pl.col("scope") == "uni") & (pl.col("created_at") < outside.now()))
        .join(authors, on="author_id", how="left")
        .sort("plan_id")
        .select(
            "plan_id",
            "account_id",
            "goal",
            pl.struct([value.alias(name) for name, value in info.items()]).alias("ad_info"),
            pl.concat_list(room).list.filter(pl.element().struct["anchor_id"].is_not_null())
            .alias("room_info"),
        )
    )  # fmt: skip


def _of_goal(goal: str) -> pl.Expr:
    return pl.col("goal").is_in(list(GOALS.values()) if goal == _ALL else [GOALS[goal]])


def charged_days(asked: Asked, outside: Outside) -> list[bytes]:
    """finance/detail/get: what all plans were charged a day, in 1/100,000 yuan."""
    account, span = asked.advertiser(), asked.span(_CHARGED)
    unknown = (
        "income", "transfer_in", "transfer_out", "total_balance", "cash_balance", "grant_balance",
        "share_cost", "share_wallet_cost", "coupon_cost", "deduction_cost", "qc_aweme_cost",
        "qc_aweme_cash_cost", "qc_aweme_grant_cost",
    )  # fmt: skip
    words = {
        "date": pl.col("day").cast(pl.String),
        "cost": micro(pl.col("cost")),
        "cash_cost": micro(pl.col("cash")),
        "grant_cost": micro(pl.col("grant")),
        **dict.fromkeys(unknown, pl.lit(0)),
        "view_delivery_type": pl.lit("DEFAULT"),
    }
    days = summed(daily(outside, account, span), "day")
    return records(days.filter(pl.col("cost") > 0), words)


def attributions(asked: Asked, outside: Outside) -> list[bytes]:
    """report/long_transfer/order/get: the orders that one plan is credited with, by click."""
    account, span = asked.advertiser(), asked.span(_ATTRIBUTED)
    goal = asked.one_of("marketing_goal", (REQUIRED, *GOALS))
    days = int(asked.one_of("optimization_time_scope", _SCOPES))
    mine = outside.frames["ad_plans"].filter(
        (pl.col("account_id") == account) & (pl.col("scope") == "standard") & _of_goal(goal)
    )
    plan = asked.one_of("ad_id", (REQUIRED, *mine["plan_id"]), within="filtering")
    shown = (
        credited_orders(outside)
        .filter(
            pl.col("clicked_at").dt.date().is_between(*span),
            pl.col("created_at") <= pl.col("clicked_at") + timedelta(days=days),
        )
        .join(mine.filter(pl.col("plan_id") == plan).select("plan_id", "name"), on="plan_id")
        .sort("clicked_at", "order_id")
    )
    is_live = pl.col("session_id").is_not_null()
    words = {
        "order_id": pl.col("order_id").cast(pl.Int64),
        "ad_id": pl.col("plan_id").cast(pl.Int64),
        "ad_name": pl.col("name"),
        "is_pay": pl.lit("PAID"),
        "order_amount": yuan(pl.col("pay_fen")),
        "order_flow_source": pl.when(is_live).then(pl.lit("LIVE")).otherwise(pl.lit("OTHER")),
        "order_place_time": wall("created_at"),
        "pay_type": pl.col("kind").str.to_uppercase(),
    }
    return records(shown, words)
