"""千川's door: the app, OAuth2 tokens of which both turn, and whose advertisers an account shows.

The first refresh token of an account stands for its owner: shown to the door, the app is authorised
anew, unless the owner took the authorisation back. Tokens live in memory only, and that is how a
home gets in again after the sandbox was restarted. Every other refresh token works once.
Source: platform notes qianchuan.md sections 2 and 5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import polars as pl

from pipelines.sandbox.adapter import Answer, Outside, Request
from pipelines.sandbox.adapters.qianchuan_answers import Refused, granted

ACCESS_FOR, REFRESH_FOR = timedelta(days=1), timedelta(days=30)


@dataclass(frozen=True)
class Owner:
    """A registered account: one 抖店 shop's advertising."""

    key: str
    name: str
    shop: str
    shop_name: str
    platform_shop_id: str
    advertisers: tuple[str, ...]


def owners(outside: Outside) -> dict[str, Owner]:
    """Every account by its registry key, which has the number of the shop's."""

    def find() -> dict[str, Owner]:
        accounts_here = outside.frames["ad_accounts"].filter(pl.col("platform") == "qianchuan")
        held = accounts_here.join(outside.frames["shops"], on="shop_id", suffix="_of_shop")
        found = {}
        for (shop,), accounts in held.sort("account_id").group_by("shop_id", maintain_order=True):
            first = accounts.row(0, named=True)
            key = f"qianchuan-{str(shop).removeprefix('doudian-')}"
            found[key] = Owner(
                key,
                first["name"],
                str(shop),
                first["name_of_shop"],
                first["platform_shop_id"],
                tuple(accounts["account_id"]),
            )
        return found

    return outside.rendered(("qianchuan owners",), find)


def credentials(owner: str, outside: Outside) -> dict[str, str]:
    """What the owner hands over."""
    return {
        "app_id": str(1_700_000_000_000_000 + int(outside.secret("qianchuan", "app")[:10], 16)),
        "app_secret": outside.secret("qianchuan", "app secret"),
        "refresh_token": outside.secret("qianchuan", owner, "first refresh"),
    }


def admitted(request: Request, outside: Outside) -> Owner:
    """Whose token a call carries."""
    access = request.headers.get("access-token", "")
    if not access:
        raise Refused(40104)
    pair = outside.tokens.holder(access)
    if pair is None:
        raise Refused(40105)
    if not outside.tokens.is_live(pair):
        raise Refused(40102)
    return owners(outside)[pair.owner]


def _by_code(request: Request, outside: Outside) -> Answer:
    """oauth2/access_token: a code works once; in the sandbox it is the account's registry key."""
    code = str(_of_app(request, outside).get("auth_code", ""))
    owner = owners(outside).get(code)
    if owner is None or outside.tokens.is_withdrawn(code):
        raise Refused(40000, "auth_code is invalid")
    if outside.tokens.has_pair(code):
        raise Refused(40115)
    return _issued(code, outside, advertiser_ids=[int(each) for each in owner.advertisers])


def _refreshed(request: Request, outside: Outside) -> Answer:
    """oauth2/refresh_token: a new pair; both old tokens are dead with it."""
    token = str(_of_app(request, outside).get("refresh_token", ""))
    desk = outside.tokens
    pair = desk.by_refresh(token)
    if pair is not None:
        if outside.now() >= pair.refresh_until:
            raise Refused(40103)
        desk.end(pair)
        return _issued(pair.owner, outside)
    for owner in owners(outside):
        if token == credentials(owner, outside)["refresh_token"]:
            if desk.is_withdrawn(owner):
                raise Refused(40103)
            return _issued(owner, outside)
    raise Refused(40107)


def _of_app(request: Request, outside: Outside) -> Mapping[str, Any]:
    """What a token call asks for, once the app has proved itself."""
    asked = request.json()
    asked = asked if isinstance(asked, dict) else {}
    app = credentials("", outside)
    if str(asked.get("app_id")) != app["app_id"]:
        raise Refused(40000, "app_id is invalid")
    if asked.get("secret") != app["app_secret"]:
        raise Refused(40000, "secret is wrong")
    return asked


def _issued(owner: str, outside: Outside, **more: Any) -> Answer:  # noqa: ANN401 - JSON
    pair = outside.tokens.issue(owner, ACCESS_FOR, REFRESH_FOR)
    data = {
        "access_token": pair.access,
        "expires_in": int(ACCESS_FOR.total_seconds()),
        "refresh_token": pair.refresh,
        "refresh_token_expires_in": int(REFRESH_FOR.total_seconds()),
        **more,
    }
    return granted(orjson.dumps(data))


def _authorised(request: Request, outside: Outside) -> Answer:
    """oauth2/advertiser/get: the shop that the token was given for, not its advertisers."""
    owner = admitted(request, outside)
    number = int(owner.platform_shop_id)
    shown = {
        "account_id": number,
        "account_name": owner.shop_name,
        "account_type": "PLATFORM_ROLE_SHOP_ACCOUNT",
        "account_role": "PLATFORM_ROLE_SHOP_ACCOUNT",
        "account_string_id": "",
        "advertiser_id": number,
        "advertiser_name": owner.shop_name,
        "advertiser_role": 10,
        "is_valid": True,
        "company_list": [],
    }
    return granted(orjson.dumps({"list": [shown]}))


CALLS: Mapping[str, Callable[[Request, Outside], Answer]] = {
    "oauth2/access_token": _by_code,
    "oauth2/refresh_token": _refreshed,
    "oauth2/advertiser/get": _authorised,
}
