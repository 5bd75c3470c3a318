"""What is loaded of a 淘宝/天猫 shop, and in which order its pages are read.

Lists give ids, the methods for one id give the record: only there stand promotions, notes and what
the wallet paid of a trade, and deadlines of a refund. Nothing is asked for that would be dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import orjson

from pipelines.gateway.connector import Page, Revisit, Session, Stream, Window
from pipelines.gateway.errors import EndlessPaging, ParameterRefused
from pipelines.gateway.paging import backwards, forwards, number_in
from pipelines.sources.taobao import schemas
from pipelines.sources.taobao.client import envelope
from pipelines.sources.taobao.settings import (
    DAY,
    HORIZON,
    ITEM_PAGE_SIZE,
    MOST_BILLS,
    MOST_ITEMS,
    PAGE_SIZE,
    SKUS_OF,
    TYPES,
    WEEK,
)

_WEEKLY = Revisit(WEEK, WEEK)
_QUARTERLY = Revisit(timedelta(days=30), HORIZON)
_YEAR = timedelta(days=365)
# Of what is not on sale: waits for its hour or its owner, sold out, taken down by the platform.
_SHELVES = ("for_shelved", "sold_out", "violation_off_shelf")
_IN_PARTS = "SELLER_CONSIGNED_PART"
_ON_THE_WAY = ("WAIT_BUYER_CONFIRM_GOODS", _IN_PARTS)
Ask = Callable[[int], bytes]


def _fields(stream_fields: schemas.Fields, pii: dict[str, Any] | None = None) -> str:
    """What a method is asked for: all that is kept."""
    return ",".join(name for name in stream_fields if (pii or {}).get(name) != "drop")


def _between(window: Window, suffix: str) -> dict[str, str]:
    return {
        f"start_{suffix}": f"{window.start:%Y-%m-%d %H:%M:%S}",
        f"end_{suffix}": f"{window.end:%Y-%m-%d %H:%M:%S}",
    }


def _total(body: bytes) -> int:
    return number_in(body, "total_results")


def _in(page: Page) -> list[dict[str, Any]]:
    """A page's records; where there is none TOP leaves the key out."""
    node: Any = orjson.loads(page.body)
    for name in page.path:
        node = node.get(name) or {}
    return list(node)


def _ask(session: Session, method: str, asked: dict[str, Any], size: int = PAGE_SIZE) -> Ask:
    """The pages of a numbered list."""
    return lambda page: session.call(method, {**asked, "page_no": page, "page_size": size})


def _whole(
    ask: Ask,
    path: tuple[str, ...],
    key: str,
    *,
    size: int = PAGE_SIZE,
    opening: bytes | None = None,
) -> Iterator[Page]:
    """A numbered list, newest first, read from its last page and again until it is whole.

    A trade that leaves the window moves the others towards the front, which reading from the back
    catches. One whose change is committed late comes back at the front and moves them to the back,
    out of what is still to be read: then fewer are seen than the platform counts.
    """
    seen: set[Any] = set()
    before = -1
    while before < len(seen):
        before = len(seen)
        for body in backwards(ask, size=size, total=_total, first=1, opening=opening):
            page = Page(body, path)
            found = {each.get(key) for each in _in(page)}
            seen |= found
            if found:
                yield page
        if len(seen) >= _total(body):
            return
        opening = None


def _path(method: str, outer: str, inner: str) -> tuple[str, ...]:
    return (envelope(method), outer, inner)


def _trades(session: Session, window: Window, fields: str) -> list[dict[str, Any]]:
    """trades.sold.increment.get: what changed, each once."""
    method = "taobao.trades.sold.increment.get"
    asked = {"fields": fields, "type": TYPES, **_between(window, "modified")}
    pages = _whole(_ask(session, method, asked), _path(method, "trades", "trade"), "tid")
    newest = {each["tid"]: each for page in pages for each in _in(page)}
    return [newest[tid] for tid in sorted(newest)]


def read_trades(session: Session, window: Window) -> Iterator[Page]:
    """trade.fullinfo.get of every trade that changed."""
    method = "taobao.trade.fullinfo.get"
    fields = _fields(schemas.TRADE, schemas.TRADE_PII)
    for each in _trades(session, window, "tid,modified"):
        body = session.call(method, {"fields": fields, "tid": each["tid"]})
        yield Page(body, (envelope(method), "trade"), is_list=False)


def _refunds(session: Session, window: Window) -> dict[str, str]:
    """refunds.receive.get: which changed, and the phase of each."""
    method = "taobao.refunds.receive.get"
    asked = {"fields": "refund_id,refund_phase", "type": TYPES, **_between(window, "modified")}
    pages = _whole(_ask(session, method, asked), _path(method, "refunds", "refund"), "refund_id")
    seen = {each["refund_id"]: each["refund_phase"] for page in pages for each in _in(page)}
    return dict(sorted(seen.items()))


