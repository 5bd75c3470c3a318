"""What is loaded of a 千川 account: every advertiser of its shop, day by day.

Standard and 全域 numbers come from different endpoints and stay in different tables: a standard
report leaves 全域 plans out, and the money of both is the account's spend.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from typing import Any

import orjson
import polars as pl

from pipelines.gateway.connector import Page, PiiRule, Revisit, Session, Stream, Window
from pipelines.sources.qianchuan import schemas
from pipelines.sources.qianchuan import settings as limits
from pipelines.sources.qianchuan.discovery import (
    advertiser_pages,
    advertisers,
    authors,
    in_use_since,
    pages,
)
from pipelines.sources.qianchuan.settings import money_unit

_GOALS = ("LIVE_PROM_GOODS", "VIDEO_PROM_GOODS")
# The list hides plans of another bid type or scene than the asked one, and both have a default.
_SCENES = ("UNI_PROJECT", "OVERALL_PROJECT")
_BIDS = ("SMART_BID_CUSTOM", "SMART_BID_CONSERVATIVE")
_UNI_KINDS = tuple(product(_GOALS, _SCENES, _BIDS))
_PLAN = re.compile(rb'"ad_id"\s*:\s*"?(\d+)')


def _days(window: Window) -> list[date]:
    first, last = window.start.date(), (window.end - timedelta(microseconds=1)).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _days_in_use(session: Session, advertiser: str, window: Window) -> list[date]:
    since = in_use_since(session, advertiser)
    return [day for day in _days(window) if day >= since]


def _span(days: list[date]) -> dict[str, str]:
    return {"start_date": str(days[0]), "end_date": str(days[-1])}


def _said(session: Session, endpoint: str, advertiser: str, **more: str) -> dict[str, str]:
    """Columns that the request knows and the answer does not."""
    unit = money_unit(endpoint, session.settings)
    return {"advertiser_id": advertiser, "money_unit": unit, **more}


def read_advertisers(session: Session, _: Window) -> Iterator[Page]:
    """shop/advertiser/list: whose numbers the shop's owner lets us see."""
    for body in advertiser_pages(session):
        yield Page(body, ("data", "adv_id_list"))


def _read_reports(
    endpoint: str, metrics: tuple[str, ...], granularity: str
) -> Callable[[Session, Window], Iterator[Page]]:
    """Standard promotion, one row a day or hour (and plan)."""

    def read(session: Session, window: Window) -> Iterator[Page]:
        for advertiser in advertisers(session):
            asked = {
                "advertiser_id": advertiser,
                **_span(_days(window)),
                "fields": list(metrics),
                "filtering": {"marketing_goal": "ALL"},
                "time_granularity": f"TIME_GRANULARITY_{granularity}",
            }
            said = _said(session, endpoint, advertiser)
            for body in pages(session, endpoint, asked, limits.REPORT_PAGE):
                yield Page(body, ("data", "list"), said)

    return read


def _uni_numbers(session: Session, advertiser: str, days: list[date]) -> dict[str, Any]:
    """One 全域 report, its fields asked for in parts: 50000 may also mean too many of them."""
    fields, at_once = list(schemas.UNI_METRICS), limits.UNI_FIELDS_AT_ONCE
    whole: dict[str, Any] = {}
    for start in range(0, len(fields), at_once):
        asked = {
            "advertiser_id": advertiser,
            **_span(days),
            "fields": fields[start : start + at_once],
            "marketing_goal": "ALL",
        }
        whole |= orjson.loads(session.call(limits.UNI_REPORT, asked)).get("data") or {}
    return whole


def read_uni_reports(session: Session, window: Window) -> Iterator[Page]:
    """report/uni_promotion/get: a sum over its span, so day by day where the span has any."""
    for advertiser in advertisers(session):
        days = _days_in_use(session, advertiser, window)
        if not days or not any(_uni_numbers(session, advertiser, days).values()):
            continue
        for day in days:
            numbers = _uni_numbers(session, advertiser, [day])
            said = _said(session, limits.UNI_REPORT, advertiser, stat_date=str(day))
            yield Page(orjson.dumps({"data": numbers}), ("data",), said, is_list=False)


