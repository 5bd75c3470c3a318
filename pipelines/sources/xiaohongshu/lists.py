"""小红书's lists of orders and after-sales: which ids changed in a window.

By update they are asked for half an hour at a time, by creation a day at a time, pages always from
the last to the first. The past is not asked for by update: everything that was placed since the
horizon is listed once a session, and a past window takes of it what was last updated in it. What
changes while that list is at hand is updated after the pull's windows and comes with the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import orjson

from pipelines.gateway.connector import Session, Window
from pipelines.gateway.errors import EndlessPaging, MalformedAnswer
from pipelines.gateway.paging import backwards, number_in
from pipelines.sources.xiaohongshu.settings import (
    ASKED_BY_UPDATE,
    CREATED_WINDOW,
    HORIZON,
    MOST_ROWS,
    PAGE_SIZE,
    UPDATED_WINDOW,
)  # fmt: skip

_CREATED, _UPDATED = 1, 2  # timeType
_TRIES = 4
_SECOND = timedelta(seconds=1)
Record = dict[str, Any]
_PLACED: WeakKeyDictionary[Session, dict[str, list[Record]]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Listing:
    """One of the two lists: its method, where its rows, ids and count stand, how it takes time.

    ``kept`` is what else of a row is needed: months of rows are held at once.
    """

    method: str
    rows: str
    key: str
    updated: str
    total: str
    span: Callable[[Window], dict[str, int]]
    kept: tuple[str, ...] = ()


def milliseconds(moment: datetime) -> int:
    """Epoch milliseconds."""
    return int(moment.timestamp()) * 1000


ORDERS = Listing(
    "order.getOrderList",
    "orderList",
    "orderId",
    "updateTime",
    "total",
    lambda window: {
        "startTime": int(window.start.timestamp()),
        "endTime": int(window.end.timestamp()),
    },
    kept=("orderStatus", "deliveryTime"),
)
AFTERSALES = Listing(
    "afterSale.listAfterSaleInfos",
    "afterSaleBasicInfos",
    "returnsId",
    "updatedAt",
    "totalCount",
    # Both ends belong to this list's window.
    lambda window: {
        "startTime": milliseconds(window.start),
        "endTime": milliseconds(window.end) - 1,
    },
)


def within(body: bytes, *names: str) -> tuple[str, ...]:
    """Where something stands in an answer: newer methods may have an envelope inside the envelope.

    Both are accepted, since the documents leave open which it is (xiaohongshu.md section 4).
    """
    data = orjson.loads(body).get("data")
    is_twice = isinstance(data, dict) and "data" in data and {"code", "success"} & data.keys()
    return ("data", "data", *names) if is_twice else ("data", *names)


def cut(window: Window, most: timedelta) -> Iterator[Window]:
    """A window in parts that the platform takes."""
    start = window.start
    while start < window.end:
        end = min(start + most, window.end)
        yield Window(start, end)
        start = end


def is_past(session: Session, window: Window) -> bool:
    """Whether a window is looked up in what was placed, not asked for by update."""
    return window.end <= session.now() - ASKED_BY_UPDATE


def changed(session: Session, listing: Listing, window: Window) -> list[Record]:
    """The rows of all that were last updated in a window, once each, by id."""
    if is_past(session, window):
        rows = _placed_since_the_horizon(session, listing)
    else:
        rows = _all(session, listing, _UPDATED, cut(window, UPDATED_WINDOW))
    start, end = milliseconds(window.start), milliseconds(window.end)
    return [row for row in rows if start <= int(row[listing.updated] or start) < end]


def placed(session: Session, listing: Listing, window: Window) -> list[Record]:
    """The rows of all that were placed in a window, likewise."""
    return _all(session, listing, _CREATED, cut(window, CREATED_WINDOW))


def _placed_since_the_horizon(session: Session, listing: Listing) -> list[Record]:
    known = _PLACED.setdefault(session, {})
    if listing.method not in known:
        now = session.now()
        known[listing.method] = placed(session, listing, Window(now - HORIZON, now))
    return known[listing.method]


def _all(
    session: Session, listing: Listing, time_type: int, windows: Iterable[Window]
) -> list[Record]:
    found: dict[str, Record] = {}
    for each in windows:
        found |= _rows(session, listing, each, time_type)
    return [found[key] for key in sorted(found)]


def count_placed(session: Session, window: Window) -> int:
    """How many orders were placed in a window of a day at most."""
    asked = {**ORDERS.span(window), "timeType": _CREATED, "pageNo": 1, "pageSize": 1}
    return number_in(session.call(ORDERS.method, asked), ORDERS.total)


def _rows(session: Session, listing: Listing, window: Window, time_type: int) -> dict[str, Record]:
    """A short window's rows; a list that lies is asked again, not the hundreds around it."""
    for tried in range(1, _TRIES + 1):
        try:
            return _read(session, listing, window, time_type)
        except (EndlessPaging, MalformedAnswer):
            if tried == _TRIES:
                raise
    raise AssertionError("a try returns or raises")


def _read(session: Session, listing: Listing, window: Window, time_type: int) -> dict[str, Record]:
    def total(body: bytes) -> int:
        return number_in(body, listing.total)

    def ask(page: int) -> bytes:
        asked = {
            **listing.span(window),
            "timeType": time_type,
            "pageNo": page,
            "pageSize": PAGE_SIZE,
        }
        return session.call(listing.method, asked)

    opening = ask(1)
    if total(opening) > MOST_ROWS and window.end - window.start > _SECOND:
        middle = window.start + (window.end - window.start) / 2
        middle = middle.replace(microsecond=0)
        first = _read(session, listing, Window(window.start, middle), time_type)
        return first | _read(session, listing, Window(middle, window.end), time_type)
    found: dict[str, Record] = {}
    for body in backwards(ask, size=PAGE_SIZE, total=total, first=1, opening=opening):
        found |= _rows_of(listing, body)
    return found


def _rows_of(listing: Listing, body: bytes) -> dict[str, Record]:
    """What is needed of a page's rows, by id."""
    node = orjson.loads(body)
    for name in within(body, listing.rows):
        node = node[name]
    found: dict[str, Record] = {}
    for row in node or ():
        key = row.get(listing.key)
        if not isinstance(key, str) or not key:
            raise MalformedAnswer(f"{listing.method}: a row without {listing.key}")
        kept = (listing.key, listing.updated, *listing.kept)
        found[key] = {name: row.get(name) for name in kept}
    return found
