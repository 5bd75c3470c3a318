"""TOP's wire: one path, a form of parameters, signature, tokens, refusals. No state, no I/O."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

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
from pipelines.sources.taobao.settings import PATH

Exchange = Callable[[str, Mapping[str, Any]], bytes]
AUTH = "taobao.top.auth.token."
_GOOD = re.compile(rb'^\s*\{\s*"(?!error_response")\w+_response"\s*:')
_BAN = re.compile(r"(\d+) more seconds")
_HEADERS = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
# How long a handed-over session lives is told to nobody; the platform says when it is over.
_SESSION_FOR = timedelta(days=365)
_QUOTA = "accesscontrol.limited-by-app-access-count"
# taobao.md, section 5. What is of the platform's own making (isp.*, ism.*) goes before.
_BY_CODE: Mapping[int, type[PlatformError]] = {
    7: Throttled,
    10: PlatformBusy,
    11: PermissionMissing,
    12: PermissionMissing,
    13: PermissionMissing,
    15: ParameterRefused,
    21: ParameterRefused,
    22: ParameterRefused,
    24: SignatureRefused,
    25: SignatureRefused,
    26: TokenExpired,
    27: TokenExpired,
    28: SignatureRefused,
    29: SignatureRefused,
    30: ParameterRefused,
    31: ParameterRefused,
    40: ParameterRefused,
    41: ParameterRefused,
    44: TokenExpired,
}


def sign(secret: str, params: Mapping[str, str]) -> str:
    """Upper-case hex over all parameters in the order of their names, by the method they name."""
    text = "".join(f"{name}{params[name]}" for name in sorted(params)).encode()
    key = secret.encode()
    if params["sign_method"] == "md5":
        return hashlib.md5(key + text + key).hexdigest().upper()  # noqa: S324 - TOP's own
    digest = {"hmac": "md5", "hmac-sha256": "sha256"}[params["sign_method"]]
    return hmac.new(key, text, digest).hexdigest().upper()


def envelope(method: str) -> str:
    """The root of a method's answer."""
    return method.removeprefix("taobao.").replace(".", "_") + "_response"


class TaobaoClient:
    """Implements ``gateway.session.PlatformClient`` for one shop."""

    def __init__(self, shop: Shop, credentials: Mapping[str, str]) -> None:
        self._shop = shop
        self._key = credentials["app_key"]
        self._secret = credentials["app_secret"]
        self._session = credentials.get("session_key", "")
        self._refresh_token = credentials.get("refresh_token", "")

    def ready(self, method: str, params: Mapping[str, Any], access: str, now: datetime) -> Call:
        """The signed form; what is empty is neither sent nor signed."""
        asked = {
            "method": method,
            "app_key": self._key,
            "session": access,
            "timestamp": f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
            "format": "json",
            "v": "2.0",
            # Of the three methods the one whose vector TOP's own document prints.
            "sign_method": "md5",
            **{name: str(value) for name, value in params.items()},
        }
        filled = {name: value for name, value in asked.items() if value}
        body = urlencode({**filled, "sign": sign(self._secret, filled)}).encode()
        return Call("POST", PATH, {}, _HEADERS, body)

    def judge(self, method: str, body: bytes) -> None:
        """Raise what a refusal means; a good answer is told by its first bytes."""
        if _GOOD.match(body):
            return
        try:
            said = orjson.loads(body)["error_response"]
            code, sub_code = int(said["code"]), str(said.get("sub_code") or "")
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise MalformedAnswer(f"{method}: neither an answer nor an error of TOP") from error
        sub_words = str(said.get("sub_msg") or "")
        words = f"{method}: {said.get('msg', '')} {sub_words}".strip()
        raise _refusal(method, words, code, sub_code)

    def log_in(self, exchange: Exchange, now: datetime) -> Token:
        """The session that the owner handed over, or one for their refresh token."""
        if self._refresh_token:
            return self._refreshed(self._refresh_token, exchange, now)
        if not self._session:
            raise ParameterRefused(
                f"{self._shop.shop_key} has neither session_key nor refresh_token",
                hint=f"koujing shop set {self._shop.shop_key} --credential session_key=…",
            )
        return Token(self._session, "", now + _SESSION_FOR, now + _SESSION_FOR)

    def refresh(self, token: Token, exchange: Exchange, now: datetime) -> Token:
        """A new pair; a shop's own app has none and has to be authorised again by a person."""
        if not token.refresh:
            raise AuthorisationGone(f"{self._shop.shop_key}: its session cannot be refreshed")
        return self._refreshed(token.refresh, exchange, now)

    def _refreshed(self, refresh_token: str, exchange: Exchange, now: datetime) -> Token:
        method = f"{AUTH}refresh"
        body = exchange(method, {"refresh_token": refresh_token})
        # The result is JSON within a text.
        told = orjson.loads(orjson.loads(body)[envelope(method)]["token_result"])
        return Token(
            told["access_token"],
            told.get("refresh_token") or refresh_token,
            now + timedelta(seconds=int(told["expires_in"])),
            now + timedelta(seconds=int(told.get("re_expires_in") or 0)),
        )


def _refusal(method: str, words: str, code: int, sub_code: str) -> PlatformError:
    """What a refusal is in our words."""
    shown = f"{code} {sub_code}".strip()
    if sub_code.startswith(("isp.", "ism.")):
        return PlatformBusy(words, shown)
    if sub_code == _QUOTA:
        hint = "The app's calls of this day are used up: run again tomorrow."
        return PlatformError(words, shown, hint)
    kind = _BY_CODE.get(code, PlatformError)
    if kind is Throttled:
        ban = _BAN.search(words)
        return Throttled(words, shown, float(ban.group(1)) if ban else 0)
    if method.startswith(AUTH) and kind in (ParameterRefused, TokenExpired):
        return AuthorisationGone(words, shown)
    if kind is TokenExpired:
        return TokenExpired(words, shown, AuthorisationGone.hint)
    return kind(words, shown)
