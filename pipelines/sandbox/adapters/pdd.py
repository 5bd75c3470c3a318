"""拼多多: the endpoints a mall's records come from, over the world.

Data flow: parameters of query and body -> ``pdd_gateway`` (signature, token) -> rows of the world
at the clock in the platform's words -> a page of them. Source: platform notes pdd.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import orjson

from pipelines.sandbox.adapter import Account, Adapter, Answer, Outside, Request
from pipelines.sandbox.adapters import pdd_ads as ads
from pipelines.sandbox.adapters import pdd_gateway as gateway
from pipelines.sandbox.adapters import pdd_services as services
from pipelines.sandbox.adapters.pdd_bills import bill_file, bill_files
from pipelines.sandbox.adapters.pdd_gateway import Call, Refused, granted
from pipelines.sandbox.adapters.pdd_orders import order_listing
from pipelines.sandbox.listing import Listing, page_of

_FILES = "/pdd-bills/"
_HALF_HOUR, _DAY = timedelta(minutes=30), timedelta(hours=24)
_LARGEST = 100
_FAULTS = {"rate_limited": 70031, "busy": 50000, "token_dead": 10019}
Endpoint = Callable[[Call, Outside], Answer]


class Pdd(Adapter):
    """拼多多's gateway, and the address of its account files."""

    channel = "pdd"
    record_lists = (
        "order_list", "order_sn_list", "refund_list", "goods_list", "logistics_companies",
        "dailyReportList", "entityReportList",
    )  # fmt: skip
    flipped_field = "created_time"
    tells_once_paid = True
    untold = (
        # No stable id of a buyer, in no API.
        "pay_buyer_uv", "avg_buyer_value", "new_buyer_uv", "old_buyer_uv", "new_buyer_pay_amt",
        "new_buyer_pay_share",
        # When the shop first acted on an after-sale.
        "aftersale_first_h",
        # Which part of the spend was cash.
        "ad_cash_spend_amt", "ad_fee_rate_net",
    )  # fmt: skip

    def owns(self, request: Request) -> bool:
        """The router and the files."""
        return request.path == gateway.ROUTER or request.path.startswith(_FILES)

    def method(self, request: Request) -> str:
        """The parameter ``type``."""
        if request.path.startswith(_FILES):
            return "file"
        return gateway.parameters(request).get("type", "")

    def accounts(self, outside: Outside) -> list[Account]:
        """The malls, all with the one app."""
        return [
            Account(
                shop_key=mall.shop,
                channel=self.channel,
                kind="shop",
                name=mall.name,
                platform_shop_id=mall.mall_id,
                parent_shop_key=None,
                settings={},
                credentials=gateway.credentials(mall.shop, outside),
            )
            for mall in gateway.malls(outside).values()
        ]

    def answer(self, request: Request, outside: Outside) -> Answer:
        """Check and render."""
        if request.path.startswith(_FILES):
            return _file(request, outside)
        try:
            call = gateway.admitted(request, outside)
            if isinstance(call, Answer):
                return call
            return _ENDPOINTS.get(call.method, _unknown)(call, outside)
        except Refused as refusal:
            return refusal.answer

    def endless(self, body: bytes) -> bytes:
        """A total that no page reaches."""
        return re.sub(rb'"(total(?:_count)?)":\d+', rb'"\1":99999999', body, count=1)

    def fault(self, kind: str, request: Request) -> Answer | None:
        """In the words of pdd.md section 5; a file needs no token, nor does getting one."""
        method = self.method(request)
        needs_none = method == "file" or method in (gateway.CREATE, gateway.REFRESH)
        if kind not in _FAULTS or (kind == "token_dead" and needs_none):
            return None
        return Refused(_FAULTS[kind]).answer


def _unknown(call: Call, outside: Outside) -> Answer:
    del outside
    raise Refused(10017, f"type错误:{call.method}")


def _window(call: Call, by: str, widest: timedelta) -> tuple[int, int]:
    start, end = call.whole(f"start_{by}"), call.whole(f"end_{by}")
    if end - start > widest.total_seconds():
        hours = f"{widest // timedelta(minutes=1)}分钟"
        raise Refused(50001, f"时间跨度不能超过{hours}")
    return start, end


def _page(call: Call, root: str, name: str, listing: Listing, positions: Sequence[int]) -> Answer:
    """A numbered page; with use_has_next it says whether there is another in place of a total."""
    number, size = call.whole("page", 1), call.whole("page_size", _LARGEST)
    if number < 1 or not 1 <= size <= _LARGEST:
        raise Refused(10000, "page从1开始，page_size不超过100")
    records = listing.page(page_of(positions, number - 1, size))
    more = "true" if number * size < len(positions) else "false"
    total = "" if call.params.get("use_has_next") == "true" else f'"total_count":{len(positions)},'
    inside = b'"%b":[%b],%b"has_next":%b'
    return granted(root, inside % (name.encode(), records, total.encode(), more.encode()))


def _orders(by: str, window: str, widest: timedelta, root: str, name: str) -> Endpoint:
    def endpoint(call: Call, outside: Outside) -> Answer:
        start, end = _window(call, window, widest)
        shop = call.mall.shop
        listing = outside.rendered(
            ("pdd orders", shop, by),
            lambda: order_listing(outside.frames, shop, outside.now(), by),
        )
        return _page(call, root, name, listing, listing.window(start, end)[::-1])

    return endpoint


def _order(call: Call, outside: Outside) -> Answer:
    shop, wanted = call.mall.shop, call.params.get("order_sn", "")

    def by_id() -> dict[str, bytes]:
        listing = order_listing(outside.frames, shop, outside.now(), "updated_at")
        return dict(zip(listing.ids, listing.records, strict=True))

    found = outside.rendered(("pdd orders by id", shop), by_id).get(wanted)
    if found is None:
        raise Refused(50001, "订单不存在")
    return granted("order_info_get_response", b'"order_info":' + found)


