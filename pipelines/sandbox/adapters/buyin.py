"""精选联盟: the endpoints that a shop's commissions come from, on 抖店's gateway.

Source: platform notes buyin.md. Institutions have no account in this company: their calls are
refused by role.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import orjson
import polars as pl

from pipelines.sandbox.adapter import Account, Adapter, Answer, Outside, Request
from pipelines.sandbox.adapters import doudian_gateway as gateway
from pipelines.sandbox.adapters.buyin_orders import alliance_listing, settlement_listing
from pipelines.sandbox.listing import Listing, page_from

_PREFIX = "/buyin/"
_SPAN = timedelta(days=90)
_BUSY: gateway.Refusal = (20000, "系统错误", "isp.service-error:256", "服务异常")
_NOT_MCN: gateway.Refusal = (
    50002,
    "业务处理失败",
    "isv.business-failed:4196",
    "非MCN机构角色",
)
_NOT_COLONEL: gateway.Refusal = (
    50002,
    "业务处理失败",
    "isv.business-failed:4197",
    "非招商团长角色",
)

Endpoint = Callable[[gateway.Call, Outside], Answer]
Make = Callable[..., Listing]


class Buyin(Adapter):
    """The alliance as a shop sees it."""

    channel = "buyin"
    record_lists = ("orders", "authors", "product_list")
    flipped_field = "update_time"

    def owns(self, request: Request) -> bool:
        """Paths of the alliance."""
        return request.path.startswith(_PREFIX)

    def method(self, request: Request) -> str:
        """The dotted method."""
        return request.query.get("method") or request.path.strip("/").replace("/", ".")

    def accounts(self, outside: Outside) -> list[Account]:
        """None of its own: it is asked with the 抖店 shop's app and token."""
        del outside
        return []

    def answer(self, request: Request, outside: Outside) -> Answer:
        """Check and render."""
        call = gateway.admitted(request, outside)
        if isinstance(call, Answer):
            return call
        endpoint = _ENDPOINTS.get(call.method)
        if endpoint is None:
            return call.refused((70000, "接口不存在", "isp.api-service-off", call.method))
        return endpoint(call, outside)

    def endless(self, body: bytes) -> bytes:
        """A cursor that comes again, or a total that no page reaches."""
        body = body.replace(b'"cursor":""', b'"cursor":"again"')
        return re.sub(rb'"total":\d+', b'"total":99999999', body, count=1)

    def fault(self, kind: str, request: Request) -> Answer | None:
        """In the words of 抖店's gateway."""
        refusals = {"rate_limited": gateway.LIMITED, "token_dead": gateway.EXPIRED, "busy": _BUSY}
        return gateway.refused(refusals[kind]) if kind in refusals else None


def _by_cursor(name: str, make: Make, most: int, times: Mapping[str, str]) -> Endpoint:
    """Orders of a time range, a cursor's page at a time; an empty cursor is the end.

    Args:
        name: Tells the listing from others.
        make: Makes it.
        most: The largest size.
        times: What a ``time_type`` sorts and filters by; the first one is the default.
    """

    def endpoint(call: gateway.Call, outside: Outside) -> Answer:
        asked = call.params
        start, end = (
            gateway.wall_clock(asked.get("start_time")),
            gateway.wall_clock(asked.get("end_time")),
        )
        size, cursor = str(asked.get("size", most)), str(asked.get("cursor") or "0")
        if not size.isdigit() or not 1 <= int(size) <= most:
            return call.refused(gateway.parameter(1031, "size不合法"))
        if not cursor.isdigit():
            return call.refused(gateway.parameter(284, "cursor不合法"))
        if start is None or end is None:
            return call.refused(gateway.parameter(1033, "时间范围与订单号至少一项"))
        if start > end or end - start > _SPAN or start < outside.now() - _SPAN:
            return call.refused(gateway.parameter(1036, "时间范围不合法"))
        by = times.get(str(asked.get("time_type") or next(iter(times))))
        if by is None:
            return call.refused(gateway.parameter(257, "time_type不合法"))
        listing: Listing = outside.rendered(
            (name, call.shop, by), lambda: make(outside.frames, call.shop, outside.now(), by)
        )
        positions = listing.window(int(start.timestamp()), int(end.timestamp()))
        chosen, following = page_from(positions, int(cursor), int(size))
        after = "" if following is None else str(following)
        inside = listing.page(chosen)
        return call.granted(
            b'{"data":{"orders":[' + inside + b'],"cursor":"' + after.encode() + b'"}}'
        )

    return endpoint


