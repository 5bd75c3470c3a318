"""What is loaded of a 抖店 shop, and in which order its pages are read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import polars as pl

from pipelines.gateway.connector import Page, Revisit, Session, Stream, Window
from pipelines.gateway.paging import backwards, forwards, number_in
from pipelines.sources.doudian import schemas
from pipelines.sources.doudian.settings import BILL_WINDOW, HORIZON, MOST_ROWS, PAGE_SIZE

_WEEK = Revisit(timedelta(days=7), timedelta(days=7))
_QUARTER = Revisit(timedelta(days=30), timedelta(days=89))
_DAY = timedelta(days=1)
_MONTH = timedelta(days=30)
_ON_THE_WAY = (3, 101)


def _total(body: bytes) -> int:
    return number_in(body, "total")


def read_orders(session: Session, window: Window) -> Iterator[Page]:
    """order.searchList by update time; a window of more rows than the platform pages is halved."""

    def ask(page: int) -> bytes:
        asked = {
            "order_by": "update_time",
            "order_asc": True,
            "update_time_start": int(window.start.timestamp()),
            "update_time_end": int(window.end.timestamp()),
            "page": page,
            "size": PAGE_SIZE,
        }
        return session.call("order.searchList", asked)

    opening = ask(0)
    if number_in(opening, "total") > MOST_ROWS and window.end - window.start > timedelta(seconds=2):
        middle = window.start + (window.end - window.start) / 2
        middle = middle.replace(microsecond=0)
        yield from read_orders(session, Window(window.start, middle))
        yield from read_orders(session, Window(middle, window.end))
        return
    for body in backwards(ask, size=PAGE_SIZE, total=_total, opening=opening):
        yield Page(body, ("data", "shop_order_list"))


def read_aftersales(session: Session, window: Window) -> Iterator[Page]:
    """afterSale.List by update time."""

    def ask(page: int) -> bytes:
        asked = {
            "order_by": ["update_time asc"],
            "update_start_time": int(window.start.timestamp()),
            "update_end_time": int(window.end.timestamp()),
            "page": page,
            "size": PAGE_SIZE,
        }
        return session.call("afterSale.List", asked)

    for body in backwards(ask, size=PAGE_SIZE, total=_total):
        yield Page(body, ("data", "items"))


def read_products(session: Session, window: Window) -> Iterator[Page]:
    """product.listV2 by update time; pages count from 1."""

    def ask(page: int) -> bytes:
        asked = {
            "update_start_time": int(window.start.timestamp()),
            "update_end_time": int(window.end.timestamp()),
            "page": page,
            "size": PAGE_SIZE,
        }
        return session.call("product.listV2", asked)

    for body in backwards(
        ask, size=PAGE_SIZE, total=lambda body: number_in(body, "total"), first=1
    ):
        yield Page(body, ("data", "data"))


def read_bills(session: Session, window: Window) -> Iterator[Page]:
    """order.getSettleBillDetailV3 by settlement time; the cursor is two values."""
    starts = {"": (f"{window.start:%Y-%m-%d %H:%M:%S}", "")}

    def ask(cursor: str) -> bytes:
        start_time, start_index = starts[cursor]
        asked = {
            "size": PAGE_SIZE,
            "start_time": start_time,
            "end_time": f"{window.end:%Y-%m-%d %H:%M:%S}",
            "time_type": "0",
            "start_index": start_index,
        }
        return session.call("order.getSettleBillDetailV3", asked)

    def following(body: bytes, _: str) -> str | None:
        if number_in(body, "is_end") == 1:
            return None
        data = orjson.loads(body)["data"]
        cursor = f"{data['next_start_time']} {data['next_start_index']}"
        starts[cursor] = (str(data["next_start_time"]), str(data["next_start_index"]))
        return cursor

    for body in forwards(ask, following):
        yield Page(body, ("data", "data"))


def _records(pages: Iterator[Page]) -> Iterator[dict[str, Any]]:
    """The records of a list, for those who need only an id or two of each."""
    for page in pages:
        node = orjson.loads(page.body)
        for name in page.path:
            node = node[name]
        yield from node


def _aftersale_ids(session: Session, window: Window) -> list[str]:
    """The list again: details that failed are asked for with the next pull of theirs."""
    seen = _records(read_aftersales(session, window))
    return sorted({str(each["aftersale_info"]["aftersale_id"]) for each in seen})


def _product_ids(session: Session, window: Window) -> list[int]:
    return sorted({int(each["product_id"]) for each in _records(read_products(session, window))})


def _open_parcels(session: Session, window: Window) -> list[tuple[str, str]]:
    """Waybills of orders on their way; once signed, the order itself says when."""
    return sorted(
        {
            (str(parcel["company"]), str(parcel["tracking_no"]))
            for order in _records(read_orders(session, window))
            if order["order_status"] in _ON_THE_WAY
            for parcel in order["logistics_info"] or ()
        }
    )


def read_aftersale_details(session: Session, window: Window) -> Iterator[Page]:
    """afterSale.Detail of what changed: only here stands what was really refunded."""
    for each in _aftersale_ids(session, window):
        body = session.call(
            "afterSale.Detail", {"after_sale_id": each, "need_operation_record": False}
        )
        yield Page(body, ("data",), {"aftersale_id": each}, is_list=False)


def read_skus(session: Session, window: Window) -> Iterator[Page]:
    """sku.list of every product that changed."""
    for each in _product_ids(session, window):
        yield Page(session.call("sku.list", {"product_id": each}), ("data",))


def read_routes(session: Session, window: Window) -> Iterator[Page]:
    """logistics.trackNoRouteDetail of the parcels on their way whose order changed."""
    for carrier, number in _open_parcels(session, window):
        asked = {"logistics_code": carrier, "track_no": number}
        body = session.call("logistics.trackNoRouteDetail", asked)
        yield Page(body, ("data",), {"tracking_no": number}, is_list=False)


def read_authorisation(session: Session, _: Window) -> Iterator[Page]:
    """open.getAuthInfo: what the platform says of the shop itself, and until when we may ask."""
    asked = {"auth_id": session.shop.platform_shop_id, "auth_subject_type": "Shop"}
    yield Page(session.call("open.getAuthInfo", asked), ("data",), is_list=False)


def check(session: Session) -> str:
    """One signed call that proves the credentials."""
    body = session.call(
        "open.getAuthInfo", {"auth_id": session.shop.platform_shop_id, "auth_subject_type": "Shop"}
    )
    return {1: "authorised", 0: "waits for the merchant", 2: "cancelled", 3: "expired"}.get(
        number_in(body, "status"), "unknown status"
    )


STREAMS = (
    Stream(
        "orders", "抖店 订单（含子订单、优惠、物流）", schemas.ORDER, ("order_id",), read_orders,
        version="update_time", pii=schemas.ORDER_PII, max_window=_MONTH, horizon=HORIZON,
        revisits=(_QUARTER, _WEEK),
    ),
    Stream(
        "aftersales", "抖店 售后单", schemas.AFTERSALE, (), read_aftersales,
        version="aftersale_info.update_time", pii=schemas.AFTERSALE_PII, max_window=_MONTH,
        horizon=HORIZON, revisits=(_QUARTER, _WEEK),
    ),
    Stream(
        "aftersale_details", "抖店 售后单详情（实际退款）", schemas.AFTERSALE_DETAIL,
        ("aftersale_id",), read_aftersale_details,
        version="process_info.after_sale_info.update_time",
        constants={"aftersale_id": pl.String}, pii=schemas.AFTERSALE_DETAIL_PII,
        max_window=_MONTH, horizon=HORIZON,
        revisits=(_QUARTER, _WEEK),
    ),
    Stream(
        "products", "抖店 商品", schemas.PRODUCT, ("product_id",), read_products,
        version="update_time", max_window=timedelta(days=365), horizon=timedelta(days=3 * 365),
    ),
    Stream(
        "skus", "抖店 规格", schemas.SKU, ("id",), read_skus, max_window=timedelta(days=365),
        horizon=timedelta(days=3 * 365),
    ),
    Stream(
        "settlement_bills", "抖店 结算账单", schemas.BILL, ("request_no",), read_bills,
        # Ready a day late, in the afternoon.
        max_window=BILL_WINDOW, horizon=HORIZON, overlap=3 * _DAY, revisits=(_WEEK,),
    ),
    Stream(
        "parcel_routes", "抖店 物流轨迹", schemas.ROUTE, ("tracking_no",), read_routes,
        constants={"tracking_no": pl.String}, max_window=_MONTH, horizon=HORIZON,
    ),
    Stream(
        "shop_infos", "抖店 店铺授权", schemas.AUTH_INFO, ("auth_id",), read_authorisation,
        max_window=timedelta(days=365), horizon=_DAY, overlap=timedelta(),
    ),
)  # fmt: skip
