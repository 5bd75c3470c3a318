"""拼多多's gateway as the platform keeps it: parameters, signature, tokens, envelopes, errors.

The first refresh token of a shop stands for its owner, as on 千川's door; a code is the shop's
registry key. Every other refresh token works once. Source: platform notes pdd.md sections 1 to 5.
"""

from __future__ import annotations

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
from pipelines.sandbox.tokens import Pair
from pipelines.settings import SHANGHAI

ROUTER = "/api/router"
TOLERANCE = timedelta(minutes=10)
# Commonly said, not documented.
ACCESS_FOR, REFRESH_FOR = timedelta(days=1), timedelta(days=30)
CREATE, REFRESH = "pdd.pop.auth.token.create", "pdd.pop.auth.token.refresh"
_REQUEST_ID = "17943264000000001"
_OPEN = ("pdd.time.get", CREATE, REFRESH)
_WORDS = {
    10000: "参数错误", 10001: "公共参数错误", 10016: "client_id错误", 10017: "type错误",
    10018: "access_token错误", 10019: "access_token已过期", 20004: "签名sign校验失败",
    20031: "用户没有授权访问此接口", 50000: "系统内部错误", 50001: "业务服务错误",
    70031: "调用过于频繁，请调整调用频率",
}  # fmt: skip


class Refused(Exception):  # noqa: N818 - the platform's refusal, not an error of ours
    """Raised to answer with one of the platform's codes."""

    def __init__(self, code: int, words: str = "") -> None:
        super().__init__(words)
        error = {
            "error_msg": _WORDS[code],
            "sub_msg": words or _WORDS[code],
            "sub_code": str(code),
            "error_code": code,
            "request_id": _REQUEST_ID,
        }
        self.answer = Answer(orjson.dumps({"error_response": error}))


@dataclass(frozen=True)
class Mall:
    """A shop that authorised the company's app."""

    shop: str
    mall_id: str
    name: str


@dataclass(frozen=True)
class Call:
    """A call that passed the gate."""

    method: str
    params: Mapping[str, str]
    mall: Mall

    def whole(self, name: str, default: int | None = None) -> int:
        """A parameter that is a whole number."""
        said = self.params.get(name, "")
        if not said and default is not None:
            return default
        if not said.isdigit():
            raise Refused(10000, f"{name}不能为空" if not said else f"{name}格式错误")
        return int(said)


def malls(outside: Outside) -> dict[str, Mall]:
    """All of them, by registry key."""

    def find() -> dict[str, Mall]:
        shops = outside.frames["shops"].filter(pl.col("channel") == "pdd")
        rows = shops.select("shop_id", "platform_shop_id", "name").rows()
        return {shop: Mall(shop, mall_id, name) for shop, mall_id, name in rows}

    return outside.rendered(("pdd malls",), find)


def credentials(shop: str, outside: Outside) -> dict[str, str]:
    """What the owner hands over."""
    return {
        "client_id": outside.secret("pdd", "app")[:32],
        "client_secret": outside.secret("pdd", "app secret"),
        "refresh_token": outside.secret("pdd", shop, "first refresh"),
    }


def parameters(request: Request) -> dict[str, str]:
    """All parameters as they are signed: of the query and of a body, which is JSON or a form."""
    body = request.body.decode("utf-8", "replace")
    told = request.json() if body.lstrip().startswith("{") else None
    if isinstance(told, dict):
        inside = {name: _worded(value) for name, value in told.items() if value is not None}
    else:
        inside = dict(parse_qsl(body, keep_blank_values=True))
    return {**request.query, **inside}


def _worded(value: Any) -> str:  # noqa: ANN401 - JSON
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def sign(secret: str, params: Mapping[str, str], *, empty: bool = True) -> str:
    """The signature over what was sent; some clients leave out what is empty."""
    named = sorted(name for name in params if name != "sign" and (empty or params[name]))
    pattern = secret + "".join(f"{name}{params[name]}" for name in named) + secret
    return hashlib.md5(pattern.encode()).hexdigest().upper()  # noqa: S324 - the platform's own


