"""What is loaded of a 微信小店, and in which order its lists are read.

Lists give ids only; each record is asked for by its id. A list's window and cursor belong
together, so a list is read to its end before the first detail is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count

import orjson
import polars as pl

from pipelines.gateway.connector import Page, Revisit, Session, Stream, Window
from pipelines.gateway.paging import forwards
from pipelines.sources.weixin_shop import schemas
from pipelines.sources.weixin_shop.settings import (
    AFTER_SALE_WINDOW,
    FLOW_PAGE_SIZE,
    HORIZON,
    LIVE_HORIZON,
    ORDER_WINDOW,
    PAGE_SIZE,
    PRODUCT_PAGE_SIZE,
)  # fmt: skip

_DAY = timedelta(days=1)
# What is as it is now is asked for whole each time.
_YEAR, _NOW = timedelta(days=365), timedelta()
_WEEK = Revisit(timedelta(days=7), timedelta(days=7))
_QUARTER = Revisit(timedelta(days=30), HORIZON)
_MORE = re.compile(rb'"has_more"\s*:\s*true')
_EPOCH = "start_time", "end_time"


def _seconds(window: Window, names: tuple[str, str]) -> dict[str, int]:
    return {
        name: int(at.timestamp())
        for name, at in zip(names, (window.start, window.end), strict=True)
    }


def _next_key(body: bytes, _: str) -> str | None:
    """The next cursor; one is given on the last page too, ``has_more`` alone is to be trusted."""
    return str(orjson.loads(body).get("next_key", "")) if _MORE.search(body) else None


def _ids(
    ask: Callable[[str], bytes],
    field: str,
    following: Callable[[bytes, str], str | None] = _next_key,
) -> list[str]:
    """All ids of a list, each once, in the list's order."""
    pages = (orjson.loads(body)[field] or () for body in forwards(ask, following))
    return list(dict.fromkeys(str(each) for page in pages for each in page))


def read_orders(session: Session, window: Window) -> Iterator[Page]:
    """order/list/get by update time, then order/get of each."""
    asked = {"update_time_range": _seconds(window, _EPOCH), "page_size": PAGE_SIZE}

    def ask(next_key: str) -> bytes:
        return session.call("channels/ec/order/list/get", {**asked, "next_key": next_key})

    for each in _ids(ask, "order_id_list"):
        body = session.call("channels/ec/order/get", {"order_id": each})
        yield Page(body, ("order",), is_list=False)


def read_after_sales(session: Session, window: Window) -> Iterator[Page]:
    """The list (getaftersalelist) by update time, then getaftersaleorder of each."""
    asked = _seconds(window, ("begin_update_time", "end_update_time"))
    method = "channels/ec/aftersale/getaftersale"

    def ask(next_key: str) -> bytes:
        return session.call(f"{method}list", {**asked, "next_key": next_key})

    for each in _ids(ask, "after_sale_order_id_list"):
        body = session.call(f"{method}order", {"after_sale_order_id": each})
        yield Page(body, ("after_sale_order",), is_list=False)


def read_products(session: Session, _: Window) -> Iterator[Page]:
    """product/list/get, which knows no window and no has_more, then product/get of each."""

    def ask(next_key: str) -> bytes:
        asked = {"page_size": PRODUCT_PAGE_SIZE, "next_key": next_key}
        return session.call("channels/ec/product/list/get", asked)

    def following(body: bytes, _: str) -> str | None:
        said = orjson.loads(body)
        is_last = len(said["product_ids"] or ()) < PRODUCT_PAGE_SIZE
        return None if is_last else str(said.get("next_key") or "") or None

    for each in _ids(ask, "product_ids", following):
        body = session.call("channels/ec/product/get", {"product_id": each, "data_type": 1})
        yield Page(body, ("product",), is_list=False)


def _flows(account: str) -> Callable[[Session, Window], Iterator[Page]]:
    """The flows of one of the shop's accounts: getfundsflowlist, getfundsflowdetail of each."""

    def read(session: Session, window: Window) -> Iterator[Page]:
        method = f"channels/ec/{account}/getfundsflow"
        asked = {"page_size": FLOW_PAGE_SIZE, **_seconds(window, _EPOCH)}
        pages = count(1)  # a page has a number beside its cursor

        def ask(next_key: str) -> bytes:
            paged = {**asked, "page": next(pages), "next_key": next_key}
            return session.call(f"{method}list", paged)

        for each in _ids(ask, "flow_ids"):
            body = session.call(f"{method}detail", {"flow_id": each})
            yield Page(body, ("funds_flow",), is_list=False)

    return read


def read_shop(session: Session, _: Window) -> Iterator[Page]:
    """basics/info/get: what the platform says of the shop."""
    yield Page(session.call("channels/ec/basics/info/get", {}), ("info",), is_list=False)


def read_finders(session: Session, _: Window) -> Iterator[Page]:
    """The 视频号 that belong to the shop: what they sell is no affiliate's sale."""
    yield Page(session.call(_OWN_FINDERS, {}), (), is_list=False)


