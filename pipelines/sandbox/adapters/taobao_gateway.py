"""TOP's gateway as the platform keeps it: signature, session, envelope, refusals, tokens.

Clients differ in where they put parameters, so query and form are one. The first refresh token of
a shop stands for its owner: tokens live in memory only, and that is how a home gets in again after
the sandbox was restarted. Every other refresh token works once.
Source: platform notes taobao.md sections 1 to 3 and 5.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote

import orjson

from pipelines.sandbox.adapter import Answer, Outside, Request
from pipelines.sandbox.adapters.taobao_views import shop_of
from pipelines.sandbox.tokens import Pair
from pipelines.settings import SHANGHAI

PATH = "/router/rest"
AUTH = "taobao.top.auth.token."
ACCESS_FOR, REFRESH_FOR = timedelta(days=1), timedelta(days=30)
TOLERANCE = timedelta(minutes=10)
# code, msg, sub_code, sub_msg
Refusal = tuple[int, str, str, str]
# Of the three limits the one whose words name no time: a ban's seconds would be real seconds.
LIMITED: Refusal = (7, "App Call Limited", "accesscontrol.limited-by-app-api-access-count", "")
BUSY: Refusal = (
    15,
    "Remote service error",
    "isp.top-remote-connection-timeout",
    "API调用远程连接超时",
)
METHOD: Refusal = (22, "Invalid Method", "isv.invalid-method", "不存在的方法名")
SIGNATURE: Refusal = (25, "Invalid signature", "isv.invalid-signature", "")
SESSION: Refusal = (27, "Invalid session", "invalid-sessionkey", "SessionKey非法")
EXPIRED: Refusal = (27, "Invalid session", "isv.session-expired", "SessionKey已过期")
APP: Refusal = (29, "Invalid app Key", "isv.appkey-not-exists", "app_key不存在")
TIMESTAMP: Refusal = (31, "Invalid timestamp", "isv.invalid-timestamp", "时间戳与服务器相差过大")
_SYSTEM = frozenset({
    "method", "app_key", "session", "timestamp", "format", "v", "sign_method", "sign",
    "partner_id", "target_app_key", "simplify",
})  # fmt: skip


def wrong(name: str) -> Refusal:
    """A refused parameter."""
    return (41, "Invalid Arguments", "isv.invalid-parameter", f"{name} 参数错误")


def missing(name: str) -> Refusal:
    """A parameter that is not there."""
    return (40, "Missing required arguments", "isv.missing-parameter", f"缺少 {name}")


class Refused(Exception):  # noqa: N818 - not an error of ours
    """What the platform does not take."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


def refused(refusal: Refusal) -> Answer:
    """The envelope around a refusal; HTTP says 200 all the same."""
    code, msg, sub_code, sub_msg = refusal
    said = {"code": code, "msg": msg, "sub_code": sub_code, "sub_msg": sub_msg}
    return Answer(orjson.dumps({"error_response": said | {"request_id": "sandbox"}}))


def app_of(outside: Outside) -> tuple[str, str]:
    """The company's app on TOP: key and secret."""
    digits = int(outside.secret("taobao", "app")[:10], 16) % 10**7
    return f"3{digits:07d}", outside.secret("taobao", "app secret")[:32]


def sign(secret: str, params: Mapping[str, str]) -> str:
    """The signature of all parameters but itself, by the method that they name."""
    pattern = "".join(f"{name}{params[name]}" for name in sorted(params) if name != "sign")
    key, text = secret.encode(), pattern.encode()
    method = params.get("sign_method", "md5")
    if method == "md5":
        return hashlib.md5(key + text + key).hexdigest().upper()  # noqa: S324 - TOP's own
    digest = {"hmac": "md5", "hmac-sha256": "sha256"}.get(method)
    if digest is None:
        raise Refused(wrong("sign_method"))
    return hmac.new(key, text, digest).hexdigest().upper()


