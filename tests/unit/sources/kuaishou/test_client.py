"""快手's wire: signature vectors, what is sent, refusals by number and by words, tokens."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from pipelines.gateway import errors
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI
from pipelines.sources.kuaishou.client import KuaishouClient, sign

SECRET = "fakesignsecret0123456789abcdef01"
# Vectors A1 and A2 of the platform notes (kuaishou.md, section 3).
SYSTEM = {
    "access_token": "ChFvYXV0aC5hY2Nlc3NUb2tlbi5mYWtl",
    "appkey": "ks100000000000001",
    "method": "open.order.cursor.list",
    "param": '{"orderViewStatus":1,"pageSize":50,"sort":1,"queryType":2,"beginTime":1731859200000,'
    '"endTime":1731862800000,"cpsType":0,"cursor":""}',
    "timestamp": "1731900000000",
    "version": "1",
}
VECTORS = [
    ("MD5", "de175640ab6a4736bd1bc55288e5eefb"),
    ("HMAC_SHA256", "YVeHpzv/W6SffGEiv5lsJEvEWAaDdDs96RlMW8n+8EQ="),
]
SHOP = Shop(shop_key="ks", channel="kuaishou", name="ks", platform_shop_id="700000001")
NOW = datetime.fromtimestamp(1731900000, SHANGHAI)


@pytest.fixture
def client() -> KuaishouClient:
    return KuaishouClient(
        SHOP,
        {
            "app_key": "ks100000000000001",
            "app_secret": "app-secret",
            "sign_secret": SECRET,
            "refresh_token": "first-refresh",
        },
    )


@pytest.mark.parametrize(("method", "expected"), VECTORS, ids=["MD5", "HMAC_SHA256"])
def test_signature_vectors(method: str, expected: str) -> None:
    assert sign(SECRET, {**SYSTEM, "signMethod": method}) == expected


def test_a_call_is_signed_as_the_vector_is(client: KuaishouClient) -> None:
    asked = json.loads(SYSTEM["param"])
    call = client.ready("open.order.cursor.list", asked, SYSTEM["access_token"], NOW)
    assert (call.verb, call.path, call.body) == ("GET", "/open/order/cursor/list", b"")
    assert call.query == {**SYSTEM, "signMethod": "HMAC_SHA256", "sign": VECTORS[1][1]}


def test_a_call_without_parameters_says_so(client: KuaishouClient) -> None:
    assert client.ready("open.shop.info.get", {}, "t", NOW).query["param"] == "{}"


@pytest.mark.parametrize(
    ("sample", "kind", "words"),
    [
        ("error.bad_param", errors.ParameterRefused, "endTime无效"),
        ("error.authorization_revoked", errors.AuthorisationGone, "AUTHORIZATION_REVOKED"),
        ("oauth2.refresh_token.error", errors.AuthorisationGone, "refreshToken.discarded"),
    ],
)
def test_sample_refusals_say_what_they_mean(
    client: KuaishouClient,
    platform_samples: Path,
    sample: str,
    kind: type[errors.PlatformError],
    words: str,
) -> None:
    body = (platform_samples / "kuaishou" / f"{sample}.json").read_bytes()
    with pytest.raises(kind, match=words):
        client.judge("open.order.cursor.list", body)


@pytest.mark.parametrize(
    ("result", "words", "kind"),
    [
        (28, "TOKEN过期", errors.TokenExpired),
        (28, "鉴权失败", errors.TokenExpired),
        (21, "验签失败", errors.SignatureRefused),
        (21, "签名校验失败", errors.SignatureRefused),
        (5, "token中无scope权限", errors.PermissionMissing),
        (6, "Exceed quota limit, KEY [appkey:ks1]", errors.Throttled),
        (6, "Exceed qps limit, KEY [apiId:a;appkey:ks1], MAX_QPS [300.0]", errors.Throttled),
        (6, "[1017] exceed quota limit,[apiId:a]", errors.Throttled),
        (300004, "SEARCH TIME RANGE EXPAND 7 DAYS", errors.ParameterRefused),
        (100200101, "unauthorized_client", errors.SignatureRefused),
        (100200500, "server_error", errors.PlatformBusy),
        (3, "系统繁忙，请稍后重试", errors.PlatformBusy),
        (777, "nobody has seen this", errors.PlatformError),
    ],
)
def test_refusals_without_a_known_number_are_told_by_their_words(
    client: KuaishouClient, result: int, words: str, kind: type[errors.PlatformError]
) -> None:
    body = json.dumps({"result": result, "error_msg": words}).encode()
    with pytest.raises(errors.PlatformError) as refused:
        client.judge("open.item.list.get", body)
    assert type(refused.value) is kind
    assert refused.value.code == str(result)


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"result":"x"}', b'{"result":1'])
def test_an_answer_that_says_nothing_is_malformed(client: KuaishouClient, body: bytes) -> None:
    with pytest.raises(errors.MalformedAnswer):
        client.judge("open.item.list.get", body)


def test_a_good_answer_may_say_its_result_last(client: KuaishouClient) -> None:
    client.judge("open.item.list.get", b'{"data":{},"result":1}')


def test_the_first_refresh_token_logs_in_and_its_successors_go_on(
    client: KuaishouClient, platform_samples: Path
) -> None:
    body = (platform_samples / "kuaishou" / "oauth2.access_token.composed.json").read_bytes()
    asked: list[Any] = []
    token = client.log_in(lambda method, params: asked.append((method, params)) or body, NOW)  # type: ignore[func-returns-value]
    client.refresh(token, lambda method, params: asked.append((method, params)) or body, NOW)  # type: ignore[func-returns-value]
    app = {
        "app_id": "ks100000000000001",
        "app_secret": "app-secret",
        "grant_type": "refresh_token",
    }
    assert asked == [
        ("oauth2/refresh_token", {**app, "refresh_token": "first-refresh"}),
        ("oauth2/refresh_token", {**app, "refresh_token": "ChJvYXV0aC5yZWZyZXNoVG9rZW4uZmFrZQ"}),
    ]
    assert token.access_expires_at - NOW == timedelta(hours=48)
    assert token.refresh_expires_at is not None
    assert token.refresh_expires_at - NOW == timedelta(days=180)
    assert "ChFvYXV0" not in repr(token)


def test_a_token_is_asked_for_in_a_form(client: KuaishouClient) -> None:
    call = client.ready("oauth2/refresh_token", {"refresh_token": "a+b/c="}, "", NOW)
    assert (call.verb, call.path, call.query) == ("POST", "/oauth2/refresh_token", {})
    assert dict(parse_qsl(call.body.decode())) == {"refresh_token": "a+b/c="}