_OWN_FINDERS = "channels/ec/compass/shop/finder/authorization/list/get"
_FINDERS = "channels/ec/compass/shop/finder/list/get"
_LIVES = "channels/ec/compass/shop/live/list/get"


def _own_finders(session: Session) -> dict[str, str]:
    """The shop's own accounts; this answer says no names."""
    said = orjson.loads(session.call(_OWN_FINDERS, {}))
    ids = [said.get("main_finder_id"), *(said.get("authorized_finder_id_list") or ())]
    return dict.fromkeys((str(each) for each in ids if each), "")


def _sellers(session: Session, ds: str) -> dict[str, str]:
    """Who sold for the shop on a day, by id, with their names."""
    said = orjson.loads(session.call(_FINDERS, {"ds": ds}))["finder_list"] or ()
    return {str(each["finder_id"]): str(each["finder_nickname"]) for each in said}


def read_lives(session: Session, window: Window) -> Iterator[Page]:
    """compass/shop/live/list/get: the rooms of a day, seller by seller."""
    own = _own_finders(session)
    for number in range((window.end.date() - window.start.date()).days):
        ds = f"{window.start.date() + number * _DAY:%Y%m%d}"
        for finder, name in sorted((own | _sellers(session, ds)).items()):
            body = session.call(_LIVES, {"ds": ds, "finder_id": finder})
            yield Page(body, ("live_list",), {"finder_id": finder, "finder_nickname": name})


def read_live_figures(session: Session, window: Window) -> Iterator[Page]:
    """The figures (getlivedata) of those rooms; their parts are JSON in texts, unwrapped here."""
    seen = {
        str(each["live_id"])
        for page in read_lives(session, window)
        for each in orjson.loads(page.body)["live_list"] or ()
    }
    for live in sorted(seen):
        said = orjson.loads(session.call("channels/livedashboard/getlivedata", {"export_id": live}))
        parts = {name: orjson.loads(said[name]) for name in schemas.LIVE_FIGURES if said.get(name)}
        yield Page(orjson.dumps({"live": parts}), ("live",), {"live_id": live}, is_list=False)


def check(session: Session) -> str:
    """One call that proves the credentials."""
    info = orjson.loads(session.call("channels/ec/basics/info/get", {}))["info"]
    return f"{info['nickname']}, {info['status']}"


STREAMS = (
    Stream(
        "orders", "微信小店 订单（含商品、优惠、包裹、分佣）", schemas.ORDER, ("order_id",),
        read_orders, version="update_time", pii=schemas.ORDER_PII, max_window=ORDER_WINDOW,
        horizon=HORIZON, revisits=(_QUARTER, _WEEK),
    ),
    Stream(
        "after_sales", "微信小店 售后单", schemas.AFTER_SALE, ("after_sale_order_id",),
        read_after_sales, version="update_time", pii=schemas.AFTER_SALE_PII,
        max_window=AFTER_SALE_WINDOW, horizon=HORIZON, revisits=(_QUARTER, _WEEK),
    ),
    Stream(
        "products", "微信小店 商品（含规格）", schemas.PRODUCT, ("product_id",), read_products,
        max_window=_YEAR, horizon=_DAY, overlap=_NOW,
    ),
    Stream(
        "funds_flows", "微信小店 资金流水（结算）", schemas.FUNDS_FLOW, ("flow_id",),
        _flows("funds"), max_window=ORDER_WINDOW, horizon=HORIZON, overlap=_DAY, revisits=(_WEEK,),
    ),
    Stream(
        "league_flows", "微信小店 优选联盟资金流水（佣金结算）", schemas.FUNDS_FLOW, ("flow_id",),
        _flows("league/funds"), max_window=ORDER_WINDOW, horizon=HORIZON, overlap=_DAY,
        revisits=(_WEEK,),
    ),
    Stream(
        "lives", "微信小店 店铺开播列表", schemas.LIVE, ("live_id",), read_lives,
        constants={"finder_id": pl.String, "finder_nickname": pl.String},
        max_window=LIVE_HORIZON, horizon=LIVE_HORIZON, overlap=_DAY, whole_days=True,
    ),
    Stream(
        "live_figures", "微信小店 直播大屏（场次数据）", schemas.LIVE_FIGURES, ("live_id",),
        read_live_figures, constants={"live_id": pl.String},
        max_window=LIVE_HORIZON, horizon=LIVE_HORIZON, overlap=_DAY, whole_days=True,
    ),
    Stream(
        "own_finders", "微信小店 授权视频号（自播账号）", schemas.FINDERS, (), read_finders,
        max_window=_YEAR, horizon=_DAY, overlap=_NOW,
    ),
    Stream(
        "shop_infos", "微信小店 店铺信息", schemas.SHOP_INFO, (), read_shop,
        max_window=_YEAR, horizon=_DAY, overlap=_NOW,
    ),
)  # fmt: skip
