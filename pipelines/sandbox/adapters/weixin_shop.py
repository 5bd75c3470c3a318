"""微信小店: the endpoints a shop's records come from, over the world.

Lists give ids, details the records. Source: platform notes weixin_shop.md sections 4 to 6.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import orjson
import polars as pl

from pipelines.sandbox.adapter import Account, Adapter, Answer, Outside, Request
from pipelines.sandbox.adapters import weixin_shop_gateway as gateway
from pipelines.sandbox.adapters import weixin_shop_lives as lives
from pipelines.sandbox.adapters.weixin_shop_gateway import Call, Refused, granted, parameter
from pipelines.sandbox.adapters.weixin_shop_money import flow_ids, flow_records
from pipelines.sandbox.adapters.weixin_shop_orders import order_ids, order_records
from pipelines.sandbox.adapters.weixin_shop_services import (
    after_sale_ids,
    after_sale_records,
    product_records,
)  # fmt: skip
from pipelines.sandbox.listing import Listing, page_from

_ORDER_WINDOW, _AFTER_SALE_WINDOW = timedelta(days=7), timedelta(days=1)
_LARGEST, _PRODUCTS, _AFTER_SALES = 100, 30, 50  # records a page
_DEEPEST = 10_000  # page * page_size; from there on a cursor is a must
_PREFIXES = ("/cgi-bin/token", "/cgi-bin/stable_token", "/channels/")

T = TypeVar("T")
Endpoint = Callable[[Call, Outside], Answer]


class WeixinShop(Adapter):
    """A shop's API; requests are not signed."""

    channel = "weixin_shop"
    record_lists = ("live_list",)
    flipped_field = "live_time"
    untold = ("aftersale_first_h",)  # when the shop first acted on an after-sale

    def owns(self, request: Request) -> bool:
        """Paths of shops, rooms and tokens."""
        return request.path.startswith(_PREFIXES)

    def method(self, request: Request) -> str:
        """The path."""
        return request.path.strip("/")

    def accounts(self, outside: Outside) -> list[Account]:
        """The shops, each with an app of its own."""
        return [
            Account(
                shop_key=shop["shop_id"],
                channel=self.channel,
                kind="shop",
                name=shop["name"],
                platform_shop_id=shop["platform_shop_id"],
                parent_shop_key=None,
                settings={},
                credentials=dict(
                    zip(
                        ("app_id", "app_secret"),
                        gateway.app_of(outside, shop["shop_id"]),
                        strict=True,
                    )
                ),
            )
            for shop in gateway.shops(outside)
        ]

    def answer(self, request: Request, outside: Outside) -> Answer:
        """Check and render."""
        try:
            if gateway.is_token_call(request):
                return gateway.token(request, outside)
            call = gateway.admitted(request, outside)
            return _ENDPOINTS.get(call.method, _unknown)(call, outside)
        except Refused as refused:
            return gateway.refused(refused.refusal)

    def endless(self, body: bytes) -> bytes:
        """A cursor that leads back to the first page, with more promised."""
        body = body.replace(b'"has_more":false', b'"has_more":true')
        return re.sub(rb'"next_key":"[^"]*"', b'"next_key":""', body, count=1)

    def fault(self, kind: str, request: Request) -> Answer | None:
        """In the words of weixin_shop.md section 5."""
        refusals = {
            "rate_limited": gateway.LIMITED, "token_dead": gateway.EXPIRED, "busy": gateway.BUSY,
        }  # fmt: skip
        if gateway.is_token_call(request) and kind == "token_dead":
            return None
        return gateway.refused(refusals[kind]) if kind in refusals else None


def _made(outside: Outside, name: str, make: Callable[..., T], shop: str, *by: str) -> T:
    return outside.rendered(
        (name, shop, *by), lambda: make(outside.frames, shop, outside.now(), *by)
    )


