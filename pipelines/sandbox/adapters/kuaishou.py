"""快手小店: the endpoints a shop's records come from, over the world.

What the platform has no field for: how many pieces of an order lie in which parcel, when a parcel
was signed, what of a refund is freight, and live sessions with a start and an end.
Source: platform notes kuaishou.md sections 4 to 6, the npm client's typed declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from pipelines.sandbox.adapter import Account, Adapter, Answer, Outside, Request
from pipelines.sandbox.adapters import kuaishou_gateway as gateway
from pipelines.sandbox.adapters.kuaishou_bills import bill_listing, late_refund_listing
from pipelines.sandbox.adapters.kuaishou_commissions import cps_listing
from pipelines.sandbox.adapters.kuaishou_fees import fee_details
from pipelines.sandbox.adapters.kuaishou_gateway import Call, bad, granted
from pipelines.sandbox.adapters.kuaishou_items import item_records
from pipelines.sandbox.adapters.kuaishou_orders import order_details, order_listing
from pipelines.sandbox.adapters.kuaishou_refunds import refund_details, refund_listing
from pipelines.sandbox.listing import Listing, page_from

_HORIZON = timedelta(days=90)
_DAY, _WEEK = 86_400_000, 7 * 86_400_000  # milliseconds
_STATUS_OF_VIEW = {1: None, 2: 10, 3: 30, 4: 40, 5: 50, 6: 70, 7: 80}
_ENDS = (b'"nomore"', b'"no_more"')

Endpoint = Callable[[Call, Outside], Answer]


class Kuaishou(Adapter):
    """快手's merchant API."""

    channel = "kuaishou"
    record_lists = (
        "orderList", "refundOrderInfoList", "cpsOrderList", "orders", "record", "items",
    )  # fmt: skip
    flipped_field = "createTime"
    untold = (
        # When a room began and ended, and how many came: only which room an order is from.
        "live_session_cnt", "live_dur_h", "live_view_pv", "live_pay_amt", "live_pay_amt_w30",
        "live_self_pay_amt", "live_refund_amt", "live_ad_spend_amt", "live_net_pay_amt",
        "live_hour_amt", "live_refund_rate", "live_self_share", "live_room_roi", "live_gpm",
    )  # fmt: skip

    def owns(self, request: Request) -> bool:
        """Paths of the merchant API; a login is told from other platforms' by the app's name."""
        if request.path.startswith("/oauth2/"):
            return gateway.parameters(request).get("app_id", "").startswith("ks")
        return request.path.startswith("/open/")

    def method(self, request: Request) -> str:
        """The dotted method."""
        return request.path.strip("/").replace("/", ".")

    def accounts(self, outside: Outside) -> list[Account]:
        """The shops, all with the one app."""
        return [
            Account(
                shop_key=key,
                channel=self.channel,
                kind="shop",
                name=shop["name"],
                platform_shop_id=shop["platform_shop_id"],
                parent_shop_key=None,
                settings={},
                credentials=gateway.credentials(key, outside),
            )
            for key, shop in gateway.shops(outside).items()
        ]

    def answer(self, request: Request, outside: Outside) -> Answer:
        """Check and render."""
        try:
            if request.path.startswith("/oauth2/"):
                return gateway.token_call(request, outside)
            call = gateway.admitted(request, outside)
            return _ENDPOINTS.get(self.method(request), _unknown)(call, outside)
        except gateway.Refused as refusal:
            return refusal.answer

    def endless(self, body: bytes) -> bytes:
        """A cursor that comes again, or a total that no page reaches."""
        for end in _ENDS:
            body = body.replace(end, b'"0"', 1)
        return body.replace(b'"totalItemCount":', b'"totalItemCount":9999999', 1)

    def fault(self, kind: str, request: Request) -> Answer | None:
        """In the words of kuaishou.md section 5."""
        if kind == "rate_limited":
            return gateway.limited(self.method(request)).answer
        if kind == "token_dead" and not request.path.startswith("/oauth2/"):
            return gateway.Refused(*gateway.EXPIRED).answer
        return gateway.Refused(*gateway.BUSY).answer if kind == "busy" else None


