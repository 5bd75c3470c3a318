"""精选联盟 on 抖店's gateway: what a shop, an MCN and a 团长 may see of commissions.

Source: platform notes buyin.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson
import polars as pl

from pipelines.sandbox.adapter import Account, Adapter, Answer, Outside, Request
from pipelines.sandbox.adapters import doudian_gateway as gateway
from pipelines.sandbox.adapters.buyin_institutions import colonel_listing, mcn_listing
from pipelines.sandbox.adapters.buyin_lists import OrderList, Refused, whole
from pipelines.sandbox.adapters.buyin_orders import (
    alliance_listing,
    looked_up,
    settlement_listing,
)
from pipelines.sandbox.adapters.doudian_subjects import COLONEL, MCN, SHOP, subjects

_PREFIXES = ("/buyin/", "/alliance/")
_BUSY: gateway.Refusal = (20000, "系统错误", "isp.service-error:256", "服务异常")
_PAGE = 20
_MOST_PRODUCTS = 10_000

Endpoint = Callable[[gateway.Call, Outside], Answer]


def _failed(number: int, words: str) -> gateway.Refusal:
    return (50002, "业务处理失败", f"isv.business-failed:{number}", words)


# What accounts without the role are told.
_OTHERS = {
    SHOP: gateway.ROLE,
    MCN: _failed(4196, "非MCN机构角色"),
    COLONEL: _failed(4197, "非招商团长角色"),
}


class Buyin(Adapter):
    """The alliance, one call a role."""

    channel = "buyin"
    record_lists = ("orders", "authors", "product_list")
    flipped_field = "update_time"

    def owns(self, request: Request) -> bool:
        """Paths of the alliance."""
        return request.path.startswith(_PREFIXES)

    def method(self, request: Request) -> str:
        """The dotted method."""
        return request.query.get("method") or request.path.strip("/").replace("/", ".")

    def accounts(self, outside: Outside) -> list[Account]:
        """The company's institutions; a shop is asked with its account on 抖店."""
        key, secret = gateway.app_of(outside)
        return [
            Account(
                shop_key=institution.key,
                channel=self.channel,
                kind="institution",
                name=institution.name,
                platform_shop_id=institution.platform_id,
                parent_shop_key=None,
                settings={},
                credentials={
                    "app_key": key,
                    "app_secret": secret,
                    "auth_subject_type": institution.role,
                },
            )
            for institution in subjects(outside).values()
            if institution.role != SHOP
        ]

    def answer(self, request: Request, outside: Outside) -> Answer:
        """Check and render."""
        call = gateway.admitted(request, outside)
        if isinstance(call, Answer):
            return call
        try:
            return _endpoint(call)(call, outside)
        except Refused as refused:
            return call.refused(refused.refusal)

    def endless(self, body: bytes) -> bytes:
        """A cursor that leads back to the first page, or a total that no page reaches."""
        body = body.replace(b'"cursor":""', b'"cursor":"0"')
        return re.sub(rb'"total":\d+', b'"total":99999999', body, count=1)

    def fault(self, kind: str, request: Request) -> Answer | None:
        """In the words of 抖店's gateway."""
        del request
        refusals = {"rate_limited": gateway.LIMITED, "token_dead": gateway.EXPIRED, "busy": _BUSY}
        return gateway.refused(refusals[kind]) if kind in refusals else None


def _numbered(call: gateway.Call, name: str, size_name: str, rows: list[dict[str, Any]]) -> Answer:
    """A page, from 1, of a whole list."""
    size = whole(call.params, size_name, _PAGE, default=_PAGE)
    page = whole(call.params, "page", _MOST_PRODUCTS // size, default=1)
    shown = {"total": len(rows), name: rows[(page - 1) * size : page * size]}
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


def _looked_up(call: gateway.Call, outside: Outside) -> Answer:
    """alliance.getOrderList: up to five orders by their ids; what is no order of the shop lacks."""
    ids = call.params.get("order_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 5:
        raise Refused(gateway.parameter(1032, "order_ids须为1到5个"))
    known = outside.rendered(
        (call.method, call.shop), lambda: looked_up(outside.frames, call.shop, outside.now())
    )
    found = b",".join(known[str(each)] for each in ids if str(each) in known)
    return call.granted(b'{"code":"100000","code_msg":"success","datas":[' + found + b"]}")


def _institution(call: gateway.Call, outside: Outside) -> Answer:
    """buyin.institutionInfo: one 百应 id a role; the world knows institutions by that one id."""
    del outside
    number = int(call.subject.platform_id)
    shown = {role: {"buyin_id": 0, "name": ""} for role in ("colonel", "mcn", "douke")}
    shown[call.subject.role.lower()] = {"buyin_id": number, "name": call.subject.name}
    return call.granted(orjson.dumps({"institution_id": number, **shown}))


def _for_douke(call: gateway.Call, outside: Outside) -> Answer:
    """No account of the company has this role."""
    del call, outside
    raise Refused(_failed(4198, "非抖客角色"))


def _endpoint(call: gateway.Call) -> Endpoint:
    """What answers, where the account's role may call it."""
    if call.method not in _ENDPOINTS:
        raise Refused((70000, "接口不存在", "isp.api-service-off", call.method))
    roles, endpoint = _ENDPOINTS[call.method]
    if call.subject.role not in roles:
        raise Refused(_OTHERS[roles[0]])
    return endpoint


_ALL = (SHOP, MCN, COLONEL)
_BY_UPDATE = {"pay": "paid_at", "update": "updated_at"}
_BY_PHASE = {"update": "phase_at", "settle": "phase_at"}
# Page sizes and ids a call as in section 4; how many ids institutions may name is unconfirmed.
_ORDERS = OrderList(alliance_listing, 20, 20, _BY_UPDATE)
_SETTLEMENTS = OrderList(settlement_listing, 100, 100, _BY_PHASE)
_TOO_EARLY = _failed(4168, "开始时间过早")
_MCN_ORDERS = OrderList(mcn_listing, 200, 100, _BY_UPDATE, too_old=_TOO_EARLY)
_COLONEL_ORDERS = OrderList(colonel_listing, 200, 100, _BY_UPDATE)
_ENDPOINTS: dict[str, tuple[tuple[str, ...], Endpoint]] = {
    "buyin.queryShopAllianceOrder": ((SHOP,), _ORDERS),
    "buyin.shopMultiSettlementOrders": ((SHOP,), _SETTLEMENTS),
    "buyin.queryShopSelfAuthors": ((SHOP,), _self_authors),
    "buyin.queryShopAllianceProducts": ((SHOP,), _products),
    "alliance.getOrderList": ((SHOP,), _looked_up),
    "buyin.instituteOrderMCN": ((MCN,), _MCN_ORDERS),
    "buyin.instituteOrderColonel": ((COLONEL,), _COLONEL_ORDERS),
    "buyin.instituteOrderAds": (_ALL, _for_douke),
    "buyin.institutionInfo": ((MCN, COLONEL), _institution),
}
ADAPTER = Buyin()
