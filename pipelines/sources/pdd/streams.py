"""What is loaded of a 拼多多 mall, and in which order its pages are read.

Lists by update time take half an hour at most, 48 questions a day: they are asked for what is new.
What is older comes by the time of the deal, a day a question: every order as it stands now.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import orjson
import polars as pl

from pipelines.gateway.connector import Page, Revisit, Session, Stream, Window
from pipelines.gateway.errors import ParameterRefused
from pipelines.gateway.paging import backwards, number_in
from pipelines.sources.pdd import schemas
from pipelines.sources.pdd import settings as pdd
from pipelines.sources.pdd.bills import bill_rows

_SENT = (2, 3)
_ORDERS = ("order_list_get_response", "order_list")
_UPDATED = ("order_sn_increment_get_response", "order_sn_list")
_REFUNDS = ("refund_increment_get_response", "refund_list")
_GOODS = ("goods_list_get_response", "goods_list")
_COMPANIES = ("logistics_companies_get_response", "logistics_companies")


def _sliced(window: Window, width: timedelta) -> Iterator[Window]:
    start = window.start
    while start < window.end:
        yield Window(start, min(start + width, window.end))
        start += width


def _listed(session: Session, method: str, asked: dict[str, Any]) -> Iterator[bytes]:
    """All pages of a list, the last first."""

    def ask(page: int) -> bytes:
        return session.call(method, {**asked, "page": page, "page_size": pdd.PAGE_SIZE})

    def total(body: bytes) -> int:
        return number_in(body, "total_count")

    return backwards(ask, size=pdd.PAGE_SIZE, total=total, first=1)


def read_orders(session: Session, window: Window) -> Iterator[Page]:
    """pdd.order.list.get by time of the deal, a day at a time."""
    for day in _sliced(window, pdd.CONFIRM_WINDOW):
        asked = {
            "start_confirm_at": int(day.start.timestamp()),
            "end_confirm_at": int(day.end.timestamp()),
            "order_status": 5,
            "refund_status": 5,
        }
        for body in _listed(session, pdd.ORDERS, asked):
            yield Page(body, _ORDERS)


def _updated(session: Session, window: Window, method: str, **more: int) -> Iterator[bytes]:
    """A list by update time, half an hour at a time."""
    for half_hour in _sliced(window, pdd.UPDATE_WINDOW):
        asked = {
            "start_updated_at": int(half_hour.start.timestamp()),
            "end_updated_at": int(half_hour.end.timestamp()),
            **more,
        }
        yield from _listed(session, method, asked)


def read_order_updates(session: Session, window: Window) -> Iterator[Page]:
    """pdd.order.number.list.increment.get by update time."""
    more = {"is_lucky_flag": 0, "order_status": 5, "refund_status": 5}
    for body in _updated(session, window, pdd.UPDATED_ORDERS, **more):
        yield Page(body, _UPDATED)


def read_refunds(session: Session, window: Window) -> Iterator[Page]:
    """pdd.refund.list.increment.get of every order in the window that ever had an after-sale."""
    for order in _records(read_orders(session, window)):
        if order["after_sales_status"]:
            asked = {
                "after_sales_status": pdd.ALL,
                "after_sales_type": pdd.ALL,
                "order_sn": order["order_sn"],
                "page": 1,
                "page_size": pdd.PAGE_SIZE,
            }
            yield Page(session.call(pdd.REFUNDS, asked), _REFUNDS)


def read_refund_updates(session: Session, window: Window) -> Iterator[Page]:
    """pdd.refund.list.increment.get by update time."""
    more = {"after_sales_status": pdd.ALL, "after_sales_type": pdd.ALL}
    for body in _updated(session, window, pdd.REFUNDS, **more):
        yield Page(body, _REFUNDS)


def read_goods(session: Session, _: Window) -> Iterator[Page]:
    """pdd.goods.list.get: all of them, since nothing says which changed."""
    for body in _listed(session, pdd.GOODS, {}):
        yield Page(body, _GOODS)


def read_goods_details(session: Session, window: Window) -> Iterator[Page]:
    """pdd.goods.detail.get of each: only here stand prices and the sort of goods."""
    seen = {str(each["goods_id"]) for each in _records(read_goods(session, window))}
    for goods in sorted(seen):
        body = session.call(pdd.GOODS_DETAIL, {"goods_id": goods})
        yield Page(body, ("goods_detail_get_response",), is_list=False)


def read_bills(session: Session, window: Window) -> Iterator[Page]:
    """The account file of each day; today's may not be there yet."""
    for day in _days(window):
        try:
            told = orjson.loads(session.call(pdd.BILL_URL, {"bill_date": str(day)}))
        except ParameterRefused:
            if day < session.now().date():
                raise
            return
        url = told["finance_balance_daily_bill_url_get_response"]["download_url"]
        rows = bill_rows(session.call(pdd.FILE, {"url": url}))
        yield Page(orjson.dumps({"rows": rows}), (), {"bill_date": str(day)}, is_list=False)