def _unknown(call: Call, outside: Outside) -> Answer:
    del call, outside
    raise bad("API不存在")


def _by(call: Call, created: str = "created_at") -> str:
    """The time that a list is asked by; creation is the platform's default."""
    times = {1: created, 2: "updated_at"}
    kind = call.whole("queryType", 1)
    if kind not in times:
        raise bad("queryType无效")
    return times[kind]


def _orders_asked(call: Call) -> tuple[Any, ...]:
    view = call.whole("orderViewStatus")
    if view not in _STATUS_OF_VIEW:
        raise bad("orderViewStatus无效")
    return _by(call), _STATUS_OF_VIEW[view]


def _refunds_asked(call: Call) -> tuple[Any, ...]:
    if call.whole("type") not in (8, 9):
        raise bad("type无效", 300_002)
    option = call.asked.get("option")
    wanted = isinstance(option, dict) and option.get("needExchange") is True
    return _by(call, "applied_at"), wanted


@dataclass(frozen=True)
class _Paged:
    """A list in a window of time, read by a cursor.

    Attributes:
        render: (frames, shop, clock, what was chosen) -> the list.
        records: What the answer calls them.
        longest: Of a window, milliseconds.
        most: Rows a page.
        chosen: What of the parameters makes it another list.
        window: What begin and end are called.
        size: What the page's size is called, and its default.
        cursor: What the cursor is called, and what says that there is no more.
        sorts: Whether it can be asked newest first, and is by default.
        numbered: Whether a page has a number beside its cursor.
        too_wide: The number of a window that is too wide.
    """

    render: Callable[..., Listing]
    records: str
    longest: int
    most: int
    chosen: Callable[[Call], tuple[Any, ...]] = lambda _: ()
    window: tuple[str, str] = ("beginTime", "endTime")
    size: tuple[str, int | None] = ("pageSize", None)
    cursor: tuple[str, str] = ("pcursor", "nomore")
    sorts: bool = True
    numbered: bool = False
    too_wide: int = 2001

    def __call__(self, call: Call, outside: Outside) -> Answer:
        """One page."""
        begin, end = self._window(call, outside)
        size = call.whole(*self.size)
        if not 1 <= size <= self.most:
            raise bad(f"{self.size[0]}无效")
        chosen = self.chosen(call)
        listing = outside.rendered(
            ("kuaishou", self.records, call.shop, *chosen),
            lambda: self.render(outside.frames, call.shop, outside.now(), *chosen),
        )
        # An end is inside (unconfirmed); records have whole seconds.
        positions = listing.window(-(-begin // 1000), end // 1000 + 1)
        start = self._place(call)
        if self.sorts and call.whole("sort", 1) == 1:
            backwards = list(reversed(positions))
            shown: Sequence[int] = backwards[start : start + size]
            following = start + size if start + size < len(backwards) else None
        else:
            shown, following = page_from(positions, start, size)
        name, none = self.cursor
        after = none if following is None else str(following)
        told: dict[str, Any] = {name: after, "pageSize": size, "beginTime": begin, "endTime": end}
        if self.numbered:
            page = call.whole("currentPage")
            # True on the first page alone.
            told |= {
                "currentPage": page if page == 1 else 0,
                "totalPage": -(-len(positions) // size) if page == 1 else 0,
                "totalSize": len(positions),
            }
        head = orjson.dumps(told)[:-1]
        return granted(b'%b,"%b":[%b]}' % (head, self.records.encode(), listing.page(shown)))

    def _window(self, call: Call, outside: Outside) -> tuple[int, int]:
        """Begin and end in milliseconds."""
        names = self.window
        begin, end = (call.whole(name) for name in names)
        if end < begin:
            raise bad(f"{names[1]}无效")
        if end - begin > self.longest:
            raise bad("查询时间范围超过限制", self.too_wide)
        if begin < int((outside.now() - _HORIZON).timestamp()) * 1000:
            raise bad(f"{names[0]}无效，只能查询最近90天")
        return begin, end

    def _place(self, call: Call) -> int:
        """Where a page begins."""
        cursor = str(call.asked.get(self.cursor[0]) or "0")
        if not cursor.isdigit():
            raise bad(f"{self.cursor[0]}无效")
        return int(cursor)


def _detail(make: Callable[..., dict[str, bytes]], name: str, words: str, code: int) -> Endpoint:
    """An endpoint that answers for one id."""

    def endpoint(call: Call, outside: Outside) -> Answer:
        records = outside.rendered(
            ("kuaishou", make, call.shop),
            lambda: make(outside.frames, call.shop, outside.now()),
        )
        found = records.get(str(call.whole(name)))
        if found is None:
            raise bad(words, code)
        return granted(found)

    return endpoint


def _items(call: Call, outside: Outside) -> Answer:
    """open.item.list.get: numbered pages from 1, in no order that time knows."""
    page = call.whole("pageNumber", 1)
    size = min(max(call.whole("pageSize", 100), 10), 100)
    if page < 1:
        raise bad("pageNumber无效")
    on_shelf = call.asked.get("onOfflineStatus") == 1
    items = outside.rendered(
        ("kuaishou items", call.shop, on_shelf),
        lambda: item_records(outside.frames, call.shop, outside.now(), on_shelf=on_shelf),
    )
    shown = items[(page - 1) * size : page * size]
    told = {
        "totalItemCount": len(items),
        "currentPageItemCount": len(shown),
        "currentPageNumber": page,
        "totalPage": -(-len(items) // size),
    }
    return granted(orjson.dumps(told)[:-1] + b',"items":[' + b",".join(shown) + b"]}")


def _seller(call: Call, outside: Outside) -> Answer:
    shop = gateway.shops(outside)[call.shop]
    told = {
        "name": shop["name"],
        "sex": "U",
        "head": "",
        "bigHead": "",
        "sellerId": int(shop["platform_shop_id"]),
        "openId": gateway.open_id("seller", call.shop),
    }
    return granted(orjson.dumps(told))


def _shop_info(call: Call, outside: Outside) -> Answer:
    told = {
        "shopName": gateway.shops(outside)[call.shop]["name"],
        "shopType": 3,
        "shopScoreInfo": {
            "shopExpScoreStr": "4.80",
            "productQualityScoreStr": "4.81",
            "contentQualifyScoreStr": "4.75",
            "customerServiceScoreStr": "4.90",
            "logisticsServiceScoreStr": "4.78",
            "afterSalesServiceScoreStr": "4.66",
        },
    }
    return granted(orjson.dumps(told))


_ENDPOINTS: Mapping[str, Endpoint] = {
    "open.order.cursor.list": _Paged(
        order_listing, "orderList", _WEEK, 50, _orders_asked, cursor=("cursor", "nomore")
    ),
    "open.order.detail": _detail(order_details, "oid", "订单不存在", 2001),
    "open.seller.order.fee.detail": _detail(fee_details, "orderId", "订单不存在", 2001),
    "open.seller.order.refund.pcursor.list": _Paged(
        refund_listing, "refundOrderInfoList", _DAY, 100, _refunds_asked, numbered=True,
        too_wide=300_004,
    ),
    "open.seller.order.refund.detail": _detail(
        refund_details, "refundId", "REFUND ORDER NOT FOUND", 300_011
    ),
    "open.seller.order.cps.list": _Paged(
        cps_listing, "cpsOrderList", _DAY, 80, lambda call: (_by(call, "paid_at"),), numbered=True
    ),
    "open.funds.financial.settled.bill.detail": _Paged(
        bill_listing, "orders", _WEEK, 100, sorts=False, size=("size", 10),
        window=("settlementStartTime", "settlementEndTime"), cursor=("cursor", "no_more"),
    ),
    "open.funds.financial.bill.post.sales.list": _Paged(
        late_refund_listing, "record", _WEEK, 100, sorts=False, size=("size", 100),
        window=("startTime", "endTime"), cursor=("cursor", "no_more"),
    ),
    "open.item.list.get": _items,
    "open.user.seller.get": _seller,
    "open.shop.info.get": _shop_info,
}  # fmt: skip
ADAPTER = Kuaishou()