def _numbered(call: gateway.Call, name: str, size_name: str, rows: list[dict[str, Any]]) -> Answer:
    """A page, from 1, of a whole list."""
    page, size = str(call.params.get("page", 1)), str(call.params.get(size_name, 20))
    if not (page.isdigit() and size.isdigit() and int(page) >= 1 and 1 <= int(size) <= 20):
        return call.refused(gateway.parameter(1031, "size不合法"))
    first = (int(page) - 1) * int(size)
    shown = {"total": len(rows), name: rows[first : first + int(size)]}
    return call.granted(orjson.dumps(shown))


def _self_authors(call: gateway.Call, outside: Outside) -> Answer:
    authors = outside.frames["authors"].filter(pl.col("own_shop_id") == call.shop)
    rows = [
        {
            "author_app": 1128,
            "author_id": int(author["author_id"]),
            "author_type": 0,
            "buyin_id": int(author["buyin_id"]),
            "account_name": author["nickname"],
            "avatar_url": "https://example.invalid/a.jpg",
        }
        for author in authors.sort("author_id").iter_rows(named=True)
    ]
    return _numbered(call, "authors", "page_size", rows)


def _products(call: gateway.Call, outside: Outside) -> Answer:
    cheapest = (
        outside.frames["skus"]
        .group_by("product_id")
        .agg(pl.col("price_fen").min(), pl.col("list_price_fen").min())
    )
    offered = (
        outside.frames["products"]
        .filter(
            (pl.col("shop_id") == call.shop)
            & (pl.col("commission_bp") > 0)
            & (pl.col("created_at") < outside.now())
            & (pl.col("off_shelf_at").is_null() | (pl.col("off_shelf_at") >= outside.now()))
        )
        .join(cheapest, on="product_id", how="left")
        .sort("product_id")
    )
    rows = [_product(product) for product in offered.iter_rows(named=True)]
    return _numbered(call, "product_list", "size", rows)


def _product(product: dict[str, Any]) -> dict[str, Any]:
    picture = f"https://example.invalid/img/{product['product_id']}.jpg"
    return {
        "product_id": int(product["product_id"]),
        "title": product["name"],
        "cover": picture,
        "price": product["price_fen"],
        "market_price": product["list_price_fen"],
        "status": 2,
        "cos_ratio": product["commission_bp"] / 100,
        "detail_url": picture,
        "sales": 0,
        "cos_fee": product["price_fen"] * product["commission_bp"] // 10_000,
        "update_time": int(product["updated_at"].timestamp()),
        "imgs": [],
        "check_status": 3,
        "create_time": int(product["created_at"].timestamp()),
        "is_exclusive": False,
    }


def _by_role(refusal: gateway.Refusal) -> Endpoint:
    return lambda call, _: call.refused(refusal)


_ENDPOINTS: dict[str, Endpoint] = {
    "buyin.queryShopAllianceOrder": _by_cursor(
        "alliance orders", alliance_listing, 20, {"pay": "paid_at", "update": "updated_at"}
    ),
    "buyin.shopMultiSettlementOrders": _by_cursor(
        "settlements", settlement_listing, 100, {"update": "phase_at", "settle": "phase_at"}
    ),
    "buyin.queryShopSelfAuthors": _self_authors,
    "buyin.queryShopAllianceProducts": _products,
    "buyin.instituteOrderMCN": _by_role(_NOT_MCN),
    "buyin.instituteOrderColonel": _by_role(_NOT_COLONEL),
}
ADAPTER = Buyin()
