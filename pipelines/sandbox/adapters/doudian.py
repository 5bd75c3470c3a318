"""抖店: the endpoints a shop's records come from, over the world.

Source: platform notes doudian.md sections 4 to 6.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import orjson

from pipelines.sandbox.adapter import Account, Adapter, Answer, Outside, Request
from pipelines.sandbox.adapters import doudian_gateway as gateway
from pipelines.sandbox.adapters.doudian_bills import bill_listing
from pipelines.sandbox.adapters.doudian_orders import order_listing
from pipelines.sandbox.adapters.doudian_services import (
    after_sale_details,
    after_sale_listing,
    product_listing,
    routes,
    sku_records,
)  # fmt: skip
from pipelines.sandbox.adapters.doudian_subjects import SHOP, subjects
from pipelines.sandbox.adapters.doudian_words import seconds
from pipelines.sandbox.listing import page_of

_DEEPEST = 50_000
_LARGEST = 100
_HORIZON = timedelta(days=90)
_PREFIXES = (
    "/order/", "/afterSale/", "/product/", "/sku/", "/logistics/", "/shop/", "/token/",
    "/open/getAuthInfo", "/freightTemplate/",
)  # fmt: skip
_BUSY: gateway.Refusal = (
    50002,
    "业务处理失败",
    "isv.business-failed:20004",
    "系统繁忙，请稍后重试",
)

T = TypeVar("T")
Endpoint = Callable[["gateway.Call", Outside], Answer]


class Doudian(Adapter):
    """抖店's shop-side API."""

    channel = "doudian"
    record_lists = ("shop_order_list", "items", "data")
    flipped_field = "create_time"

    def owns(self, request: Request) -> bool:
        """Paths of the shop-side API."""
        return request.path.startswith(_PREFIXES)

    def method(self, request: Request) -> str:
        """The dotted method."""
        return request.query.get("method") or request.path.strip("/").replace("/", ".")

    def accounts(self, outside: Outside) -> list[Account]:
        """The shops, all with the one app."""
        key, secret = gateway.app_of(outside)
        return [
            Account(
                shop_key=shop.key,
                channel=self.channel,
                kind="shop",
                name=shop.name,
                platform_shop_id=shop.platform_id,
                parent_shop_key=None,
                settings={},
                credentials={"app_key": key, "app_secret": secret},
            )
            for shop in subjects(outside).values()
            if shop.role == SHOP
        ]

    def answer(self, request: Request, outside: Outside) -> Answer:
        """Check and render."""
        call = gateway.admitted(request, outside)
        if isinstance(call, Answer):
            return call
        if call.method.startswith("token."):
            return gateway.token_call(call, outside)
        if call.subject.role != SHOP:
            return call.refused(gateway.ROLE)
        endpoint = _ENDPOINTS.get(call.method)
        if endpoint is None:
            return call.refused((70000, "接口不存在", "isp.api-service-off", call.method))
        return endpoint(call, outside)

    def endless(self, body: bytes) -> bytes:
        """A total that no page reaches, or a cursor that comes again."""
        body = re.sub(rb'"total":\d+', b'"total":99999999', body, count=1)
        return body.replace(
            b'"next_start_index":"","next_start_time":"","is_end":1',
            b'"next_start_index":"0","next_start_time":"","is_end":0',
        )

    def fault(self, kind: str, request: Request) -> Answer | None:
        """In the words of doudian.md section 5."""
        refusals = {"rate_limited": gateway.LIMITED, "token_dead": gateway.EXPIRED, "busy": _BUSY}
        if request.path.startswith("/token/") and kind == "token_dead":
            return None
        return gateway.refused(refusals[kind]) if kind in refusals else None


def _whole(value: object, default: int) -> int:
    try:
        return int(str(value))
    except ValueError:
        return default


def _page(call: gateway.Call, default: int) -> tuple[int, int] | gateway.Refusal:
    """Page and size, or why not."""
    page = _whole(call.params.get("page", 0), -1)
    size = _whole(call.params.get("size", default), 0)
    if page < 0:
        return gateway.parameter(10035, "page不能小于0")
    if not 1 <= size <= _LARGEST:
        return gateway.parameter(20008, "size必须在1到100之间")
    if page * size > _DEEPEST:
        return gateway.parameter(20013, "page*size不能超过50000")
    return page, size


def _listing(outside: Outside, name: str, make: Callable[..., T], shop: str, *by: str) -> T:
    return outside.rendered(
        (name, shop, *by), lambda: make(outside.frames, shop, outside.now(), *by)
    )


def _search_orders(call: gateway.Call, outside: Outside) -> Answer:
    paging = _page(call, 10)
    if len(paging) == 4:
        return call.refused(paging)
    asked = call.params
    by_update = asked.get("order_by") == "update_time" or "update_time_start" in asked
    prefix = "update_time" if by_update else "create_time"
    start, end = seconds(asked.get(f"{prefix}_start")), seconds(asked.get(f"{prefix}_end"))
    if start is None:
        return call.refused(gateway.parameter(20011, "开始时间必填"))
    if start < (outside.now() - _HORIZON).timestamp() - 86_400:
        return call.refused(gateway.parameter(20022, "仅支持查询近90天订单"))
    by = "updated_at" if by_update else "created_at"
    listing = _listing(outside, "orders", order_listing, call.shop, by)
    positions = list(listing.window(start, end))
    if not asked.get("order_asc", False):
        positions.reverse()
    page, size = paging
    inside = listing.page(page_of(positions, page, size))
    head = f'{{"page":{page},"total":{len(positions)},"size":{size},"shop_order_list":['
    return call.granted(head.encode() + inside + b"]}")