def admitted(request: Request, outside: Outside) -> Call | Answer:
    """Check app, time, signature and token; calls that need no token are answered at once."""
    params = parameters(request)
    method = params.get("type", "")
    app = credentials("", outside)
    if not method:
        raise Refused(10001, "公共参数错误:type")
    if params.get("client_id") != app["client_id"]:
        raise Refused(10016)
    if not _in_time(params.get("timestamp", ""), outside.now()):
        raise Refused(10001, "公共参数错误:timestamp")
    signed = [sign(app["client_secret"], params, empty=empty) for empty in (True, False)]
    if not any(hmac.compare_digest(params.get("sign", ""), each) for each in signed):
        raise Refused(20004)
    if method in _OPEN:
        return _without_token(method, params, outside)
    return Call(method, params, malls(outside)[_owner(params, outside)])


def _owner(params: Mapping[str, str], outside: Outside) -> str:
    pair = outside.tokens.holder(params.get("access_token", ""))
    if pair is None:
        raise Refused(10018)
    if outside.tokens.is_withdrawn(pair.owner):
        raise Refused(20031)
    if not outside.tokens.is_live(pair):
        raise Refused(10019)
    return pair.owner


def _in_time(stamp: str, now: datetime) -> bool:
    """Epoch seconds near the sandbox's clock or the machine's."""
    if not stamp.isdigit():
        return False
    near = min(abs(int(stamp) - moment) for moment in (now.timestamp(), time.time()))
    return near <= TOLERANCE.total_seconds()


def _without_token(method: str, params: Mapping[str, str], outside: Outside) -> Answer:
    if method == CREATE:
        owner = params.get("code", "")
        if owner not in malls(outside) or outside.tokens.is_withdrawn(owner):
            raise Refused(10000, "code无效")
        return _issued("pop_auth_token_create_response", owner, outside)
    if method == REFRESH:
        return _refreshed(params.get("refresh_token", ""), outside)
    told = {"time": f"{outside.now():%Y-%m-%d %H:%M:%S}"}
    return granted("time_get_response", orjson.dumps(told)[1:-1])


def _refreshed(token: str, outside: Outside) -> Answer:
    """A new pair; both old tokens are dead with it."""
    desk = outside.tokens
    pair = desk.by_refresh(token)
    if pair is not None and outside.now() < pair.refresh_until:
        desk.end(pair)
        return _issued("pop_auth_token_refresh_response", pair.owner, outside)
    for owner in malls(outside):
        if token == credentials(owner, outside)["refresh_token"] and not desk.is_withdrawn(owner):
            return _issued("pop_auth_token_refresh_response", owner, outside)
    raise Refused(10019, "refresh_token已过期")


def _issued(root: str, owner: str, outside: Outside) -> Answer:
    pair = outside.tokens.issue(owner, ACCESS_FOR, REFRESH_FOR)
    mall = malls(outside)[owner]
    ends = {
        "access_token": pair.access,
        **_until("", pair, ACCESS_FOR),
        "refresh_token": pair.refresh,
        "refresh_token_expires_at": int(pair.refresh_until.timestamp()),
        "refresh_token_expires_in": int(REFRESH_FOR.total_seconds()),
        "owner_id": mall.mall_id,
        "owner_name": mall.name,
    }
    for level in ("r1_", "r2_", "w1_", "w2_"):
        ends |= _until(level, pair, ACCESS_FOR)
    return granted(root, orjson.dumps({**ends, "scope": ["pdd.order.list.get"]})[1:-1])


def _until(level: str, pair: Pair, lives: timedelta) -> dict[str, int]:
    return {
        f"{level}expires_at": int(pair.access_until.timestamp()),
        f"{level}expires_in": int(lives.total_seconds()),
    }


def granted(root: str, inside: bytes) -> Answer:
    """An answer's fields under its key, with the request's id."""
    return Answer(b'{"%b":{%b,"request_id":"%b"}}' % (root.encode(), inside, _REQUEST_ID.encode()))


def moment(text: str | None) -> datetime | None:
    """Epoch seconds as a moment; None where there are none."""
    return datetime.fromtimestamp(int(text), SHANGHAI) if text and text.isdigit() else None
