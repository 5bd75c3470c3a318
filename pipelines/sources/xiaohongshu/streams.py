"""What is loaded of a 小红书 shop, and in which order its lists are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import polars as pl

from pipelines.gateway.connector import Page, Revisit, Session, Stream, Window
from pipelines.gateway.paging import backwards, number_in
from pipelines.sources.xiaohongshu import schemas
from pipelines.sources.xiaohongshu.lists import (
    AFTERSALES,
    ORDERS,
    changed,
    count_placed,
    cut,
    is_past,
    milliseconds,
    placed,
    within,
)  # fmt: skip
from pipelines.sources.xiaohongshu.settings import (
    FINANCE_WINDOW,
    HORIZON,
    KOS_PAGE_SIZE,
    PAGE_SIZE,
)  # fmt: skip

_DAY = timedelta(days=1)
_WEEK = Revisit(timedelta(days=7), timedelta(days=7))
_QUARTER = Revisit(timedelta(days=30), HORIZON)
_YEARS = timedelta(days=3 * 365)
# More than the 30 minutes of a window: what was committed late is asked for with another window.
_OVERLAP = timedelta(minutes=45)
# Bills are ready a day late. No whole number of their windows, likewise.
_BILLS_OVERLAP = timedelta(hours=70)
# A commission is known 48 hours after the order. It is settled in the day after the order's bill,
# or days before it: nothing tells of that, so orders of a fortnight are asked again once a day.
_FORTNIGHT = Revisit(_DAY, timedelta(days=14))
_CPS_KNOWN_AFTER = timedelta(hours=48)
_CPS_SETTLED_WITHIN = timedelta(hours=25)
# A refund may be taken off a while after it changed the order.
_CPS_CHANGES_WITHIN = timedelta(hours=3, minutes=15)
_UNPAID = (1, 9)  # 已下单待付款, 已取消


def _total(body: bytes) -> int:
    return number_in(body, "total")


def read_orders(session: Session, window: Window) -> Iterator[Page]:
    """order.getOrderDetail of every order that changed: the list has no amounts."""
    for order in changed(session, ORDERS, window):
        body = session.call("order.getOrderDetail", {"orderId": order["orderId"]})
        yield Page(body, within(body), is_list=False)


def read_aftersales(session: Session, window: Window) -> Iterator[Page]:
    """afterSale.getAfterSaleInfo of every one that changed: what was given back stands there."""
    for found in changed(session, AFTERSALES, window):
        asked = {"returnsId": found["returnsId"], "needNegotiateRecord": True}
        body = session.call("afterSale.getAfterSaleInfo", asked)
        yield Page(body, within(body), is_list=False)


def read_tracks(session: Session, window: Window) -> Iterator[Page]:
    """order.getOrderTracking of the orders that changed and have left."""
    for order in changed(session, ORDERS, window):
        if order.get("deliveryTime"):
            body = session.call("order.getOrderTracking", {"orderId": order["orderId"]})
            yield Page(body, within(body, "orderTrackInfos"))


def read_skus(session: Session, window: Window) -> Iterator[Page]:
    """product.getDetailSkuList by update time: a row a SKU, its product beside it."""

    def ask(page: int) -> bytes:
        asked = {
            "updateTimeFrom": milliseconds(window.start),
            "updateTimeTo": milliseconds(window.end),
            "pageNo": page,
            "pageSize": PAGE_SIZE,
        }
        return session.call("product.getDetailSkuList", asked)

    for body in backwards(ask, size=PAGE_SIZE, total=_total, first=1):
        yield Page(body, within(body, "data"))


def _finance(
    session: Session, method: str, rows: str, window: Window, asked: dict[str, Any]
) -> Iterator[Page]:
    """One of the finance lists, a day at a time."""
    for each in cut(window, FINANCE_WINDOW):

        def ask(page: int, each: Window = each) -> bytes:
            span = {"startTime": milliseconds(each.start), "endTime": milliseconds(each.end)}
            return session.call(method, {**span, "pageNum": page, "pageSize": PAGE_SIZE, **asked})

        for body in backwards(ask, size=PAGE_SIZE, total=_total, first=1):
            yield Page(body, within(body, rows))


def read_transactions(session: Session, window: Window) -> Iterator[Page]:
    """finance.pageQueryTransaction by settlement: income and refunds are two questions."""
    for business in (0, 1):
        asked = {
            "settleBizType": business,
            "commonSettleStatus": 1,
            "shouldLoadGoodsInfo": True,
        }
        yield from _finance(session, "finance.pageQueryTransaction", "transactions", window, asked)


def read_expenses(session: Session, window: Window) -> Iterator[Page]:
    """finance.pageQueryExpense: what the platform takes beside the sale."""
    asked = {"commonSettleStatus": 1}
    yield from _finance(session, "finance.pageQueryExpense", "expenses", window, asked)


def read_cps(session: Session, window: Window) -> Iterator[Page]:
    """bill.queryCpsSettle of orders whose commission may have changed.

    Which orders were sold by a 博主 stands in no list, and neither the appearance of a commission
    nor its settlement changes an order. So asked are: paid orders that changed, those for which
    time has come to have one, and those that the bills name with one. Of the past each order is
    asked for once: an answer is how things are now.
    """
    settled: set[str] = set()
    if is_past(session, window):
        orders = changed(session, ORDERS, window)
    else:
        begins, ends = window.start - _CPS_KNOWN_AFTER, window.end - _CPS_KNOWN_AFTER
        orders = changed(session, ORDERS, Window(window.start - _CPS_CHANGES_WITHIN, window.end))
        orders += placed(session, ORDERS, Window(begins, ends))
        settled = _settled_with_one(session, Window(window.start - _CPS_SETTLED_WITHIN, window.end))
    paid = {each["orderId"] for each in orders if each.get("orderStatus") not in _UNPAID}
    for order in sorted(paid | settled):
        body = session.call("bill.queryCpsSettle", {"orderId": order})
        yield Page(body, within(body), {"order_id": order}, is_list=False)


def _settled_with_one(session: Session, window: Window) -> set[str]:
    """Orders that a window's bills name with a commission."""
    found: set[str] = set()
    for page in read_transactions(session, window):
        node = orjson.loads(page.body)
        for name in page.path:
            node = node[name]
        found |= {
            str(each["packageId"])
            for each in node or ()
            if re.search("[1-9]", str(each["cpsAmount"]))  # text; 0.00, "" or "null" is none
        }
    return found