def _order_detail(call: gateway.Call, outside: Outside) -> Answer:
    listing = _listing(outside, "orders", order_listing, call.shop, "updated_at")
    wanted = str(call.params.get("shop_order_id", ""))
    by_id = outside.rendered(
        ("order positions", call.shop), lambda: {key: n for n, key in enumerate(listing.ids)}
    )
    if wanted not in by_id:
        return call.refused(gateway.parameter(20014, "订单不存在"))
    return call.granted(b'{"shop_order_detail":' + listing.records[by_id[wanted]] + b"}")


def _after_sales(call: gateway.Call, outside: Outside) -> Answer:
    paging = _page(call, 10)
    if len(paging) == 4:
        return call.refused(paging)
    asked = call.params
    prefix, by = ("", "applied_at") if "start_time" in asked else ("update_", "updated_at")
    listing = _listing(outside, "after sales", after_sale_listing, call.shop, by)
    start, end = (seconds(asked.get(f"{prefix}{name}")) for name in ("start_time", "end_time"))
    positions = list(listing.window(start, end))
    if "update_time asc" not in (asked.get("order_by") or []):
        positions.reverse()
    page, size = paging
    chosen = page_of(positions, page, size)
    more = "true" if (page + 1) * size < len(positions) else "false"
    tail = f'],"has_more":{more},"total":{len(positions)},"page":{page},"size":{len(chosen)}}}'
    return call.granted(b'{"items":[' + listing.page(chosen) + tail.encode())


def _by_id(name: str, make: Callable[..., dict[str, bytes]], field: str, number: int) -> Endpoint:
    """An endpoint that answers for one id."""

    def endpoint(call: gateway.Call, outside: Outside) -> Answer:
        records = _listing(outside, name, make, call.shop)
        found = records.get(str(call.params.get(field, "")))
        if found is None:
            return call.refused(gateway.parameter(number, f"{field}不存在"))
        return call.granted(found)

    return endpoint


def _products(call: gateway.Call, outside: Outside) -> Answer:
    page = _whole(call.params.get("page", 1), 0)
    size = _whole(call.params.get("size", 20), 0)
    if not (1 <= page <= 100 and 1 <= size <= _LARGEST):
        return call.refused(gateway.parameter(100001, "page或size超出范围"))
    listing = _listing(outside, "products", product_listing, call.shop)
    positions = listing.window(
        seconds(call.params.get("update_start_time")), seconds(call.params.get("update_end_time"))
    )
    inside = listing.page(page_of(positions, page - 1, size))
    tail = f'],"total":{len(positions)},"page":{page},"size":{size},"cursor_id":""}}'
    return call.granted(b'{"data":[' + inside + tail.encode())


def _bills(call: gateway.Call, outside: Outside) -> Answer:
    size = _whole(call.params.get("size", 100), 0)
    start, end = (gateway.wall_clock(call.params.get(name)) for name in ("start_time", "end_time"))
    if not 1 <= size <= _LARGEST or start is None or end is None:
        return call.refused(gateway.parameter(100026, "size或时间范围不正确"))
    listing = _listing(outside, "bills", bill_listing, call.shop)
    positions = listing.window(int(start.timestamp()), int(end.timestamp()))
    first = _whole(call.params.get("start_index") or 0, 0)
    chosen = positions[first : first + size]
    ends = first + size >= len(positions)
    shown = {
        "size": size,
        "next_start_index": "" if ends else str(first + size),
        "next_start_time": "" if ends else str(call.params["start_time"]),
        "is_end": int(ends),
        "data_size": len(chosen),
    }
    head = b'{"code":"100000","code_msg":"success","data":['
    return call.granted(head + listing.page(chosen) + b"]," + orjson.dumps(shown)[1:])


def _fixed(data: object) -> Endpoint:
    return lambda call, _: call.granted(orjson.dumps(data))


def _auth_info(call: gateway.Call, outside: Outside) -> Answer:
    pair = call.pair
    assert pair is not None, "not a token call"
    data = {
        "status": 1,
        "auth_id": call.shop,
        "auth_success_time": 0,
        "auth_update_time": int(outside.now().timestamp()),
        "auth_end_time": int(pair.refresh_until.timestamp()),
    }
    return call.granted(orjson.dumps(data))


_ENDPOINTS: dict[str, Endpoint] = {
    "order.searchList": _search_orders,
    "order.orderDetail": _order_detail,
    "afterSale.List": _after_sales,
    "afterSale.Detail": _by_id("after sale details", after_sale_details, "after_sale_id", 11000),
    "product.listV2": _products,
    "sku.list": _by_id("skus", sku_records, "product_id", 100002),
    "order.getSettleBillDetailV3": _bills,
    "logistics.trackNoRouteDetail": _by_id("routes", routes, "track_no", 100003),
    "order.logisticsCompanyList": _fixed(
        [
            {"id": 7, "name": "顺丰速运", "code": "shunfeng"},
            {"id": 15, "name": "中通快递", "code": "zhongtong"},
            {"id": 9, "name": "圆通速递", "code": "yuantong"},
            {"id": 77, "name": "极兔速递", "code": "jtexpress"},
        ]
    ),
    "shop.brandList": _fixed([{"id": 1, "name_cn": "知行", "brand_name_en": ""}]),
    "open.getAuthInfo": _auth_info,
}
ADAPTER = Doudian()
