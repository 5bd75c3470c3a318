"""抖店's wire: signature vectors, canonical bodies, refusals in words."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.gateway import errors
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI
from pipelines.sources.doudian.client import DoudianClient, canonical, sign

KEY, SECRET = "6844048284663924231", "749698a6-fcb3-4358-b241-ec1d93cf9c1f"
# Vectors of the platform notes (doudian.md and buyin.md, section 3).
VECTORS = [
    (
        KEY, SECRET, "product.list", '{"page":"0","size":"20"}', "2020-07-05 22:33:59",
        "a84fc5747114e63196565192a19f80d9d78819b8c8f5940eeb282bf78260901d",
    ),
    (
        "1234567890123456789", "contract-app-secret", "order.searchList",
        '{"a":[3,{"a":1,"b":2}],"nested":{"a":true,"汉":"<&"},"z":1}', "1667899926",
        "cfb0c61c20926f758e13f4bd3d59a0de0e22f3c6059f1045cae36e6cea2bd417",
    ),
    (
        KEY, SECRET, "token.refresh",
        '{"grant_type":"refresh_token","refresh_token":"示例-refresh"}', "1700000000",
        "bbd68eb6ceb3e7c1a66a6a4dceb0838766eba4d90ede8b33f6b6a85c817a3237",
    ),
    (
        KEY, SECRET, "order.orderDetail", '{"shop_order_id":"4781320682406083640"}', "1700000001",
        "b54ded52b06995ba02565bd3c0c4a02e9d41f4956a4c16955a6365fda15a4fa0",
    ),
    (
        KEY, SECRET, "afterSale.List",
        '{"extra":{"a":[],"b":"乙 & <1>"},"order_by":["update_time asc"],"page":0,"size":10}',
        "2023-11-15 06:13:22",
        "8827efb34f64f01a851850c1701999096cdf52aba845fc9c59abe756d909f506",
    ),
    (
        KEY, SECRET, "buyin.kolOrderAds",
        '{"cursor":"0","distribution_type":"Live","end_time":"2023-11-15 00:00:00","size":20,'
        '"start_time":"2023-11-01 00:00:00","time_type":"update"}',
        "1700000002", "1d96783a376ebec7dff496ea86e98fce555ae98e72fbb45d5cd414a26fc2fedc",
    ),
    (
        KEY, SECRET, "buyin.shopMultiSettlementOrders",
        '{"cursor":"0","end_time":"2023-11-15 00:00:00","size":100,'
        '"start_time":"2023-11-01 00:00:00","time_type":"settle"}',
        "2023-11-15 00:00:03", "e2c22166b2eb64d99f9c867bd3cd815c928a47f9f9ff6a5630fbfb3bb8485d46",
    ),
]  # fmt: skip
SHOP = Shop(shop_key="dy", channel="doudian", name="dy", platform_shop_id="4463798")
NOW = datetime(2026, 11, 14, 20, tzinfo=SHANGHAI)


@pytest.fixture
def client() -> DoudianClient:
    return DoudianClient(SHOP, {"app_key": KEY, "app_secret": SECRET})


@pytest.mark.parametrize(
    ("key", "secret", "method", "body", "timestamp", "expected"),
    VECTORS,
    ids=[f"{vector[2]}-{n}" for n, vector in enumerate(VECTORS)],
)
def test_signature_vectors(
    key: str, secret: str, method: str, body: str, timestamp: str, expected: str
) -> None:
    assert sign(secret, key, method, body.encode(), timestamp) == expected
    assert canonical(json.loads(body)) == body.encode()


def test_bodies_are_canonical() -> None:
    asked = {"b": 2.0, "a": {"z": None, "A": "<&/汉>"}, "c": [], "_": ""}
    assert canonical(asked) == '{"_":"","a":{"A":"<&/汉>","z":null},"b":2,"c":[]}'.encode()


def test_a_call_goes_to_the_method_s_path_and_is_signed(client: DoudianClient) -> None:
    call = client.ready("order.searchList", {"page": 0}, "the-token", NOW)
    assert (call.verb, call.path, call.body) == ("POST", "/order/searchList", b'{"page":0}')
    assert call.query["timestamp"] == str(int(NOW.timestamp()))
    assert call.query["access_token"] == "the-token"
    assert call.query["sign"] == sign(
        SECRET, KEY, "order.searchList", b'{"page":0}', call.query["timestamp"]
    )


@pytest.mark.parametrize(
    ("sample", "kind"),
    [
        ("bad_signature", errors.SignatureRefused),
        ("token_expired", errors.TokenExpired),
        ("token_not_existed", errors.TokenExpired),
        ("rate_limited", errors.Throttled),
        ("more_than_90_days", errors.ParameterRefused),
        ("page_times_size", errors.ParameterRefused),
        ("no_permission", errors.PermissionMissing),
        ("order_busy", errors.PlatformBusy),
        ("platform", errors.PlatformBusy),
    ],
)
def test_sample_refusals_say_what_they_mean(
    client: DoudianClient, platform_samples: Path, sample: str, kind: type[errors.PlatformError]
) -> None:
    samples = json.loads((platform_samples / "doudian" / "errors.composed.json").read_text("utf-8"))
    with pytest.raises(kind) as refused:
        client.judge("order.searchList", json.dumps(samples[sample], ensure_ascii=False).encode())
    assert samples[sample]["msg"] in refused.value.message


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"code":"x"}', b'{"code":10000'])
def test_an_answer_that_says_nothing_is_malformed(client: DoudianClient, body: bytes) -> None:
    if body == b'{"code":10000':
        client.judge("order.searchList", body + b',"data":{}}')
        return
    with pytest.raises(errors.MalformedAnswer):
        client.judge("order.searchList", body)


def test_a_first_token_needs_the_shop_s_id() -> None:
    client = DoudianClient(
        SHOP.model_copy(update={"platform_shop_id": ""}), {"app_key": KEY, "app_secret": SECRET}
    )
    with pytest.raises(errors.ParameterRefused, match="no platform shop id"):
        client.log_in(lambda *_: b"", NOW)


def test_tokens_are_asked_for_and_read(client: DoudianClient, platform_samples: Path) -> None:
    body = (platform_samples / "doudian" / "token.create.composed.json").read_bytes()
    asked: list[Any] = []
    token = client.log_in(lambda method, params: asked.append((method, params)) or body, NOW)  # type: ignore[func-returns-value]
    assert asked == [
        ("token.create", {"code": "", "grant_type": "authorization_self", "shop_id": "4463798"})
    ]
    assert (token.access, token.refresh) == ("fake-access-0001", "fake-refresh-0001")
    assert (token.access_expires_at - NOW).days == 7
    assert "fake" not in repr(token)
