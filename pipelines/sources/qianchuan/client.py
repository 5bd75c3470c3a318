"""千川's wire: OAuth2 tokens, JSON in the query, refusals in our words. No state, no I/O."""

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

Exchange = Callable[[str, Mapping[str, Any]], bytes]
REFRESH = "oauth2/refresh_token"
_GOOD = re.compile(rb'^\s*\{\s*"code"\s*:\s*0\s*[,}]')
# qianchuan.md, section 5.
_BY_CODE: Mapping[int, type[PlatformError]] = {
    40000: ParameterRefused,
    40002: PermissionMissing,
    40100: Throttled,
    40102: TokenExpired,
    40103: AuthorisationGone,
    40104: TokenExpired,
    40105: TokenExpired,
    40107: AuthorisationGone,
    40115: AuthorisationGone,
    50000: PlatformBusy,
}


class QianchuanClient:
    """Implements ``gateway.session.PlatformClient`` for one ad account."""

    def __init__(self, shop: Shop, credentials: Mapping[str, str]) -> None:
        self._shop = shop
        self._app_id = credentials["app_id"]
        self._secret = credentials["app_secret"]
        self._first_refresh_token = credentials["refresh_token"]

    def ready(self, method: str, params: Mapping[str, Any], access: str, now: datetime) -> Call:
        """The request: reads are GET with lists and objects as JSON, tokens are POST."""
        del now  # nothing is signed
        if method.startswith("oauth2/"):
            headers = {"content-type": "application/json"}
            return Call("POST", f"/open_api/{method}/", {}, headers, orjson.dumps(params))
        query = {name: _worded(value) for name, value in params.items()}
        path = f"/open_api/v1.0/qianchuan/{method}/"
        return Call("GET", path, query, {"Access-Token": access})

    def judge(self, method: str, body: bytes) -> None:
        """Raise what a refusal means; a good answer is told by its first bytes."""
        if _GOOD.match(body):
            return
        try:
            said = orjson.loads(body)
            code = int(said["code"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise MalformedAnswer(f"{method}: the answer has no code") from error
        if code == 0:
            return
        words = f"{method}: {said.get('message') or 'no words'}"
        raise _kind(method, code, words)(words, str(code))

    def log_in(self, exchange: Exchange, now: datetime) -> Token:
        """The first token, for the refresh token that the owner handed over."""
        return self._renewed(self._first_refresh_token, exchange, now)

    def refresh(self, token: Token, exchange: Exchange, now: datetime) -> Token:
        """A new pair; the platform has both old ones dead with its answer."""
        return self._renewed(token.refresh, exchange, now)

    def _renewed(self, refresh_token: str, exchange: Exchange, now: datetime) -> Token:
        asked = {
            "app_id": int(self._app_id) if self._app_id.isdecimal() else self._app_id,
            "secret": self._secret,
            "refresh_token": refresh_token,
            "grant_type": "refresh_token",
        }
        data = orjson.loads(exchange(REFRESH, asked))["data"]
        return Token(
            data["access_token"],
            data["refresh_token"],
            now + timedelta(seconds=int(data["expires_in"])),
            now + timedelta(seconds=int(data["refresh_token_expires_in"])),
        )


def _worded(value: Any) -> str:  # noqa: ANN401 - JSON
    """A query value: text as it is, all else as compact JSON, encoded once."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _kind(method: str, code: int, words: str) -> type[PlatformError]:
    known = _BY_CODE.get(code, PlatformError)
    if not method.startswith("oauth2/"):
        return known
    # A wrong app has no code of its own in the notes: the platform's words tell it.
    if known in (ParameterRefused, PlatformError) and re.search("secret|app_?id", words, re.I):
        return SignatureRefused
    return AuthorisationGone if known is TokenExpired else known
