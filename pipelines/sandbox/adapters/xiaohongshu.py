"""小红书: the methods a shop's records come from, over the world.

Source: platform notes xiaohongshu.md sections 4 to 6. Which of the two generations of envelopes a
newer method answers with is not known: here afterSale, finance and businessdata have the inner one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

import orjson
import polars as pl

from pipelines.sandbox.adapter import Account, Adapter, Answer, Outside, Request
from pipelines.sandbox.adapters import xiaohongshu_gateway as gateway
from pipelines.sandbox.adapters.xiaohongshu_gateway import Call, granted, granted_anew, parameter
from pipelines.sandbox.adapters.xiaohongshu_money import expense_listing, transaction_listing
from pipelines.sandbox.adapters.xiaohongshu_orders import order_details, order_listing
from pipelines.sandbox.adapters.xiaohongshu_sellers import cps_answers, kos_rows
from pipelines.sandbox.adapters.xiaohongshu_services import (
    aftersale_details,
    aftersale_listing,
    sku_listing,
    tracks,
)  # fmt: skip
from pipelines.sandbox.listing import Listing, page_of

_HALF_HOUR, _DAY = 1_800, 86_400
_MOST_PAGES, _LARGEST, _LARGEST_KOS = 100, 100, 1_000
_DEEPEST_AFTERSALE = 50_000
_TIMES = {1: ("created_at", _DAY), 2: ("updated_at", _HALF_HOUR)}  # timeType
_APPLIED = {"created_at": "applied_at", "updated_at": "updated_at"}
T = TypeVar("T")
Endpoint = Callable[[Call, Outside], Answer]
Paging = tuple[int, int]


class Xiaohongshu(Adapter):
    """小红书's shop-side API."""

    channel = "xiaohongshu"
    record_lists = ("orderList", "afterSaleBasicInfos", "transactions", "expenses", "data")
    flipped_field = "packageId"

    def owns(self, request: Request) -> bool:
        """The one path."""
        return request.path == gateway.PATH

    def method(self, request: Request) -> str:
        """The method that the body names."""
        body = request.json()
        return str(body.get("method", "")) if isinstance(body, dict) else ""

    def accounts(self, outside: Outside) -> list[Account]:
        """The shops, all with the one app."""
        app, secret = gateway.app_of(outside)
        return [
            Account(
                shop_key=shop.key,
                channel=self.channel,
                kind="shop",
                name=shop.name,
                platform_shop_id=shop.seller_id,
                parent_shop_key=None,
                settings={},
                credentials={"app_id": app, "app_secret": secret, "code": shop.code},
            )
            for shop in gateway.shops(outside).values()
        ]

    def answer(self, request: Request, outside: Outside) -> Answer:
        """Check and render."""
        call = gateway.admitted(request, outside)
        if isinstance(call, Answer):
            return call
        endpoint = _ENDPOINTS.get(call.method)
        if endpoint is None:
            return parameter(f"method不存在: {call.method}")
        return endpoint(call, outside)

    def endless(self, body: bytes) -> bytes:
        """A total that no page reaches."""
        counts = rb'"(total|totalCount|count|maxPageNo)":\d+'
        return re.sub(counts, rb'"\1":99999999', body)

    def fault(self, kind: str, request: Request) -> Answer | None:
        """In the words of xiaohongshu.md section 5, as far as it has them."""
        refusals = {
            "rate_limited": gateway.LIMITED,
            "token_dead": gateway.EXPIRED,
            "busy": gateway.BUSY,
        }
        if self.method(request).startswith("oauth.") and kind == "token_dead":
            return None
        return gateway.refused(refusals[kind]) if kind in refusals else None


def _paging(call: Call, page: str, default: int, largest: int = _LARGEST) -> Paging | None:
    """Number from 1 and size; None where they are out of range."""
    number, size = call.number(page, 1), call.number("pageSize", default)
    return (number, size) if number >= 1 and 1 <= size <= largest else None


def _window(call: Call, unit: int, longest: int | None) -> tuple[int, int] | None:
    """The window asked for in seconds, if it is as long as the method takes."""
    start, end = call.number("startTime"), call.number("endTime")
    if start <= 0 or end < start or (longest and end - start > longest * unit):
        return None
    return start // unit, end // unit


