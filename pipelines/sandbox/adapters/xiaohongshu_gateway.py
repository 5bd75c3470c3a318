"""小红书's one gateway: system parameters in the body, signature, tokens, envelopes, refusals.

The codes of dead tokens and wrong signatures are in no source (xiaohongshu.md section 5): the ones
here are made up, and a client can only go by the words.
Source: platform notes xiaohongshu.md sections 1 to 3 and 5.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import polars as pl

from pipelines.sandbox.adapter import Answer, Outside, Request
from pipelines.sandbox.adapters.xiaohongshu_words import hex_id
from pipelines.sandbox.tokens import Pair
from pipelines.settings import SHANGHAI

PATH = "/ark/open_api/v3/common_controller"
ACCESS_FOR, REFRESH_FOR = timedelta(days=7), timedelta(days=14)
_SAME_PAIR_ABOVE, _OLD_WORKS_FOR = timedelta(minutes=30), timedelta(minutes=5)
_TOLERANCE = timedelta(minutes=10)
Refusal = tuple[int, str]
LIMITED: Refusal = (-9013, "触发Method维度的限流")
BUSY: Refusal = (-9000, "系统繁忙，请稍后重试")
EXPIRED: Refusal = (-9101, "accessToken已过期")
UNKNOWN: Refusal = (-9102, "accessToken不存在")
WITHDRAWN: Refusal = (-9103, "商家已取消授权")
SIGNATURE: Refusal = (-9104, "签名错误")
APP: Refusal = (-9105, "appId不存在")
TIMESTAMP: Refusal = (-9106, "timestamp与服务器时间相差过大")
CODE: Refusal = (-9107, "授权码无效或已过期")
REFRESH: Refusal = (-9108, "refreshToken无效或已过期")
SYSTEM = ("appId", "method", "version", "timestamp", "sign", "accessToken")


@dataclass(frozen=True)
class Shop:
    """A shop that authorised the app."""

    key: str
    seller_id: str
    name: str
    code: str


@dataclass(frozen=True)
class Call:
    """A call that passed the gate."""

    method: str
    params: Mapping[str, Any]
    owner: Shop

    @property
    def shop(self) -> str:
        """The shop whose token was used."""
        return self.owner.key

    def number(self, name: str, default: int = 0) -> int:
        """A whole number that came as number or text; -1 where it is none."""
        text = str(self.params.get(name) or default)
        return int(text) if text.isdigit() else -1


def app_of(outside: Outside) -> tuple[str, str]:
    """The company's app on 小红书: id and secret."""
    return outside.secret("xiaohongshu", "app")[:20], outside.secret("xiaohongshu", "app secret")


def shops(outside: Outside) -> dict[str, Shop]:
    """The shops by registry key; a shop's code stands for its owner, who agrees again at any time.

    Tokens live in memory only: showing the code again is how a home gets in after a restart.
    """

    def find() -> dict[str, Shop]:
        known = outside.frames["shops"].filter(pl.col("channel") == "xiaohongshu")
        seller = hex_id("5f", pl.col("platform_shop_id")).alias("seller")
        return {
            key: Shop(key, seller_id, name, outside.secret("xiaohongshu", key, "code"))
            for key, seller_id, name in known.select("shop_id", seller, "name").rows()
        }

    return outside.rendered(("xiaohongshu shops",), find)


def sign(secret: str, system: Mapping[str, Any]) -> str:
    """MD5 over what is signed, lower-case hex."""
    named = "&".join(f"{name}={system.get(name, '')}" for name in ("appId", "timestamp", "version"))
    text = f"{system.get('method', '')}?{named}{secret}"
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - the platform's own


