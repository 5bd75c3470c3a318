"""京东: the endpoints a POP shop's records come from, over the world.

Source: platform notes jd.md sections 4 to 6; pre-sales and the list of services, which are not in
the notes, as the platform's own SDK has them. There is no settlement API for POP shops.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta

import orjson

from pipelines.sandbox.adapter import Account, Adapter, Answer, Outside, Request
from pipelines.sandbox.adapters import jd_gateway as gateway
from pipelines.sandbox.adapters import jd_goods, jd_services
from pipelines.sandbox.adapters.jd_orders import order_listing
from pipelines.sandbox.adapters.jd_words import clock_of, whole
from pipelines.sandbox.listing import Listing, page_of

_MONTH, _QUARTER = timedelta(days=31), timedelta(days=93)
_DAY = 86_400
_MOST_PAGES, _LARGEST = 300, 100
_TOTALS = re.compile(rb'"(orderTotal|totalCount|totalItem)":"?\d+"?')

Endpoint = Callable[[gateway.Call, Outside], Answer]


class Jd(Adapter):
    """京东's open platform, as a POP merchant sees it."""

    channel = "jd"
    record_lists = ("orderInfoList", "result", "data")
    flipped_field = "orderStartTime"
    untold = (
        # A list price: orders and SKUs know the page's price alone.
        "list_amt", "discount_rate",
        # Settlement: there is no API for shops in China, only an export.
        "settle_income_amt", "settle_fee_amt", "settle_amt", "subsidy_in_amt",
        "post_settle_refund_amt", "platform_fee_amt", "settle_fee_rate", "settle_cycle_d",
    )  # fmt: skip

    def owns(self, request: Request) -> bool:
        """The router; of logins those with an app_key, for other platforms have the same path."""
        if request.path.startswith(gateway.LOGIN):
            return "app_key" in gateway.parameters(request)
        return request.path == gateway.ROUTER

    def method(self, request: Request) -> str:
        """The dotted method."""
        return gateway.parameters(request).get("method") or request.path.strip("/")

    def accounts(self, outside: Outside) -> list[Account]:
        """The shops, all with the one app; the platform's id is the merchant's (商家编号)."""
        key, secret = gateway.app_of(outside)
        return [
            Account(
                shop_key=shop,
                channel=self.channel,
                kind="shop",
                name=row["name"],
                platform_shop_id=row["platform_shop_id"],
                parent_shop_key=None,
                settings={},
                credentials={
                    "app_key": key, "app_secret": secret, "code": gateway.code_of(shop, outside),
                },
            )
            for shop, row in gateway.shops(outside).items()
        ]  # fmt: skip

    def answer(self, request: Request, outside: Outside) -> Answer:
        """Check and render."""
        if request.path.startswith(gateway.LOGIN):
            return gateway.token_call(request, outside)
        call = gateway.admitted(request, outside)
        if isinstance(call, Answer):
            return call
        endpoint = _ENDPOINTS.get(call.method)
        return gateway.refused(gateway.METHOD) if endpoint is None else endpoint(call, outside)

    def endless(self, body: bytes) -> bytes:
        """A total that no page reaches."""
        return _TOTALS.sub(rb'"\1":99999999', body, count=1)

    def fault(self, kind: str, request: Request) -> Answer | None:
        """In the words of jd.md section 5."""
        refusals = {
            "rate_limited": gateway.LIMITED,
            "token_dead": gateway.EXPIRED,
            "busy": gateway.TIMED_OUT,
        }
        if request.path.startswith(gateway.LOGIN) and kind == "token_dead":
            return None
        return gateway.refused(refusals[kind]) if kind in refusals else None


def _listing(outside: Outside, name: str, make: Callable[..., Listing], *by: object) -> Listing:
    """A shop's listing; the first of ``by`` is the shop."""
    shop, *rest = by
    return outside.rendered(
        ("jd", name, *by), lambda: make(outside.frames, shop, outside.now(), *rest)
    )


