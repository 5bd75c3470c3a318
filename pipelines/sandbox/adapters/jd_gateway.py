"""京东's gateway as the platform keeps it: system parameters, signature, tokens, envelope, errors.

Source: platform notes jd.md sections 1 to 3 and 5.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import orjson
import polars as pl

from pipelines.sandbox.adapter import Answer, Outside, Request
from pipelines.sandbox.tokens import Pair
from pipelines.settings import SHANGHAI

TOLERANCE = timedelta(minutes=6)
LIFETIME = timedelta(seconds=31_535_999)
ROUTER, LOGIN = "/routerjson", "/oauth2/"
# code, zh_desc, en_desc
Refusal = tuple[str, str, str]
LIMITED: Refusal = ("2", "限制时间内调用失败次数", "App Call Limited")
TIMESTAMP: Refusal = ("8", "非法时间戳参数", "Invalid timestamp")
UNSIGNED: Refusal = ("11", "缺少签名参数", "Missing signature")
SIGNATURE: Refusal = ("12", "无效签名", "Invalid Signature")
NAMELESS: Refusal = ("14", "缺少方法名参数", "Missing method")
METHOD: Refusal = ("15", "不存在的方法名", "Invalid method")
EXPIRED: Refusal = ("19", "无效access_token", "Invalid access_token")
APP: Refusal = ("21", "无效app_key", "Invalid app_key")
TIMED_OUT: Refusal = ("65", "服务端处理请求超时", "Request timeout")
FORMAT: Refusal = ("10", "无效数据格式", "Invalid Format")


def parameters(request: Request) -> dict[str, str]:
    """Query and form together: clients send either, or both."""
    form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    return {**request.query, **form}


def app_of(outside: Outside) -> tuple[str, str]:
    """The company's app on 京东: key and secret."""
    return outside.secret("jd", "app")[:32].upper(), outside.secret("jd", "app", "secret")[:32]


def code_of(shop: str, outside: Outside) -> str:
    """What the owner's authorisation gave: in the sandbox it works again for every new home."""
    return outside.secret("jd", shop, "code")[:6]


def shops(outside: Outside) -> dict[str, dict[str, Any]]:
    """京东's shops, by registry key."""
    rows = outside.frames["shops"].filter(pl.col("channel") == "jd").iter_rows(named=True)
    return {row["shop_id"]: row for row in rows}


def sign(secret: str, params: dict[str, str]) -> str:
    """The signature over what was sent, upper-case hex."""
    text = "".join(f"{name}{params[name]}" for name in sorted(params) if name != "sign")
    return hashlib.md5(f"{secret}{text}{secret}".encode()).hexdigest().upper()  # noqa: S324


@dataclass(frozen=True)
class Call:
    """A call that passed the gate."""

    method: str
    params: dict[str, Any]
    shop: str

    def granted(self, inside: bytes) -> Answer:
        """The envelope around what a method answers, without its braces."""
        name = self.method.replace(".", "_")
        head = f'{{"{name}_responce":{{"code":"0",'.encode()
        return Answer(head + inside + b"}}")


def admitted(request: Request, outside: Outside) -> Call | Answer:
    """Check app, time, signature and token."""
    sent = parameters(request)
    asked = _json(sent.get("360buy_param_json") or sent.get("param_json") or "{}")
    problem = _problem(sent, outside)
    if problem or asked is None:
        return refused(problem or FORMAT)
    pair = outside.tokens.holder(sent.get("access_token", ""))
    if pair is None or not outside.tokens.is_live(pair) or pair.owner not in shops(outside):
        return refused(EXPIRED)
    return Call(sent["method"], asked, pair.owner)


def _problem(sent: dict[str, str], outside: Outside) -> Refusal | None:
    key, secret = app_of(outside)
    if not sent.get("method"):
        return NAMELESS
    if sent.get("app_key") != key:
        return APP
    if not _in_time(sent.get("timestamp", ""), outside.now()):
        return TIMESTAMP
    if not sent.get("sign"):
        return UNSIGNED
    return None if _is_signed(secret, sent) else SIGNATURE


def _is_signed(secret: str, sent: dict[str, str]) -> bool:
    """Clients differ on empty values, and those of PHP leave out what begins with @."""
    readings = (
        sent,
        {name: value for name, value in sent.items() if value != ""},
        {name: value for name, value in sent.items() if not value.startswith("@")},
    )
    given = sent["sign"].upper()
    return any(hmac.compare_digest(sign(secret, each), given) for each in readings)


def _json(text: str) -> dict[str, Any] | None:
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return said if isinstance(said, dict) else None


def _in_time(text: str, now: datetime) -> bool:
    """Wall clock of GMT+8, with or without milliseconds, near the sandbox's clock or ours."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d{1,3})?(?:\+0800)?", text)
    if found is None:
        return False
    moment = datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    machine = datetime.fromtimestamp(time.time(), SHANGHAI)
    return min(abs(moment - now), abs(moment - machine)) <= TOLERANCE


def refused(refusal: Refusal) -> Answer:
    """The envelope around a refusal; HTTP says 200 all the same."""
    code, chinese, english = refusal
    said = {"code": code, "zh_desc": chinese, "en_desc": english}
    return Answer(orjson.dumps({"error_response": said}))


def token_call(request: Request, outside: Outside) -> Answer:
    """oauth2/access_token and oauth2/refresh_token; a refresh replaces both tokens."""
    sent = parameters(request)
    desk = outside.tokens
    if (sent.get("app_key"), sent.get("app_secret")) != app_of(outside):
        return _no_token("app_key or app_secret is wrong")
    if request.path.endswith("/access_token"):
        codes = {code_of(shop, outside): shop for shop in shops(outside)}
        shop = codes.get(sent.get("code", ""))
        if shop is None or desk.is_withdrawn(shop):
            return _no_token("invalid code")
        return _token(desk.issue(shop, LIFETIME, LIFETIME), outside)
    known = desk.by_refresh(sent.get("refresh_token", ""))
    if known is None or desk.is_withdrawn(known.owner) or outside.now() >= known.refresh_until:
        return _no_token("invalid refresh_token")
    desk.end(known)
    return _token(desk.issue(known.owner, LIFETIME, LIFETIME), outside)


def _token(pair: Pair, outside: Outside) -> Answer:
    said = {
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "expires_in": int((pair.access_until - outside.now()).total_seconds()),
        "scope": "snsapi_base",
        "open_id": outside.secret("jd", pair.owner, "open id")[:24],
        "xid": f"o*{outside.secret('jd', pair.owner, 'xid')[:24]}",
        "uid": shops(outside)[pair.owner]["platform_shop_id"],
        "time": str(int(outside.now().timestamp()) * 1000),
        "token_type": "bearer",
        "code": 0,
    }
    return Answer(orjson.dumps(said))


def _no_token(words: str) -> Answer:
    return Answer(orjson.dumps({"code": 400, "msg": words, "requestId": "sandbox"}))
