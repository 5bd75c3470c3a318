"""淘宝/天猫: the methods of TOP that a shop's records come from, over the world.

Lists are sorted by their time, newest first, as TOP sorts trades; an empty list is an absent key.
Source: platform notes taobao.md sections 4 to 6; parameters and fields that they do not name are
of TOP's metadata (2023-10).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta

import orjson

from pipelines.sandbox.adapter import Account, Adapter, Answer, Outside, Request
from pipelines.sandbox.adapters import taobao_bills as bills
from pipelines.sandbox.adapters import taobao_gateway as gateway
from pipelines.sandbox.adapters import taobao_goods as goods
from pipelines.sandbox.adapters import taobao_parcels as parcels
from pipelines.sandbox.adapters import taobao_refunds as refunds
from pipelines.sandbox.adapters import taobao_trades as trades
from pipelines.sandbox.adapters.taobao_gateway import Call, Refused, missing, wrong
from pipelines.sandbox.adapters.taobao_views import shop_of
from pipelines.sandbox.listing import Listing, page_of

_DAY = 86_400
_HORIZON = timedelta(days=92)  # three months
_PAGES = range(1, 10**6)
_MOST_BILLS = 5_000
_MOST_ITEMS = 20_000
_MOST_SKUS_OF = 40
_FAULTS = {"rate_limited": gateway.LIMITED, "busy": gateway.BUSY, "token_dead": gateway.EXPIRED}
# The list's filter for what is not on sale; the shop's own choice is the default.
_OFF_SALE = ("", "for_shelved", "off_shelf")

Endpoint = Callable[[Call, Outside], Answer]


class Taobao(Adapter):
    """TOP, as a shop's app sees it."""

    channel = "taobao"
    record_lists = (
        "trade", "refund", "refund_message", "item", "sku", "bill", "account", "shipping",
    )  # fmt: skip
    flipped_field = "modified"

    def owns(self, request: Request) -> bool:
        """TOP has one path."""
        return request.path == gateway.PATH

    def method(self, request: Request) -> str:
        """The API's name, which is a parameter."""
        return gateway.params_of(request).get("method", "")

    def accounts(self, outside: Outside) -> list[Account]:
        """The shops, all with the one app."""
        key, secret = gateway.app_of(outside)
        shops = outside.frames["shops"]
        return [
            Account(
                shop_key=shop["shop_id"],
                channel=self.channel,
                kind="shop",
                name=shop["name"],
                platform_shop_id=shop["platform_shop_id"],
                parent_shop_key=None,
                settings={},
                credentials={
                    "app_key": key,
                    "app_secret": secret,
                    "refresh_token": gateway.first_refresh_token(shop["shop_id"], outside),
                },
            )
            for shop in shops.filter(shops["channel"] == self.channel).iter_rows(named=True)
        ]

    def answer(self, request: Request, outside: Outside) -> Answer:
        """Check and render."""
        try:
            call = gateway.admitted(request, outside)
            if call.method.startswith(gateway.AUTH):
                return gateway.token_call(call, outside)
            return _ENDPOINTS.get(call.method, _unknown)(call, outside)
        except Refused as refusal:
            return gateway.refused(refusal.refusal)

    def endless(self, body: bytes) -> bytes:
        """A total that no page reaches, or a next page without end."""
        body = re.sub(rb'"total_results":\d+', b'"total_results":99999999', body, count=1)
        return body.replace(b'"has_next":false', b'"has_next":true')

    def fault(self, kind: str, request: Request) -> Answer | None:
        """In the words of taobao.md section 5."""
        asks_for_token = self.method(request).startswith(gateway.AUTH)
        if kind not in _FAULTS or (kind == "token_dead" and asks_for_token):
            return None
        return gateway.refused(_FAULTS[kind])


def _unknown(call: Call, outside: Outside) -> Answer:
    raise Refused(gateway.METHOD)


def _listed(call: Call, outside: Outside, *key: object, make: Callable[[], Listing]) -> Listing:
    return outside.rendered(("taobao", call.shop, *key), make)


def _window(
    call: Call, outside: Outside, suffix: str, longest: int | None
) -> tuple[int | None, int | None]:
    """start_… and end_… of a list; both have to be there where the span is limited."""
    start, end = call.moment(f"start_{suffix}"), call.moment(f"end_{suffix}")
    if longest is not None:
        if start is None or end is None:
            raise Refused(missing(f"start_{suffix}" if start is None else f"end_{suffix}"))
        if not 0 < end - start <= longest:
            raise Refused(wrong(f"end_{suffix}"))
    if start is not None and start < (outside.now() - _HORIZON).timestamp():
        raise Refused(wrong(f"start_{suffix}"))
    return start, end


