"""微信小店's wire: JSON bodies, a token in the query, refusals in our words. No state, no I/O.

Requests are not signed; the token alone speaks for the shop. Source: weixin_shop.md, 1 to 3 and 5.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from pipelines.gateway.errors import (
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

Exchange = Callable[[str, Mapping[str, Any]], bytes]
# Not /cgi-bin/token: each call of that one kills the token of every other process.
TOKEN = "cgi-bin/stable_token"  # noqa: S105 - a path
_GOOD = re.compile(rb'^\s*\{\s*"errcode"\s*:\s*"?0\b')
_BY_CODE: Mapping[int, type[PlatformError]] = {
    -1: PlatformBusy,
    40001: TokenExpired,  # of the token call itself: the secret is wrong
    40002: SignatureRefused,
    40013: SignatureRefused,
    40014: TokenExpired,
    40097: ParameterRefused,
    42001: TokenExpired,
    45009: PlatformError,  # the day's quota: trying again soon would only cost more
    45011: Throttled,
    47001: ParameterRefused,
    48001: PermissionMissing,
}


class WeixinShopClient:
    """Implements ``gateway.session.PlatformClient`` for one shop."""

    def __init__(self, shop: Shop, credentials: Mapping[str, str]) -> None:
        del shop  # an app belongs to one shop
        self._app = {"appid": credentials["app_id"], "secret": credentials["app_secret"]}

    def ready(self, method: str, params: Mapping[str, Any], access: str, now: datetime) -> Call:
        """A POST to the method's path; Chinese is sent as it is."""
        del now
        query = {"access_token": access} if access else {}
        headers = {"content-type": "application/json;charset=utf-8"}
        return Call("POST", f"/{method}", query, headers, orjson.dumps(dict(params)))

    def judge(self, method: str, body: bytes) -> None:
        """Raise what a refusal means; some good answers have no code at all."""
        if _GOOD.match(body):
            return
        try:
            said = orjson.loads(body)
            code = int(said.get("errcode", 0))
        except (orjson.JSONDecodeError, AttributeError, TypeError, ValueError) as error:
            raise MalformedAnswer(f"{method}: the answer has no errcode") from error
        if code == 0:
            return
        kind = _BY_CODE.get(code, PlatformError)
        if method == TOKEN and kind is TokenExpired:
            kind = SignatureRefused
        raise kind(f"{method}: {said.get('errmsg', '')}", str(code))

    def log_in(self, exchange: Exchange, now: datetime) -> Token:
        """stable_token: the same token for every process as long as it lives."""
        asked = {"grant_type": "client_credential", **self._app, "force_refresh": False}
        said = orjson.loads(exchange(TOKEN, asked))
        ends = now + timedelta(seconds=int(said["expires_in"]))
        return Token(said["access_token"], "", ends, None)

    def refresh(self, token: Token, exchange: Exchange, now: datetime) -> Token:
        """There is nothing to refresh with: the platform gives the newest token to who asks."""
        del token
        return self.log_in(exchange, now)