def admitted(request: Request, outside: Outside) -> Call | Answer:
    """Check app, time, signature and token; a token call is answered here."""
    body = request.json()
    if not isinstance(body, dict):
        return parameter("请求体不是JSON对象")
    key, secret = app_of(outside)
    problem: Refusal | None = None
    if body.get("appId") != key:
        problem = APP
    elif not _in_time(str(body.get("timestamp", "")), outside.now()):
        problem = TIMESTAMP
    elif not hmac.compare_digest(sign(secret, body), str(body.get("sign", ""))):
        problem = SIGNATURE
    if problem:
        return refused(problem)
    method = str(body.get("method", ""))
    params = {name: value for name, value in body.items() if name not in SYSTEM}
    if method.startswith("oauth."):
        return _token_call(method, params, outside)
    return _with_token(str(body.get("accessToken", "")), method, params, outside)


def _with_token(
    access: str, method: str, params: Mapping[str, Any], outside: Outside
) -> Call | Answer:
    pair = outside.tokens.holder(access)
    owner = shops(outside).get(pair.owner) if pair else None
    if pair is None or owner is None:
        return refused(UNKNOWN)
    if outside.tokens.is_withdrawn(owner.key):
        return refused(WITHDRAWN)
    if not outside.tokens.is_live(pair):
        return refused(EXPIRED)
    return Call(method, params, owner)


def _in_time(stamp: str, now: datetime) -> bool:
    """Epoch seconds near the sandbox's clock or the machine's."""
    if not stamp.isdigit() or len(stamp) > 10:
        return False
    moment = datetime.fromtimestamp(int(stamp), SHANGHAI)
    machine = datetime.fromtimestamp(time.time(), SHANGHAI)
    return min(abs(moment - now), abs(moment - machine)) <= _TOLERANCE


def _token_call(method: str, params: Mapping[str, Any], outside: Outside) -> Answer:
    """A pair for a code, or for a refresh token: the same one with half an hour left or more."""
    desk = outside.tokens
    if method == "oauth.getAccessToken":
        owner = {shop.code: shop for shop in shops(outside).values()}.get(str(params.get("code")))
        if owner is None or desk.is_withdrawn(owner.key):
            return refused(CODE)
        return _pair(owner, desk.issue(owner.key, ACCESS_FOR, REFRESH_FOR))
    if method != "oauth.refreshToken":
        return parameter(f"method不存在: {method}")
    known = desk.by_refresh(str(params.get("refreshToken")))
    if known is None or desk.is_withdrawn(known.owner) or outside.now() >= known.refresh_until:
        return refused(REFRESH)
    pair = known
    if known.access_until - outside.now() < _SAME_PAIR_ABOVE:
        pair = desk.issue(known.owner, ACCESS_FOR, REFRESH_FOR)
        desk.end(known, within=_OLD_WORKS_FOR)
    return _pair(shops(outside)[known.owner], pair)


def _pair(owner: Shop, pair: Pair) -> Answer:
    data = {
        "accessToken": pair.access,
        "accessTokenExpiresAt": int(pair.access_until.timestamp()) * 1000,
        "refreshToken": pair.refresh,
        "refreshTokenExpiresAt": int(pair.refresh_until.timestamp()) * 1000,
        "sellerId": owner.seller_id,
        "sellerName": owner.name,
    }
    return granted(orjson.dumps(data))


def granted(data: bytes) -> Answer:
    """The envelope around an answer's data."""
    return Answer(b'{"error_code":0,"error_msg":"","success":true,"data":' + data + b"}")


def granted_anew(data: bytes) -> Answer:
    """The same for newer methods, with their own envelope inside."""
    return granted('{"code":0,"msg":"成功","success":true,"data":'.encode() + data + b"}")


def refused(refusal: Refusal) -> Answer:
    """The envelope around a refusal; HTTP says 200 all the same."""
    code, words = refusal
    told = {"error_code": code, "error_msg": words, "success": False, "data": None}
    return Answer(orjson.dumps(told))


def parameter(words: str) -> Answer:
    """A refused parameter."""
    return refused((-2000400, f"参数错误: {words}"))
