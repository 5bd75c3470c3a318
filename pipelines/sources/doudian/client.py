"""抖店's wire: canonical JSON, signature, tokens, refusals in our words. No state, no I/O."""

from __future__ import annotations

import hashlib
import hmac
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
_GOOD = re.compile(rb'^\s*\{\s*"code"\s*:\s*10000\b')
_REFRESH_FOR = timedelta(days=14)
# By sub_code, then by code; doudian.md section 5.
_BY_SUB_CODE: Mapping[str, type[PlatformError]] = {
    "isv.signature-invalid": SignatureRefused,
    "isv.signature-missing": SignatureRefused,
    "isv.app-id-invalid": SignatureRefused,
    "isv.access-token-expired": TokenExpired,
    "isv.access-token-no-existed": TokenExpired,
    "isv.access-token-invalid": TokenExpired,
    "isv.access-token-missing": TokenExpired,
    "dop.authorization-closed": AuthorisationGone,
    "dop.authorization-no-existed": AuthorisationGone,
    "isv.business-failed:20004": PlatformBusy,
    "isv.business-failed:256": PlatformBusy,
    "isv.business-failed:31012": PlatformBusy,
    "dop.token-generate-failed:no-authorization": AuthorisationGone,
}
_BY_CODE: Mapping[int, type[PlatformError]] = {
    20000: PlatformBusy,
    20001: PlatformBusy,
    30001: PermissionMissing,
    30002: PermissionMissing,
    40001: ParameterRefused,
    40002: ParameterRefused,
    40003: ParameterRefused,
    40004: ParameterRefused,
    60000: Throttled,
}


def canonical(params: Mapping[str, Any]) -> bytes:
    """The body that is sent and signed: keys sorted at every level, nothing escaped, no blanks."""
    return orjson.dumps(_integral(params), option=orjson.OPT_SORT_KEYS)


def _integral(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Whole floats as integers, as the platform's own SDKs write them."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {name: _integral(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_integral(each) for each in value]
    return value


def sign(secret: str, app_key: str, method: str, param_json: bytes, timestamp: str) -> str:
    """HMAC-SHA256 over the documented pattern, lower-case hex."""
    pattern = b"".join(
        (
            secret.encode(),
            f"app_key{app_key}method{method}param_json".encode(),
            param_json,
            f"timestamp{timestamp}v2".encode(),
            secret.encode(),
        )
    )
    return hmac.new(secret.encode(), pattern, hashlib.sha256).hexdigest()


class DoudianClient:
    """Implements ``gateway.session.PlatformClient`` for one shop."""

    def __init__(self, shop: Shop, credentials: Mapping[str, str]) -> None:
        self._shop = shop
        self._key = credentials["app_key"]
        self._secret = credentials["app_secret"]

    def ready(self, method: str, params: Mapping[str, Any], access: str, now: datetime) -> Call:
        """The signed request."""
        body = canonical(params)
        timestamp = str(int(now.timestamp()))
        query = {
            "app_key": self._key,
            "method": method,
            "timestamp": timestamp,
            "v": "2",
            "sign_method": "hmac-sha256",
            "sign": sign(self._secret, self._key, method, body, timestamp),
        }
        if access:
            query["access_token"] = access
        headers = {"content-type": "application/json;charset=utf-8", "x-open-no-old-err-code": "1"}
        return Call("POST", "/" + method.replace(".", "/"), query, headers, body)

    def judge(self, method: str, body: bytes) -> None:
        """Raise what a refusal means; a good answer is told by its first bytes."""
        if _GOOD.match(body):
            return
        try:
            said = orjson.loads(body)
            code, sub_code = int(said["code"]), str(said.get("sub_code") or "")
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise MalformedAnswer(f"{method}: the answer has no code") from error
        if code == 10000:
            return
        words = f"{said.get('msg', '')} {said.get('sub_msg') or ''}".strip()
        kind = _BY_SUB_CODE.get(sub_code) or _BY_CODE.get(code, PlatformError)
        raise kind(f"{method}: {words}", f"{code} {sub_code}".strip())

    def log_in(self, exchange: Exchange, now: datetime) -> Token:
        """token.create of a self-used app: who it is asked for is all it takes."""
        if not self._shop.platform_shop_id:
            raise ParameterRefused(
                f"{self._shop.shop_key} has no platform shop id",
                hint=f"koujing shop set {self._shop.shop_key} --platform-shop-id DIGITS",
            )
        asked = {"code": "", "grant_type": "authorization_self", **self.subject()}
        return _token(exchange("token.create", asked), now)

    def subject(self) -> dict[str, str]:
        """Whose token is asked for."""
        return {"shop_id": self._shop.platform_shop_id}

    def refresh(self, token: Token, exchange: Exchange, now: datetime) -> Token:
        """token.refresh; earlier than an hour before the end it gives the same pair."""
        asked = {"grant_type": "refresh_token", "refresh_token": token.refresh}
        return _token(exchange("token.refresh", asked), now)


def _token(body: bytes, now: datetime) -> Token:
    data = orjson.loads(body)["data"]
    ends = now + timedelta(seconds=int(data["expires_in"]))
    return Token(data["access_token"], data["refresh_token"], ends, now + _REFRESH_FOR)
