"""有赞's wire: token in the query, two kinds of refusals, in our words. No state, no I/O.

Requests of today carry no signature (platform notes youzan.md, section 3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from pipelines.gateway.errors import (
    AuthorisationGone,
    MalformedAnswer,
    ParameterRefused,
    PermissionMissing,
    PlatformBusy,
    PlatformError,
    SignatureRefused,
    Throttled,
    TokenExpired,
)  # fmt: skip
from pipelines.gateway.http import Call
from pipelines.registry.credentials import Token
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI
from pipelines.sources.youzan.settings import VERSIONS

Exchange = Callable[[str, Mapping[str, Any]], bytes]
LOGIN = "auth/token"
_REFRESH_FOR = timedelta(days=28)
_GOOD = re.compile(
    rb'^\s*\{\s*(?:"trace_id"\s*:\s*"[^"]*"\s*,\s*)?(?:"success"\s*:\s*true\s*,\s*)?"code"\s*:\s*200\b'
)
# youzan.md, section 5: the gateway's own codes, then those of APIs and of the login.
_BY_GATEWAY: Mapping[int, type[PlatformError]] = {
    4001: ParameterRefused,
    4005: ParameterRefused,
    4101: Throttled,
    4201: TokenExpired,
    4202: TokenExpired,
    4203: TokenExpired,
    4204: PermissionMissing,
    5001: PlatformBusy,
    5002: PlatformBusy,
}
_BY_CODE: Mapping[int, type[PlatformError]] = {
    123000042: Throttled,
    500100004: Throttled,
    1004: AuthorisationGone,
    1005: AuthorisationGone,
    1103: AuthorisationGone,
    1105: PermissionMissing,
}
_WHITELIST = "The machine's address has to be on the app's IP whitelist in 有赞云's console."
_OTHER_APP = "Hand over the right one: koujing shop set SHOP --credential client_secret=…"


class YouzanClient:
    """Implements ``gateway.session.PlatformClient`` for one shop."""

    def __init__(self, shop: Shop, credentials: Mapping[str, str]) -> None:
        self._shop = shop
        self._app = {name: credentials[name] for name in ("client_id", "client_secret")}
        self._first_refresh_token = credentials.get("refresh_token", "")

    def ready(self, method: str, params: Mapping[str, Any], access: str, now: datetime) -> Call:
        """The request; the platform takes a token from the query alone."""
        del now  # nothing is signed
        headers = {"content-type": "application/json"}
        if method == LOGIN:
            return Call("POST", f"/{LOGIN}", {}, headers, orjson.dumps(self._app | dict(params)))
        path = f"/api/{method}/{VERSIONS[method]}"
        return Call("POST", path, {"access_token": access}, headers, orjson.dumps(params))

    def judge(self, method: str, body: bytes) -> None:
        """Raise what a refusal means; a good answer is told by its first bytes."""
        if _GOOD.match(body):
            return
        try:
            said = orjson.loads(body)
            gateway = said.get("gw_err_resp")
            code = int(gateway["err_code"] if gateway else said["code"])
        except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise MalformedAnswer(f"{method}: the answer has no code") from error
        if gateway:
            words = f"{method}: {gateway.get('err_msg') or 'no words'}"
            # 4007 is a machine that is not on the whitelist; our own content type is right.
            if code == 4007:
                raise PermissionMissing(words, str(code), _WHITELIST)
            raise _BY_GATEWAY.get(code, PlatformError)(words, str(code))
        if code != 200:
            raise _refusal(method, code, str(said.get("message") or "no words"))

    def log_in(self, exchange: Exchange, now: datetime) -> Token:
        """The first token: a self-built app names the shop, a market app has a refresh token."""
        if self._first_refresh_token:
            return self._renewed(self._first_refresh_token, exchange, now)
        return self._silent(exchange, now, refresh=False)

    def refresh(self, token: Token, exchange: Exchange, now: datetime) -> Token:
        """A new token; of a market app's both turn."""
        if token.refresh:
            return self._renewed(token.refresh, exchange, now)
        return self._silent(exchange, now, refresh=True)

    def _silent(self, exchange: Exchange, now: datetime, *, refresh: bool) -> Token:
        if not self._shop.platform_shop_id:
            raise ParameterRefused(
                f"{self._shop.shop_key} has no platform shop id",
                hint=f"koujing shop set {self._shop.shop_key} --platform-shop-id KDT_ID",
            )
        asked = {
            "authorize_type": "silent",
            "grant_id": self._shop.platform_shop_id,
            "refresh": refresh,
        }
        # What a self-built app is told of a refresh token is of no use to it.
        return _token(exchange(LOGIN, asked), now, turns=False)

    def _renewed(self, refresh_token: str, exchange: Exchange, now: datetime) -> Token:
        asked = {"authorize_type": "refresh_token", "refresh_token": refresh_token}
        return _token(exchange(LOGIN, asked), now, turns=True)


def _refusal(method: str, code: int, words: str) -> PlatformError:
    said = f"{method}: {words}"
    # 1103 says either that there is no such client or that this shop has not authorised it.
    if code == 1000 or (code == 1103 and words.lower().startswith("client")):
        return SignatureRefused(said, str(code), _OTHER_APP)
    return _BY_CODE.get(code, PlatformError)(said, str(code))


def _token(body: bytes, now: datetime, *, turns: bool) -> Token:
    """``expires`` is the moment in milliseconds, no span."""
    data = orjson.loads(body)["data"]
    ends = datetime.fromtimestamp(int(data["expires"]) / 1000, SHANGHAI)
    if not turns:
        return Token(data["access_token"], "", ends, None)
    return Token(data["access_token"], data["refresh_token"], ends, now + _REFRESH_FOR)
