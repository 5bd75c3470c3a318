"""快手's gateway as the platform keeps it: the app, signatures, OAuth2 tokens, envelopes, refusals.

The first refresh token of a shop stands for its owner: shown to the door, the app is authorised
anew, so that a home gets in again after the sandbox was restarted. Every other one turns with each
use (really within five minutes of it). The numbers of most refusals are not known; their words are.
Source: platform notes kuaishou.md sections 1 to 3 and 5.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import orjson
import polars as pl

from pipelines.sandbox.adapter import Answer, Outside, Request
from pipelines.settings import SHANGHAI

TOLERANCE = timedelta(minutes=10)
ACCESS_FOR, REFRESH_FOR = timedelta(days=2), timedelta(days=180)
_SIGNED = ("access_token", "appkey", "method", "param", "signMethod", "timestamp", "version")
_SCOPES = [
    "merchant_order", "merchant_refund", "merchant_item", "merchant_funds",
    "merchant_distribution", "user_info",
]  # fmt: skip


class Refused(Exception):  # noqa: N818 - named by what happened
    """A call that is answered with a refusal; HTTP says 200 all the same."""

    def __init__(self, result: int, words: str, **more: Any) -> None:  # noqa: ANN401 - JSON
        super().__init__(words)
        self.answer = Answer(orjson.dumps({"result": result, "error_msg": words, **more}))


def bad(words: str, result: int = 2001, data: Mapping[str, Any] | None = None) -> Refused:
    """A refused business parameter: the data are there all the same, and empty."""
    return Refused(
        result, words, msg="业务处理失败", code="807000", sub_code=str(result), sub_msg=words,
        requestId="sandbox", data=data or {},
    )  # fmt: skip


def limited(method: str) -> Refused:
    """Too many calls."""
    return Refused(1017, f"Exceed qps limit, KEY [apiId:{method};appkey:ks], MAX_QPS [300.0]")


EXPIRED = (28, "TOKEN过期")
BUSY = (3, "系统繁忙，请稍后重试")


def granted(data: bytes) -> Answer:
    """The envelope around an answer's data."""
    return Answer(
        b'{"result":1,"msg":"success","error_msg":"SUCCESS","code":"1","sub_code":"",'
        b'"sub_msg":"","requestId":"sandbox","data":' + data + b"}"
    )


@dataclass(frozen=True)
class Call:
    """A call that passed the gate."""

    shop: str
    asked: Mapping[str, Any]

    def whole(self, name: str, default: int | None = None) -> int:
        """A whole number that was asked with."""
        value = self.asked.get(name, default)
        if isinstance(value, bool) or not str(value).lstrip("-").isdigit():
            raise bad(f"{name}无效")
        return int(str(value))


def shops(outside: Outside) -> dict[str, dict[str, Any]]:
    """The channel's shops by registry key."""
    return outside.rendered(
        ("kuaishou shops",),
        lambda: {
            row["shop_id"]: row
            for row in outside.frames["shops"]
            .filter(pl.col("channel") == "kuaishou")
            .iter_rows(named=True)
        },
    )


def credentials(shop: str, outside: Outside) -> dict[str, str]:
    """What the owner of a shop hands over; the app is the company's own."""
    digits = int(outside.secret("kuaishou", "app")[:12], 16) % 10**15
    return {
        "app_key": f"ks{digits:015d}",
        "app_secret": outside.secret("kuaishou", "app secret"),
        "sign_secret": outside.secret("kuaishou", "sign secret"),
        "refresh_token": outside.secret("kuaishou", shop, "first refresh"),
    }


def open_id(kind: str, name: str) -> str:
    """What the platform calls a person or shop towards one app."""
    return hashlib.md5(f"{kind}/{name}".encode()).hexdigest()  # noqa: S324 - only a name


