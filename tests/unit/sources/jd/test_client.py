"""京东's wire: signature vectors, calls, tokens, refusals that stand in three places."""

from __future__ import annotations

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
from pipelines.sources.jd.client import SERVICE_AMOUNT, JdClient, sign
from pipelines.sources.jd.settings import LOGIN_URL

# Vectors of the platform notes (jd.md, section 3).
VECTORS = [
    (
        "yourappSecret",
        {
            "app_key": "yourappkey",
            "access_token": "yourtoken",
            "method": "jingdong.pop.order.search",
            "timestamp": "2021-05-07 09:20:39.683+0800",
            "v": "2.0",
            "360buy_param_json": '{"end_date":null,"optional_fields":null,"order_state":'
            '"WAIT_SELLER_STOCK_OUT","page":"1","page_size":"200","start_date":null}',
        },
        "D70825340F4084360B9362B60DFD7930",
    ),
    (
        "demo-secret-jd-01",
        {
            "app_key": "DEMOJDKEY01",
            "access_token": "demo-jd-token-01",
            "method": "jingdong.pop.order.enSearch",
            "timestamp": "2026-01-15 10:30:00",
            "v": "2.0",
            "360buy_param_json": '{"start_date":"2026-01-15 10:00:00","end_date":'
            '"2026-01-15 10:30:00","order_state":"WAIT_SELLER_STOCK_OUT","optional_fields":'
            '"orderId,modified","page":"1","page_size":"50","remark":"中文 & 符号"}',
        },
        "4DE0BCDBBCB1EC22695B54D19EADDEEF",
    ),
]
SHOP = Shop(shop_key="jd", channel="jd", name="jd", platform_shop_id="10001")
NOW = datetime(2026, 11, 14, 20, tzinfo=SHANGHAI)
ORDERS = "jingdong.pop.order.enSearch"


@pytest.fixture
def client() -> JdClient:
    return JdClient(SHOP, {"app_key": "key", "app_secret": "secret", "code": "abc123"})


@pytest.mark.parametrize(
    ("secret", "params", "expected"), VECTORS, ids=["printed in the guide", "Chinese text"]
)
def test_signature_vectors(secret: str, params: dict[str, str], expected: str) -> None:
    assert sign(secret, params) == expected


def test_a_call_is_a_signed_form(client: JdClient) -> None:
    call = client.ready(ORDERS, {"page": "1", "remark": "中文"}, "the-token", NOW)
    form = dict(parse_qsl(call.body.decode()))
    signature = form.pop("sign")
    assert (call.verb, call.path, call.base_url) == ("POST", "/routerjson", "")
    assert form == {
        "360buy_param_json": '{"page":"1","remark":"中文"}',
        "access_token": "the-token",
        "app_key": "key",
        "method": ORDERS,
        "timestamp": "2026-11-14 20:00:00",
        "v": "2.0",
    }
    assert signature == sign("secret", form)


@pytest.mark.parametrize(
    ("sample", "kind"),
    [
        ("invalid_signature", errors.SignatureRefused),
        ("token_expired", errors.TokenExpired),
        ("rate_limit", errors.Throttled),
        ("timeout", errors.PlatformBusy),
        ("no_right", errors.PermissionMissing),
    ],
)
def test_a_refusal_of_the_gateway_says_what_it_means(
    client: JdClient, platform_samples: Path, sample: str, kind: type[errors.PlatformError]
) -> None:
    body = (platform_samples / "jd" / f"error.{sample}.composed.json").read_bytes()
    said = orjson.loads(body)["error_response"]
    with pytest.raises(kind) as refused:
        client.judge(ORDERS, body)
    assert said["zh_desc"] in refused.value.message
    assert refused.value.code == said["code"]


def test_21_is_a_wrong_app_here_and_no_limit(client: JdClient) -> None:
    body = b'{"error_response":{"code":"21","zh_desc":"\xe6\x97\xa0\xe6\x95\x88app_key"}}'
    with pytest.raises(errors.SignatureRefused):
        client.judge(ORDERS, body)