@dataclass(frozen=True)
class Call:
    """A call that passed the gate."""

    method: str
    params: Mapping[str, str]
    shop: str
    simplify: bool

    def text(self, name: str) -> str:
        """A parameter that has to be there."""
        if not self.params.get(name):
            raise Refused(missing(name))
        return self.params[name]

    def whole(self, name: str, default: int, allowed: range) -> int:
        """A whole number within limits."""
        said = self.params.get(name) or str(default)
        if not said.isdigit() or int(said) not in allowed:
            raise Refused(wrong(name))
        return int(said)

    def flag(self, name: str) -> bool:
        """A boolean as clients write it."""
        return self.params.get(name, "").lower() == "true"

    def moment(self, name: str) -> int | None:
        """A wall clock in GMT+8 as epoch seconds; None where none was sent."""
        said = self.params.get(name)
        if not said:
            return None
        try:
            wall = datetime.strptime(said, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
        except ValueError:
            raise Refused(wrong(name)) from None
        return int(wall.timestamp())

    def fields(self) -> frozenset[str]:
        """Which fields are wanted; of ``orders.oid`` the whole ``orders``."""
        return frozenset(each.strip().split(".")[0] for each in self.text("fields").split(","))

    def granted(self, inside: bytes) -> Answer:
        """The answer: ``inside`` is the response object without its request_id."""
        told = b",".join(filter(None, (inside, b'"request_id":"sandbox"')))
        if self.simplify:
            return Answer(orjson.dumps(_plain(orjson.loads(b"{" + told + b"}"))))
        return Answer(b'{"' + envelope(self.method).encode() + b'":{' + told + b"}}")


def envelope(method: str) -> str:
    """The root of a method's answer."""
    return method.removeprefix("taobao.").replace(".", "_") + "_response"


def _plain(node: Any) -> Any:  # noqa: ANN401 - JSON
    """Lists without the object around them, at all depths."""
    if isinstance(node, list):
        return [_plain(each) for each in node]
    if not isinstance(node, dict):
        return node
    inner = next(iter(node.values())) if len(node) == 1 else None
    if isinstance(inner, list):
        return _plain(inner)
    return {name: _plain(value) for name, value in node.items()}


def params_of(request: Request) -> dict[str, str]:
    """Query and form together, system and business parameters alike."""
    form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    body = parse_qsl(request.body.decode(), keep_blank_values=True) if form else []
    return {**request.query, **dict(body)}


def admitted(request: Request, outside: Outside) -> Call:
    """Check app, time, signature and session.

    Raises:
        Refused: In the platform's words.
    """
    params = params_of(request)
    key, secret = app_of(outside)
    if params.get("app_key") != key:
        raise Refused(APP)
    if not _in_time(params.get("timestamp", ""), outside.now()):
        raise Refused(TIMESTAMP)
    _check_signature(secret, params)
    if params.get("format") != "json":
        raise Refused(wrong("format"))  # TOP would say it in XML, which the sandbox does not speak
    method = params.get("method", "")
    business = {name: value for name, value in params.items() if name not in _SYSTEM}
    simplify = params.get("simplify", "").lower() == "true"
    if method.startswith(AUTH):
        return Call(method, business, "", simplify)
    return Call(method, business, _shop_of(params.get("session", ""), outside), simplify)


def _check_signature(secret: str, params: Mapping[str, str]) -> None:
    """Empty values may be signed or left out: real clients do either."""
    filled = {name: value for name, value in params.items() if value}
    known = {sign(secret, params), sign(secret, filled)}
    if params.get("sign", "").upper() not in known:
        raise Refused(SIGNATURE)


def _shop_of(session: str, outside: Outside) -> str:
    pair = outside.tokens.holder(session)
    if pair is None:
        raise Refused(SESSION)
    if not outside.tokens.is_live(pair) or outside.tokens.is_withdrawn(pair.owner):
        raise Refused(EXPIRED)
    return pair.owner


def _in_time(stamp: str, now: datetime) -> bool:
    """Epoch milliseconds or a wall clock in GMT+8, near the sandbox's clock or the machine's."""
    try:
        moment = (
            datetime.fromtimestamp(int(stamp) / 1000, SHANGHAI)
            if re.fullmatch(r"\d{13}", stamp)
            else datetime.strptime(stamp[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
        )
    except ValueError:
        return False
    machine = datetime.fromtimestamp(time.time(), SHANGHAI)
    return min(abs(moment - now), abs(moment - machine)) <= TOLERANCE


def first_refresh_token(shop: str, outside: Outside) -> str:
    """What the shop's owner hands over."""
    return outside.secret("taobao", shop, "first refresh")


def token_call(call: Call, outside: Outside) -> Answer:
    """token.create by a code (in the sandbox the shop's key), token.refresh: both tokens turn."""
    desk, shops = outside.tokens, outside.frames["shops"]["shop_id"].to_list()
    if call.method.endswith(".create"):
        owner = next((each for each in shops if each == call.text("code")), None)
    else:
        token = call.text("refresh_token")
        pair = desk.by_refresh(token)
        if pair is not None and outside.now() >= pair.refresh_until:
            raise Refused(wrong("refresh_token"))
        if pair is not None:
            desk.end(pair)
        firsts = (each for each in shops if token == first_refresh_token(each, outside))
        owner = pair.owner if pair else next(firsts, None)
    if owner is None or desk.is_withdrawn(owner):
        raise Refused(wrong("code" if call.method.endswith(".create") else "refresh_token"))
    result = _told(desk.issue(owner, ACCESS_FOR, REFRESH_FOR), outside)
    return call.granted(b'"token_result":' + orjson.dumps(orjson.dumps(result).decode()))


def _told(pair: Pair, outside: Outside) -> dict[str, object]:
    """What TOP says of a pair of tokens; the seller's nick is URL-encoded in it."""
    shop = shop_of(outside, pair.owner)
    access, refresh = (int(each.total_seconds()) for each in (ACCESS_FOR, REFRESH_FOR))
    return {
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "token_type": "Bearer",
        "expires_in": access,
        "expire_time": int(pair.access_until.timestamp()) * 1000,
        "re_expires_in": refresh,
        "refresh_token_valid_time": int(pair.refresh_until.timestamp()) * 1000,
        "taobao_user_id": shop["platform_shop_id"],
        "taobao_user_nick": quote(shop["name"]),
    }
