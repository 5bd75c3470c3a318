"""快手's wire: one JSON parameter, signature, OAuth2 tokens, refusals in our words.

No state, no I/O. Only some refusals have numbers in the platform notes; the others (a token that
ended, a wrong signature, limits) are told by the platform's words.
"""

from __future__ import annotations

import base64
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

Exchange = Callable[[str, Mapping[str, Any]], bytes]
REFRESH = "oauth2/refresh_token"
_GOOD = re.compile(rb'^\s*\{\s*"result"\s*:\s*1\s*,')
# kuaishou.md, sections 2 and 5; the thousands of 300 are refund queries.
_BY_RESULT: Mapping[int, type[PlatformError]] = {
    24: AuthorisationGone,
    2001: ParameterRefused,
    **dict.fromkeys(range(300_002, 300_020), ParameterRefused),
    100_200_100: ParameterRefused,
    100_200_101: SignatureRefused,
    100_200_102: AuthorisationGone,
    100_200_103: ParameterRefused,
    100_200_104: ParameterRefused,
    100_200_105: AuthorisationGone,
    100_200_106: PermissionMissing,
    100_200_107: AuthorisationGone,
    100_200_500: PlatformBusy,
}
# 鉴权失败 is said of a token that ended, of one taken back and of a missing permission; a refresh
# tells the first from the others.
_BY_WORDS: tuple[tuple[str, type[PlatformError]], ...] = (
    (r"exceed (quota|qps) limit", Throttled),
    (r"scope权限", PermissionMissing),
    (r"验签失败|签名校验失败", SignatureRefused),
    (r"AUTHORIZATION_REVOKED", AuthorisationGone),
    (r"TOKEN\s*过期|access_?token|鉴权失败", TokenExpired),
    (r"系统繁忙|系统异常|服务超时", PlatformBusy),
)


def sign(secret: str, system: Mapping[str, str]) -> str:
    """The signature over the system parameters as sent, before any URL encoding."""
    text = "&".join(f"{name}={system[name]}" for name in sorted(system))
    told = f"{text}&signSecret={secret}".encode()
    if system.get("signMethod") == "HMAC_SHA256":
        return base64.b64encode(hmac.digest(secret.encode(), told, hashlib.sha256)).decode()
    return hashlib.md5(told).hexdigest()  # noqa: S324 - the platform's own


class KuaishouClient:
    """Implements ``gateway.session.PlatformClient`` for one shop."""

    def __init__(self, shop: Shop, credentials: Mapping[str, str]) -> None:
        del shop  # the token alone says whose it is
        self._key = credentials["app_key"]
        self._app_secret = credentials["app_secret"]
        self._sign_secret = credentials["sign_secret"]
        self._first_refresh_token = credentials["refresh_token"]

    def ready(self, method: str, params: Mapping[str, Any], access: str, now: datetime) -> Call:
        """The request: reads are GET with everything in the query, tokens a form."""
        if method == REFRESH:
            headers = {"content-type": "application/x-www-form-urlencoded"}
            return Call("POST", f"/{method}", {}, headers, urlencode(params).encode())
        system = {
            "access_token": access,
            "appkey": self._key,
            "method": method,
            "param": orjson.dumps(params).decode(),
            "signMethod": "HMAC_SHA256",
            "timestamp": str(int(now.timestamp()) * 1000),
            "version": "1",
        }
        query = {**system, "sign": sign(self._sign_secret, system)}
        return Call("GET", "/" + method.replace(".", "/"), query)

    def judge(self, method: str, body: bytes) -> None:
        """Raise what a refusal means; a good answer is told by its first bytes."""
        if _GOOD.match(body):
            return
        try:
            said = orjson.loads(body)
            result = int(said["result"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise MalformedAnswer(f"{method}: the answer has no result") from error
        if result == 1:
            return
        told = [str(said[name]) for name in ("msg", "error", "error_msg") if said.get(name)]
        words = f"{method}: {' '.join(told) or 'no words'}"
        raise _kind(result, words)(words, str(result))

    def log_in(self, exchange: Exchange, now: datetime) -> Token:
        """The first token, for the refresh token that the owner handed over."""
        return self._renewed(self._first_refresh_token, exchange, now)

    def refresh(self, token: Token, exchange: Exchange, now: datetime) -> Token:
        """A new pair; the old refresh token dies within minutes, 180 days go on as they were."""
        return self._renewed(token.refresh, exchange, now)

    def _renewed(self, refresh_token: str, exchange: Exchange, now: datetime) -> Token:
        asked = {
            "app_id": self._key,
            "app_secret": self._app_secret,
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
        }
        said = orjson.loads(exchange(REFRESH, asked))
        return Token(
            said["access_token"],
            said["refresh_token"],
            now + timedelta(seconds=int(said["expires_in"])),
            now + timedelta(seconds=int(said["refresh_token_expires_in"])),
        )


def _kind(result: int, words: str) -> type[PlatformError]:
    by_words = (kind for said, kind in _BY_WORDS if re.search(said, words, re.I))
    return next(by_words, _BY_RESULT.get(result, PlatformError))
