"""有赞: the endpoints a shop's records come from, over the world.

Source: platform notes youzan.md sections 4 to 6.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta

import orjson
import polars as pl

from pipelines.sandbox.adapter import Account, Adapter, Answer, Outside, Request
from pipelines.sandbox.adapters import youzan_gateway as gateway
from pipelines.sandbox.adapters import youzan_items as items
from pipelines.sandbox.adapters import youzan_refunds as refunds
from pipelines.sandbox.adapters.youzan_bills import bill_listing
from pipelines.sandbox.adapters.youzan_details import order_details, routes
from pipelines.sandbox.adapters.youzan_gateway import Call, Refused
from pipelines.sandbox.adapters.youzan_orders import full_orders
from pipelines.sandbox.adapters.youzan_trades import lines_of, requests_of, trades_of
from pipelines.sandbox.adapters.youzan_words import EXPRESS_NAMES
from pipelines.sandbox.listing import Listing, page_of

_LONGEST = timedelta(days=92)  # three months
Endpoint = Callable[[Call, Outside], bytes]


class Youzan(Adapter):
    """有赞云's API of one company's shops."""

    channel = "youzan"
    record_lists = ("full_order_info_list", "refunds", "items", "records")
    flipped_field = "created"

    def owns(self, request: Request) -> bool:
        """The login, and methods by name."""
        return request.path == gateway.LOGIN or request.path.startswith(gateway.API)

    def method(self, request: Request) -> str:
        """The API's name, without its version."""
        return request.path.removeprefix("/api/").strip("/").partition("/")[0]

    def accounts(self, outside: Outside) -> list[Account]:
        """The shops, all with the one app."""
        client_id, secret = gateway.app_of(outside)
        credentials = {"client_id": client_id, "client_secret": secret, "bills": "assumed"}
        return [
            Account(
                shop_key=each.shop,
                channel=self.channel,
                kind="shop",
                name=each.name,
                platform_shop_id=str(each.kdt_id),
                parent_shop_key=None,
                settings={},
                credentials=credentials,
            )
            for each in gateway.callers(outside).values()
        ]

    def answer(self, request: Request, outside: Outside) -> Answer:
        """Check and render."""
        if request.path == gateway.LOGIN:
            return gateway.log_in(request, outside)
        try:
            call = gateway.admitted(request, outside, _VERSIONS)
            return gateway.granted(_ENDPOINTS[call.method](call, outside))
        except Refused as refused:
            return refused.answer

    def endless(self, body: bytes) -> bytes:
        """A total that no page reaches."""
        return re.sub(rb'"(total_results|total|count)":\d+', rb'"\1":99999999', body, count=1)

    def fault(self, kind: str, request: Request) -> Answer | None:
        """In the words of youzan.md section 5."""
        if kind == "rate_limited":
            return gateway.by_api(123000042, "请求被限流")
        if request.path == gateway.LOGIN:
            return None
        refusals = {"token_dead": gateway.EXPIRED, "busy": gateway.BUSY}
        return gateway.by_gateway(refusals[kind]) if kind in refusals else None


def _paging(call: Call, deepest: int, largest: int) -> tuple[int, int]:
    """Page and size; refused where pages do not reach so far."""
    page = gateway.whole(call, "page_no", 1) or 0
    size = gateway.whole(call, "page_size", 20) or 0
    if page < 1 or not 1 <= size <= largest or page * size > deepest:
        raise Refused(gateway.by_api(5000, "page_no或page_size超出范围"))
    return page, size


def _newest_first(
    listing: Listing, start: int | None, end: int | None, paging: tuple[int, int]
) -> tuple[bytes, int]:
    """A page of a window and how many records the window has."""
    positions: Sequence[int] = list(listing.window(start, end))[::-1]
    page, size = paging
    return listing.page(page_of(positions, page - 1, size)), len(positions)


