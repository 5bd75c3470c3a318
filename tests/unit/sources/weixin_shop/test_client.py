"""微信小店's wire: a token in the query, bodies in UTF-8, refusals in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.gateway import errors
from pipelines.registry.credentials import Token
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI
from pipelines.sources.weixin_shop.client import WeixinShopClient

SHOP = Shop(shop_key="wx", channel="weixin_shop", name="wx")
NOW = datetime(2026, 11, 14, 20, tzinfo=SHANGHAI)
ORDERS = "channels/ec/order/list/get"


@pytest.fixture
def client() -> WeixinShopClient:
    return WeixinShopClient(SHOP, {"app_id": "wxdemo0000000001", "app_secret": "s3cret"})


def test_a_call_is_a_post_with_the_token_in_the_query_and_chinese_as_it_is(
    client: WeixinShopClient,
) -> None:
    call = client.ready(ORDERS, {"title": "茶"}, "the-token", NOW)
    assert (call.verb, call.path, dict(call.query)) == (
        "POST", "/channels/ec/order/list/get", {"access_token": "the-token"},
    )  # fmt: skip
    assert call.body == '{"title":"茶"}'.encode()


def test_a_token_is_asked_for_without_one(client: WeixinShopClient) -> None:
    assert not client.ready("cgi-bin/stable_token", {}, "", NOW).query


@pytest.mark.parametrize(
    "body", [b'{"errcode":0,"errmsg":"ok"}', b'{ "errcode" : "0" }', b'{"available_amount":1}']
)
def test_good_answers_say_0_as_number_or_text_or_nothing(
    client: WeixinShopClient, body: bytes
) -> None:
    client.judge(ORDERS, body)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (-1, errors.PlatformBusy),
        (40001, errors.TokenExpired),
        (40014, errors.TokenExpired),
        (42001, errors.TokenExpired),
        (40002, errors.SignatureRefused),
        (40013, errors.SignatureRefused),
        (40097, errors.ParameterRefused),
        (45011, errors.Throttled),
        (48001, errors.PermissionMissing),
        (99999, errors.PlatformError),
    ],
)
def test_a_refusal_is_what_its_code_means_in_the_platform_s_words(
    client: WeixinShopClient, code: int, kind: type[errors.PlatformError]
) -> None:
    with pytest.raises(kind) as refused:
        client.judge(ORDERS, json.dumps({"errcode": code, "errmsg": "said so rid: 1-2"}).encode())
    assert type(refused.value) is kind
    assert "said so rid: 1-2" in refused.value.message
    assert refused.value.code == str(code)


def test_the_sample_of_a_dead_token_asks_for_a_new_one(
    client: WeixinShopClient, platform_samples: Path
) -> None:
    body = (platform_samples / "weixin_shop" / "error.invalid_token.composed.json").read_bytes()
    with pytest.raises(errors.TokenExpired, match="not latest"):
        client.judge(ORDERS, body)


def test_the_same_code_to_who_asks_for_a_token_says_that_the_secret_is_wrong(
    client: WeixinShopClient,
) -> None:
    with pytest.raises(errors.SignatureRefused):
        client.judge("cgi-bin/stable_token", b'{"errcode":40001,"errmsg":"invalid appsecret"}')


def test_a_day_s_quota_that_is_used_up_is_not_tried_again(
    client: WeixinShopClient, platform_samples: Path
) -> None:
    body = (platform_samples / "weixin_shop" / "error.quota.composed.json").read_bytes()
    with pytest.raises(errors.PlatformError, match="daily quota") as refused:
        client.judge(ORDERS, body)
    assert not isinstance(refused.value, errors.PASSING)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"errcode":"x"}', b"<html>"])
def test_an_answer_that_says_nothing_is_malformed(client: WeixinShopClient, body: bytes) -> None:
    with pytest.raises(errors.MalformedAnswer):
        client.judge(ORDERS, body)


def test_a_token_is_the_stable_one_for_two_hours_and_never_forced(
    client: WeixinShopClient, platform_samples: Path
) -> None:
    body = (platform_samples / "weixin_shop" / "cgi-bin.stable_token.json").read_bytes()
    asked: list[tuple[str, Mapping[str, Any]]] = []

    def exchange(method: str, params: Mapping[str, Any]) -> bytes:
        asked.append((method, params))
        return body

    first = client.log_in(exchange, NOW)
    again = client.refresh(Token("old", "", NOW, None), exchange, NOW)
    assert first == again
    assert asked[0] == asked[1] == (
        "cgi-bin/stable_token",
        {
            "grant_type": "client_credential",
            "appid": "wxdemo0000000001",
            "secret": "s3cret",
            "force_refresh": False,
        },
    )  # fmt: skip
    assert first.access == "ACCESS_TOKEN_FAKE_STABLE"
    assert first.access_expires_at == datetime(2026, 11, 14, 22, tzinfo=SHANGHAI)