def read_companies(session: Session, _: Window) -> Iterator[Page]:
    """pdd.logistics.companies.get: what the carriers' numbers on orders stand for."""
    yield Page(session.call(pdd.COMPANIES, {}), _COMPANIES)


def read_traces(session: Session, window: Window) -> Iterator[Page]:
    """pdd.logistics.ordertrace.get of the parcels whose order changed once they were sent."""
    sent = {
        (str(order["logistics_id"]), str(order["tracking_number"]))
        for order in _records(read_order_updates(session, window))
        if order["order_status"] in _SENT and order["tracking_number"]
    }
    codes = {
        str(each["id"]): each["code"] for each in _records(read_companies(session, window)) if sent
    }
    for carrier, number in sorted(sent):
        asked = {"company_code": codes.get(carrier, carrier), "mail_no": number}
        said: dict[str, str | int] = {"logistics_id": carrier, "tracking_number": number}
        body = session.call(pdd.TRACE, asked)
        yield Page(body, ("logistics_ordertrace_get_resposne",), said, is_list=False)


def _ad_days(session: Session, window: Window, scene: int) -> Iterator[bytes]:
    """The advertiser's report by day; today is not to be asked for with other days."""
    days, today = _days(window), session.now().date()
    past = [day for day in days if day < today]
    for span in (past, [today] if today in days else []):
        if span:
            asked = {
                "startDateString": str(span[0]),
                "endDateString": str(span[-1]),
                "queryDimensionType": pdd.BY_ADVERTISER,
                "scenesType": scene,
            }
            yield session.call(pdd.AD_DAYS, asked)


def _said(session: Session, scene: int, **more: str) -> dict[str, str | int]:
    return {"advertiser_id": session.shop.platform_shop_id, "scenes_type": scene, **more}


def read_ad_days(session: Session, window: Window) -> Iterator[Page]:
    """pdd.ad.api.report.daily.report.query of the mall as an advertiser, by scene and day."""
    for scene in pdd.SCENES:
        for body in _ad_days(session, window, scene):
            path = ("response", "result", "dailyReportList")
            yield Page(body, path, _said(session, scene))


def read_ad_plan_days(session: Session, window: Window) -> Iterator[Page]:
    """pdd.ad.api.report.entity.report.query: all plans of a day, for days that have figures."""
    for scene in pdd.SCENES:
        for day in _days_with_figures(session, window, scene):
            for body in _plans_of(session, scene, day):
                path = ("response", "result", "entityReportList")
                yield Page(body, path, _said(session, scene, stat_date=day))


def _days_with_figures(session: Session, window: Window, scene: int) -> list[str]:
    rows = [
        row
        for body in _ad_days(session, window, scene)
        for row in orjson.loads(body)["response"]["result"]["dailyReportList"] or ()
    ]
    counted = ("impression", "spend", "orderNum")
    return sorted({row["date"] for row in rows if any(int(row[name] or 0) for name in counted)})


def _plans_of(session: Session, scene: int, day: str) -> Iterator[bytes]:
    def ask(page: int) -> bytes:
        asked = {
            "startDateString": day,
            "endDateString": day,
            "entityDimensionType": pdd.BY_ADVERTISER,
            "queryDimensionType": pdd.BY_PLAN,
            "scenesType": scene,
            "queryRange": {"pageNumber": page, "pageSize": pdd.PAGE_SIZE},
        }
        return session.call(pdd.AD_ENTITIES, asked)

    def total(body: bytes) -> int:
        return number_in(body, "total")

    return backwards(ask, size=pdd.PAGE_SIZE, total=total, first=1)


def read_ad_plans(session: Session, _: Window) -> Iterator[Page]:
    """pdd.ad.api.plan.query.list: plans with their names, whatever figures they have today."""
    today = session.now().date()
    for scene in pdd.SCENES:
        asked = {
            "beginDate": f"{today} 00:00:00",
            "endDate": f"{today} 23:59:59",
            "scenesType": scene,
        }
        body = session.call(pdd.AD_PLANS, asked)
        yield Page(body, ("response", "result"), _said(session, scene))


def read_mall(session: Session, _: Window) -> Iterator[Page]:
    """pdd.mall.info.get: what the platform says of the shop itself."""
    yield Page(session.call(pdd.MALL, {}), ("mall_info_get_response",), is_list=False)


