"""What is loaded of a 快手 shop, and how its lists are read to their end.

The lists go forwards by a cursor that the answer gives, oldest change first: an order that moves
while it is read moves behind the window, where the next pull finds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson

from pipelines.gateway.connector import Page, Revisit, Session, Stream, Window
from pipelines.gateway.errors import MalformedAnswer, ParameterRefused
from pipelines.gateway.paging import backwards, forwards, number_in
from pipelines.sources.kuaishou import schemas
from pipelines.sources.kuaishou.settings import (
    BILL_PAGE,
    BILL_WINDOW,
    CPS_PAGE,
    DAY_WINDOW,
    HORIZON,
    ITEM_PAGE,
    NARROWEST,
    ORDER_PAGE,
    ORDER_WINDOW,
    REFUND_PAGE,
)

_WEEK = Revisit(timedelta(days=7), timedelta(days=7))
_QUARTER = Revisit(timedelta(days=30), timedelta(days=89))
_ENDS = ("nomore", "no_more", "no more")  # one platform, three spellings
_TOO_WIDE = re.compile(r"\b300004\b|\b300019\b|时间范围|时间跨度|时间间隔|TIME RANGE", re.I)

Read = Callable[[Session, Window], Iterator[Page]]


@dataclass(frozen=True)
class _Listed:
    """A list in a window of time.

    Attributes:
        method: Its API.
        records: Where its records stand in ``data``.
        window: What the parameters of begin and end are called.
        asked: All else that is asked.
        cursor: What the cursor is called.
        numbered: Whether the page's number has to be counted up beside the cursor.
    """

    method: str
    records: str
    window: tuple[str, str]
    asked: Mapping[str, Any] = field(default_factory=dict)
    cursor: str = "pcursor"
    numbered: bool = False

    def __call__(self, session: Session, window: Window) -> Iterator[Page]:
        """All pages; a window that the platform finds too wide is halved."""
        pages = self._pages(session, window)
        try:
            opening = next(pages)
        except ParameterRefused as refused:
            half = (window.end - window.start) / 2
            if not _TOO_WIDE.search(refused.message) or half < NARROWEST:
                raise
            middle = (window.start + half).replace(microsecond=0)
            yield from self(session, Window(window.start, middle))
            yield from self(session, Window(middle, window.end))
            return
        yield opening
        yield from pages

    def _pages(self, session: Session, window: Window) -> Iterator[Page]:
        begin, end = self.window
        asked = {
            **self.asked,
            begin: int(window.start.timestamp()) * 1000,
            # Whether an end is inside is not said; times are whole seconds.
            end: int(window.end.timestamp()) * 1000 - 1,
        }
        number = 0

        def ask(cursor: str) -> bytes:
            nonlocal number
            number += 1
            counted = {"currentPage": number} if self.numbered else {}
            return session.call(self.method, {**asked, **counted, self.cursor: cursor})

        def following(body: bytes, _: str) -> str | None:
            found = re.search(rb'"%b"\s*:\s*"([^"]*)"' % self.cursor.encode(), body)
            if found is None:
                raise MalformedAnswer(f"The answer says no {self.cursor}")
            cursor = found.group(1).decode()
            return None if cursor in _ENDS else cursor

        for body in forwards(ask, following):
            yield Page(body, ("data", self.records))


read_orders = _Listed(
    "open.order.cursor.list",
    "orderList",
    ("beginTime", "endTime"),
    {"orderViewStatus": 1, "queryType": 2, "sort": 2, "cpsType": 0, "pageSize": ORDER_PAGE},
    cursor="cursor",
)
read_refunds = _Listed(
    "open.seller.order.refund.pcursor.list",
    "refundOrderInfoList",
    ("beginTime", "endTime"),
    # Without the option exchanges are left out.
    {
        "type": 9, "queryType": 2, "sort": 2, "pageSize": REFUND_PAGE,
        "option": {"needExchange": True},
    },
    numbered=True,
)  # fmt: skip
read_cps_orders = _Listed(
    "open.seller.order.cps.list",
    "cpsOrderList",
    ("beginTime", "endTime"),
    {"type": 1, "queryType": 2, "sort": 2, "pageSize": CPS_PAGE},
    numbered=True,
)
read_bills = _Listed(
    "open.funds.financial.settled.bill.detail",
    "orders",
    ("settlementStartTime", "settlementEndTime"),
    {"size": BILL_PAGE},
    cursor="cursor",
)
read_late_refunds = _Listed(
    "open.funds.financial.bill.post.sales.list",
    "record",
    ("startTime", "endTime"),
    cursor="cursor",
)


def read_items(session: Session, _: Window) -> Iterator[Page]:
    """open.item.list.get: it knows no time, so all items that are not deleted, each time."""

    def ask(page: int) -> bytes:
        asked = {"itemStatus": 1, "pageNumber": page, "pageSize": ITEM_PAGE}
        return session.call("open.item.list.get", asked)

    for body in backwards(
        ask, size=ITEM_PAGE, total=lambda body: number_in(body, "totalItemCount"), first=1
    ):
        yield Page(body, ("data", "items"))


def _records(pages: Iterator[Page]) -> Iterator[dict[str, Any]]:
    """The records of a list, for those who need only an id of each."""
    for page in pages:
        data, name = page.path
        yield from orjson.loads(page.body)[data][name] or ()


def _details(method: str, listed: Read, name: str, chosen: Callable[[dict[str, Any]], int]) -> Read:
    """Details of a list's records, which is asked again: what failed comes with the next pull.

    Args:
        method: The details' API.
        listed: The list.
        name: What the id is called that is asked for.
        chosen: The id of a record, 0 where nothing is to be asked.
    """

    def read(session: Session, window: Window) -> Iterator[Page]:
        for each in sorted({chosen(record) for record in _records(listed(session, window))} - {0}):
            yield Page(session.call(method, {name: each}), ("data",), is_list=False)

    return read


def _refund(refund: dict[str, Any]) -> int:
    return int(refund["refundId"])


def _discounted(order: dict[str, Any]) -> int:
    """Who bears a discount stands in the fee detail alone; without one there is nothing to ask."""
    base = order["orderBaseInfo"]
    return int(base["oid"]) if base["discountFee"] else 0


def _sold_live(order: dict[str, Any]) -> int:
    """Which room an order came from stands in its detail alone."""
    base = order["orderBaseInfo"]
    return int(base["oid"]) if base["channel"] == "live" else 0


def _now(method: str) -> Read:
    """What the platform says of the account itself."""

    def read(session: Session, _: Window) -> Iterator[Page]:
        yield Page(session.call(method, {}), ("data",), is_list=False)

    return read


def check(session: Session) -> str:
    """One signed call that proves the credentials."""
    seller = orjson.loads(session.call("open.user.seller.get", {}))["data"]
    return f"authorised by {seller['name']} ({seller['sellerId']})"


_BY_UPDATE: dict[str, Any] = {"horizon": HORIZON, "revisits": (_QUARTER, _WEEK)}
_OWN_STATE: dict[str, Any] = {
    "max_window": timedelta(days=365), "horizon": timedelta(days=1), "overlap": timedelta(),
}  # fmt: skip
STREAMS = (
    Stream(
        "orders", "快手 订单（一单一规格，含赠品、物流）", schemas.ORDER, (), read_orders,
        version="orderBaseInfo.updateTime", pii=schemas.ORDER_PII, max_window=ORDER_WINDOW,
        **_BY_UPDATE,
    ),
    Stream(
        "order_fees", "快手 订单费用（优惠由谁承担）", schemas.FEE, ("oid",),
        _details("open.seller.order.fee.detail", read_orders, "orderId", _discounted),
        max_window=ORDER_WINDOW, **_BY_UPDATE,
    ),
    Stream(
        "order_details", "快手 直播订单详情（直播间）", schemas.ORDER, (),
        _details("open.order.detail", read_orders, "oid", _sold_live),
        version="orderBaseInfo.updateTime", pii=schemas.ORDER_PII, max_window=ORDER_WINDOW,
        **_BY_UPDATE,
    ),
    Stream(
        "refunds", "快手 售后单", schemas.REFUND, ("refundId",), read_refunds,
        version="updateTime", pii=schemas.REFUND_PII, max_window=DAY_WINDOW, **_BY_UPDATE,
    ),
    Stream(
        "refund_details", "快手 售后单详情（价保、换货）", schemas.REFUND_DETAIL, ("refundId",),
        _details("open.seller.order.refund.detail", read_refunds, "refundId", _refund),
        version="updateTime", pii=schemas.REFUND_DETAIL_PII, max_window=DAY_WINDOW, **_BY_UPDATE,
    ),
    Stream(
        "items", "快手 商品（含规格）", schemas.ITEM, ("kwaiItemId",), read_items,
        version="updateTime", **_OWN_STATE,
    ),
    Stream(
        "settled_bills", "快手 已结算账单", schemas.BILL, ("orderNo",), read_bills,
        # Ready a day late (unconfirmed), as elsewhere.
        max_window=BILL_WINDOW, horizon=HORIZON, overlap=timedelta(days=3), revisits=(_WEEK,),
    ),
    Stream(
        "late_refunds", "快手 超售后期退款账单", schemas.LATE_REFUND, ("refundNo",),
        read_late_refunds,
        max_window=BILL_WINDOW, horizon=HORIZON, overlap=timedelta(days=3), revisits=(_WEEK,),
    ),
    Stream(
        "cps_orders", "快手 分销订单（达人佣金、团长服务费）", schemas.CPS_ORDER, ("oid",),
        read_cps_orders,
        version="updateTime", pii=schemas.CPS_PII, max_window=DAY_WINDOW, **_BY_UPDATE,
    ),
    Stream(
        "sellers", "快手 商家", schemas.SELLER, ("sellerId",), _now("open.user.seller.get"),
        pii=schemas.SELLER_PII, **_OWN_STATE,
    ),
    Stream(
        "shop_infos", "快手 店铺信息", schemas.SHOP_INFO, (), _now("open.shop.info.get"),
        **_OWN_STATE,
    ),
)  # fmt: skip