def _whole(asked: dict[str, Any], name: str, default: int, most: int) -> int:
    """A whole number from 1 on.

    Raises:
        Refused: It is none, or too large.
    """
    text = str(asked.get(name, default))
    number = int(text) if text.isdigit() else 0
    if not 1 <= number <= most:
        raise Refused(parameter(f"{name} must be within 1 and {most}"))
    return number


def _span(asked: dict[str, Any], start: str, end: str, widest: timedelta | None) -> tuple[int, int]:
    """A window in epoch seconds.

    Raises:
        Refused: A part is missing, or it is too wide.
    """
    since, until = (str(asked.get(name, "")) for name in (start, end))
    if not (since.isdigit() and until.isdigit()):
        raise Refused(parameter(f"{start} and {end} are required"))
    if widest is not None and int(until) - int(since) > widest.total_seconds():
        raise Refused(parameter(f"{end} - {start} must be within {widest.days} days"))
    return int(since), int(until)


def _paged(listing: Listing, span: tuple[int, int], key: object, size: int, name: str) -> Answer:
    """A page of ids; a cursor comes with the last page too."""
    digits = str(key or "K0").removeprefix("K")
    if not digits.isdigit():
        raise Refused(parameter("next_key"))
    positions = listing.window(*span)
    chosen, following = page_from(positions, int(digits), size)
    shown = {
        "next_key": f"K{following if following is not None else (chosen[-1] + 1 if chosen else 0)}",
        "has_more": following is not None,
    }
    head = f'"{name}":['.encode()
    return granted(head + listing.page(chosen) + b"]," + orjson.dumps(shown)[1:-1])


def _orders(call: Call, outside: Outside) -> Answer:
    asked = call.params
    by_update = "update_time_range" in asked
    within = asked.get("update_time_range" if by_update else "create_time_range") or {}
    span = _span(within, "start_time", "end_time", _ORDER_WINDOW)
    size = _whole(asked, "page_size", 10, _LARGEST)
    by = "updated_at" if by_update else "created_at"
    listing = _made(outside, "weixin orders", order_ids, call.shop, by)
    return _paged(listing, span, asked.get("next_key"), size, "order_id_list")


def _after_sales(call: Call, outside: Outside) -> Answer:
    asked = call.params
    by_update = "begin_update_time" in asked
    names = ("begin_update_time", "end_update_time") if by_update else (
        "begin_create_time", "end_create_time"
    )  # fmt: skip
    span = _span(asked, *names, _AFTER_SALE_WINDOW)
    by = "updated_at" if by_update else "applied_at"
    listing = _made(outside, "weixin after-sales", after_sale_ids, call.shop, by)
    return _paged(listing, span, asked.get("next_key"), _AFTER_SALES, "after_sale_order_id_list")


def _flows(account: str, call: Call, outside: Outside) -> Answer:
    asked = call.params
    size = _whole(asked, "page_size", 10, _LARGEST)
    page = _whole(asked, "page", 1, 1 << 30)
    key = asked.get("next_key") or ""
    if page * size >= _DEEPEST and not key:
        raise Refused(parameter("next_key is required"))
    span = _span(asked, "start_time", "end_time", None)
    listing = _made(outside, "weixin flows", flow_ids, call.shop, account)
    start = key or f"K{_position(listing, span, (page - 1) * size)}"
    return _paged(listing, span, start, size, "flow_ids")


def _position(listing: Listing, span: tuple[int, int], count: int) -> int:
    """Where a page begins that is asked for by its number alone."""
    positions = listing.window(*span)
    return positions[count] if count < len(positions) else len(listing.ids)


def _products(call: Call, outside: Outside) -> Answer:
    size = _whole(call.params, "page_size", 10, _PRODUCTS)
    key = str(call.params.get("next_key") or "0")
    if not key.isdigit():
        raise Refused(parameter("next_key"))
    ids = sorted(_made(outside, "weixin products", product_records, call.shop))
    first = int(key)
    shown = {
        "product_ids": ids[first : first + size],
        "next_key": str(first + size),
        "total_num": len(ids),
    }
    return granted(orjson.dumps(shown)[1:-1])