def _page(
    call: Call,
    listing: Listing,
    window: tuple[int | None, int | None],
    names: tuple[str, str],
    largest: int = 100,
) -> Answer:
    """A numbered page, newest first; with use_has_next without a total."""
    page = call.whole("page_no", 1, _PAGES)
    size = call.whole("page_size", 40, range(1, largest + 1))
    positions = list(listing.window(*window))[::-1]
    inside = listing.page(page_of(positions, page - 1, size))
    outer, inner = (each.encode() for each in names)
    records = b'"%b":{"%b":[%b]}' % (outer, inner, inside) if inside else b""
    if call.flag("use_has_next"):
        more = b'"has_next":' + (b"true" if page * size < len(positions) else b"false")
    else:
        more = b'"total_results":%d' % len(positions)
    return call.granted(b",".join(filter(None, (more, records))))


def _trades(suffix: str, by: str, longest: int | None) -> Endpoint:
    """A list of trades by one of their times."""

    def endpoint(call: Call, outside: Outside) -> Answer:
        names = call.fields() - trades.DETAIL_ONLY
        window = _window(call, outside, suffix, longest)
        status, types = call.params.get("status", ""), call.params.get("type", "")
        asked = trades.Asked(names, by, status, types)
        listing = _listed(
            call, outside, "trades", asked,
            make=lambda: trades.trade_listing(outside, call.shop, asked),
        )  # fmt: skip
        return _page(call, listing, window, ("trades", "trade"))

    return endpoint


def _refunds(call: Call, outside: Outside) -> Answer:
    names = call.fields() - refunds.DETAIL_ONLY
    status = call.params.get("status", "")
    window = _window(call, outside, "modified", None)
    listing = _listed(
        call, outside, "refunds", names, status,
        make=lambda: refunds.refund_listing(outside, call.shop, names, status),
    )  # fmt: skip
    return _page(call, listing, window, ("refunds", "refund"))


Records = Callable[[Outside, str, frozenset[str]], Mapping[str, bytes]]


def _one(name: str, key: str, records: Records) -> Endpoint:
    """A method that answers for one id, its record under a name of its own."""

    def endpoint(call: Call, outside: Outside) -> Answer:
        found = records(outside, call.shop, call.fields()).get(call.text(key))
        if found is None:
            raise Refused((15, "Remote service error", f"isv.{name}-not-exist", f"{key} 不存在"))
        return call.granted(b'"%b":' % name.encode() + found)

    return endpoint


def _messages(call: Call, outside: Outside) -> Answer:
    said = refunds.refund_messages(outside, call.shop, call.fields())
    found = said.get(call.text("refund_id"))
    if found is None:
        raise Refused(wrong("refund_id"))
    return call.granted(found)


def _items(*, on_sale: bool) -> Endpoint:
    """Items by modified time; the platform pages only so deep."""

    def endpoint(call: Call, outside: Outside) -> Answer:
        names = call.fields()
        page, size = call.whole("page_no", 1, _PAGES), call.whole("page_size", 40, range(1, 201))
        if page * size > _MOST_ITEMS or not (on_sale or page <= 101):
            raise Refused(wrong("page_no"))
        window = call.moment("start_modified"), call.moment("end_modified")
        hidden = not on_sale and call.params.get("banner", "") not in _OFF_SALE
        listing = _listed(
            call, outside, "items", names, on_sale,
            make=lambda: goods.item_listing(outside, call.shop, names, on_sale=on_sale),
        )  # fmt: skip
        return _page(call, listing, (0, 0) if hidden else window, ("items", "item"), 200)

    return endpoint


def _item_records(outside: Outside, shop: str, names: frozenset[str]) -> Mapping[str, bytes]:
    def make() -> dict[str, bytes]:
        listing = goods.item_listing(outside, shop, names, on_sale=None)
        return dict(zip(listing.ids, listing.records, strict=True))

    return outside.rendered(("taobao item", shop, names), make)


def _skus(call: Call, outside: Outside) -> Answer:
    asked = call.text("num_iids").split(",")
    if len(asked) > _MOST_SKUS_OF:
        raise Refused(wrong("num_iids"))
    known = goods.sku_records(outside, call.shop, call.fields())
    inside = b",".join(known[each] for each in asked if each in known)
    return call.granted(b'"skus":{"sku":[%b]}' % inside if inside else b"")