def read_refunds(session: Session, window: Window) -> Iterator[Page]:
    """refund.get of every refund that changed."""
    method = "taobao.refund.get"
    fields = _fields(schemas.REFUND, schemas.REFUND_PII)
    for each in _refunds(session, window):
        body = session.call(method, {"fields": fields, "refund_id": each})
        yield Page(body, (envelope(method), "refund"), is_list=False)


def read_refund_messages(session: Session, window: Window) -> Iterator[Page]:
    """refund.messages.get of every refund that changed: only here stands when the shop acted."""
    method = "taobao.refund.messages.get"
    path = _path(method, "refund_messages", "refund_message")
    for each, phase in _refunds(session, window).items():
        asked = {"fields": _fields(schemas.MESSAGE), "refund_id": each, "refund_phase": phase}
        yield from _whole(_ask(session, method, asked), path, "id")


def _shelf(session: Session, window: Window, method: str, **asked: str) -> Iterator[Page]:
    """Items of one list by modified time; a window of more than the platform pages is halved."""
    wanted = {"fields": _fields(schemas.ITEM), "order_by": "modified:desc", **asked}
    ask = _ask(session, method, {**wanted, **_between(window, "modified")}, ITEM_PAGE_SIZE)
    opening = ask(1)
    if _total(opening) > MOST_ITEMS and window.end - window.start > timedelta(seconds=2):
        for half in _halves(window):
            yield from _shelf(session, half, method, **asked)
        return
    path = _path(method, "items", "item")
    yield from _whole(ask, path, "num_iid", size=ITEM_PAGE_SIZE, opening=opening)


def _halves(window: Window) -> tuple[Window, Window]:
    middle = window.start + (window.end - window.start) / 2
    middle = middle.replace(microsecond=0)
    return Window(window.start, middle), Window(middle, window.end)


def read_items(session: Session, window: Window) -> Iterator[Page]:
    """items.onsale.get, and items.inventory.get of everything that is not on sale."""
    yield from _shelf(session, window, "taobao.items.onsale.get")
    for shelf in _SHELVES:
        yield from _shelf(session, window, "taobao.items.inventory.get", banner=shelf)


def read_skus(session: Session, window: Window) -> Iterator[Page]:
    """item.skus.get of every item that changed, forty at a time."""
    method = "taobao.item.skus.get"
    ids = sorted({each["num_iid"] for page in read_items(session, window) for each in _in(page)})
    for start in range(0, len(ids), SKUS_OF):
        some = ",".join(map(str, ids[start : start + SKUS_OF]))
        body = session.call(method, {"fields": _fields(schemas.SKU), "num_iids": some})
        page = Page(body, _path(method, "skus", "sku"))
        if _in(page):  # an item without specifications has none
            yield page


def read_bills(session: Session, window: Window) -> Iterator[Page]:
    """bill.bills.get by payment; its total_results counts the page, has_next says there is more."""
    method = "taobao.bill.bills.get"
    path = _path(method, "bills", "bill")
    asked = {"fields": _fields(schemas.BILL), "time_type": 2, **_between(window, "time")}
    ask = _ask(session, method, asked)

    def following(body: bytes, cursor: str) -> str | None:
        number = int(cursor or 1) + 1
        if not _has_next(body):
            return None
        if not _in(Page(body, path)):
            raise EndlessPaging("The platform promises more bills behind a page without any")
        return str(number) if number * PAGE_SIZE <= MOST_BILLS else None

    bodies = list(forwards(lambda cursor: ask(int(cursor or 1)), following))
    if _has_next(bodies[-1]) and window.end - window.start > timedelta(seconds=2):
        for half in _halves(window):
            yield from read_bills(session, half)
        return
    yield from (page for body in bodies if _in(page := Page(body, path)))


def _has_next(body: bytes) -> bool:
    return bool(next(iter(orjson.loads(body).values())).get("has_next"))


def read_accounts(session: Session, _: Window) -> Iterator[Page]:
    """bill.accounts.get: what the numbers of the bills' accounts mean."""
    method = "taobao.bill.accounts.get"
    body = session.call(method, {"fields": _fields(schemas.ACCOUNT)})
    yield Page(body, _path(method, "accounts", "account"))


def read_shippings(session: Session, window: Window) -> Iterator[Page]:
    """logistics.orders.get by creation."""
    method = "taobao.logistics.orders.get"
    fields = _fields(schemas.SHIPPING, schemas.SHIPPING_PII)
    asked = {"fields": fields, **_between(window, "created")}
    yield from _whole(
        _ask(session, method, asked), _path(method, "shippings", "shipping"), "order_code"
    )