def read_kos_sales(session: Session, window: Window) -> Iterator[Page]:
    """businessdata.getKosData by day of payment: what the shop's own accounts sold."""

    def ask(page: int) -> bytes:
        asked = {
            "startDate": f"{window.start:%Y-%m-%d}",
            "endDate": f"{window.end - _DAY:%Y-%m-%d}",
            "pageNo": page,
            "pageSize": KOS_PAGE_SIZE,
        }
        return session.call("businessdata.getKosData", asked)

    def total(body: bytes) -> int:
        return number_in(body, "count")

    for body in backwards(ask, size=KOS_PAGE_SIZE, total=total, first=1):
        yield Page(body, within(body, "data"))


def check(session: Session) -> str:
    """One signed call that proves the credentials."""
    now = session.now()
    return f"{count_placed(session, Window(now - _DAY, now))} orders placed in the last 24 hours"


STREAMS = (
    Stream(
        "orders", "小红书 订单（含商品、优惠、发货单）", schemas.ORDER, ("orderId",), read_orders,
        version="updateTime", pii=schemas.ORDER_PII, overlap=_OVERLAP, horizon=HORIZON,
        revisits=(_QUARTER, _WEEK),
    ),
    Stream(
        "aftersales", "小红书 售后单（含实际退款）", schemas.AFTERSALE, (), read_aftersales,
        version="afterSaleInfo.updatedAt", pii=schemas.AFTERSALE_PII, overlap=_OVERLAP,
        horizon=HORIZON, revisits=(_QUARTER, _WEEK),
    ),
    Stream(
        "tracks", "小红书 物流轨迹", schemas.TRACK, ("orderId", "deliveryOrderId"), read_tracks,
        overlap=_OVERLAP, horizon=HORIZON,
    ),
    Stream(
        "skus", "小红书 商品与规格", schemas.SKU, (), read_skus, version="sku.updateTime",
        overlap=_OVERLAP, max_window=_YEARS, horizon=_YEARS,
    ),
    Stream(
        "transactions", "小红书 货款结算", schemas.TRANSACTION, ("transactionId",),
        read_transactions, overlap=_BILLS_OVERLAP, horizon=HORIZON, revisits=(_WEEK,),
    ),
    Stream(
        "expenses", "小红书 其他服务款", schemas.EXPENSE, ("expenseId",), read_expenses,
        overlap=_BILLS_OVERLAP, horizon=HORIZON, revisits=(_WEEK,),
    ),
    Stream(
        "cps_settlements", "小红书 分销佣金", schemas.CPS, ("order_id",), read_cps,
        # Reaches back by itself, and further than windows of an overlap would.
        constants={"order_id": pl.String}, overlap=timedelta(), horizon=HORIZON,
        revisits=(_FORTNIGHT,),
    ),
    Stream(
        "kos_sales", "小红书 店员与店铺号成交", schemas.KOS_SALE, ("packageId", "skuId"),
        read_kos_sales, overlap=_DAY, max_window=timedelta(days=30), horizon=HORIZON,
        whole_days=True,
    ),
)  # fmt: skip