def _of_shop(
    outside: Outside, name: str, shop: str, make: Callable[..., pl.DataFrame]
) -> pl.DataFrame:
    """What was made of a shop's rows at this clock."""
    return outside.rendered(
        (f"youzan {name}", shop), lambda: make(outside.frames, shop, outside.now())
    )


def _lines(outside: Outside, shop: str) -> pl.DataFrame:
    return _of_shop(outside, "lines", shop, lines_of)


def _orders(outside: Outside, call: Call) -> pl.DataFrame:
    shop = {"platform_shop_id": call.caller.kdt_id}
    return outside.rendered(
        ("youzan orders", call.caller.shop),
        lambda: full_orders(
            _of_shop(outside, "trades", call.caller.shop, trades_of),
            _lines(outside, call.caller.shop),
            shop,
        ),
    )


def _requests(outside: Outside, call: Call) -> pl.DataFrame:
    shop = call.caller.shop
    return outside.rendered(
        ("youzan requests", shop),
        lambda: refunds.with_words(
            _of_shop(outside, "plain requests", shop, requests_of),
            _lines(outside, shop),
            outside.frames["orders"],
        ),
    )


# The pair of parameters, the time that it means, in the order in which one beats another.
_WINDOWS = {
    "success": "finished_at", "update": "updated_at", "created": "created_at", "pay": "paid_at",
}  # fmt: skip


def _search_orders(call: Call, outside: Outside) -> bytes:
    paging = _paging(call, 10_000, 100)
    given = [name for name in _WINDOWS if {f"start_{name}", f"end_{name}"} <= call.params.keys()]
    name = given[0] if given else "created"
    start, end = (gateway.seconds(call, f"{part}_{name}") for part in ("start", "end"))
    if start is not None and end is not None:
        if end <= start:
            raise Refused(gateway.by_api(5000, "结束时间必须大于开始时间"))
        if end - start > _LONGEST.total_seconds():
            raise Refused(gateway.by_api(5000, "开始时间和结束时间的跨度不能大于3个月"))
    listing = outside.rendered(
        ("youzan order list", call.caller.shop, name),
        lambda: _order_listing(_orders(outside, call), _WINDOWS[name]),
    )
    inside, total = _newest_first(listing, start, end, paging)
    return b'{"total_results":%d,"full_order_info_list":[' % total + inside + b"]}"


def _order_listing(orders: pl.DataFrame, by: str) -> Listing:
    record = pl.concat_str(pl.lit('{"full_order_info":'), "full_order_info", pl.lit("}"))
    rendered = orders.drop_nulls(by).select(
        pl.col(by).dt.epoch("s").alias("at"), "tid", record.alias("record")
    )
    return Listing.of(rendered, "at", "tid", "record")


def _order_details(outside: Outside, call: Call) -> dict[str, bytes]:
    return order_details(
        _orders(outside, call),
        _lines(outside, call.caller.shop),
        refunds.refund_orders(_requests(outside, call)),
    )


def _routes(outside: Outside, call: Call) -> dict[str, bytes]:
    return routes(outside.frames, _lines(outside, call.caller.shop), outside.now())


def _refund_details(outside: Outside, call: Call) -> dict[str, bytes]:
    return refunds.refund_details(_requests(outside, call), call.caller.kdt_id)


def _refund_messages(outside: Outside, call: Call) -> dict[str, bytes]:
    return refunds.refund_messages(_requests(outside, call))


def _item_details(outside: Outside, call: Call) -> dict[str, bytes]:
    return items.item_details(outside.frames, call.caller.shop, outside.now())


def _by_id(
    make: Callable[[Outside, Call], dict[str, bytes]], field: str, words: str, empty: bytes = b""
) -> Endpoint:
    """An endpoint that answers for one id; ``empty`` where an unknown one is no mistake."""

    def endpoint(call: Call, outside: Outside) -> bytes:
        records = outside.rendered(
            (f"youzan {make.__name__}", call.caller.shop), lambda: make(outside, call)
        )
        found = records.get(str(call.params.get(field, "")), empty)
        if not found:
            raise Refused(gateway.by_api(5000, words))
        return found

    return endpoint


