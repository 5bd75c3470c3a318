"""What is loaded of the alliance: a shop's commission orders, or an institution's view of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from pipelines.gateway.connector import Page, Revisit, Session, Stream, Window
from pipelines.gateway.paging import backwards, forwards, number_in
from pipelines.sources.buyin import schemas, settings
from pipelines.sources.buyin.settings import COLONEL, MCN, ROLE

Read = Callable[[Session, Window], Iterator[Page]]
_CURSOR = re.compile(rb'"cursor"\s*:\s*"([^"]*)"')
_EMPTY = re.compile(rb'"orders"\s*:\s*(?:\[\s*\]|null)')
# The payload lies in the envelope's data once more.
_ORDERS = ("data", "data", "orders")


def _following(body: bytes, _: str) -> str | None:
    """The next cursor; an empty one or an empty page is the end."""
    found = _CURSOR.findall(body)
    cursor = found[-1].decode() if found else ""
    return None if not cursor or _EMPTY.search(body) else cursor


def _by_cursor(method: str, size: int, role: str = "") -> Read:
    """All orders whose alliance-side record changed in a window, for accounts of one role."""

    def read(session: Session, window: Window) -> Iterator[Page]:
        if session.settings.get(ROLE, "") != role:
            return

        def ask(cursor: str) -> bytes:
            asked = {
                "time_type": "update",
                "start_time": f"{window.start:%Y-%m-%d %H:%M:%S}",
                "end_time": f"{window.end:%Y-%m-%d %H:%M:%S}",
                "size": size,
                "cursor": cursor or "0",
            }
            return session.call(method, asked)

        for body in forwards(ask, _following):
            yield Page(body, _ORDERS)

    return read


def _total(body: bytes) -> int:
    return number_in(body, "total")


def _by_number(method: str, size_name: str, path: tuple[str, ...]) -> Read:
    """A whole list, numbered from 1; the platform knows no window for it."""

    def read(session: Session, _: Window) -> Iterator[Page]:
        if session.settings.get(ROLE, ""):
            return

        def ask(page: int) -> bytes:
            asked: Mapping[str, Any] = {"page": page, size_name: settings.LIST_PAGE}
            return session.call(method, asked)

        for body in backwards(ask, size=settings.LIST_PAGE, total=_total, first=1):
            yield Page(body, path)

    return read


def check(session: Session) -> str:
    """One signed call that proves the credentials and the role."""
    if role := session.settings.get(ROLE, ""):
        session.call("buyin.institutionInfo", {})
        return f"institution, authorised as {role}"
    body = session.call("buyin.queryShopSelfAuthors", {"page": 1, "page_size": 1})
    return f"{_total(body)} own authors"


_AGAIN = (Revisit(timedelta(days=7), settings.MOVING),)
_LATE = timedelta(hours=1)
_SNAPSHOT = timedelta(days=365)
_DAY = timedelta(days=1)

STREAMS = (
    Stream(
        "alliance_orders", "精选联盟 商家佣金订单", schemas.ALLIANCE_ORDER, ("order_id",),
        _by_cursor("buyin.queryShopAllianceOrder", settings.ORDER_PAGE), version="update_time",
        overlap=_LATE, max_window=settings.WINDOW, horizon=settings.HORIZON, revisits=_AGAIN,
    ),
    Stream(
        "settlements", "精选联盟 佣金结算（分笔）", schemas.SETTLEMENT, ("order_id", "phase_id"),
        _by_cursor("buyin.shopMultiSettlementOrders", settings.SETTLEMENT_PAGE),
        version="update_time", overlap=_LATE, max_window=settings.WINDOW,
        horizon=settings.HORIZON, revisits=_AGAIN,
    ),
    Stream(
        "self_authors", "精选联盟 店铺自播账号", schemas.SELF_AUTHOR, ("author_id",),
        _by_number("buyin.queryShopSelfAuthors", "page_size", ("data", "authors")),
        overlap=timedelta(), max_window=_SNAPSHOT, horizon=_DAY, is_whole=True,
    ),
    Stream(
        "alliance_products", "精选联盟 推广商品", schemas.ALLIANCE_PRODUCT, ("product_id",),
        _by_number("buyin.queryShopAllianceProducts", "size", ("data", "product_list")),
        version="update_time", overlap=timedelta(), max_window=_SNAPSHOT, horizon=_DAY,
        is_whole=True,
    ),
    Stream(
        "mcn_orders", "精选联盟 机构订单（MCN）", schemas.MCN_ORDER, ("order_id",),
        _by_cursor("buyin.instituteOrderMCN", settings.INSTITUTION_PAGE, MCN),
        version="update_time", overlap=_LATE, max_window=settings.WINDOW,
        horizon=settings.HORIZON, revisits=_AGAIN,
    ),
    Stream(
        "colonel_orders", "精选联盟 机构订单（招商团长）", schemas.COLONEL_ORDER, ("order_id",),
        _by_cursor("buyin.instituteOrderColonel", settings.INSTITUTION_PAGE, COLONEL),
        version="update_time", overlap=_LATE, max_window=settings.WINDOW,
        horizon=settings.HORIZON, revisits=_AGAIN,
    ),
)  # fmt: skip
