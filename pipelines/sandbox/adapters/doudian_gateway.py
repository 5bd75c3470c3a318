"""抖店's gateway as the platform keeps it: system parameters, signature, tokens, envelope, errors.

Served alike for 抖店 and 精选联盟, which live on the same gateway.
Source: platform notes doudian.md sections 1 to 3 and 5.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from pipelines.sandbox.adapter import Answer, Outside, Request
from pipelines.sandbox.adapters.doudian_subjects import SHOP, Subject, subjects
from pipelines.sandbox.tokens import Pair
from pipelines.settings import SHANGHAI

TOLERANCE = timedelta(minutes=10)
ACCESS_FOR, REFRESH_FOR = timedelta(days=7), timedelta(days=14)
# code, msg, sub_code, sub_msg
Refusal = tuple[int, str, str, str]
SIGNATURE: Refusal = (40003, "非法的参数", "isv.signature-invalid", "验签失败")
EXPIRED: Refusal = (40003, "非法的参数", "isv.access-token-expired", "access_token已过期")
UNKNOWN: Refusal = (40003, "非法的参数", "isv.access-token-no-existed", "access_token不存在")
APP: Refusal = (40003, "非法的参数", "isv.app-id-invalid", "app_key不存在")
TIMESTAMP: Refusal = (40003, "非法的参数", "isv.timestamp-invalid", "timestamp与服务器时间相差过大")
ROLE: Refusal = (30001, "应用权限不足", "isv.app-permissions-insufficient", "授权主体不是店铺")
WITHDRAWN: Refusal = (30001, "应用权限不足", "dop.authorization-closed", "店铺已取消授权")
LIMITED: Refusal = (60000, "调用过于频繁", "isv.traffic-limited", "触发限流")
PLATFORM: Refusal = (20000, "系统错误", "isp.unknown-error", "")


def app_of(outside: Outside) -> tuple[str, str]:
    """The company's app on 抖店: key and secret."""
    digits = int(outside.secret("doudian", "app")[:12], 16) % 10**15
    return f"6844{digits:015d}", outside.secret("doudian", "app", "secret")


def sign(secret: str, system: dict[str, str], param_json: bytes) -> str:
    """The signature over what was sent, lower-case hex."""
    pattern = b"".join(
        (
            secret.encode(),
            f"app_key{system['app_key']}method{system['method']}param_json".encode(),
            param_json,
            f"timestamp{system['timestamp']}v{system.get('v', '2')}".encode(),
            secret.encode(),
        )
    )
    if system.get("sign_method", "md5") == "hmac-sha256":
        return hmac.new(secret.encode(), pattern, hashlib.sha256).hexdigest()
    return hashlib.md5(pattern).hexdigest()  # noqa: S324 - the platform's own


@dataclass(frozen=True)
class Call:
    """A call that passed the gate; ``pair`` is None for token calls."""

    method: str
    params: dict[str, Any]
    pair: Pair | None
    old_codes: bool
    owner: Subject | None = None

    @property
    def subject(self) -> Subject:
        """Whose token was used."""
        assert self.owner is not None, "only token calls come without"
        return self.owner

    @property
    def shop(self) -> str:
        """The shop whose token was used."""
        return self.subject.world_id

    def granted(self, data: bytes) -> Answer:
        """The answer, in the envelope that the client understands."""
        return granted(data, old_codes=self.old_codes)

    def refused(self, refusal: Refusal) -> Answer:
        """The refusal, likewise."""
        return refused(refusal, old_codes=self.old_codes)


def admitted(request: Request, outside: Outside) -> Call | Answer:
    """Check app, time, signature and token, in the platform's order."""
    system = dict(request.query)
    raw = request.body or system.get("param_json", "{}").encode()
    params = orjson.loads(raw) if _is_json(raw) else None
    old_codes = request.headers.get("x-open-no-old-err-code") != "1"
    key, secret = app_of(outside)
    method = system.get("method") or request.path.strip("/").replace("/", ".")
    system["method"] = method
    problem: Refusal | None = None
    if system.get("app_key") != key:
        problem = APP
    elif not isinstance(params, dict):
        problem = (40003, "非法的参数", "isv.parameter-format-invalid", "param_json不是JSON对象")
    elif not _in_time(system.get("timestamp", ""), outside.now()):
        problem = TIMESTAMP
    elif "sign" not in system:
        problem = (40001, "缺少参数", "isv.signature-missing", "缺少sign")
    elif not hmac.compare_digest(sign(secret, system, raw), system["sign"].lower()):
        problem = SIGNATURE
    if problem:
        return refused(problem, old_codes=old_codes)
    if method.startswith("token."):
        return Call(method, params or {}, None, old_codes)
    return _with_token(system, method, params or {}, outside, old_codes=old_codes)