def _window(call: gateway.Call, first: str, last: str) -> tuple[int | None, int | None]:
    return clock_of(call.params.get(first)), clock_of(call.params.get(last))


# --- orders -----------------------------------------------------------------------------------


def _api_result(words: str = "") -> bytes:
    said = {
        "success": not words,
        "numberCode": 10100018 if words else 0,
        "englishErrCode": "param error" if words else "",
        "chineseErrCode": words,
    }
    return b'"apiResult":' + orjson.dumps(said)


def _search_orders(call: gateway.Call, outside: Outside) -> Answer:
    asked = call.params
    by = "created_at" if whole(asked.get("dateType"), 0) == 1 else "modified"
    start, end = _window(call, "start_date", "end_date")
    page, size = whole(asked.get("page"), 0), whole(asked.get("page_size"), 0)
    problem = _problem_of_orders(start, end, page, size)
    oldest = (outside.now() - _QUARTER).timestamp()
    if by == "modified" and start is not None and start < oldest:
        problem = "按修改时间只能查询三个月内的订单"
    if problem:
        failed = b'"searchorderinfo_result":{' + _api_result(problem) + b"}"
        return call.granted(failed)
    listing = _listing(outside, "orders", order_listing, call.shop, by, _wanted(call))
    positions = _of_states(listing, listing.window(start, end), str(asked.get("order_state", "")))
    if whole(asked.get("sortType"), 0) == 1:
        positions = positions[::-1]
    total = str(len(positions))
    if call.method.endswith(".search"):
        total = f'"{total}"'  # this one says it as text
    head = b'"searchorderinfo_result":{' + _api_result() + f',"orderTotal":{total},'.encode()
    inside = listing.page(page_of(positions, page - 1, size))
    return call.granted(head + b'"orderInfoList":[' + inside + b"]}")


def _problem_of_orders(start: int | None, end: int | None, page: int, size: int) -> str:
    if start is None or end is None:
        return "开始时间和结束时间必填"
    if not start < end <= start + _MONTH.total_seconds():
        return "时间间隔不能大于一个月"
    if not (1 <= page <= _MOST_PAGES and 1 <= size <= _LARGEST):
        return "页码或每页条数超出范围"
    return ""


def _wanted(call: gateway.Call) -> frozenset[str]:
    return frozenset(str(call.params.get("optional_fields", "")).replace(" ", "").split(","))


def _of_states(listing: Listing, positions: Sequence[int], states: str) -> Sequence[int]:
    """Those in one of the states that were asked for; all states are most often."""
    asked = {each.strip().encode() for each in states.split(",") if each.strip()}
    if not asked or b"ALL" in asked or len(asked) >= len(_STATES):
        return positions
    marks = tuple(b'"orderState":"' + each + b'"' for each in asked)
    return [each for each in positions if any(mark in listing.records[each] for mark in marks)]


def _get_order(call: gateway.Call, outside: Outside) -> Answer:
    listing = _listing(outside, "orders", order_listing, call.shop, "modified", _wanted(call))
    wanted = str(call.params.get("order_id", ""))
    if wanted not in listing.ids:
        return call.granted(b'"orderDetailInfo":{' + _api_result("订单不存在") + b"}")
    record = listing.records[listing.ids.index(wanted)]
    return call.granted(b'"orderDetailInfo":{' + _api_result() + b',"orderInfo":' + record + b"}")


_STATES = (
    "NOT_PAY", "WAIT_SELLER_STOCK_OUT", "WAIT_SELLER_DELIVERY", "WAIT_GOODS_RECEIVE_CONFIRM",
    "FINISHED_L", "TRADE_CANCELED", "LOCKED", "POP_ORDER_PAUSE", "PAUSE", "DELIVERY_RETURN",
    "WAIT_SEND_CODE",
)  # fmt: skip