def sign(secret: str, system: Mapping[str, str]) -> str:
    """The signature over what of the system parameters came, as it came."""
    parts = [f"{name}={system[name]}" for name in _SIGNED if name in system]
    told = "&".join([*parts, f"signSecret={secret}"]).encode()
    if system.get("signMethod") == "HMAC_SHA256":
        return base64.b64encode(hmac.new(secret.encode(), told, "sha256").digest()).decode()
    return hashlib.md5(told).hexdigest()  # noqa: S324 - the platform's own


def parameters(request: Request) -> dict[str, str]:
    """What came in the query, and in a form."""
    form = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return {**request.query, **dict(form)}


def admitted(request: Request, outside: Outside) -> Call:
    """Check app, time, signature and token."""
    system = parameters(request)
    app = credentials("", outside)
    if system.get("appkey") != app["app_key"]:
        raise Refused(21, "appkey不存在")
    if not _in_time(system.get("timestamp", ""), outside.now()):
        raise Refused(21, "timestamp无效")
    if not hmac.compare_digest(sign(app["sign_secret"], system), system.get("sign", "")):
        raise Refused(21, "验签失败")
    asked = _json(system.get("param", "{}"))
    if not isinstance(asked, dict):
        raise bad("param无效")
    return Call(_owner(system.get("access_token", ""), outside), asked)


def _owner(access: str, outside: Outside) -> str:
    pair = outside.tokens.holder(access)
    if pair is None or not outside.tokens.is_live(pair):
        raise Refused(*EXPIRED)
    return pair.owner


def _json(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _in_time(stamp: str, now: datetime) -> bool:
    """Epoch milliseconds near the sandbox's clock or the machine's."""
    if not stamp.isdigit() or len(stamp) > 15:
        return False
    moment = datetime.fromtimestamp(int(stamp) / 1000, SHANGHAI)
    machine = datetime.fromtimestamp(time.time(), SHANGHAI)
    return min(abs(moment - now), abs(moment - machine)) <= TOLERANCE


def token_call(request: Request, outside: Outside) -> Answer:
    """``oauth2/access_token`` (in the sandbox a code is the shop's key) and its refresh."""
    asked = parameters(request)
    app = credentials("", outside)
    if asked.get("app_id") != app["app_key"] or asked.get("app_secret") != app["app_secret"]:
        raise Refused(100200101, "app_id or app_secret is wrong", error="unauthorized_client")
    if asked.get("grant_type") == "code" and request.path == "/oauth2/access_token":
        return _authorised(asked.get("code", ""), outside)
    if asked.get("grant_type") == "refresh_token" and request.path == "/oauth2/refresh_token":
        return _refreshed(asked.get("refresh_token", ""), outside)
    raise Refused(100200104, "grant_type", error="unsupported_grant_type")


def _authorised(code: str, outside: Outside) -> Answer:
    if code not in shops(outside) or outside.tokens.has_pair(code):
        raise Refused(100200105, "code", error="invalid_grant")
    return _issued(code, REFRESH_FOR, outside)


def _refreshed(token: str, outside: Outside) -> Answer:
    desk = outside.tokens
    pair = desk.by_refresh(token)
    if pair is not None and outside.now() < pair.refresh_until:
        remaining = pair.refresh_until - outside.now()
        desk.end(pair, within=ACCESS_FOR)  # the old access token lives its days out
        return _issued(pair.owner, remaining, outside)
    for shop in shops(outside):
        if token == credentials(shop, outside)["refresh_token"] and not desk.is_withdrawn(shop):
            return _issued(shop, REFRESH_FOR, outside)
    raise Refused(100200102, "refreshToken.discarded", error="access_denied")


def _issued(shop: str, refresh_for: timedelta, outside: Outside) -> Answer:
    pair = outside.tokens.issue(shop, ACCESS_FOR, refresh_for)
    told = {
        "result": 1,
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "open_id": open_id("seller", shop),
        "expires_in": int(ACCESS_FOR.total_seconds()),
        "refresh_token_expires_in": int(refresh_for.total_seconds()),
        "scopes": _SCOPES,
    }
    return Answer(orjson.dumps(told))