def _bills(call: Call, outside: Outside) -> Answer:
    """bill.bills.get: what it calls total_results are the rows of the page."""
    names = call.fields()
    start, end = call.moment("start_time"), call.moment("end_time")
    page, size = call.whole("page_no", 1, _PAGES), call.whole("page_size", 40, range(40, 101))
    if start is None or end is None:
        raise Refused(missing("start_time" if start is None else "end_time"))
    if not 0 < end - start <= _DAY:
        raise Refused(wrong("end_time"))
    if page * size > _MOST_BILLS:
        raise Refused(wrong("page_no"))
    by = {"1": "biz_at", "2": "settled_at"}.get(call.params.get("time_type") or "2")
    if by is None:
        raise Refused(wrong("time_type"))
    listing = _listed(
        call, outside, "bills", names, by,
        make=lambda: bills.bill_listing(outside, call.shop, names, by),
    )  # fmt: skip
    positions = list(listing.window(start, end))[::-1]
    here = page_of(positions, page - 1, size)
    more = b"true" if page * size < len(positions) else b"false"
    told = b'"has_next":%b,"total_results":%d' % (more, len(here))
    rows = b',"bills":{"bill":[%b]}' % listing.page(here) if here else b""
    return call.granted(told + rows)


def _accounts(call: Call, outside: Outside) -> Answer:
    del outside  # the same for all
    told = bills.account_records(call.fields())
    total = b',"total_results":%d' % len(bills.ACCOUNTS)
    return call.granted(b'"accounts":{"account":[%b]}' % told + total)


def _shippings(call: Call, outside: Outside) -> Answer:
    names = call.fields()
    window = _window(call, outside, "created", None)
    listing = _listed(
        call, outside, "shippings", names,
        make=lambda: parcels.shipping_listing(outside, call.shop, names),
    )  # fmt: skip
    return _page(call, listing, window, ("shippings", "shipping"))


def _trace(call: Call, outside: Outside) -> Answer:
    """logistics.trace.search: of a split trade only with is_split and one of its lines."""
    is_split = call.params.get("is_split") == "1"
    asked = call.text("sub_tid").split(",")[0] if is_split else call.text("tid")
    found = parcels.trace_answers(outside, call.shop).get(asked)
    if found is None:
        raise Refused((15, "Remote service error", "isv.trace-not-found", "物流信息不存在"))
    return call.granted(found)


def _shop(call: Call, outside: Outside) -> Answer:
    shop = shop_of(outside, call.shop)
    told = {"sid": int(shop["platform_shop_id"]), "title": shop["name"], "pic_path": "/00/00.jpg"}
    return call.granted(b'"shop":' + _of_fields(told, call))


def _seller(call: Call, outside: Outside) -> Answer:
    shop = shop_of(outside, call.shop)
    told = {
        "user_id": 2_200_000_000_000 + int(shop["platform_shop_id"]),
        "nick": shop["name"],
        "type": "B",
        "status": "normal",
        "has_shop": True,
    }
    return call.granted(b'"user":' + _of_fields(told, call))


def _of_fields(told: Mapping[str, object], call: Call) -> bytes:
    return orjson.dumps({name: told[name] for name in told if name in call.fields()})


_ENDPOINTS: Mapping[str, Endpoint] = {
    "taobao.trades.sold.increment.get": _trades("modified", "modified_at", _DAY),
    "taobao.trades.sold.get": _trades("created", "created_at", None),
    "taobao.trades.sold.incrementv.get": _trades("create", "created_at", None),
    "taobao.trade.fullinfo.get": _one("trade", "tid", trades.trade_details),
    "taobao.refunds.receive.get": _refunds,
    "taobao.refund.get": _one("refund", "refund_id", refunds.refund_details),
    "taobao.refund.messages.get": _messages,
    "taobao.items.onsale.get": _items(on_sale=True),
    "taobao.items.inventory.get": _items(on_sale=False),
    "taobao.item.seller.get": _one("item", "num_iid", _item_records),
    "taobao.item.skus.get": _skus,
    "taobao.bill.accounts.get": _accounts,
    "taobao.bill.bills.get": _bills,
    "taobao.logistics.orders.get": _shippings,
    "taobao.logistics.trace.search": _trace,
    "taobao.shop.seller.get": _shop,
    "taobao.user.seller.get": _seller,
}
ADAPTER = Taobao()