def _presales(call: gateway.Call, outside: Outside) -> Answer:
    listing = _listing(outside, "presales", jd_goods.presale_listing, call.shop)
    positions = listing.window(*_window(call, "startTime", "endTime"))
    first = whole(call.params.get("beginIndex"), 0)
    count = whole(call.params.get("endIndex"), 10)
    inside = listing.page(positions[first : first + count])
    return call.granted(b'"returnType":{"code":"0","detail":"","data":[' + inside + b"]}")


# --- after-sales ------------------------------------------------------------------------------


def _page_result(call: gateway.Call, listing: Listing, positions: Sequence[int]) -> Answer:
    """A page of what 商家售后 lists, 1 to 50 rows."""
    page, size = whole(call.params.get("pageNumber"), 1), whole(call.params.get("pageSize"), 10)
    if page < 1 or not 1 <= size <= 50:
        return _refused_page(call, "pageSize必须在1到50之间")
    said = {"success": True, "code": "00000", "msg": "成功", "pageNumber": page, "pageSize": size}
    head = orjson.dumps({**said, "totalCount": len(positions)})[:-1]
    inside = listing.page(page_of(positions, page - 1, size))
    return call.granted(b'"pageResult":' + head + b',"data":[' + inside + b"]}")


def _refused_page(call: gateway.Call, words: str) -> Answer:
    said = {"success": False, "code": "00001", "msg": words, "totalCount": 0, "data": []}
    return call.granted(b'"pageResult":' + orjson.dumps(said))


def _services(call: gateway.Call, outside: Outside) -> Answer:
    if str(call.params.get("buId")) != gateway.shops(outside)[call.shop]["platform_shop_id"]:
        return _refused_page(call, "buId不是授权商家")
    prefix, by = (
        ("updateTime", "updated_at")
        if "updateTimeBegin" in call.params
        else ("applyTime", "applied_at")
    )
    start, end = _window(call, f"{prefix}Begin", f"{prefix}End")
    if start is None or end is None or not start < end <= start + 7 * _DAY:
        return _refused_page(call, "时间间隔不能大于7天")
    listing = _listing(outside, "services", jd_services.service_listing, call.shop, by)
    return _page_result(call, listing, listing.window(start, end))


def _service_refunds(call: gateway.Call, outside: Outside) -> Answer:
    approved = "approveTimeBegin" in call.params
    prefix, by, days = (
        ("approveTime", "handled_at", 10) if approved else ("applyTime", "applied_at", 7)
    )
    listing = _listing(outside, "refunds", jd_services.refund_listing, call.shop, by)
    order = str(call.params.get("orderId") or "")
    start, end = _window(call, f"{prefix}Begin", f"{prefix}End")
    if not order and (start is None or end is None or not start < end <= start + days * _DAY):
        return _refused_page(call, f"时间间隔不能大于{days}天")
    positions = listing.window(start, end)
    if order:
        places = outside.rendered(
            ("jd", "refunds of orders", call.shop, by), lambda: _places(listing)
        )
        positions = [each for each in places.get(order, ()) if each in positions]
    return _page_result(call, listing, positions)


def _places(listing: Listing) -> dict[str, list[int]]:
    """Positions of each id, where one id has several records."""
    found = defaultdict(list)
    for position, name in enumerate(listing.ids):
        found[name].append(position)
    return found


def _service_amount(call: gateway.Call, outside: Outside) -> Answer:
    told = outside.rendered(
        ("jd", "amounts", call.shop),
        lambda: jd_services.refund_amounts(outside.frames, call.shop, outside.now()),
    ).get(str(call.params.get("afsServiceId", "")))
    if told is None:
        failed = {"success": False, "errorCode": "404", "errorMsg": "服务单不存在", "data": None}
        return call.granted(b'"result":' + orjson.dumps(failed))
    return call.granted(b'"result":{"success":true,"errorCode":"200","data":' + told + b"}")