def _with_token(
    system: dict[str, str],
    method: str,
    params: dict[str, Any],
    outside: Outside,
    *,
    old_codes: bool,
) -> Call | Answer:
    pair = outside.tokens.holder(system.get("access_token", ""))
    owner = subjects(outside).get(pair.owner) if pair else None
    if pair is None or owner is None:
        return refused(UNKNOWN, old_codes=old_codes)
    if outside.tokens.is_withdrawn(pair.owner):
        return refused(WITHDRAWN, old_codes=old_codes)
    if not outside.tokens.is_live(pair):
        return refused(EXPIRED, old_codes=old_codes)
    return Call(method, params, pair, old_codes, owner)


def _is_json(raw: bytes) -> bool:
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError:
        return False
    return True


def _in_time(stamp: str, now: datetime) -> bool:
    """Epoch seconds or a wall clock in GMT+8, near the sandbox's clock or the machine's."""
    try:
        moment = (
            datetime.fromtimestamp(int(stamp), SHANGHAI)
            if stamp.isdigit()
            else datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
        )
    except ValueError:
        return False
    machine = datetime.fromtimestamp(time.time(), SHANGHAI)
    return min(abs(moment - now), abs(moment - machine)) <= TOLERANCE


def granted(data: bytes, *, old_codes: bool) -> Answer:
    """The envelope around an answer's data."""
    legacy = b'"err_no":0,"message":"success",' if old_codes else b""
    return Answer(
        b'{"code":10000,"msg":"success","sub_code":"","sub_msg":"","log_id":"sandbox",'
        + legacy
        + b'"data":'
        + data
        + b"}"
    )


def refused(refusal: Refusal, *, old_codes: bool = False) -> Answer:
    """The envelope around a refusal; HTTP says 200 all the same."""
    code, message, sub_code, sub_message = refusal
    body: dict[str, Any] = {
        "code": code,
        "msg": message,
        "sub_code": sub_code,
        "sub_msg": sub_message,
        "log_id": "sandbox",
        "data": None,
    }
    if old_codes:
        body |= {"err_no": code, "message": message}
    return Answer(orjson.dumps(body))


def wall_clock(text: object) -> datetime | None:
    """A time as clients write it, GMT+8; None where it is none."""
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None


def parameter(number: int, words: str) -> Refusal:
    """A refused business parameter."""
    return (40004, "非法的参数", f"isv.parameter-invalid:{number}", words)


def token_call(call: Call, outside: Outside) -> Answer:
    """``token.create`` and ``token.refresh``, for shops and institutions."""
    desk = outside.tokens
    if call.method == "token.create":
        subject = _asked_for(call.params, outside)
        if subject is None or desk.is_withdrawn(subject.key):
            return _no_token("no-authorization", "店铺未授权", call)
        pair = desk.issue(subject.key, ACCESS_FOR, REFRESH_FOR)
    else:
        known = desk.by_refresh(str(call.params.get("refresh_token", "")))
        subject = subjects(outside).get(known.owner) if known else None
        if known is None or subject is None or desk.is_withdrawn(subject.key):
            return _no_token("token-invalid", "refresh_token无效", call)
        if outside.now() >= known.refresh_until:
            return _no_token("token-expired", "refresh_token已过期", call)
        pair = known
        # Earlier than an hour before the end the same pair comes back.
        if known.access_until - outside.now() < timedelta(hours=1):
            pair = desk.issue(known.owner, ACCESS_FOR, REFRESH_FOR)
            desk.end(known, within=timedelta(hours=1))
    data = {
        "access_token": pair.access,
        "expires_in": int((pair.access_until - outside.now()).total_seconds()),
        "refresh_token": pair.refresh,
        "scope": "SCOPE",
        "shop_id": int(subject.platform_id) if subject.role == SHOP else 0,
        "shop_name": subject.name,
        "authority_id": subject.platform_id,
        "auth_subject_type": subject.role,
    }
    return granted(orjson.dumps(data), old_codes=call.old_codes)


def _asked_for(params: dict[str, Any], outside: Outside) -> Subject | None:
    """Whose token is created: a role and its id, or a shop."""
    role = str(params.get("auth_subject_type") or SHOP)
    shop = params.get("shop_id") or params.get("code")
    number = str((shop if role == SHOP else params.get("auth_id")) or "")
    known = {(each.role, each.platform_id): each for each in subjects(outside).values()}
    return known.get((role, number))


def _no_token(why: str, words: str, call: Call) -> Answer:
    refusal = (50001, "令牌生成失败", f"dop.token-generate-failed:{why}", words)
    return refused(refusal, old_codes=call.old_codes)
