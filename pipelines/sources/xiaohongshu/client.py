"""小红书's wire: one flat JSON body, MD5 signature, tokens, refusals in our words. No I/O."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime
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
from pipelines.sources.xiaohongshu.settings import PATH, VERSION

Exchange = Callable[[str, Mapping[str, Any]], bytes]
_HEADERS = {"content-type": "application/json;charset=utf-8"}
# xiaohongshu.md section 5; no more codes are known.
_BY_CODE: Mapping[int, type[PlatformError]] = {
    -9013: Throttled,
    -2000400: ParameterRefused,
    -2000101: ParameterRefused,
}
# Codes of dead tokens, wrong signatures and the like are in no source: the words tell. First wins.
_BY_WORDS: tuple[tuple[re.Pattern[str], type[PlatformError]], ...] = (
    (re.compile("取消授权|解除授权"), AuthorisationGone),
    (re.compile("限流|频繁"), Throttled),
    (re.compile("token", re.I), TokenExpired),
    (re.compile(r"签名|\bsign|app_?id|app_?secret", re.I), SignatureRefused),
    (re.compile("权限|未授权"), PermissionMissing),
    (re.compile("繁忙|超时|系统异常|稍后"), PlatformBusy),
    (re.compile("参数"), ParameterRefused),
)


def sign(secret: str, app_id: str, method: str, timestamp: str, version: str = VERSION) -> str:
    """MD5 over method, app, time and version; nothing of the business parameters is signed."""
    text = f"{method}?appId={app_id}&timestamp={timestamp}&version={version}{secret}"
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - the platform's own


class XiaohongshuClient:
    """Implements ``gateway.session.PlatformClient`` for one shop."""

    def __init__(self, shop: Shop, credentials: Mapping[str, str]) -> None:
        self._shop = shop
        self._app_id = credentials["app_id"]
        self._secret = credentials["app_secret"]
        self._code = credentials["code"]

    def ready(self, method: str, params: Mapping[str, Any], access: str, now: datetime) -> Call:
        """The signed request: system and business parameters lie side by side."""
        timestamp = str(int(now.timestamp()))
        body = {
            **params,
            "appId": self._app_id,
            "method": method,
            "version": VERSION,
            "timestamp": timestamp,
            "sign": sign(self._secret, self._app_id, method, timestamp),
        }
        if access:
            body["accessToken"] = access
        return Call("POST", PATH, {}, _HEADERS, orjson.dumps(body))

    def judge(self, method: str, body: bytes) -> None:
        """Raise what a refusal means, in the envelope or in the one inside it."""
        try:
            said = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise MalformedAnswer(f"{method}: the answer is no JSON") from error
        if not isinstance(said, dict) or not ({"error_code", "code"} & said.keys()):
            raise MalformedAnswer(f"{method}: the answer has no code")
        inner = said.get("data")
        for envelope in (said, inner if isinstance(inner, dict) else {}):
            refusal = _refusal(method, envelope)
            if refusal is not None:
                raise refusal

    def log_in(self, exchange: Exchange, now: datetime) -> Token:
        """The first token, for the code that the owner handed over."""
        del now  # the platform says when tokens end
        return _token(exchange("oauth.getAccessToken", {"code": self._code}))

    def refresh(self, token: Token, exchange: Exchange, now: datetime) -> Token:
        """A new pair; with more than half an hour left the platform gives the same."""
        del now
        return _token(exchange("oauth.refreshToken", {"refreshToken": token.refresh}))


def _refusal(method: str, envelope: Mapping[str, Any]) -> PlatformError | None:
    """What an envelope refuses; some say success and a code that is none, so both are read."""
    code = str(envelope.get("error_code", envelope.get("code", 0)) or 0)
    if code == "0" and envelope.get("success", True) is not False:
        return None
    words = str(envelope.get("error_msg") or envelope.get("msg") or "no words")
    known = _BY_CODE.get(int(code)) if re.fullmatch(r"-?\d+", code) else None
    by_words = (kind for pattern, kind in _BY_WORDS if pattern.search(words))
    kind = known or next(by_words, PlatformError)
    if method.startswith("oauth.") and kind in (TokenExpired, PermissionMissing, PlatformError):
        kind = AuthorisationGone
    return kind(f"{method}: {words}", code)


def _token(body: bytes) -> Token:
    data = orjson.loads(body)["data"]
    return Token(
        data["accessToken"],
        data["refreshToken"],
        _moment(data["accessTokenExpiresAt"]),
        _moment(data["refreshTokenExpiresAt"]),
    )


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) // 1000, SHANGHAI)
