"""What is loaded of a 京东 shop, and in which order its pages are read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import orjson
import polars as pl

from pipelines.gateway.connector import Page, Revisit, Session, Stream, Window
from pipelines.gateway.paging import backwards, number_in
from pipelines.sources.jd import aftersales, schemas, settings
from pipelines.sources.jd.asking import changed, clock, numbered, path, records, spans

_ORDERS = "jingdong.pop.order.enSearch"
_PRESALES = "jingdong.presale.order.updateOrder.getPresaleOrderByPage"
_WARES = "jingdong.ware.read.searchWare4Valid"
_SKUS = "jingdong.sku.read.searchSkuList"
_SHOP = "jingdong.vender.shop.query"
_VENDER = "jingdong.seller.vender.info.get"

_STATES = (
    "NOT_PAY", "WAIT_SELLER_STOCK_OUT", "WAIT_SELLER_DELIVERY", "WAIT_GOODS_RECEIVE_CONFIRM",
    "FINISHED_L", "TRADE_CANCELED", "LOCKED", "POP_ORDER_PAUSE", "PAUSE", "DELIVERY_RETURN",
    "WAIT_SEND_CODE",
)  # fmt: skip
_WARE_STATES = (1, 2, 4, 8, 513, 514, 516, 520, 1028)
_SKU_STATES = (1, 2, 4)
_DAY = timedelta(days=1)
# actualPay is filled some time after payment, and whether that moves ``modified`` nobody says.
_DAYS = Revisit(_DAY, timedelta(days=3))
_WEEK = Revisit(timedelta(days=7), timedelta(days=7))
_QUARTER = Revisit(timedelta(days=30), settings.HORIZON)
_YEAR, _EVER = timedelta(days=365), timedelta(days=10 * 365)


def read_orders(session: Session, window: Window) -> Iterator[Page]:
    """pop.order.enSearch by modified time, oldest first."""

    def ask(span: Window, page: int) -> bytes:
        asked = {
            "start_date": clock(span.start),
            "end_date": clock(span.end),
            "order_state": ",".join(_STATES),
            "optional_fields": schemas.ORDER_FIELDS,
            "source_id": "JOS",
            "page": str(page),
            "page_size": str(settings.ORDER_PAGE),
            "sortType": 0,
            "dateType": 0,
        }
        return session.call(_ORDERS, asked)

    size, most = settings.ORDER_PAGE, settings.MOST_ORDERS
    for body in numbered(window, ask, "orderTotal", size=size, most=most):
        yield Page(body, path(_ORDERS, "searchorderinfo_result", "orderInfoList"))


def read_presales(session: Session, window: Window) -> Iterator[Page]:
    """presale.order…getPresaleOrderByPage: the pre-sales that changed.

    It asks for the time of the order alone and says no total: a page that is not full is the last.
    """
    inside = path(_PRESALES, "returnType", "data")
    for span in spans(window.start - settings.PRESALE_REACH, window.end, settings.REFUND_SPAN):
        first, size = 0, settings.PRESALE_PAGE
        found = size
        while found == size:
            asked = {
                "startTime": clock(span.start),
                "endTime": clock(span.end),
                "beginIndex": str(first),
                "endIndex": str(size),  # how many, says the documentation
            }
            body = session.call(_PRESALES, asked)
            if kept := changed(body, inside, window, "updateTime"):
                yield Page(kept, inside)
            first, found = first + size, len(records(body, inside))


def read_wares(session: Session, window: Window) -> Iterator[Page]:
    """ware.read.searchWare4Valid by modified time."""

    def ask(span: Window, page: int) -> bytes:
        asked = {
            "wareStatusValue": ",".join(map(str, _WARE_STATES)),
            "startModifiedTime": int(span.start.timestamp()) * 1000,
            "endModifiedTime": int(span.end.timestamp()) * 1000,
            "field": ",".join(schemas.WARE),
            "pageNo": page,
            "pageSize": settings.WARE_PAGE,
        }
        return session.call(_WARES, asked)

    size, most = settings.WARE_PAGE, settings.MOST_REFUNDS
    for body in numbered(window, ask, "totalItem", size=size, most=most):
        yield Page(body, path(_WARES, "page", "data"))


def read_skus(session: Session, window: Window) -> Iterator[Page]:
    """sku.read.searchSkuList, which asks for no times: the SKUs that changed."""

    def ask(page: int) -> bytes:
        asked = {
            "skuStatuValue": ",".join(map(str, _SKU_STATES)),
            "field": ",".join(schemas.SKU),
            "pageNo": page,
            "page_size": settings.SKU_PAGE,
        }
        return session.call(_SKUS, asked)

    inside = path(_SKUS, "page", "data")
    for body in backwards(
        ask, size=settings.SKU_PAGE, total=lambda body: number_in(body, "totalItem"), first=1
    ):
        if kept := changed(body, inside, window, "modified"):
            yield Page(kept, inside)


def read_shop(session: Session, _: Window) -> Iterator[Page]:
    """vender.shop.query: the shop itself."""
    yield Page(session.call(_SHOP, {}), path(_SHOP, "shop_jos_result"), is_list=False)


def read_vender(session: Session, _: Window) -> Iterator[Page]:
    """seller.vender.info.get: how the merchant works with 京东 (SOP, FBP, LBP, SOPL)."""
    yield Page(session.call(_VENDER, {}), path(_VENDER, "vender_info_result"), is_list=False)


def check(session: Session) -> str:
    """One signed call that proves the credentials."""
    shown = orjson.loads(session.call(_SHOP, {}))[path(_SHOP)[0]]["shop_jos_result"]
    return f"shop {shown['shop_id']} of vender {shown['vender_id']}: {shown['shop_name']}"


STREAMS = (
    Stream(
        "orders", "京东 订单（含商品、优惠、发货）", schemas.ORDER, ("orderId",), read_orders,
        version="modified", pii=schemas.ORDER_PII, max_window=settings.ORDER_WINDOW,
        horizon=settings.HORIZON, revisits=(_QUARTER, _WEEK, _DAYS),
    ),
    Stream(
        "presales", "京东 预售订单（定金、尾款）", schemas.PRESALE, ("id",), read_presales,
        version="updateTime", pii=schemas.PRESALE_PII, max_window=settings.HORIZON,
        horizon=settings.HORIZON, revisits=(_QUARTER, _WEEK),
    ),
    Stream(
        "refund_applies", "京东 退款申请（取消订单）", schemas.REFUND_APPLY, ("id",),
        aftersales.read_refund_applies,
        version="modified", pii=schemas.REFUND_APPLY_PII, max_window=settings.HORIZON,
        horizon=settings.HORIZON, revisits=(_QUARTER, _WEEK),
    ),
    Stream(
        "services", "京东 售后服务单", schemas.SERVICE, ("serviceId",), aftersales.read_services,
        version="updateTime", pii=schemas.SERVICE_PII, max_window=settings.SERVICE_WINDOW,
        horizon=settings.HORIZON, revisits=(_QUARTER, _WEEK),
    ),
    Stream(
        "service_refunds", "京东 服务单退款（时间）", schemas.SERVICE_REFUND,
        ("sameOrderServiceBill.serviceId",),
        aftersales.read_service_refunds,
        pii=schemas.SERVICE_REFUND_PII, max_window=settings.SERVICE_WINDOW,
        horizon=settings.HORIZON, revisits=(_QUARTER, _WEEK),
    ),
    Stream(
        "service_amounts", "京东 服务单退款（金额）", schemas.SERVICE_AMOUNT, ("afs_service_id",),
        aftersales.read_service_amounts, constants={"afs_service_id": pl.String},
        max_window=settings.SERVICE_WINDOW, horizon=settings.HORIZON, revisits=(_QUARTER, _WEEK),
    ),
    Stream(
        "wares", "京东 商品", schemas.WARE, ("wareId",), read_wares, version="modified",
        max_window=_YEAR, horizon=3 * _YEAR,
    ),
    Stream(
        "skus", "京东 SKU", schemas.SKU, ("skuId",), read_skus, version="modified",
        # Whether stock moves ``modified`` nobody says: all of them again each day.
        max_window=_EVER, horizon=_EVER, revisits=(Revisit(_DAY, _EVER),),
    ),
    Stream(
        "shop_infos", "京东 店铺", schemas.SHOP, ("shop_id",), read_shop,
        max_window=_YEAR, horizon=_DAY, overlap=timedelta(),
    ),
    Stream(
        "vender_infos", "京东 商家", schemas.VENDER, ("vender_id",), read_vender,
        max_window=_YEAR, horizon=_DAY, overlap=timedelta(),
    ),
)  # fmt: skip
