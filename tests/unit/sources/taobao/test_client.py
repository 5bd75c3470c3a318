"""TOP's wire: signature vectors, forms, refusals in words, sessions and refresh tokens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest

from pipelines.gateway import errors
from pipelines.registry.credentials import Token
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI
from pipelines.sources.taobao import CONNECTOR
from pipelines.sources.taobao.client import TaobaoClient, sign
from tests.unit.sources.playing import read_sample

SHOP = Shop(shop_key="tb", channel="taobao", name="tb")
NOW = datetime(2026, 11, 14, 20, tzinfo=SHANGHAI)
APP = {"app_key": "12300001", "app_secret": "demo-secret-tb-01"}
CLIENT = TaobaoClient(SHOP, {**APP, "session_key": "sess-demo-01"})
# Vectors of the platform notes (taobao.md, section 3): TOP's own document, and three methods.
PRINTED = {
    "app_key": "12345678", "fields": "num_iid,title,nick,price,num", "format": "json",
    "method": "taobao.item.seller.get", "num_iid": "11223344", "session": "test",
    "sign_method": "md5", "timestamp": "2016-01-01 12:00:00", "v": "2.0",
}  # fmt: skip
ONSALE = {
    "app_key": "12300001", "fields": "num_iid,title,price,modified", "format": "json",
    "method": "taobao.items.onsale.get", "page_no": "1", "page_size": "40", "q": "纯棉 T恤&短袖",
    "session": "sess-demo-01", "timestamp": "2026-01-15 10:30:00", "v": "2.0",
}  # fmt: skip
VECTORS = [
    ("helloworld", PRINTED, "66987CB115214E59E6EC978214934FB8"),
    (
        APP["app_secret"],
        ONSALE | {"sign_method": "md5"},
        "CC5DA4F847420AE96F40926C3B950F30",
    ),
    (
        APP["app_secret"],
        ONSALE | {"sign_method": "hmac"},
        "A6D0FD3A479EC91C12FEDD41CA2F9DDF",
    ),
    (
        APP["app_secret"],
        ONSALE | {"sign_method": "hmac-sha256"},
        "377353AA6459C444363E895EE580789C28744C57A6D2BD4D4593131AC02B7994",
    ),
]


@pytest.mark.parametrize(
    ("secret", "params", "expected"), VECTORS, ids=[each[1]["sign_method"] for each in VECTORS]
)
def test_signature_vectors(secret: str, params: dict[str, str], expected: str) -> None:
    assert sign(secret, params) == expected


def form_of(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def test_a_call_is_a_signed_form_without_what_is_empty() -> None:
    call = CLIENT.ready(
        "taobao.items.onsale.get",
        {"fields": "num_iid,title,price,modified", "page_no": 1, "page_size": 40}
        | {"q": "纯棉 T恤&短袖", "cid": ""},
        "sess-demo-01",
        datetime(2026, 1, 15, 10, 30, tzinfo=SHANGHAI),
    )
    assert (call.verb, call.path, call.query) == ("POST", "/router/rest", {})
    assert form_of(call.body) == ONSALE | {
        "sign_method": "md5",
        "sign": "CC5DA4F847420AE96F40926C3B950F30",
    }


@pytest.mark.parametrize(
    ("sample", "kind", "words"),
    [
        ("error.invalid_signature", errors.SignatureRefused, "Invalid signature"),
        ("error.invalid_parameter", errors.ParameterRefused, "end_modified 参数错误"),
        ("error.session_expired", errors.TokenExpired, "SessionKey非法"),
        ("error.service_unavailable", errors.PlatformBusy, "API调用远程连接超时"),
        ("error.rate_limit", errors.Throttled, "1 more seconds"),
    ],
)
def test_sample_refusals_say_what_they_mean(
    platform_samples: Path, sample: str, kind: type[errors.PlatformError], words: str
) -> None:
    body = orjson.dumps(read_sample(platform_samples, "taobao", sample))
    with pytest.raises(kind, match=words) as refused:
        CLIENT.judge("taobao.trades.sold.increment.get", body)
    assert type(refused.value) is kind


def refusal(code: int, sub_code: str, sub_msg: str = "") -> bytes:
    said = {"code": code, "msg": "no", "sub_code": sub_code, "sub_msg": sub_msg}
    return orjson.dumps({"error_response": said})


@pytest.mark.parametrize(
    ("code", "sub_code", "kind"),
    [
        (10, "isp.service-unavailable", errors.PlatformBusy),
        (15, "isp.remote-connection-error", errors.PlatformBusy),
        (15, "ism.json-decode-error", errors.PlatformBusy),
        (15, "isv.trade-not-exist", errors.ParameterRefused),
        (11, "isv.permission-api-package-limit", errors.PermissionMissing),
        (26, "", errors.TokenExpired),
        (27, "isv.session-expired", errors.TokenExpired),
        (29, "isv.appkey-not-exists", errors.SignatureRefused),
        (7, "accesscontrol.limited-by-app-api-access-count", errors.Throttled),
        (53, "", errors.PlatformError),
    ],
)
def test_codes_by_who_is_to_blame(
    code: int, sub_code: str, kind: type[errors.PlatformError]
) -> None:
    with pytest.raises(errors.PlatformError) as refused:
        CLIENT.judge("taobao.trade.fullinfo.get", refusal(code, sub_code))
    assert type(refused.value) is kind


def test_a_ban_says_how_long_and_a_day_s_quota_is_not_waited_for() -> None:
    with pytest.raises(errors.Throttled) as banned:
        CLIENT.judge("m", refusal(7, "x", "This ban will last for 42 more seconds"))
    assert banned.value.after == 42
    with pytest.raises(errors.PlatformError, match="no") as over:
        CLIENT.judge("m", refusal(7, "accesscontrol.limited-by-app-access-count"))
    assert not isinstance(over.value, errors.PASSING)
    assert "tomorrow" in over.value.hint


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"error_response":{}}', b'{"a_response"', b"<x"])
def test_an_answer_that_says_nothing_is_malformed(body: bytes) -> None:
    with pytest.raises(errors.MalformedAnswer):
        CLIENT.judge("m", body)


def test_a_good_answer_passes() -> None:
    CLIENT.judge("m", b' {"trades_sold_increment_get_response":{"total_results":0}}')


def nothing_is_asked(method: str, params: Mapping[str, Any]) -> bytes:
    raise AssertionError(method, params)


def test_a_handed_over_session_is_used_as_it_is_and_cannot_be_refreshed() -> None:
    token = CLIENT.log_in(nothing_is_asked, NOW)
    assert (token.access, token.refresh) == ("sess-demo-01", "")
    with pytest.raises(errors.AuthorisationGone, match="cannot be refreshed"):
        CLIENT.refresh(token, nothing_is_asked, NOW)
    with pytest.raises(errors.ParameterRefused, match="neither session_key nor refresh_token"):
        TaobaoClient(SHOP, APP).log_in(nothing_is_asked, NOW)


def test_tokens_come_as_json_within_a_text(platform_samples: Path) -> None:
    sample = orjson.dumps(read_sample(platform_samples, "taobao", "top_auth_token_refresh"))
    asked: list[tuple[str, dict[str, Any]]] = []

    def exchange(method: str, params: Mapping[str, Any]) -> bytes:
        asked.append((method, dict(params)))
        return sample

    client = TaobaoClient(SHOP, {**APP, "refresh_token": "first"})
    token = client.log_in(exchange, NOW)
    assert (token.access, token.refresh) == ("6100fake", "6101fake")
    assert token.access_expires_at - NOW == timedelta(days=1)
    client.refresh(Token("old", "its-successor", NOW, NOW), exchange, NOW)
    assert asked == [
        ("taobao.top.auth.token.refresh", {"refresh_token": each})
        for each in ("first", "its-successor")
    ]


def test_a_refused_refresh_asks_for_the_owner() -> None:
    with pytest.raises(errors.AuthorisationGone):
        CLIENT.judge("taobao.top.auth.token.refresh", refusal(41, "isv.invalid-parameter"))


def test_what_the_owner_hands_over_is_a_secret_and_either_of_two() -> None:
    told = {field.name: field for field in CONNECTOR.credentials}
    assert not told["app_key"].secret
    assert [name for name, field in told.items() if field.required] == ["app_key", "app_secret"]
    assert all(told[name].secret for name in ("app_secret", "session_key", "refresh_token"))
