"""What is loaded of a 有赞 shop, and in which order its pages are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
import polars as pl

from pipelines.gateway.connector import Page, Revisit, Session, Stream, Window
from pipelines.gateway.paging import backwards, number_in
from pipelines.sources.youzan import schemas
from pipelines.sources.youzan.settings import (
    ASSUMED,
    BILLS,
    DETAIL_WINDOW,
    HORIZON,
    ITEM_HORIZON,
    MOST_ITEMS,
    MOST_ORDERS,
    MOST_REFUNDS,
    PAGE_SIZE,
    WINDOW,
)

_SHIPPED = ("WAIT_BUYER_CONFIRM_GOODS", "TRADE_SUCCESS")
_NO_CARRIER = 9
Moment = Callable[[datetime], str | int]


def _wall(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _milliseconds(moment: datetime) -> int:
    return _seconds(moment) * 1000


@dataclass(frozen=True)
class _List:
    """A numbered list: its method, how it is asked for a window, where its records stand.

    Attributes:
        between: Names of the window's two parameters.
        worded: How they are written.
        path: Where the records stand.
        total: The field that says how many there are.
        most: Rows that its pages reach; a window of more is halved.
        asked: What else is asked.
        constants: Columns that the list knows and its records do not.
    """

    method: str
    between: tuple[str, str]
    worded: Moment
    path: tuple[str, ...]
    total: str
    most: int
    asked: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)

    def read(self, session: Session, window: Window) -> Iterator[Page]:
        """All pages of a window, from the last to the first: within it, records only leave."""
        start, end = self.between

        def ask(page: int) -> bytes:
            asked = {
                **self.asked,
                start: self.worded(window.start),
                end: self.worded(window.end),
                "page_no": page,
                "page_size": PAGE_SIZE,
            }
            return session.call(self.method, asked)

        opening = ask(1)
        if self._count(opening) > self.most and window.end - window.start > timedelta(seconds=2):
            middle = window.start + (window.end - window.start) / 2
            middle = middle.replace(microsecond=0)
            yield from self.read(session, Window(window.start, middle))
            yield from self.read(session, Window(middle, window.end))
            return
        pages = backwards(ask, size=PAGE_SIZE, total=self._count, first=1, opening=opening)
        for body in pages:
            yield Page(body, self.path, self.constants)

    def _count(self, body: bytes) -> int:
        # Later versions say total_count in a paginator instead.
        told = b'"total_count"' in body and b'"%b"' % self.total.encode() not in body
        return number_in(body, "total_count" if told else self.total)


_ORDERS = _List(
    "youzan.trades.sold.get",
    ("start_update", "end_update"),
    _wall,
    ("data", "full_order_info_list"),
    "total_results",
    MOST_ORDERS,
)
_REFUNDS = _List(
    "youzan.trade.refund.search",
    ("update_time_start", "update_time_end"),
    _seconds,
    ("data", "refunds"),
    "total",
    MOST_REFUNDS,
)
_BILLS = _List(
    "youzan.pay.customer.query.querybillrecord",
    ("start_time", "end_time"),
    _wall,
    ("data", "records"),
    "total",
    MOST_ORDERS,
)


def _items(method: str, listing: str, asked: Mapping[str, str]) -> _List:
    return _List(
        method,
        ("update_time_start", "update_time_end"),
        _milliseconds,
        ("data", "items"),
        "count",
        MOST_ITEMS,
        asked,
        {"listing": listing},
    )


# On sale, taken off, sold out: an item stands in one of them, and its record does not say which.
_ITEMS = (
    _items("youzan.items.onsale.get", "onsale", {}),
    _items("youzan.items.inventory.get", "for_shelved", {"banner": "for_shelved"}),
    _items("youzan.items.inventory.get", "sold_out", {"banner": "sold_out"}),
)


def read_items(session: Session, window: Window) -> Iterator[Page]:
    """The three lists of items by update time."""
    for each in _ITEMS:
        yield from each.read(session, window)


def _records(pages: Iterator[Page]) -> Iterator[dict[str, Any]]:
    """The records of a list, for those who need only an id or two of each."""
    for page in pages:
        node = orjson.loads(page.body)
        for name in page.path:
            node = node[name]
        yield from node


def _infos(session: Session, window: Window) -> Iterator[dict[str, Any]]:
    for record in _records(_ORDERS.read(session, window)):
        yield record["full_order_info"]["order_info"]


def read_order_details(session: Session, window: Window) -> Iterator[Page]:
    """youzan.trade.get of what changed: promotions, parcels and what was really paid."""
    for tid in sorted({info["tid"] for info in _infos(session, window)}):
        body = session.call("youzan.trade.get", {"tid": tid})
        yield Page(body, ("data",), {"tid": tid}, is_list=False)


def read_routes(session: Session, window: Window) -> Iterator[Page]:
    """Where the parcels are of orders that were shipped or completed within the window."""
    sent = {
        info["tid"]
        for info in _infos(session, window)
        if info["status"] in _SHIPPED and info["express_type"] != _NO_CARRIER
    }
    for tid in sorted(sent):
        body = session.call("youzan.logistics.expressbyorderno.get", {"tid": tid})
        yield Page(body, ("data", "orderExpressList"), {"tid": tid})


def _refund_ids(session: Session, window: Window) -> list[str]:
    """The list again: details that failed are asked for with the next pull of theirs."""
    return sorted({str(each["refund_id"]) for each in _records(_REFUNDS.read(session, window))})


def read_refund_details(session: Session, window: Window) -> Iterator[Page]:
    """youzan.trade.refund.get of what changed: what was really given back, and when."""
    for each in _refund_ids(session, window):
        body = session.call("youzan.trade.refund.get", {"refund_id": each})
        yield Page(body, ("data",), is_list=False)


def read_refund_messages(session: Session, window: Window) -> Iterator[Page]:
    """Who of buyer and shop did something about an after-sale, and when; not their words."""
    for each in _refund_ids(session, window):
        body = session.call("youzan.trade.refund.messages.get", {"refund_id": each})
        yield Page(body, ("data", "refund_messages"))


def read_item_details(session: Session, window: Window) -> Iterator[Page]:
    """youzan.item.detail.get of every item that changed: its SKUs and category."""
    for each in sorted(
        {int(record["item_id"]) for record in _records(read_items(session, window))}
    ):
        body = session.call("youzan.item.detail.get", {"item_id": each})
        yield Page(body, ("data",), is_list=False)


def read_express_companies(session: Session, _: Window) -> Iterator[Page]:
    """Carriers by 有赞's number."""
    yield Page(session.call("youzan.logistics.express.get", {}), ("data", "allExpress"))


