"""京东's after-sales: cancelled orders, service bills, and what was really given back for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from pipelines.gateway.connector import Page, Session, Window
from pipelines.gateway.errors import ParameterRefused
from pipelines.sources.jd import settings
from pipelines.sources.jd.asking import changed, clock, moment, numbered, path, records, spans
from pipelines.sources.jd.client import SERVICE_AMOUNT

_REFUND_APPLIES = "jingdong.pop.afs.soa.refundapply.queryPageList"
_SERVICES = "jingdong.asc.query.list"
_SERVICE_REFUNDS = "jingdong.asc.serviceAndRefund.view"
_DONE = 10010
_WITHOUT_MONEY = (20, 30, 40, 50, 60, 70, 80)  # exchange, repair, work at home, reissue


def read_refund_applies(session: Session, window: Window) -> Iterator[Page]:
    """pop.afs.soa.refundapply: the refunds of cancelled orders that changed.

    The list asks for application times and none of change: all that is young enough is asked for.
    """

    def ask(part: Window, page: int) -> bytes:
        asked = {
            "applyTimeStart": clock(part.start),
            "applyTimeEnd": clock(part.end),
            "pageIndex": page,
            "pageSize": settings.REFUND_PAGE,
        }
        return session.call(_REFUND_APPLIES, asked)

    inside = path(_REFUND_APPLIES, "queryResult", "result")
    size, most = settings.REFUND_PAGE, settings.MOST_REFUNDS
    for span in spans(window.start - settings.REFUND_REACH, window.end, settings.REFUND_SPAN):
        for body in numbered(span, ask, "totalCount", size=size, most=most):
            if kept := changed(body, inside, window, "modified"):
                yield Page(kept, inside)


def read_services(session: Session, window: Window) -> Iterator[Page]:
    """asc.query.list by update time: services of every kind."""
    vender = session.shop.platform_shop_id
    if not vender:
        raise ParameterRefused(
            f"{session.shop.shop_key} has no platform shop id (商家编号)",
            hint=f"koujing shop set {session.shop.shop_key} --platform-shop-id …",
        )

    def ask(span: Window, page: int) -> bytes:
        asked = {
            "buId": vender,
            "operatePin": "koujing",
            "operateNick": "koujing",
            "updateTimeBegin": clock(span.start),
            "updateTimeEnd": clock(span.end),
            "pageNumber": page,
            "pageSize": settings.REFUND_PAGE,
        }
        return session.call(_SERVICES, asked)

    size, most = settings.REFUND_PAGE, settings.MOST_REFUNDS
    for body in numbered(window, ask, "totalCount", size=size, most=most):
        yield Page(body, path(_SERVICES, "pageResult", "data"))


def _paid_back(session: Session, window: Window) -> Iterator[dict[str, Any]]:
    """The list again: services that came to their end and can have brought money back."""
    for page in read_services(session, window):
        for each in records(page.body, page.path):
            if each["serviceStatus"] == _DONE and each["customerExpect"] not in _WITHOUT_MONEY:
                yield each


def read_service_refunds(session: Session, window: Window) -> Iterator[Page]:
    """asc.serviceAndRefund.view of each: only here stands when money was given back."""
    found = {int(each["serviceId"]): each for each in _paid_back(session, window)}
    for _, each in sorted(found.items()):
        applied = moment(each["applyTime"])
        asked = {
            "orderId": int(each["orderId"]),
            # Of the order's services this one.
            "applyTimeBegin": clock(applied),
            "applyTimeEnd": clock(applied + timedelta(seconds=1)),
            "pageNumber": 1,
            "pageSize": settings.REFUND_PAGE,
        }
        body = session.call(_SERVICE_REFUNDS, asked)
        yield Page(body, path(_SERVICE_REFUNDS, "pageResult", "data"))


def read_service_amounts(session: Session, window: Window) -> Iterator[Page]:
    """b2c.shop.aftersales.refund.get of each: only here stands money with a unit."""
    for service in sorted({int(each["serviceId"]) for each in _paid_back(session, window)}):
        # How many were given back bears on estimates alone.
        body = session.call(SERVICE_AMOUNT, {"afsServiceId": service, "skuNum": 1})
        inside = path(SERVICE_AMOUNT, "result")
        yield Page(body, inside, {"afs_service_id": str(service)}, is_list=False)
