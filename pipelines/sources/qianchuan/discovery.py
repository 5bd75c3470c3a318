"""What has to be known before reports can be asked for: advertisers, authors, since when.

Each is found once a session. What does not belong here: what is landed (``streams``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import orjson

from pipelines.gateway.connector import Session
from pipelines.gateway.errors import ParameterRefused, PermissionMissing
from pipelines.gateway.paging import backwards, number_in
from pipelines.sources.qianchuan import settings as limits

T = TypeVar("T")
_ADVERTISER = re.compile(rb'"adv_id"\s*:\s*"?(\d+)')
_AUTHOR = re.compile(rb'"aweme_id"\s*:\s*"?(\d+)')
_MOVEMENTS = ("cost", "income", "transfer_in", "transfer_out")
# A session is one account's pull by one thread; what was found goes with it.
_FOUND: WeakKeyDictionary[Session, dict[tuple[str, ...], Any]] = WeakKeyDictionary()


def pages(session: Session, endpoint: str, asked: Mapping[str, Any], size: int) -> Iterator[bytes]:
    """All pages of a list; total is ``total_number``, or ``total_num`` in live and 全域 lists."""

    def ask(page: int) -> bytes:
        return session.call(endpoint, {**asked, "page": page, "page_size": size})

    def total(body: bytes) -> int:
        return number_in(body, "total_number" if b'"total_number"' in body else "total_num")

    return backwards(ask, size=size, total=total, first=1)


def advertiser_pages(session: Session) -> list[bytes]:
    """shop/advertiser/list.

    Raises:
        ParameterRefused: The account does not say whose advertisers it holds.
    """
    shop = session.shop
    if not shop.platform_shop_id:
        raise ParameterRefused(
            f"{shop.shop_key} does not say whose advertisers it holds",
            hint=f"The 抖店 shop's id: koujing shop set {shop.shop_key} --platform-shop-id DIGITS",
        )
    asked = {"shop_id": shop.platform_shop_id}
    return list(pages(session, limits.ADVERTISERS, asked, limits.LIST_PAGE))


def advertisers(session: Session) -> list[str]:
    """Ids of the shop's advertisers."""

    def ask() -> list[str]:
        return _ids(_ADVERTISER, advertiser_pages(session))

    return _found_once(session, ("advertisers",), ask)


def authors(session: Session, advertiser: str) -> list[str]:
    """Ids of the accounts (抖音号) that the advertiser may promote."""

    def ask() -> list[str]:
        asked = {"advertiser_id": advertiser}
        return _ids(_AUTHOR, pages(session, limits.AUTHORS, asked, limits.LIST_PAGE))

    return _found_once(session, ("authors", advertiser), ask)


def in_use_since(session: Session, advertiser: str) -> date:
    """The first day on which money moved in the account.

    Lists that are asked for day by day are asked from here on. An account that may not show its
    finance, or in which nothing moved at all, is asked for every day.
    """

    def ask() -> date:
        now = session.now()
        span = {"start_date": str((now - limits.HORIZON).date()), "end_date": str(now.date())}
        asked = {"advertiser_id": advertiser, **span}
        try:
            bodies = list(pages(session, limits.FINANCE, asked, limits.FINANCE_PAGE))
        except PermissionMissing:
            return date.min
        rows = [row for body in bodies for row in orjson.loads(body)["data"].get("list") or ()]
        moved = [row["date"] for row in rows if any(row.get(name) for name in _MOVEMENTS)]
        return date.fromisoformat(min(moved)) if moved else date.min

    return _found_once(session, ("in use", advertiser), ask)


def _found_once(session: Session, key: tuple[str, ...], ask: Callable[[], T]) -> T:
    known = _FOUND.setdefault(session, {})
    if key not in known:
        known[key] = ask()
    found: T = known[key]
    return found


def _ids(pattern: re.Pattern[bytes], bodies: Iterator[bytes] | list[bytes]) -> list[str]:
    return sorted({each.decode() for body in bodies for each in pattern.findall(body)})