def read_bill_records(session: Session, window: Window) -> Iterator[Page]:
    """Bill records, where the owner asked for them: their fields are not documented."""
    if session.settings.get(BILLS) == ASSUMED:
        yield from _BILLS.read(session, window)


def read_shop(session: Session, _: Window) -> Iterator[Page]:
    """What the platform says of the shop."""
    yield Page(session.call("youzan.shop.get", {}), ("data",), is_list=False)


def check(session: Session) -> str:
    """One call that proves the credentials."""
    shop = orjson.loads(session.call("youzan.shop.get", {}))["data"]
    return f"{shop['name']} (kdt_id {shop['id']})"


_AGAIN = (
    Revisit(timedelta(days=30), timedelta(days=89)),
    Revisit(timedelta(days=7), timedelta(days=7)),
)
_DAY = timedelta(days=1)
_YEAR = timedelta(days=365)

STREAMS = (
    Stream(
        "orders", "有赞 订单（含明细）", schemas.ORDER, (), _ORDERS.read,
        version="full_order_info.order_info.update_time", pii=schemas.ORDER_PII,
        # Again: a seller's memo (补单, 测试) does not change the update time.
        max_window=WINDOW, horizon=HORIZON, revisits=_AGAIN,
    ),
    Stream(
        "order_details", "有赞 订单详情（优惠、包裹、实付）", schemas.ORDER_DETAIL, ("tid",),
        read_order_details, version="full_order_info.order_info.update_time",
        constants={"tid": pl.String}, pii=schemas.ORDER_DETAIL_PII, max_window=DETAIL_WINDOW,
        horizon=HORIZON,
    ),
    Stream(
        "refunds", "有赞 售后单", schemas.REFUND, ("refund_id",), _REFUNDS.read,
        version="modified", max_window=WINDOW, horizon=HORIZON, revisits=_AGAIN,
    ),
    Stream(
        "refund_details", "有赞 售后单详情（实际退款）", schemas.REFUND_DETAIL, ("refund_id",),
        read_refund_details, version="modified", pii=schemas.REFUND_DETAIL_PII,
        max_window=DETAIL_WINDOW, horizon=HORIZON,
    ),
    Stream(
        "refund_messages", "有赞 售后协商记录（谁、何时）", schemas.REFUND_MESSAGE,
        ("refund_id", "created"), read_refund_messages, pii=schemas.REFUND_MESSAGE_PII,
        max_window=DETAIL_WINDOW, horizon=HORIZON,
    ),
    Stream(
        "products", "有赞 商品", schemas.ITEM, ("item_id",), read_items, version="update_time",
        constants={"listing": pl.String}, max_window=_YEAR, horizon=ITEM_HORIZON,
    ),
    Stream(
        "product_details", "有赞 商品详情（规格、类目）", schemas.ITEM_DETAIL, ("item_id",),
        read_item_details, max_window=_YEAR, horizon=ITEM_HORIZON,
    ),
    Stream(
        "parcel_routes", "有赞 物流状态", schemas.ROUTE, ("tid", "nu"), read_routes,
        constants={"tid": pl.String}, pii=schemas.ROUTE_PII, max_window=DETAIL_WINDOW,
        horizon=HORIZON,
    ),
    Stream(
        "express_companies", "有赞 快递公司", schemas.EXPRESS_COMPANY, ("id",),
        read_express_companies, max_window=_YEAR, horizon=_DAY, overlap=timedelta(),
    ),
    Stream(
        "bill_records", "有赞 对账记录（字段未经证实）", schemas.BILL_RECORD, ("record_no",),
        read_bill_records, version="entry_time", max_window=WINDOW, horizon=HORIZON,
        overlap=3 * _DAY,
    ),
    Stream(
        "shop_infos", "有赞 店铺", schemas.SHOP, ("id",), read_shop, max_window=_YEAR,
        horizon=_DAY, overlap=timedelta(),
    ),
)  # fmt: skip
