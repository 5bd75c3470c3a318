"""有赞's wire: where the token goes, both kinds of refusal, tokens of both kinds of app."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from pipelines.gateway import errors
from pipelines.registry.credentials import Token
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI
from pipelines.sources.youzan.client import YouzanClient

APP = {"client_id": "demoClientId00000001", "client_secret": "demoClientSecret0000000000000001"}
SHOP = Shop(shop_key="yz", channel="youzan", name="yz", platform_shop_id="10000001")
NOW = datetime(2024, 11, 18, 12, tzinfo=SHANGHAI)
PUSHED = (
    '{"client_id":"demoClientId00000001","id":"E20241118120000000000001","kdt_id":10000001,'
    '"kdt_name":"测试店铺","mode":1,"msg":"%7B%22tid%22%3A%22E20241118120000000000001%22%7D",'
    '"msg_id":"demo-msg-1","sendCount":0,"sign":"","status":"TRADE_SUCCESS","test":false,'
    '"type":"trade_TradeSuccess","version":1731900000}'
)
OLD = (
    "app_iddemoClientId00000001formatjsonmethodkdt.trades.sold.getpage_no1page_size20sign_methodmd5"
    "statusWAIT_SELLER_SEND_GOODStimestamp2024-11-18 12:00:00v1.0"
)


@pytest.fixture
def client() -> YouzanClient:
    return YouzanClient(SHOP, APP)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (APP["client_id"] + PUSHED + APP["client_secret"], "f94b782b81985b46a4e19e210b01fb88"),
        (APP["client_secret"] + OLD + APP["client_secret"], "f0f0d4340e641d39c527f8f58d653482"),
    ],
    ids=["pushed message", "retired gateway"],
)
def test_the_notes_vectors_hold_for_what_we_do_not_use(text: str, expected: str) -> None:
    """Neither signature is part of a request of today: the connector has no code for them."""
    assert hashlib.md5(text.encode()).hexdigest() == expected  # noqa: S324 - the platform's own


def test_a_call_names_api_and_version_and_has_its_token_in_the_query(client: YouzanClient) -> None:
    call = client.ready("youzan.trade.get", {"tid": "E1"}, "the-token", NOW)
    assert (call.verb, call.path) == ("POST", "/api/youzan.trade.get/4.0.2")
    assert call.query == {"access_token": "the-token"}
    assert call.body == b'{"tid":"E1"}'


def test_the_login_carries_the_app_and_no_token(client: YouzanClient) -> None:
    call = client.ready("auth/token", {"authorize_type": "silent"}, "", NOW)
    assert (call.path, call.query) == ("/auth/token", {})
    assert orjson.loads(call.body) == {**APP, "authorize_type": "silent"}


@pytest.mark.parametrize(
    ("sample", "kind", "words"),
    [
        ("error.business", errors.PlatformError, "trade not found"),
        ("error.gateway.token_expired", errors.TokenExpired, "access_token已过期"),
        ("error.gateway.token_missing", errors.TokenExpired, "token不存在"),
        ("error.rate_limit", errors.Throttled, "请求被限流"),
        ("error.token_endpoint", errors.SignatureRefused, "client 不存在"),
    ],
)
def test_sample_refusals_say_what_they_mean(
    client: YouzanClient,
    platform_samples: Path,
    sample: str,
    kind: type[errors.PlatformError],
    words: str,
) -> None:
    body = (platform_samples / "youzan" / f"{sample}.composed.json").read_bytes()
    with pytest.raises(errors.PlatformError, match=words) as refused:
        client.judge("youzan.trade.get", body)
    assert type(refused.value) is kind


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"gw_err_resp": {"err_code": 4007, "err_msg": "源IP地址"}}, errors.PermissionMissing),
        ({"gw_err_resp": {"err_code": 4101, "err_msg": ""}}, errors.Throttled),
        ({"gw_err_resp": {"err_code": 5002, "err_msg": ""}}, errors.PlatformBusy),
        ({"gw_err_resp": {"err_code": 4999, "err_msg": "new"}}, errors.PlatformError),
        ({"code": 1103, "success": False, "message": "授权关系不存在"}, errors.AuthorisationGone),
        ({"code": 1000, "success": False, "message": "应用信息错误"}, errors.SignatureRefused),
        ({"code": 1005, "success": False, "message": "非法授权码"}, errors.AuthorisationGone),
    ],
    ids=["whitelist", "often", "busy", "unknown", "not granted", "secret", "code"],
)
def test_other_refusals_by_their_code(
    client: YouzanClient, body: dict[str, Any], kind: type[errors.PlatformError]
) -> None:
    with pytest.raises(errors.PlatformError) as refused:
        client.judge("youzan.trade.get", orjson.dumps(body))
    assert type(refused.value) is kind


@pytest.mark.parametrize(
    "body",
    [
        b'{"trace_id":"x","code":200,"success":true,"data":{}}',
        b'{"success":true,"code":200,"data":{}}',
        b'{"data":{},"message":"successful","code":"200"}',
    ],
)
def test_a_good_answer_is_passed_over_however_it_is_ordered(
    client: YouzanClient, body: bytes
) -> None:
    client.judge("youzan.trade.get", body)


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"code":"x"}', b'{"gw_err_resp":{}}', b"{"])
def test_an_answer_that_says_nothing_is_malformed(client: YouzanClient, body: bytes) -> None:
    with pytest.raises(errors.MalformedAnswer):
        client.judge("youzan.trade.get", body)


def played(body: bytes, asked: list[Any]) -> Any:  # noqa: ANN401 - an exchange
    def exchange(method: str, params: Any) -> bytes:  # noqa: ANN401
        asked.append((method, dict(params)))
        return body

    return exchange


def test_a_self_built_app_logs_in_by_itself_and_renews_likewise(
    client: YouzanClient, platform_samples: Path
) -> None:
    body = (platform_samples / "youzan" / "auth.token.json").read_bytes()
    asked: list[Any] = []
    token = client.log_in(played(body, asked), NOW)
    # 1583720718116 ms is 2020-03-09 10:25:18 in Shanghai: a moment, no span.
    assert f"{token.access_expires_at:%Y-%m-%d %H:%M:%S}" == "2020-03-09 10:25:18"
    assert (token.access, token.refresh) == ("fake_access_token_0000000000000001", "")
    client.refresh(token, played(body, asked), NOW)
    silent = {"authorize_type": "silent", "grant_id": "10000001"}
    assert asked == [
        ("auth/token", {**silent, "refresh": False}),
        ("auth/token", {**silent, "refresh": True}),
    ]


def test_a_market_app_turns_both_tokens(platform_samples: Path) -> None:
    body = (platform_samples / "youzan" / "auth.token.refreshable.composed.json").read_bytes()
    client = YouzanClient(SHOP, {**APP, "refresh_token": "handed-over"})
    asked: list[Any] = []
    token = client.log_in(played(body, asked), NOW)
    assert token == Token(
        "fake_access_token_0000000000000002",
        "fake_refresh_token_000000000000002",
        datetime(2024, 11, 25, 11, 20, tzinfo=SHANGHAI),
        datetime(2024, 12, 16, 12, tzinfo=SHANGHAI),
    )
    client.refresh(token, played(body, asked), NOW)
    assert [params["refresh_token"] for _, params in asked] == [
        "handed-over",
        "fake_refresh_token_000000000000002",
    ]


def test_a_first_token_needs_the_shop_s_id() -> None:
    client = YouzanClient(SHOP.model_copy(update={"platform_shop_id": ""}), APP)
    with pytest.raises(errors.ParameterRefused, match="no platform shop id"):
        client.log_in(lambda *_: b"", NOW)
