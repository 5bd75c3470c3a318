"""有赞's gateway as the platform keeps it: paths, content types, tokens, both kinds of refusal.

Source: platform notes youzan.md sections 1, 2 and 5. HTTP says 200 to everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import polars as pl

from pipelines.sandbox.adapter import Answer, Outside, Request
from pipelines.sandbox.tokens import Pair
from pipelines.settings import SHANGHAI

LOGIN = "/auth/token"
API = "/api/youzan."
_ACCESS_FOR, _REFRESH_FOR = timedelta(days=7), timedelta(days=28)
_OLD_ONE_LIVES = timedelta(hours=1)
_TYPES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")

BAD_PATH = (4001, "非法请求地址")
NO_SUCH_API = (4005, "非法的API")
BAD_TYPE = (4007, "非法的请求姿势")
LIMITED = (4101, "请求过于频繁")
NO_TOKEN = (4201, "非法的请求凭证")
EXPIRED = (4202, "access_token已过期")
UNKNOWN = (4203, "token不存在")
BAD_VALUE = (5001, "服务端异常")
BUSY = (5002, "服务异常，请稍后重试")
Refusal = tuple[int, str]


@dataclass(frozen=True)
class Caller:
    """Whose token was used."""

    shop: str
    kdt_id: int
    name: str


@dataclass(frozen=True)
class Call:
    """A call that passed the gate."""

    method: str
    params: Mapping[str, Any]
    caller: Caller


class Refused(Exception):  # noqa: N818 - named by what happened
    """Carries the answer that refuses a call."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def granted(data: bytes) -> Answer:
    """The envelope around an answer's data."""
    head = b'{"trace_id":"yz7-sandbox","code":200,"success":true,"message":"successful","data":'
    return Answer(head + data + b"}")


def by_gateway(refusal: Refusal) -> Answer:
    """A refusal of the gateway itself."""
    code, words = refusal
    said = {"trace_id": "yz7-sandbox", "err_msg": words, "err_code": code}
    return Answer(orjson.dumps({"gw_err_resp": said}))


def by_api(code: int, words: str) -> Answer:
    """A refusal of an API or of the login."""
    said = {"trace_id": "yz7-sandbox", "code": code, "success": False, "message": words}
    return Answer(orjson.dumps(said | {"data": None, "request_id": "sandbox"}))


def app_of(outside: Outside) -> tuple[str, str]:
    """The company's self-built app: client_id and client_secret."""
    return outside.secret("youzan", "app")[:20], outside.secret("youzan", "app", "secret")[:32]


def callers(outside: Outside) -> dict[str, Caller]:
    """The shops of this channel by their key."""
    shops = outside.frames["shops"].filter(pl.col("channel") == "youzan")
    columns = shops.select("shop_id", "platform_shop_id", "name")
    return {shop: Caller(shop, int(number), name) for shop, number, name in columns.iter_rows()}


def admitted(request: Request, outside: Outside, versions: Mapping[str, str]) -> Call:
    """Check path, API, content type and token, in the platform's order.

    Raises:
        Refused: With the gateway's answer.
    """
    method, _, version = request.path.removeprefix("/api/").partition("/")
    if not version:
        raise Refused(by_gateway(BAD_PATH))
    if versions.get(method) != version:
        raise Refused(by_gateway(NO_SUCH_API))
    told = request.headers.get("content-type", "application/json")
    if request.method == "POST" and not told.startswith(_TYPES):
        raise Refused(by_gateway(BAD_TYPE))
    caller = _caller(request.query.get("access_token", ""), outside)
    body = request.json() if request.body else {}
    if not isinstance(body, dict):
        raise Refused(by_gateway(BAD_VALUE))
    return Call(method, {**request.query, **body}, caller)


def _caller(access: str, outside: Outside) -> Caller:
    if not access:
        raise Refused(by_gateway(NO_TOKEN))
    pair = outside.tokens.holder(access)
    if pair is None or outside.tokens.is_withdrawn(pair.owner):
        raise Refused(by_gateway(UNKNOWN))
    if not outside.tokens.is_live(pair):
        raise Refused(by_gateway(EXPIRED))
    return callers(outside)[pair.owner]


def log_in(request: Request, outside: Outside) -> Answer:
    """auth/token: a self-built app by itself, a market app with its refresh token."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return by_api(1000, "Content type not supported,Please use 'application/json'")
    asked = request.json()
    client_id, secret = app_of(outside)
    if not isinstance(asked, dict) or asked.get("client_id") != client_id:
        return by_api(1103, "Client 不存在")
    if asked.get("client_secret") != secret:
        return by_api(1000, "应用信息错误")
    ways: Mapping[str, Callable[[Mapping[str, Any], Outside], Answer]] = {
        "silent": _silent,
        "refresh_token": _renewed,
        "authorization_code": lambda *_: by_api(1005, "非法授权码"),
    }
    way = ways.get(str(asked.get("authorize_type")))
    return way(asked, outside) if way else by_api(1105, "不支持的应用类型")


def _silent(asked: Mapping[str, Any], outside: Outside) -> Answer:
    known = {str(each.kdt_id): each for each in callers(outside).values()}
    caller = known.get(str(asked.get("grant_id")))
    desk = outside.tokens
    if caller is None or desk.is_withdrawn(caller.shop):
        return by_api(1103, "授权关系不存在")
    pair = desk.live(caller.shop)
    if pair is not None and asked.get("refresh") not in (True, "true"):
        return _told(pair, caller)
    if pair is not None:
        desk.end(pair, within=_OLD_ONE_LIVES)
    return _told(desk.issue(caller.shop, _ACCESS_FOR, _REFRESH_FOR), caller)


def _renewed(asked: Mapping[str, Any], outside: Outside) -> Answer:
    desk = outside.tokens
    pair = desk.by_refresh(str(asked.get("refresh_token")))
    if pair is None or desk.is_withdrawn(pair.owner) or outside.now() >= pair.refresh_until:
        return by_api(1004, "授权关系已过期")
    desk.end(pair)
    caller = callers(outside)[pair.owner]
    return _told(desk.issue(caller.shop, _ACCESS_FOR, _REFRESH_FOR), caller)


def _told(pair: Pair, caller: Caller) -> Answer:
    data = {
        "expires": int(pair.access_until.timestamp() * 1000),
        "scope": "shop item trade logistics",
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "authority_id": str(caller.kdt_id),
    }
    said = {"success": True, "code": 200, "data": data, "message": None}
    return Answer(orjson.dumps(said))


def seconds(call: Call, name: str) -> int | None:
    """A wall clock that a client sent, as epoch seconds; None where it sent none.

    Raises:
        Refused: It is no time of day; the platform calls that an error of its server.
    """
    told = call.params.get(name)
    if told is None:
        return None
    try:
        moment = datetime.strptime(str(told), "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        raise Refused(by_gateway(BAD_VALUE)) from None
    return int(moment.timestamp())


def whole(call: Call, name: str, default: int | None) -> int | None:
    """A whole number that a client sent.

    Raises:
        Refused: It is none.
    """
    told = call.params.get(name, default)
    if told is None:
        return None
    if not str(told).isdigit():
        raise Refused(by_gateway(BAD_VALUE))
    return int(told)