def _refunds(call: Call, outside: Outside) -> Answer:
    kind, status = call.whole("after_sales_type"), call.whole("after_sales_status")
    root, shop, order = "refund_increment_get_response", call.mall.shop, call.params.get("order_sn")
    if order:
        by_order = outside.rendered(
            ("pdd refunds by order", shop),
            lambda: services.refunds_by_order(outside.frames, shop, outside.now()),
        )
        found = by_order.get(order, [])
        inside = b'"refund_list":[%b],"total_count":%d' % (b",".join(found), len(found))
        return granted(root, inside)
    start, end = _window(call, "updated_at", _HALF_HOUR)
    listing = outside.rendered(
        ("pdd refunds", shop, kind, status),
        lambda: services.refund_listing(outside.frames, shop, outside.now(), kind, status),
    )
    return _page(call, root, "refund_list", listing, listing.window(start, end)[::-1])


def _goods(call: Call, outside: Outside) -> Answer:
    shop = call.mall.shop
    listing = outside.rendered(
        ("pdd goods", shop), lambda: services.goods_listing(outside.frames, shop, outside.now())
    )
    every = listing.window(None, None)
    return _page(call, "goods_list_get_response", "goods_list", listing, every)


def _goods_detail(call: Call, outside: Outside) -> Answer:
    shop = call.mall.shop
    details = outside.rendered(
        ("pdd goods details", shop),
        lambda: services.goods_details(outside.frames, shop, outside.now()),
    )
    found = details.get(call.params.get("goods_id", ""))
    if found is None:
        raise Refused(50001, "商品不存在")
    return granted("goods_detail_get_response", found)


def _trace(call: Call, outside: Outside) -> Answer:
    shop = call.mall.shop
    known = outside.rendered(
        ("pdd traces", shop), lambda: services.traces(outside.frames, shop, outside.now())
    )
    codes = [each["code"] for each in services.COMPANIES]
    found = known.get(call.params.get("mail_no", ""))
    if found is None or call.params.get("company_code") not in codes:
        raise Refused(50001, "运单不存在")
    return granted("logistics_ordertrace_get_resposne", found)


def _companies(call: Call, outside: Outside) -> Answer:
    del call, outside
    inside = b'"logistics_companies":' + orjson.dumps(services.COMPANIES)
    return granted("logistics_companies_get_response", inside)


def _mall(call: Call, outside: Outside) -> Answer:
    del outside
    told = {
        "mall_id": int(call.mall.mall_id),
        "mall_name": call.mall.name,
        "mall_desc": "",
        "logo": "",
        "merchant_type": 3,
        "mall_character": 0,
    }
    return granted("mall_info_get_response", orjson.dumps(told)[1:-1])


def _bill_url(call: Call, outside: Outside) -> Answer:
    """An address that works without a token, for who knows its mark."""
    try:
        day = date.fromisoformat(call.params.get("bill_date", ""))
    except ValueError:
        raise Refused(10000, "bill_date格式错误") from None
    if day > outside.now().date():
        raise Refused(50001, "账单未生成")
    mark = _mark(call.mall.shop, str(day), outside)
    url = f"https://download.pinduoduo.invalid{_FILES}{call.mall.shop}/{day}.csv?sign={mark}"
    inside = orjson.dumps({"download_url": url})[1:-1]
    return granted("finance_balance_daily_bill_url_get_response", inside)


def _mark(shop: str, day: str, outside: Outside) -> str:
    return hashlib.sha256(outside.secret("pdd bills", shop, day).encode()).hexdigest()[:24]


def _file(request: Request, outside: Outside) -> Answer:
    shop, _, day = request.path.removeprefix(_FILES).removesuffix(".csv").partition("/")
    if shop not in gateway.malls(outside) or request.query.get("sign") != _mark(shop, day, outside):
        return Answer(b"<html>403 Forbidden</html>", 403, {"content-type": "text/html"})
    files = outside.rendered(
        ("pdd bills", shop), lambda: bill_files(outside.frames, shop, outside.now())
    )
    on = date.fromisoformat(day)
    body = files.get(on) or bill_file(on, [])
    return Answer(body, 200, {"content-type": "text/csv;charset=gb18030"})


def _ads(report: Callable[..., Answer]) -> Endpoint:
    def endpoint(call: Call, outside: Outside) -> Answer:
        figures = outside.rendered(
            ("pdd ads",), lambda: ads.ad_figures(outside.frames, outside.now())
        )
        return report(call, figures, outside.now().date())

    return endpoint


_ENDPOINTS: dict[str, Endpoint] = {
    "pdd.order.list.get": _orders(
        "confirmed_at", "confirm_at", _DAY, "order_list_get_response", "order_list"
    ),
    "pdd.order.number.list.increment.get": _orders(
        "updated_at", "updated_at", _HALF_HOUR, "order_sn_increment_get_response", "order_sn_list"
    ),
    "pdd.order.information.get": _order,
    "pdd.refund.list.increment.get": _refunds,
    "pdd.goods.list.get": _goods,
    "pdd.goods.detail.get": _goods_detail,
    "pdd.logistics.ordertrace.get": _trace,
    "pdd.logistics.companies.get": _companies,
    "pdd.mall.info.get": _mall,
    "pdd.finance.balance.daily.bill.url.get": _bill_url,
    "pdd.ad.api.report.daily.report.query": _ads(ads.daily),
    "pdd.ad.api.report.entity.report.query": _ads(ads.entities),
    "pdd.ad.api.plan.query.list": lambda call, outside: ads.plans(call, outside.frames),
}
ADAPTER = Pdd()