def _uni_plan_pages(
    session: Session, advertiser: str, kind: tuple[str, str, str], days: list[date]
) -> list[bytes]:
    goal, scene, bid = kind
    asked = {
        "advertiser_id": advertiser,
        "start_time": f"{days[0]} 00:00:00",
        "end_time": f"{days[-1]} 23:59:59",
        "marketing_goal": goal,
        "adlab_scene": scene,
        "filtering": {"smart_bid_type": bid},
        "fields": list(schemas.UNI_METRICS),
    }
    return list(pages(session, limits.UNI_PLANS, asked, limits.PLAN_PAGE))


def _has_numbers(bodies: list[bytes]) -> bool:
    plans = [plan for body in bodies for plan in orjson.loads(body)["data"].get("ad_list") or ()]
    return any(any((plan.get("stats_info") or {}).values()) for plan in plans)


def read_uni_plans(session: Session, window: Window) -> Iterator[Page]:
    """uni_promotion/list: a sum over its span, so day by day where the span has any."""
    for advertiser, kind in product(advertisers(session), _UNI_KINDS):
        days = _days_in_use(session, advertiser, window)
        if not days or not _has_numbers(_uni_plan_pages(session, advertiser, kind, days)):
            continue
        for day in days:
            said = _said(session, limits.UNI_PLANS, advertiser, stat_date=str(day))
            for body in _uni_plan_pages(session, advertiser, kind, [day]):
                yield Page(body, ("data", "ad_list"), said)


def read_live_rooms(session: Session, window: Window) -> Iterator[Page]:
    """today_live/room/get: the rooms that an author opened on a day, with or without ads."""
    for advertiser in advertisers(session):
        said = _said(session, limits.LIVE_ROOMS, advertiser)
        days = _days_in_use(session, advertiser, window)
        for author, day in product(authors(session, advertiser) if days else (), days):
            asked = {
                "advertiser_id": advertiser,
                "aweme_id": author,
                "date_time": str(day),
                "room_status": "ALL",
                "ad_status": "ALL",
                "fields": list(schemas.LIVE_METRICS),
            }
            for body in pages(session, limits.LIVE_ROOMS, asked, limits.LIST_PAGE):
                yield Page(body, ("data", "room_list"), {**said, "stat_date": str(day)})


def read_finance_days(session: Session, window: Window) -> Iterator[Page]:
    """finance/detail/get: what was really charged, cash and grants apart."""
    for advertiser in advertisers(session):
        asked = {"advertiser_id": advertiser, **_span(_days(window))}
        said = _said(session, limits.FINANCE, advertiser)
        for body in pages(session, limits.FINANCE, asked, limits.FINANCE_PAGE):
            yield Page(body, ("data", "list"), said)


def _plans(session: Session, advertiser: str, goal: str, days: list[date]) -> list[str]:
    """Standard plans of one goal that had numbers in the days."""
    asked = {
        "advertiser_id": advertiser,
        **_span(days),
        "fields": ["stat_cost"],
        "filtering": {"marketing_goal": goal},
    }
    found = pages(session, limits.PLAN_REPORT, asked, limits.REPORT_PAGE)
    return sorted({each.decode() for body in found for each in _PLAN.findall(body)})


def read_attributions(session: Session, window: Window) -> Iterator[Page]:
    """report/long_transfer/order/get: orders that standard plans are credited with in 7 days."""
    days = _days(window)
    for advertiser, goal in product(advertisers(session), _GOALS):
        said = _said(session, limits.ATTRIBUTION, advertiser)
        for plan in _plans(session, advertiser, goal, days):
            asked = {
                "advertiser_id": advertiser,
                **_span(days),
                "optimization_time_scope": "7",
                "marketing_goal": goal,
                "filtering": {"ad_id": int(plan)},
            }
            for body in pages(session, limits.ATTRIBUTION, asked, limits.LIST_PAGE):
                yield Page(body, ("data", "list"), said)


def check(session: Session) -> str:
    """One call that proves the tokens and that the shop is bound."""
    found = advertisers(session)
    return f"{len(found)} advertisers: {', '.join(found)}" if found else "no advertiser is bound"


