"""京东's wire: MD5 signature, tokens, refusals of three kinds in our words. No state, no I/O."""

from __future__ import annotations

import hashlib
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
from pipelines.sources.jd.settings import LOGIN_URL, RENEW_BEFORE

Exchange = Callable[[str, Mapping[str, Any]], bytes]
JSON_PARAMETER = "360buy_param_json"
SERVICE_AMOUNT = "jingdong.b2c.shop.aftersales.refund.get"
_FORM = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
_LOGIN = "oauth2/"
# What all good answers begin with; "responce" is the platform's spelling.
_GOOD = re.compile(rb'^\s*\{\s*"\w+_responce"\s*:\s*\{\s*"code"\s*:\s*"?0"?\s*[,}]')
_FAILED = re.compile(rb'"success"\s*:\s*"?false', re.IGNORECASE)
# jd.md, section 5.
_BY_CODE: Mapping[str, type[PlatformError]] = {
    "2": Throttled,
    "4": ParameterRefused,
    "5": ParameterRefused,
    "7": ParameterRefused,
    "8": ParameterRefused,
    "11": SignatureRefused,
    "12": SignatureRefused,
    "14": ParameterRefused,
    "15": ParameterRefused,
    "19": TokenExpired,
    "21": SignatureRefused,  # the app_key; on other platforms 21 is a limit
    "24": PermissionMissing,
    "33": PlatformBusy,
    "43": PlatformBusy,
    "65": PlatformBusy,
    "2001": PermissionMissing,
    "11100006": PermissionMissing,
}
# What a method itself says under an outer "0"; numbers there are its own.
_BY_RESULT_CODE: Mapping[str, type[PlatformError]] = {
    "2001": PermissionMissing,
    "11100006": PermissionMissing,
    "10100018": ParameterRefused,
}
_CODES = ("numberCode", "errorCode", "resultCode", "code")
_WORDS = ("chineseErrCode", "englishErrCode", "errorMessage", "errorMsg", "msg", "message")


def sign(secret: str, params: Mapping[str, str]) -> str:
    """MD5 over all parameters as sent, by name, between two secrets; upper-case hex."""
    text = "".join(f"{name}{params[name]}" for name in sorted(params))
    return hashlib.md5(f"{secret}{text}{secret}".encode()).hexdigest().upper()  # noqa: S324 - theirs


class JdClient:
    """Implements ``gateway.session.PlatformClient`` for one shop."""

    def __init__(self, shop: Shop, credentials: Mapping[str, str]) -> None:
        del shop  # the token says whose data is asked for
        self._key = credentials["app_key"]
        self._secret = credentials["app_secret"]
        self._code = credentials["code"]

    def ready(self, method: str, params: Mapping[str, Any], access: str, now: datetime) -> Call:
        """The signed request; a login goes to a host of its own, unsigned."""
        if method.startswith(_LOGIN):
            form = {"app_key": self._key, "app_secret": self._secret, **params}
            body = urlencode(form).encode()
            return Call("POST", f"/{method}", headers=_FORM, body=body, base_url=LOGIN_URL)
        form = {
            JSON_PARAMETER: orjson.dumps(params).decode(),
            "access_token": access,
            "app_key": self._key,
            "method": method,
            "timestamp": f"{now:%Y-%m-%d %H:%M:%S}",
            "v": "2.0",
        }
        form["sign"] = sign(self._secret, form)
        return Call("POST", "/routerjson", headers=_FORM, body=urlencode(form).encode())

    def judge(self, method: str, body: bytes) -> None:
        """Raise what a refusal means; it can stand in three places of the answer."""
        if method.startswith(_LOGIN):
            _judge_login(method, _said(method, body))
        elif not _GOOD.match(body):
            _envelope(method, body)
        # Of one service that has no refund the platform says so in this way: that is an answer.
        if method != SERVICE_AMOUNT and _FAILED.search(body):
            _judge_results(method, _envelope(method, body))

    def log_in(self, exchange: Exchange, now: datetime) -> Token:
        """The first token, for the code that the owner's authorisation gave."""
        asked = {"grant_type": "authorization_code", "code": self._code}
        return _token(exchange("oauth2/access_token", asked), now)

    def refresh(self, token: Token, exchange: Exchange, now: datetime) -> Token:
        """A new pair; both old tokens are dead with it."""
        asked = {"grant_type": "refresh_token", "refresh_token": token.refresh}
        return _token(exchange("oauth2/refresh_token", asked), now)


def _said(method: str, body: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedAnswer(f"{method}: the answer is no JSON") from error
    if not isinstance(said, dict):
        raise MalformedAnswer(f"{method}: the answer is no object")
    if isinstance(said.get("error_response"), dict):
        raise _refusal(method, said["error_response"])
    return said


def _envelope(method: str, body: bytes) -> dict[str, Any]:
    """What stands in the envelope of an answer that the gateway did not refuse."""
    said = _said(method, body)
    name = f"{method.replace('.', '_')}_responce"
    inside = said.get(name)
    if not isinstance(inside, dict):
        if said.get("code"):
            raise _refusal(method, said)
        raise MalformedAnswer(f"{method}: the answer has no {name}")
    if str(inside.get("code", "0")) != "0":
        raise _refusal(method, inside)
    return inside


def _judge_results(method: str, inside: Mapping[str, Any]) -> None:
    for result in inside.values():
        if isinstance(result, dict):
            verdict = result.get("apiResult", result)
            if str(verdict.get("success")).lower() == "false":
                raise _refusal(method, verdict, _BY_RESULT_CODE)


def _judge_login(method: str, said: Mapping[str, Any]) -> None:
    if said.get("access_token"):
        return
    refused = _refusal(method, said)
    # Codes of the login are in no notes: the platform's words tell a wrong app from a dead grant.
    is_app = re.search(r"secret|app_?key", refused.words, re.IGNORECASE)
    raise (SignatureRefused if is_app else AuthorisationGone)(refused.words, refused.code)


def _refusal(
    method: str, said: Mapping[str, Any], known: Mapping[str, type[PlatformError]] = _BY_CODE
) -> PlatformError:
    code = next((str(said[name]) for name in _CODES if said.get(name) not in (None, "")), "")
    words = next(
        (str(said[name]) for name in ("zh_desc", "en_desc", *_WORDS) if said.get(name)), ""
    )
    return known.get(code, PlatformError)(f"{method}: {words or 'no words'}", code)


def _token(body: bytes, now: datetime) -> Token:
    """A pair that ends for us while it can still be refreshed."""
    said = orjson.loads(body)
    lifetime = timedelta(seconds=int(said["expires_in"]))
    ends = now + lifetime
    # Half of it where a token lives for less than two days.
    renewed_at = ends - min(RENEW_BEFORE, lifetime / 2)
    return Token(said["access_token"], said["refresh_token"], renewed_at, ends)
