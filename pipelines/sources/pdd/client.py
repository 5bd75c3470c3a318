"""拼多多's wire: form bodies, MD5 signature, tokens, refusals in our words. No state, no I/O."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

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
from pipelines.sources.pdd.settings import FILE, ROUTER, TOKEN_CREATE, TOKEN_REFRESH

Exchange = Callable[[str, Mapping[str, Any]], bytes]
# Ads answer under ``response`` and may refuse there; every other good answer has a key of its own.
_GOOD = re.compile(rb'\s*\{\s*"(?!error_response"|response")\w+"')
# pdd.md, section 5.
_BY_CODE: Mapping[int, type[PlatformError]] = {
    10000: ParameterRefused,
    10001: ParameterRefused,
    10016: SignatureRefused,
    10017: ParameterRefused,
    10018: TokenExpired,
    10019: TokenExpired,
    20004: SignatureRefused,
    20005: PermissionMissing,
    20031: PermissionMissing,
    20032: AuthorisationGone,
    20034: PermissionMissing,
    20035: PermissionMissing,
    50000: PlatformBusy,
    50001: ParameterRefused,
    52101: Throttled,
    52102: Throttled,
    52103: PlatformBusy,
    70031: Throttled,
    70032: PlatformBusy,
}


def worded(value: Any) -> str:  # noqa: ANN401 - JSON
    """A parameter as it is sent and signed: text as it is, all else as compact JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def sign(secret: str, params: Mapping[str, str]) -> str:
    """MD5 over the secret, all names with their values in order, the secret; upper-case hex."""
    told = "".join(f"{name}{params[name]}" for name in sorted(params))
    return hashlib.md5(f"{secret}{told}{secret}".encode()).hexdigest().upper()  # noqa: S324


class PddClient:
    """Implements ``gateway.session.PlatformClient`` for one mall."""

    def __init__(self, shop: Shop, credentials: Mapping[str, str]) -> None:
        self._shop = shop
        self._id = credentials["client_id"]
        self._secret = credentials["client_secret"]
        self._code = credentials.get("code", "")
        self._first_refresh_token = credentials.get("refresh_token", "")

    def ready(self, method: str, params: Mapping[str, Any], access: str, now: datetime) -> Call:
        """The signed request; a file is asked for where its address says."""
        if method == FILE:
            return _of_file(str(params["url"]))
        asked = {
            **{name: worded(value) for name, value in params.items()},
            "type": method,
            "client_id": self._id,
            "timestamp": str(int(now.timestamp())),
            "data_type": "JSON",
            "version": "V1",
        }
        if access:
            asked["access_token"] = access
        asked["sign"] = sign(self._secret, asked)
        headers = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
        return Call("POST", ROUTER, {}, headers, urlencode(asked).encode())

    def judge(self, method: str, body: bytes) -> None:
        """Raise what a refusal means; a good answer is told by its first key."""
        if _GOOD.match(body) or (method == FILE and not body.lstrip().startswith(b"{")):
            return
        code, words = _refusal(method, body)
        if code is None:
            return
        kind = _BY_CODE.get(code, PlatformError)
        if kind is TokenExpired and method in (TOKEN_CREATE, TOKEN_REFRESH):
            kind = AuthorisationGone
        raise kind(f"{method}: {words}", str(code))

    def log_in(self, exchange: Exchange, now: datetime) -> Token:
        """The first token, for what the owner handed over."""
        del now  # the answer says until when
        if self._first_refresh_token:
            asked = {"refresh_token": self._first_refresh_token}
            return _token(exchange(TOKEN_REFRESH, asked), "pop_auth_token_refresh_response")
        if self._code:
            body = exchange(TOKEN_CREATE, {"code": self._code})
            return _token(body, "pop_auth_token_create_response")
        raise AuthorisationGone(f"{self._shop.shop_key} has no authorisation yet")

    def refresh(self, token: Token, exchange: Exchange, now: datetime) -> Token:
        """A new pair."""
        del now
        body = exchange(TOKEN_REFRESH, {"refresh_token": token.refresh})
        return _token(body, "pop_auth_token_refresh_response")


def _of_file(url: str) -> Call:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Call("GET", parts.path, query, base_url=f"{parts.scheme}://{parts.netloc}", is_file=True)


def _refusal(method: str, body: bytes) -> tuple[int | None, str]:
    """Code and words of a refusal; no code where the answer is none.

    Raises:
        MalformedAnswer: The answer is neither.
    """
    try:
        said = orjson.loads(body)
        if "error_response" in said:
            error = said["error_response"]
            said_twice = dict.fromkeys((error.get("error_msg"), error.get("sub_msg")))
            return int(error["error_code"]), " ".join(filter(None, said_twice))
        answer = said["response"]
        if answer["success"]:
            return None, ""
        return int(answer["errorCode"]), str(answer.get("errorMsg") or "no words")
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise MalformedAnswer(f"{method}: the answer says nothing") from error


def _token(body: bytes, root: str) -> Token:
    data = orjson.loads(body)[root]
    ends, refresh_ends = (
        datetime.fromtimestamp(int(data[name]), SHANGHAI)
        for name in ("expires_at", "refresh_token_expires_at")
    )
    return Token(data["access_token"], data["refresh_token"], ends, refresh_ends)