def _search_refunds(call: Call, outside: Outside) -> bytes:
    paging = _paging(call, 3_000, 3_000)
    by_update = "update_time_start" in call.params
    prefix, by = ("update", "updated_at") if by_update else ("create", "applied_at")
    start, end = (gateway.whole(call, f"{prefix}_time_{part}", None) for part in ("start", "end"))
    if start is None and not by_update:
        start = int((outside.now() - _LONGEST).timestamp())
    listing = outside.rendered(
        ("youzan refund list", call.caller.shop, by),
        lambda: refunds.refund_listing(_requests(outside, call), call.caller.kdt_id, by),
    )
    inside, total = _newest_first(listing, start, end, paging)
    return b'{"total":%d,"refunds":[' % total + inside + b"]}"


def _item_list(call: Call, outside: Outside) -> bytes:
    paging = _paging(call, 3_999, 299)
    stands = items.ON_SALE
    if call.method == "youzan.items.inventory.get":
        stands = str(call.params.get("banner") or items.TAKEN_OFF)
    listing = outside.rendered(
        ("youzan item list", call.caller.shop, stands),
        lambda: items.item_listing(outside.frames, call.caller.shop, outside.now(), stands),
    )
    start, end = (
        None if told is None else told // 1000
        for told in (gateway.whole(call, f"update_time_{part}", None) for part in ("start", "end"))
    )
    inside, total = _newest_first(listing, start, end, paging)
    return b'{"count":%d,"items":[' % total + inside + b"]}"


def _bill_records(call: Call, outside: Outside) -> bytes:
    paging = _paging(call, 10_000, 100)
    shop = call.caller.shop
    listing = outside.rendered(
        ("youzan bills", shop),
        lambda: bill_listing(outside.frames, _lines(outside, shop), shop, outside.now()),
    )
    start, end = (gateway.seconds(call, name) for name in ("start_time", "end_time"))
    inside, total = _newest_first(listing, start, end, paging)
    return b'{"total":%d,"records":[' % total + inside + b"]}"


def _companies(*_: object) -> bytes:
    listed = [{"id": each, "name": name, "display": 1} for each, name in EXPRESS_NAMES.items()]
    return orjson.dumps({"allExpress": listed})


def _shop(call: Call, _: Outside) -> bytes:
    told = {"id": call.caller.kdt_id, "name": call.caller.name}
    return orjson.dumps(told | {"logo": "https://example.invalid/logo.png", "intro": ""})


_APIS: dict[str, tuple[str, Endpoint]] = {
    "youzan.trades.sold.get": ("4.0.4", _search_orders),
    "youzan.trade.get": ("4.0.2", _by_id(_order_details, "tid", "trade not found")),
    "youzan.trade.refund.search": ("3.0.1", _search_refunds),
    "youzan.trade.refund.get": ("3.0.1", _by_id(_refund_details, "refund_id", "售后单不存在")),
    "youzan.trade.refund.messages.get": (
        "3.0.0",
        _by_id(_refund_messages, "refund_id", "售后单不存在"),
    ),
    "youzan.items.onsale.get": ("3.0.0", _item_list),
    "youzan.items.inventory.get": ("3.0.0", _item_list),
    "youzan.item.detail.get": ("1.0.1", _by_id(_item_details, "item_id", "商品不存在")),
    "youzan.logistics.express.get": ("3.0.0", _companies),
    "youzan.logistics.expressbyorderno.get": (
        "3.0.0",
        _by_id(_routes, "tid", "", b'{"orderExpressList":[]}'),
    ),
    "youzan.pay.customer.query.querybillrecord": ("1.0.0", _bill_records),
    "youzan.shop.get": ("3.0.0", _shop),
}
_VERSIONS = {name: version for name, (version, _) in _APIS.items()}
_ENDPOINTS = {name: endpoint for name, (_, endpoint) in _APIS.items()}
ADAPTER = Youzan()