def _orders(call: Call, outside: Outside) -> Answer:
    paging = _paging(call, "pageNo", 50)
    by, longest = _TIMES.get(call.number("timeType", 1), ("", 0))
    window = _window(call, 1, longest)
    if paging is None or paging[0] > _MOST_PAGES or not by:
        return parameter("pageNo、pageSize或timeType超出范围")
    if window is None:
        return parameter("时间范围超限：创建时间最多24小时，更新时间最多30分钟")
    listing = _listed(outside, call, ("orders", by), lambda: order_listing(outside, call.shop, by))
    positions = listing.window(*window)
    page, size = paging
    last = -(-len(positions) // size)
    head = f'{{"total":{len(positions)},"pageNo":{page},"pageSize":{size},"maxPageNo":{last},'
    return granted(_rows(head, "orderList", listing, page_of(positions, page - 1, size)) + b"}")


def _aftersales(call: Call, outside: Outside) -> Answer:
    paging = _paging(call, "pageNo", 50)
    by, longest = _TIMES.get(call.number("timeType", 1), ("", 0))
    window = _window(call, 1000, longest)
    if paging is None or paging[0] * paging[1] > _DEEPEST_AFTERSALE or not by:
        return parameter("pageNo、pageSize或timeType超出范围")
    if window is None:
        return parameter("时间范围超限：创建时间最多24小时，更新时间最多30分钟")
    listing = _listed(
        outside,
        call,
        ("after sales", by),
        lambda: aftersale_listing(outside, call.shop, _APPLIED[by]),
    )
    positions = listing.window(window[0], window[1] + 1)  # both ends belong to it
    page, size = paging
    tail = f',"totalCount":{len(positions)},"pageNo":{page},"pageSize":{size}}}'
    chosen = page_of(positions, page - 1, size)
    return granted_anew(_rows("{", "afterSaleBasicInfos", listing, chosen) + tail.encode())


def _skus(call: Call, outside: Outside) -> Answer:
    paging = _paging(call, "pageNo", 50)
    if paging is None:
        return parameter("pageNo或pageSize超出范围")
    listing = _listed(
        outside,
        call,
        ("skus",),
        lambda: sku_listing(outside.frames, call.shop, outside.now()),
    )
    start, end = (call.number(f"updateTime{name}") // 1000 or None for name in ("From", "To"))
    positions = listing.window(start, end)
    page, size = paging
    tail = f',"pageNO":{page},"pageSize":{size},"total":{len(positions)}}}'
    chosen = page_of(positions, page - 1, size)
    return granted(_rows("{", "data", listing, chosen) + tail.encode())


def _finance(name: str, make: Callable[[Call, Outside], Listing], *by: str) -> Endpoint:
    """One of the finance lists; what tells its listings apart is asked for by name."""

    def endpoint(call: Call, outside: Outside) -> Answer:
        paging, window = _paging(call, "pageNum", 20), _window(call, 1000, _DAY)
        if paging is None or window is None:
            return parameter("时间范围最多24小时，pageSize最多100")
        key = (name, *(str(call.number(each)) for each in by))
        listing = _listed(outside, call, key, lambda: make(call, outside))
        positions = listing.window(*window)
        page, size = paging
        last = -(-len(positions) // size)
        head = f'{{"total":{len(positions)},"totalPage":{last},"pageNum":{page},"pageSize":{size},'
        chosen = page_of(positions, page - 1, size)
        return granted_anew(_rows(head, name, listing, chosen) + b"}")

    return endpoint


def _transactions(call: Call, outside: Outside) -> Listing:
    business, settled = call.number("settleBizType"), call.number("commonSettleStatus")
    return transaction_listing(outside.frames, call.shop, outside.now(), business, settled)


def _expenses(call: Call, outside: Outside) -> Listing:
    return expense_listing(outside.frames, call.shop, outside.now())


def _kos(call: Call, outside: Outside) -> Answer:
    paging = _paging(call, "pageNo", 100, _LARGEST_KOS)
    first, last = (_day(call.params.get(name)) for name in ("startDate", "endDate"))
    if paging is None or first is None or last is None:
        return parameter("startDate、endDate或分页不正确")
    rows = outside.rendered(
        ("xiaohongshu kos", call.shop), lambda: kos_rows(outside.frames, call.shop, outside.now())
    )
    inside = rows.filter(pl.col("day").is_between(first, last))
    page, size = paging
    records = inside["record"].slice((page - 1) * size, size).str.join(",").item() or ""
    return granted_anew(f'{{"count":{inside.height},"data":[{records}]}}'.encode())


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def _by_id(
    name: str,
    field: str,
    make: Callable[[Outside, str], dict[str, bytes]],
    envelope: Callable[[bytes], Answer] = granted,
    nothing: bytes | None = None,
) -> Endpoint:
    """A method that answers for one id; ``nothing`` where the id has none is no error."""

    def endpoint(call: Call, outside: Outside) -> Answer:
        records = outside.rendered(
            (f"xiaohongshu {name}", call.shop), lambda: make(outside, call.shop)
        )
        found = records.get(str(call.params.get(field)), nothing)
        if found is None:
            return gateway.refused((-2000101, f"{field}不存在"))
        return envelope(found)

    return endpoint


def _listed(
    outside: Outside, call: Call, key: tuple[str, ...], make: Callable[[], Listing]
) -> Listing:
    return outside.rendered(("xiaohongshu", *key, call.shop), make)


def _rows(head: str, name: str, listing: Listing, chosen: Sequence[int]) -> bytes:
    """The beginning of an answer with its list of records."""
    return f'{head}"{name}":['.encode() + listing.page(chosen) + b"]"


_ENDPOINTS: dict[str, Endpoint] = {
    "order.getOrderList": _orders,
    "order.getOrderDetail": _by_id("order details", "orderId", order_details),
    "order.getOrderTracking": _by_id(
        "tracks",
        "orderId",
        lambda outside, shop: tracks(outside.frames, shop, outside.now()),
        nothing=orjson.dumps({"orderTrackInfos": []}),
    ),
    "afterSale.listAfterSaleInfos": _aftersales,
    "afterSale.getAfterSaleInfo": _by_id(
        "after sale details", "returnsId", aftersale_details, granted_anew
    ),
    "product.getDetailSkuList": _skus,
    "finance.pageQueryTransaction": _finance(
        "transactions", _transactions, "settleBizType", "commonSettleStatus"
    ),
    "finance.pageQueryExpense": _finance("expenses", _expenses),
    "bill.queryCpsSettle": _by_id(
        "commissions",
        "orderId",
        lambda outside, shop: cps_answers(outside.frames, shop, outside.now()),
        nothing=orjson.dumps({"cpsUserSettleDetails": []}),
    ),
    "businessdata.getKosData": _kos,
}
ADAPTER = Xiaohongshu()
