"""小红书's wire: signature vectors, the flat body, tokens, refusals in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from pipelines.gateway import errors
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI
from pipelines.sources.xiaohongshu.client import XiaohongshuClient, sign

# Vectors of the platform notes (xiaohongshu.md section 3).
VECTORS = [
    (
        "secret-key", "test-app", "oauth.getAccessToken", "1700000000", "1.0",
        "15dd91e56a77df52c8a652a43a7c131e",
    ),
    (
        "demosecret00000000000000000000aa", "demo0000appid0000000", "order.getOrderList",
        "1731900000", "2.0", "7c9230697a3a970f29e7eead2a9c3ac7",
    ),
]  # fmt: skip
SHOP = Shop(shop_key="xhs", channel="xiaohongshu", name="xhs")
NOW = datetime(2024, 11, 18, 11, 20, tzinfo=SHANGHAI)  # 1731900000


@pytest.fixture
def client() -> XiaohongshuClient:
    secret, app, *_ = VECTORS[1]
    return XiaohongshuClient(SHOP, {"app_id": app, "app_secret": secret, "code": "the code"})


@pytest.mark.parametrize(
    ("secret", "app", "method", "timestamp", "version", "expected"),
    VECTORS,
    ids=[vector[2] for vector in VECTORS],
)
def test_signature_vectors(
    secret: str, app: str, method: str, timestamp: str, version: str, expected: str
) -> None:
    assert sign(secret, app, method, timestamp, version) == expected


def test_all_parameters_lie_side_by_side_in_one_body(client: XiaohongshuClient) -> None:
    call = client.ready("order.getOrderList", {"pageNo": 1}, "the token", NOW)
    assert (call.verb, call.path, call.query) == ("POST", "/ark/open_api/v3/common_controller", {})
    assert orjson.loads(call.body) == {
        "pageNo": 1,
        "appId": "demo0000appid0000000",
        "method": "order.getOrderList",
        "version": "2.0",
        "timestamp": "1731900000",
        "sign": "7c9230697a3a970f29e7eead2a9c3ac7",
        "accessToken": "the token",
    }


def test_a_token_call_carries_no_token(client: XiaohongshuClient) -> None:
    call = client.ready("oauth.getAccessToken", {"code": "the code"}, "", NOW)
    assert "accessToken" not in orjson.loads(call.body)


def test_tokens_are_asked_for_and_end_when_the_platform_says(
    client: XiaohongshuClient, platform_samples: Path
) -> None:
    sample = platform_samples / "xiaohongshu" / "oauth.getAccessToken.composed.json"
    asked: list[tuple[str, Mapping[str, Any]]] = []

    def exchange(method: str, params: Mapping[str, Any]) -> bytes:
        asked.append((method, params))
        return sample.read_bytes()

    first = client.log_in(exchange, NOW)
    second = client.refresh(first, exchange, NOW)
    assert asked == [
        ("oauth.getAccessToken", {"code": "the code"}),
        ("oauth.refreshToken", {"refreshToken": "refresh-fake-0000000000000000000000"}),
    ]
    assert first.access == "token-fake-000000000000000000000000"
    assert first.access_expires_at == datetime(2024, 11, 25, 11, 20, tzinfo=SHANGHAI)
    assert second.refresh_expires_at == datetime(2024, 12, 2, 11, 20, tzinfo=SHANGHAI)
    assert "fake" not in repr(first)


def refusal(code: int, words: str, *, success: bool = False) -> bytes:
    return orjson.dumps({"error_code": code, "error_msg": words, "success": success, "data": None})


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (refusal(-9013, "触发Method维度的限流"), errors.Throttled),
        (refusal(-2000400, "参数错误"), errors.ParameterRefused),
        (refusal(-2000101, "包裹不存在"), errors.ParameterRefused),
        (refusal(-1, "accessToken已过期"), errors.TokenExpired),
        (refusal(-1, "签名错误"), errors.SignatureRefused),
        (refusal(-1, "商家已取消授权"), errors.AuthorisationGone),
        (refusal(-1, "应用没有权限"), errors.PermissionMissing),
        (refusal(-1, "系统繁忙"), errors.PlatformBusy),
        (refusal(50209, "说不清", success=True), errors.PlatformError),
    ],
)
def test_refusals_say_what_they_mean(
    client: XiaohongshuClient, body: bytes, kind: type[errors.PlatformError]
) -> None:
    with pytest.raises(errors.PlatformError) as refused:
        client.judge("order.getOrderList", body)
    assert type(refused.value) is kind
    assert orjson.loads(body)["error_msg"] in refused.value.message


@pytest.mark.parametrize(
    ("name", "kind"),
    [("error.bad_param", errors.ParameterRefused), ("error.rate_limit", errors.Throttled)],
)
def test_sample_refusals_are_refusals(
    client: XiaohongshuClient, platform_samples: Path, name: str, kind: type[errors.PlatformError]
) -> None:
    body = (platform_samples / "xiaohongshu" / f"{name}.composed.json").read_bytes()
    with pytest.raises(kind):
        client.judge("order.getOrderList", body)


def test_a_refusal_in_the_inner_envelope_is_one(client: XiaohongshuClient) -> None:
    inner = {"code": 500, "msg": "系统繁忙", "success": False, "data": None}
    body = {"error_code": 0, "error_msg": "", "success": True, "data": inner}
    with pytest.raises(errors.PlatformBusy, match="系统繁忙"):
        client.judge("finance.pageQueryTransaction", orjson.dumps(body))


def test_an_envelope_of_the_newer_sort_alone_is_read_too(client: XiaohongshuClient) -> None:
    good = {"code": 0, "msg": "成功", "success": True, "data": {"total": 0}}
    client.judge("finance.pageQueryTransaction", orjson.dumps(good))


def test_a_token_that_is_refused_while_logging_in_is_the_owner_s_to_mend(
    client: XiaohongshuClient,
) -> None:
    with pytest.raises(errors.AuthorisationGone):
        client.judge("oauth.refreshToken", refusal(-1, "refreshToken已过期"))
    with pytest.raises(errors.AuthorisationGone):
        client.judge("oauth.getAccessToken", refusal(-1, "code无效"))


@pytest.mark.parametrize("body", [b"{}", b"[]", b"<html>", b'{"error_code":0'])
def test_an_answer_that_says_nothing_is_malformed(client: XiaohongshuClient, body: bytes) -> None:
    with pytest.raises(errors.MalformedAnswer):
        client.judge("order.getOrderList", body)