def _on_their_way(session: Session, window: Window) -> Iterator[dict[str, Any]]:
    """What trace.search is asked for each waybill: of a split trade by one of its lines."""
    for trade in _trades(session, window, "tid,status,orders"):
        lines = (trade.get("orders") or {}).get("order") or ()
        oids = {each["invoice_no"]: each["oid"] for each in lines if each.get("invoice_no")}
        is_split = trade["status"] == _IN_PARTS or len(oids) > 1
        if trade["status"] in _ON_THE_WAY:
            for oid in oids.values():
                yield {"tid": trade["tid"]} | ({"is_split": 1, "sub_tid": oid} if is_split else {})


def read_traces(session: Session, window: Window) -> Iterator[Page]:
    """logistics.trace.search of the parcels on their way whose trade changed."""
    method = "taobao.logistics.trace.search"
    refused = answered = None
    for asked in _on_their_way(session, window):
        try:
            answered = session.call(method, asked)
        except ParameterRefused as refusal:  # no carrier tells anything of this one
            refused = refusal
        else:
            yield Page(answered, (envelope(method),), is_list=False)
    if refused and not answered:
        raise refused


def read_shops(session: Session, _: Window) -> Iterator[Page]:
    """shop.seller.get: the shop's number and title."""
    method = "taobao.shop.seller.get"
    body = session.call(method, {"fields": _fields(schemas.SHOP)})
    yield Page(body, (envelope(method), "shop"), is_list=False)


def _seller(session: Session) -> Page:
    method = "taobao.user.seller.get"
    body = session.call(method, {"fields": _fields(schemas.SELLER)})
    return Page(body, (envelope(method), "user"), is_list=False)


def read_sellers(session: Session, _: Window) -> Iterator[Page]:
    """user.seller.get: the account that the session is of."""
    yield _seller(session)


def check(session: Session) -> str:
    """One signed call that proves the credentials."""
    page = _seller(session)
    user = orjson.loads(page.body)[page.path[0]]["user"]
    return f"{user.get('nick', '?')}, {user.get('status', 'unknown status')}"


STREAMS = (
    Stream(
        "trades", "淘宝/天猫 交易（含子订单、优惠明细）", schemas.TRADE, ("tid",), read_trades,
        version="modified", pii=schemas.TRADE_PII, max_window=DAY, horizon=HORIZON,
        revisits=(_QUARTERLY, _WEEKLY),
    ),
    Stream(
        "refunds", "淘宝/天猫 退款单", schemas.REFUND, ("refund_id",), read_refunds,
        version="modified", pii=schemas.REFUND_PII, max_window=WEEK, horizon=HORIZON,
        revisits=(_QUARTERLY, _WEEKLY),
    ),
    Stream(
        "refund_messages", "淘宝/天猫 退款留言（时间与身份，不含内容）", schemas.MESSAGE, ("id",),
        read_refund_messages, version="created", max_window=WEEK, horizon=HORIZON,
        revisits=(_WEEKLY,),
    ),
    Stream(
        "items", "淘宝/天猫 商品（出售中、仓库中）", schemas.ITEM, ("num_iid",), read_items,
        version="modified", max_window=_YEAR, horizon=3 * _YEAR,
    ),
    Stream(
        "skus", "淘宝/天猫 规格", schemas.SKU, ("sku_id",), read_skus, max_window=_YEAR,
        horizon=3 * _YEAR,
    ),
    Stream(
        "bills", "淘宝/天猫 费用账单", schemas.BILL, ("bid",), read_bills, version="gmt_modified",
        # A charge is booked by itself, and can come a day late.
        max_window=DAY, horizon=HORIZON, overlap=3 * DAY, revisits=(_WEEKLY,),
    ),
    Stream(
        "bill_accounts", "淘宝/天猫 费用科目", schemas.ACCOUNT, ("account_id",), read_accounts,
        max_window=_YEAR, horizon=DAY, overlap=timedelta(),
    ),
    Stream(
        "shippings", "淘宝/天猫 物流订单", schemas.SHIPPING, ("order_code",), read_shippings,
        version="modified", pii=schemas.SHIPPING_PII, max_window=WEEK, horizon=HORIZON,
        revisits=(_WEEKLY,),
    ),
    Stream(
        "shipping_traces", "淘宝/天猫 物流流转", schemas.TRACE, ("tid", "out_sid"), read_traces,
        pii=schemas.TRACE_PII, max_window=DAY, horizon=HORIZON, revisits=(_WEEKLY,),
    ),
    Stream(
        "shops", "淘宝/天猫 店铺", schemas.SHOP, ("sid",), read_shops, max_window=_YEAR,
        horizon=DAY, overlap=timedelta(),
    ),
    Stream(
        "sellers", "淘宝/天猫 卖家账号", schemas.SELLER, ("user_id",), read_sellers,
        max_window=_YEAR, horizon=DAY, overlap=timedelta(),
    ),
)  # fmt: skip