_SAID: schemas.Fields = {"advertiser_id": pl.String, "money_unit": pl.String}
_SAID_BY_DAY: schemas.Fields = {**_SAID, "stat_date": pl.String}
# Rows of these reports repeat the advertiser that the constant says already.
_TWICE: Mapping[str, PiiRule] = {"advertiser_id": "drop"}
_MONTH = timedelta(days=30)
# A call an author and day: what is done of a window that breaks off would be asked for again.
_WEEK = timedelta(days=7)

STREAMS = (
    Stream(
        "advertisers", "千川 店铺下的广告账户", schemas.ADVERTISER, ("adv_id",), read_advertisers,
        max_window=timedelta(days=365), horizon=timedelta(days=1), overlap=timedelta(),
        is_whole=True,
    ),
    Stream(
        "account_reports", "千川 账户日报（标准推广）", schemas.ACCOUNT_REPORT,
        ("advertiser_id", "stat_datetime"),
        _read_reports(limits.ACCOUNT_REPORT, schemas.STANDARD_METRICS, "DAILY"), constants=_SAID,
        pii=_TWICE, overlap=limits.MATURING, max_window=limits.DAILY_SPAN, horizon=limits.HORIZON,
        whole_days=True,
    ),
    Stream(
        "plan_reports", "千川 计划日报（标准推广）", schemas.PLAN_REPORT,
        ("advertiser_id", "ad_id", "stat_datetime"),
        _read_reports(limits.PLAN_REPORT, schemas.PLAN_METRICS, "DAILY"), constants=_SAID,
        pii=_TWICE, overlap=limits.MATURING, max_window=_MONTH, horizon=limits.HORIZON,
        whole_days=True,
    ),
    Stream(
        "plan_reports_hourly", "千川 计划时报（标准推广）", schemas.PLAN_REPORT,
        ("advertiser_id", "ad_id", "stat_datetime"),
        _read_reports(limits.PLAN_REPORT, schemas.PLAN_METRICS, "HOURLY"), constants=_SAID,
        pii=_TWICE, overlap=limits.HOURLY_WINDOW, max_window=limits.HOURLY_WINDOW,
        horizon=limits.HOURLY_WINDOW - timedelta(days=1), whole_days=True,
    ),
    Stream(
        "uni_reports", "千川 账户日报（全域推广）", schemas.UNI_REPORT,
        ("advertiser_id", "stat_date"), read_uni_reports, constants=_SAID_BY_DAY,
        overlap=limits.MATURING, max_window=_MONTH, horizon=limits.HORIZON, whole_days=True,
    ),
    Stream(
        "uni_plans", "千川 计划日报（全域推广）", schemas.UNI_PLAN, ("advertiser_id", "stat_date"),
        read_uni_plans, constants=_SAID_BY_DAY, overlap=limits.MATURING, max_window=_MONTH,
        horizon=limits.HORIZON, whole_days=True,
    ),
    Stream(
        "live_rooms", "千川 直播间", schemas.LIVE_ROOM, ("advertiser_id", "room_id"),
        read_live_rooms, constants=_SAID_BY_DAY, overlap=timedelta(days=2), max_window=_WEEK,
        horizon=limits.LIVE_HORIZON, whole_days=True,
        revisits=(Revisit(timedelta(days=1), limits.MATURING),),
    ),
    Stream(
        "finance_days", "千川 财务流水（日）", schemas.FINANCE_DAY, ("advertiser_id", "date"),
        read_finance_days, constants=_SAID, overlap=limits.MATURING, max_window=limits.DAILY_SPAN,
        horizon=limits.HORIZON, whole_days=True,
    ),
    Stream(
        "order_attributions", "千川 订单级归因（标准推广）", schemas.ATTRIBUTION,
        ("advertiser_id", "order_id", "ad_id"), read_attributions, constants=_SAID,
        overlap=limits.MATURING, max_window=_MONTH, horizon=limits.ATTRIBUTION_HORIZON,
        whole_days=True,
    ),
)  # fmt: skip