def test_a_method_s_own_refusal_stands_inside_an_answer_of_code_0(
    client: JdClient, platform_samples: Path
) -> None:
    body = (platform_samples / "jd" / "error.body_level.composed.json").read_bytes()
    with pytest.raises(errors.ParameterRefused, match="参数错误") as refused:
        client.judge("jingdong.pop.order.search", body)
    assert refused.value.code == "10100018"


def test_success_as_text_is_success_and_false_as_text_is_none(client: JdClient) -> None:
    answer = '{"jingdong_x_responce":{"code":"0","result":{"success":"%s","msg":"no"}}}'
    client.judge("jingdong.x", (answer % "true").encode())
    with pytest.raises(errors.PlatformError, match="no"):
        client.judge("jingdong.x", (answer % "false").encode())


def test_a_refusal_at_the_top_of_an_answer_is_heard(client: JdClient) -> None:
    with pytest.raises(errors.PermissionMissing, match="not opened"):
        client.judge(ORDERS, b'{"code":"11100006","errorMessage":"shop not opened"}')


def test_a_service_without_a_refund_is_an_answer(client: JdClient) -> None:
    said = {"code": "0", "result": {"success": False, "errorCode": "404", "data": None}}
    client.judge(
        SERVICE_AMOUNT, orjson.dumps({f"{SERVICE_AMOUNT.replace('.', '_')}_responce": said})
    )


@pytest.mark.parametrize("body", [b"{}", b"[]", b"<html>", b'{"jingdong_x_responce":[]}'])
def test_an_answer_that_says_nothing_is_malformed(client: JdClient, body: bytes) -> None:
    with pytest.raises(errors.MalformedAnswer):
        client.judge("jingdong.x", body)


def answered(body: bytes, asked: list[Any]) -> Any:  # noqa: ANN401 - an Exchange
    return lambda method, params: asked.append((method, params)) or body


def test_a_code_gives_a_token_that_is_renewed_while_it_can_be(
    client: JdClient, platform_samples: Path
) -> None:
    body = (platform_samples / "jd" / "oauth2_access_token.composed.json").read_bytes()
    client.judge("oauth2/access_token", body)
    asked: list[Any] = []
    token = client.log_in(answered(body, asked), NOW)
    assert asked == [
        ("oauth2/access_token", {"grant_type": "authorization_code", "code": "abc123"})
    ]
    ends = NOW + timedelta(seconds=31_535_999)
    assert token == Token(
        "fakejdaccesstoken00000000000000",
        "fakejdrefreshtoken0000000000000",
        ends - timedelta(hours=23, minutes=45),
        ends,
    )
    renewed = client.refresh(token, answered(body, asked), NOW)
    assert asked[1] == (
        "oauth2/refresh_token",
        {"grant_type": "refresh_token", "refresh_token": "fakejdrefreshtoken0000000000000"},
    )
    assert renewed.access == token.access


def test_a_login_goes_to_its_own_host_with_the_app_s_secret(client: JdClient) -> None:
    call = client.ready("oauth2/refresh_token", {"refresh_token": "r"}, "", NOW)
    assert (call.path, call.base_url) == ("/oauth2/refresh_token", LOGIN_URL)
    assert dict(parse_qsl(call.body.decode())) == {
        "app_key": "key", "app_secret": "secret", "refresh_token": "r",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("invalid refresh_token", errors.AuthorisationGone),
        ("app_key or app_secret is wrong", errors.SignatureRefused),
    ],
)
def test_a_refused_login_tells_a_wrong_app_from_a_dead_grant(
    client: JdClient, words: str, kind: type[errors.PlatformError]
) -> None:
    with pytest.raises(kind):
        client.judge("oauth2/refresh_token", orjson.dumps({"code": 400, "msg": words}))