def _by_id(
    name: str, make: Callable[..., dict[str, bytes]], field: str, payload: str, *by: str
) -> Endpoint:
    """An endpoint that answers for one id."""

    def endpoint(call: Call, outside: Outside) -> Answer:
        found = _made(outside, name, make, call.shop, *by).get(str(call.params.get(field, "")))
        if found is None:
            raise Refused(parameter(f"{field} not exist"))
        return granted(f'"{payload}":'.encode() + found)

    return endpoint


def _info(call: Call, outside: Outside) -> Answer:
    (shop,) = (each for each in gateway.shops(outside) if each["shop_id"] == call.shop)
    info = {
        "nickname": shop["name"], "headimg_url": "https://example.invalid/img.jpg",
        "subject_type": "企业", "status": "opening", "username": f"gh_{shop['platform_shop_id']}",
    }  # fmt: skip
    return granted(b'"info":' + orjson.dumps(info))


def _day(call: Call) -> str:
    ds = call.params.get("ds")
    if not (isinstance(ds, str) and re.fullmatch(r"\d{8}", ds)):
        raise Refused(parameter("ds must be yyyyMMdd"))
    return ds


def _rooms(call: Call, outside: Outside) -> pl.DataFrame:
    return _made(outside, "weixin rooms", lives.rooms, call.shop)


def _own_finders(call: Call, outside: Outside) -> Answer:
    authors = outside.frames["authors"]
    own = authors.filter(pl.col("own_shop_id") == call.shop)["author_id"].sort().to_list()
    shown = {"main_finder_id": own[0] if own else "", "authorized_finder_id_list": own}
    return granted(orjson.dumps(shown)[1:-1])


def _finders(call: Call, outside: Outside) -> Answer:
    held = _rooms(call, outside)
    told = lives.finder_list(outside.frames, held, call.shop, outside.now(), _day(call))
    return granted(b'"finder_list":[' + told + b"]")


def _lives(call: Call, outside: Outside) -> Answer:
    finder = str(call.params.get("finder_id", ""))
    told = lives.live_list(_rooms(call, outside), finder, _day(call))
    return granted(b'"live_list":[' + told + b"]")


def _live_data(call: Call, outside: Outside) -> Answer:
    room = _rooms(call, outside).filter(pl.col("session_id") == call.params.get("export_id"))
    if room.is_empty():
        raise Refused(parameter("export_id not exist"))
    return granted(lives.live_data(room.row(0, named=True)))


def _unknown(call: Call, outside: Outside) -> Answer:
    del call, outside
    raise Refused(gateway.NO_API)


_FLOW = ("flow_id", "funds_flow")
_ENDPOINTS: dict[str, Endpoint] = {
    "channels/ec/order/list/get": _orders,
    "channels/ec/order/get": _by_id("weixin order records", order_records, "order_id", "order"),
    "channels/ec/aftersale/getaftersalelist": _after_sales,
    "channels/ec/aftersale/getaftersaleorder": _by_id(
        "weixin after-sale records", after_sale_records, "after_sale_order_id", "after_sale_order"
    ),
    "channels/ec/product/list/get": _products,
    "channels/ec/product/get": _by_id("weixin products", product_records, "product_id", "product"),
    "channels/ec/basics/info/get": _info,
    "channels/ec/compass/shop/finder/authorization/list/get": _own_finders,
    "channels/ec/compass/shop/finder/list/get": _finders,
    "channels/ec/compass/shop/live/list/get": _lives,
    "channels/livedashboard/getlivedata": _live_data,
    **{
        f"channels/ec/{account}/getfundsflowlist": partial(_flows, account)
        for account in ("funds", "league/funds")
    },
    **{
        f"channels/ec/{account}/getfundsflowdetail": _by_id(
            "weixin flow records", flow_records, *_FLOW, account
        )
        for account in ("funds", "league/funds")
    },
}
ADAPTER = WeixinShop()
