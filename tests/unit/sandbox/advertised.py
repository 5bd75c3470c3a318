"""A world of one advertising shop, small enough to add up by hand, and how its 千川 is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from pipelines.sandbox.adapter import Outside, Request
from pipelines.sandbox.adapters.qianchuan import ADAPTER
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.world.schema import TABLES
from pipelines.settings import SHANGHAI

OWNER, SHOP, ADVERTISER = "qianchuan-01", "4463798", "1799000000000001"
OWN_AUTHOR, GUEST = "1888800000000001", "1888800000000002"
LIVE_PLAN, VIDEO_PLAN, UNI_PLAN = "1830000000000001", "1830000000000002", "1830000000000003"
OTHER_PLAN = "1830000000000004"  # of the other shop
EVENING, ON_NOW = "7571800000000000101", "7571800000000000102"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def _order(number: int, created: str, paid: str, fen: int, **more: object) -> dict[str, object]:
    return {
        "order_id": f"693000000000000000{number}", "shop_id": "doudian-01",
        "created_at": at(created), "paid_at": at(paid), "paid_fen": fen, **more,
    }  # fmt: skip


def _credit(
    plan: str, order: int, clicked: str, kind: str, fen: int, coupon: int = 0
) -> dict[str, object]:
    return {
        "plan_id": plan, "order_id": f"693000000000000000{order}", "clicked_at": at(clicked),
        "kind": kind, "pay_fen": fen, "coupon_fen": coupon,
    }  # fmt: skip


def _refund(number: int, order: int, refunded: str, fen: int) -> dict[str, object]:
    return {
        "after_sale_id": f"{number}", "order_id": f"693000000000000000{order}",
        "refunded_at": at(refunded), "refund_fen": fen,
    }  # fmt: skip


def _hour(
    plan: str,
    begins: str,
    cash: int,
    grant: int = 0,
    *,
    seen: tuple[int, int, int] = (0, 0, 0),
    session: str | None = None,
) -> dict[str, object]:
    return {
        "plan_id": plan, "stat_date": at(begins).date(), "hour": at(begins).hour, "cash_fen": cash,
        "grant_fen": grant, "impressions": seen[0], "clicks": seen[1], "conversions": seen[2],
        "session_id": session,
    }  # fmt: skip


def _plan(plan: str, account: str, scope: str, goal: str, author: str | None) -> dict[str, object]:
    return {
        "plan_id": plan, "account_id": account, "scope": scope, "goal": goal, "author_id": author,
        "name": f"{scope}-{goal}", "budget_fen": 300_000, "roi_goal_bp": 45_000,
        "created_at": at("2026-11-01 10:00:00"),
    }  # fmt: skip


def _session(session: str, author: str, started: str, ended: str) -> dict[str, object]:
    counts = ("view_pv", "follow_count", "comment_count", "share_count", "fan_club_count")
    return {
        "session_id": session, "shop_id": "doudian-01", "author_id": author, "title": "宠粉 🎉",
        "started_at": at(started), "ended_at": at(ended), "item_click_pv": 77,
        **dict.fromkeys(counts, 1_001),
    }  # fmt: skip


_ROWS: Mapping[str, list[dict[str, object]]] = {
    "company": [{"name": "one shop", "seed": 7}],
    "shops": [
        {"shop_id": "doudian-01", "platform_shop_id": SHOP, "name": "示例旗舰店"},
        {"shop_id": "doudian-02", "platform_shop_id": "4463799", "name": "另一家"},
    ],
    "ad_accounts": [
        {"account_id": account, "platform": platform, "shop_id": shop, "name": name}
        for account, platform, shop, name in (
            (ADVERTISER, "qianchuan", "doudian-01", "千川账户 1"),
            ("1799000000000002", "qianchuan", "doudian-02", "千川账户 2"),
        )
    ],
    "authors": [
        {"author_id": OWN_AUTHOR, "nickname": "小测", "own_shop_id": "doudian-01"},
        {"author_id": GUEST, "nickname": "来客"},
        {"author_id": "1888800000000009", "nickname": "路人"},
    ],
    "ad_plans": [
        _plan(LIVE_PLAN, ADVERTISER, "standard", "live", OWN_AUTHOR),
        _plan(VIDEO_PLAN, ADVERTISER, "standard", "video", None),
        _plan(UNI_PLAN, ADVERTISER, "uni", "live", OWN_AUTHOR),
        _plan(OTHER_PLAN, "1799000000000002", "standard", "live", None),
    ],
    "ad_hours": [
        _hour(LIVE_PLAN, "2026-11-13 20:00", 8_000, 2_000, seen=(5_000, 150, 6), session=EVENING),
        _hour(LIVE_PLAN, "2026-11-14 19:00", 5_000, seen=(1_000, 40, 1), session=ON_NOW),
        _hour(LIVE_PLAN, "2026-11-14 20:00", 7_000, seen=(500, 10, 0), session=ON_NOW),
        _hour(VIDEO_PLAN, "2026-11-13 09:00", 3_333),
        _hour(UNI_PLAN, "2026-11-13 21:00", 20_000, 1_000, session=EVENING),
        _hour(OTHER_PLAN, "2026-11-13 10:00", 99_999),
    ],
    "live_sessions": [
        _session(EVENING, OWN_AUTHOR, "2026-11-13 19:00:00", "2026-11-14 00:30:00"),
        _session(ON_NOW, OWN_AUTHOR, "2026-11-14 18:00:00", "2026-11-14 22:00:00"),
        _session("7571800000000000103", GUEST, "2026-11-13 10:00:00", "2026-11-13 12:00:00"),
        _session("7571800000000000104", GUEST, "2026-11-14 21:00:00", "2026-11-14 23:00:00"),
    ],
    "orders": [
        _order(1, "2026-11-13 20:10:00", "2026-11-13 20:11:00", 15_000, session_id=EVENING,
               finished_at=at("2026-11-14 10:00:00")),
        _order(2, "2026-11-13 23:50:00", "2026-11-14 00:10:00", 9_900, session_id=EVENING),
        _order(3, "2026-11-14 19:00:00", "2026-11-14 21:30:00", 7_700),  # not paid yet
        _order(4, "2026-11-13 12:00:00", "2026-11-13 12:05:00", 20_000),
        _order(5, "2026-11-13 19:30:00", "2026-11-14 00:31:00", 5_000,
               session_id=EVENING),  # paid when the room was over
    ],
    "ad_conversions": [
        _credit(LIVE_PLAN, 1, "2026-11-13 20:05:00", "direct", 15_000, 300),
        _credit(UNI_PLAN, 2, "2026-11-13 23:48:00", "direct", 9_900, 100),
        _credit(LIVE_PLAN, 3, "2026-11-13 20:30:00", "indirect", 7_700),
        _credit(LIVE_PLAN, 4, "2026-11-11 20:30:00", "indirect", 20_000),
    ],
    "after_sales": [
        _refund(1, 1, "2026-11-13 20:40:00", 4_000),
        _refund(2, 2, "2026-11-14 01:05:00", 900),  # 55 minutes after the payment
        _refund(3, 2, "2026-11-14 01:15:00", 1_000),  # 65 minutes
        _refund(4, 4, "2026-11-20 12:05:00", 2_000),  # seven days to the minute
        _refund(5, 4, "2026-11-20 12:06:00", 3_000),
    ],
}  # fmt: skip


def one_shop(clock: Clock) -> Outside:
    """The world; its clock is set to 11-14 20:00."""
    frames = {
        table: pl.DataFrame(
            rows, {name: column.dtype for name, column in TABLES[table].columns.items()}
        )
        for table, rows in _ROWS.items()
    }
    clock.set(at("2026-11-14 20:00:00"))
    return Outside(frames, clock)


def answered(outside: Outside, request: Request) -> dict[str, Any]:
    """The whole answer, code and message included."""
    said: dict[str, Any] = json.loads(ADAPTER.answer(request, outside).body)
    return said


def post(outside: Outside, method: str, **asked: object) -> dict[str, Any]:
    """A token call of the app; what is asked beats what is right."""
    (account,) = (each for each in ADAPTER.accounts(outside) if each.shop_key == OWNER)
    app = {
        "app_id": int(account.credentials["app_id"]),
        "secret": account.credentials["app_secret"],
    }
    body = json.dumps({**app, **asked}).encode()
    return answered(outside, Request("POST", f"/open_api/oauth2/{method}/", {}, {}, body))


def first_refresh(outside: Outside, owner: str = OWNER) -> str:
    """What the account's owner handed over."""
    (account,) = (each for each in ADAPTER.accounts(outside) if each.shop_key == owner)
    return account.credentials["refresh_token"]


def log_in(outside: Outside, owner: str = OWNER) -> dict[str, Any]:
    """A pair of tokens for what the owner handed over."""
    pair: dict[str, Any] = post(
        outside, "refresh_token", refresh_token=first_refresh(outside, owner)
    )["data"]
    return pair


def get(outside: Outside, access: str, endpoint: str, **asked: object) -> dict[str, Any]:
    """A read as clients send it: lists and objects as JSON in the query."""
    query = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in {"advertiser_id": ADVERTISER, **asked}.items()
    }
    path = f"/open_api/v1.0/qianchuan/{endpoint}/"
    return answered(outside, Request("GET", path, query, {"access-token": access}, b""))