def check(session: Session) -> str:
    """One signed call that proves the credentials."""
    mall = orjson.loads(session.call(pdd.MALL, {}))["mall_info_get_response"]
    return f"{mall['mall_name']} ({mall['mall_id']})"


def _days(window: Window) -> list[date]:
    return [each.start.date() for each in _sliced(window, timedelta(days=1))]


def _records(pages: Iterator[Page]) -> Iterator[dict[str, Any]]:
    """The records of a list, for those who need only an id or two of each."""
    for page in pages:
        node = orjson.loads(page.body)
        for name in page.path:
            node = node[name]
        yield from node


_DAY, _WEEK, _YEAR = timedelta(days=1), timedelta(days=7), timedelta(days=365)
_HOURS = timedelta(hours=2)  # what is asked for again where a list did not end
_WEEKLY = Revisit(_WEEK, pdd.HORIZON)
_ADVERTISED: schemas.Fields = {"advertiser_id": pl.String, "scenes_type": pl.Int64}
STREAMS = (
    Stream(
        "orders", "拼多多 订单（按成交时间）", schemas.ORDER, ("order_sn",), read_orders,
        version="updated_at", pii=schemas.ORDER_PII, max_window=_WEEK, horizon=pdd.HORIZON,
        revisits=(_WEEKLY,),
    ),
    Stream(
        "order_updates", "拼多多 订单（按更新时间）", schemas.ORDER, ("order_sn",),
        read_order_updates, version="updated_at", pii=schemas.ORDER_PII, max_window=_HOURS,
        horizon=pdd.UPDATE_HORIZON, overlap=pdd.LATE,
    ),
    Stream(
        "refunds", "拼多多 售后单（按订单）", schemas.REFUND, ("id",), read_refunds,
        version="updated_time", max_window=_WEEK, horizon=pdd.HORIZON, revisits=(_WEEKLY,),
    ),
    Stream(
        "refund_updates", "拼多多 售后单（按更新时间）", schemas.REFUND, ("id",),
        read_refund_updates, version="updated_time", max_window=_HOURS,
        horizon=pdd.UPDATE_HORIZON, overlap=pdd.LATE,
    ),
    Stream(
        "goods", "拼多多 商品列表", schemas.GOODS, ("goods_id",), read_goods, max_window=_YEAR,
        horizon=_DAY, overlap=timedelta(),
    ),
    Stream(
        "goods_details", "拼多多 商品明细（价格）", schemas.GOODS_DETAIL, ("goods_id",),
        read_goods_details, max_window=_YEAR, horizon=_DAY, overlap=timedelta(),
    ),
    Stream(
        "balance_bills", "拼多多 货款账务明细（日账单）", schemas.BILL, ("bill_date",), read_bills,
        constants={"bill_date": pl.String}, max_window=_WEEK, horizon=pdd.HORIZON,
        # Ready a day late, if not later.
        overlap=3 * _DAY, whole_days=True,
    ),
    Stream(
        "logistics_companies", "拼多多 快递公司", schemas.COMPANY, ("id",), read_companies,
        max_window=_YEAR, horizon=_DAY, overlap=timedelta(),
    ),
    Stream(
        "parcel_traces", "拼多多 物流轨迹", schemas.TRACE, ("logistics_id", "tracking_number"),
        read_traces, constants={"logistics_id": pl.String, "tracking_number": pl.String},
        max_window=_HOURS, horizon=_DAY, overlap=pdd.LATE,
    ),
    Stream(
        "ad_account_days", "拼多多 推广账户日报", schemas.AD_DAY,
        ("advertiser_id", "scenes_type", "date"), read_ad_days, constants=_ADVERTISED,
        overlap=pdd.MATURING, max_window=pdd.HORIZON, horizon=pdd.HORIZON, whole_days=True,
    ),
    Stream(
        "ad_plan_days", "拼多多 推广计划日报", schemas.AD_PLAN_DAY,
        ("advertiser_id", "scenes_type", "stat_date", "entityId"), read_ad_plan_days,
        constants={**_ADVERTISED, "stat_date": pl.String}, overlap=pdd.MATURING,
        max_window=pdd.HORIZON, horizon=pdd.HORIZON, whole_days=True,
    ),
    Stream(
        "ad_plans", "拼多多 推广计划", schemas.AD_PLAN, ("advertiser_id", "planId"), read_ad_plans,
        constants=_ADVERTISED, max_window=_YEAR, horizon=_DAY, overlap=timedelta(),
    ),
    Stream(
        "mall_infos", "拼多多 店铺信息", schemas.MALL, ("mall_id",), read_mall, max_window=_YEAR,
        horizon=_DAY, overlap=timedelta(),
    ),
)  # fmt: skip