def _refund_applies(call: gateway.Call, outside: Outside) -> Answer:
    checked = "checkTimeStart" in call.params
    prefix, by = ("checkTime", "handled_at") if checked else ("applyTime", "applied_at")
    page, size = whole(call.params.get("pageIndex"), 1), whole(call.params.get("pageSize"), 10)
    if not (1 <= page <= 100 and 1 <= size <= 50):
        failed = {"success": False, "errorCode": "400", "errorMessage": "分页参数错误"}
        return call.granted(b'"queryResult":' + orjson.dumps(failed))
    listing = _listing(outside, "refund applies", jd_services.refund_apply_listing, call.shop, by)
    positions = listing.window(*_window(call, f"{prefix}Start", f"{prefix}End"))
    head = f'"queryResult":{{"success":true,"totalCount":{len(positions)},"result":['.encode()
    return call.granted(head + listing.page(page_of(positions, page - 1, size)) + b"]}")


# --- goods and the shop -----------------------------------------------------------------------


def _goods(call: gateway.Call, listing: Listing, positions: Sequence[int], size: int) -> Answer:
    page = whole(call.params.get("pageNo"), 1)
    said = {"pageNo": page, "pageSize": size, "totalItem": len(positions)}
    inside = listing.page(page_of(positions, page - 1, size))
    return call.granted(b'"page":' + orjson.dumps(said)[:-1] + b',"data":[' + inside + b"]}")


def _wares(call: gateway.Call, outside: Outside) -> Answer:
    listing = _listing(outside, "wares", jd_goods.ware_listing, call.shop)
    start, end = (
        whole(call.params.get(name), 0) // 1000 or None
        for name in ("startModifiedTime", "endModifiedTime")
    )
    return _goods(call, listing, listing.window(start, end), whole(call.params.get("pageSize"), 20))


def _skus(call: gateway.Call, outside: Outside) -> Answer:
    listing = _listing(outside, "skus", jd_goods.sku_listing, call.shop)
    return _goods(
        call, listing, listing.window(None, None), whole(call.params.get("page_size"), 20)
    )


def _shop(call: gateway.Call, outside: Outside) -> Answer:
    row = gateway.shops(outside)[call.shop]
    said = {
        "vender_id": int(row["platform_shop_id"]),
        "shop_id": int(row["platform_shop_id"]) + 10_000_000,
        "shop_name": row["name"],
        "open_time": int(row["opened_at"].timestamp()) * 1000,
        "logo_url": "https://example.invalid/logo.png",
        "brief": "",
        "category_main": 1315,
        "category_main_name": "教育培训",
    }
    return call.granted(b'"shop_jos_result":' + orjson.dumps(said))


def _vender(call: gateway.Call, outside: Outside) -> Answer:
    row = gateway.shops(outside)[call.shop]
    said = {
        "vender_id": int(row["platform_shop_id"]),
        "shop_id": int(row["platform_shop_id"]) + 10_000_000,
        "shop_name": row["name"],
        "col_type": 0,
        "category_main": 1315,
    }
    return call.granted(b'"vender_info_result":' + orjson.dumps(said))


_ENDPOINTS: dict[str, Endpoint] = {
    "jingdong.pop.order.search": _search_orders,
    "jingdong.pop.order.enSearch": _search_orders,
    "jingdong.pop.order.get": _get_order,
    "jingdong.pop.order.enGet": _get_order,
    "jingdong.presale.order.updateOrder.getPresaleOrderByPage": _presales,
    "jingdong.asc.query.list": _services,
    "jingdong.asc.serviceAndRefund.view": _service_refunds,
    "jingdong.b2c.shop.aftersales.refund.get": _service_amount,
    "jingdong.pop.afs.soa.refundapply.queryPageList": _refund_applies,
    "jingdong.ware.read.searchWare4Valid": _wares,
    "jingdong.sku.read.searchSkuList": _skus,
    "jingdong.vender.shop.query": _shop,
    "jingdong.seller.vender.info.get": _vender,
}
ADAPTER = Jd()
