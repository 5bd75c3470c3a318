"""精选联盟's wire: 抖店's signature and tokens, roles of institutions, refusals in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from pipelines.errors import UsageError
from pipelines.gateway import errors
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI
from pipelines.sources.buyin import CONNECTOR
from pipelines.sources.buyin.client import BuyinClient
from pipelines.sources.doudian import CONNECTOR as DOUDIAN
from pipelines.sources.doudian.client import DoudianClient, sign
from tests.unit.sources.playing import read_sample

SHOP = Shop(shop_key="doudian-01", channel="doudian", name="抖店", platform_shop_id="4463798")
# The documentation's own example key and secret, which the vectors are made with.
KEY, SECRET = "6844048284663924231", "749698a6-fcb3-4358-b241-ec1d93cf9c1f"
CLIENT = BuyinClient(SHOP, {"app_key": KEY, "app_secret": SECRET})
NOW = datetime(2025, 11, 13, 10, 30, tzinfo=SHANGHAI)
ADS = {
    "time_type": "update",
    "start_time": "2023-11-01 00:00:00",
    "size": 20,
    "end_time": "2023-11-15 00:00:00",
    "distribution_type": "Live",
    "cursor": "0",
}
SETTLEMENTS = {
    "time_type": "settle",
    "start_time": "2023-11-01 00:00:00",
    "end_time": "2023-11-15 00:00:00",
    "size": 100,
    "cursor": "0",
}


def test_the_vector_of_seconds_passes_through_the_client() -> None:
    call = CLIENT.ready("buyin.kolOrderAds", ADS, "an-access-token", _at(1700000002))
    assert (call.verb, call.path) == ("POST", "/buyin/kolOrderAds")
    assert call.body == (
        b'{"cursor":"0","distribution_type":"Live","end_time":"2023-11-15 00:00:00","size":20,'
        b'"start_time":"2023-11-01 00:00:00","time_type":"update"}'
    )
    assert call.query["sign"] == "1d96783a376ebec7dff496ea86e98fce555ae98e72fbb45d5cd414a26fc2fedc"
    assert call.query["access_token"] == "an-access-token"


def test_the_vector_of_a_written_time_passes_with_the_clients_body() -> None:
    method = "buyin.shopMultiSettlementOrders"
    body = CLIENT.ready(method, SETTLEMENTS, "", NOW).body
    assert sign(SECRET, KEY, method, body, "2023-11-15 00:00:03") == (
        "e2c22166b2eb64d99f9c867bd3cd815c928a47f9f9ff6a5630fbfb3bb8485d46"
    )


def test_shops_use_the_app_and_the_login_of_the_doudian_connector() -> None:
    needed = {each.name for each in CONNECTOR.credentials if each.required}
    assert needed == {each.name for each in DOUDIAN.credentials if each.required}
    assert CONNECTOR.pulls(SHOP)
    assert isinstance(CLIENT, DoudianClient)
    assert _logged_in(CLIENT) == (
        "token.create",
        {"code": "", "grant_type": "authorization_self", "shop_id": "4463798"},
    )


INSTITUTION = Shop(
    shop_key="mcn", channel="buyin", kind="institution", name="机构", platform_shop_id="70521"
)


@pytest.mark.parametrize("role", ["MCN", "Colonel"])
def test_an_institution_logs_in_with_its_role_and_id(role: str) -> None:
    assert CONNECTOR.pulls(INSTITUTION)
    credentials = {"app_key": KEY, "app_secret": SECRET, "auth_subject_type": role}
    assert _logged_in(BuyinClient(INSTITUTION, credentials)) == (
        "token.create",
        {"code": "", "grant_type": "authorization_self"}
        | {"auth_subject_type": role, "auth_id": "70521"},
    )


@pytest.mark.parametrize("role", ["", "mcn", "DouKe"])
def test_an_institution_without_a_role_that_can_be_asked_is_told_so(role: str) -> None:
    credentials = {"app_key": KEY, "app_secret": SECRET, "auth_subject_type": role}
    with pytest.raises(UsageError, match="mcn is an institution without a role") as refused:
        BuyinClient(INSTITUTION, credentials)
    assert refused.value.hint == (
        "Say which: koujing shop set mcn --credential auth_subject_type=MCN (or Colonel)"
    )


def test_a_shop_of_the_alliances_own_channel_is_none_to_pull() -> None:
    """Shops are registered on 抖店: one on both would be pulled twice."""
    assert not CONNECTOR.pulls(SHOP.model_copy(update={"channel": "buyin"}))
    assert not CONNECTOR.pulls(SHOP.model_copy(update={"kind": "institution"}))
    assert not DOUDIAN.pulls(INSTITUTION)


@pytest.mark.parametrize(
    ("sample", "kind", "message"),
    [
        ("size", errors.ParameterRefused, "size不合法 (40004 isv.parameter-invalid:1031)"),
        ("cursor", errors.ParameterRefused, "cursor不合法 (40004 isv.parameter-invalid:284)"),
        ("not_mcn", errors.PermissionMissing, "非MCN机构角色 (50002 isv.business-failed:4196)"),
        (
            "not_colonel",
            errors.PermissionMissing,
            "非招商团长角色 (50002 isv.business-failed:4197)",
        ),
        ("service", errors.PlatformBusy, "服务异常 (20000 isp.service-error:256)"),
    ],
)
def test_every_sample_refusal_is_told_in_words(
    platform_samples: Path, sample: str, kind: type[errors.PlatformError], message: str
) -> None:
    body = orjson.dumps(read_sample(platform_samples, "buyin", "errors")[sample])
    with pytest.raises(errors.PlatformError) as refused:
        CLIENT.judge("buyin.instituteOrderMCN", body)
    assert type(refused.value) is kind
    assert message in refused.value.message
    assert refused.value.message.startswith("buyin.instituteOrderMCN: ")


def test_a_wrong_role_says_who_may_call() -> None:
    body = b'{"code":50002,"msg":"x","sub_code":"isv.business-failed:4198","sub_msg":"y"}'
    with pytest.raises(errors.PermissionMissing) as refused:
        CLIENT.judge("buyin.instituteOrderAds", body)
    assert refused.value.hint == "Only an account authorised as 抖客 may call this."


def test_other_refusals_stay_what_they_are_on_doudian() -> None:
    dead = b'{"code":40003,"msg":"x","sub_code":"isv.access-token-expired","sub_msg":"y"}'
    with pytest.raises(errors.TokenExpired):
        CLIENT.judge("buyin.queryShopAllianceOrder", dead)
    busy = b'{"code":50002,"msg":"x","sub_code":"isv.business-failed:256","sub_msg":"y"}'
    with pytest.raises(errors.PlatformBusy):
        CLIENT.judge("buyin.queryShopAllianceOrder", busy)
    CLIENT.judge("buyin.queryShopAllianceOrder", b'{"code":10000,"data":{}}')


def _at(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, tz=SHANGHAI)


def _logged_in(client: BuyinClient) -> tuple[str, Mapping[str, Any]]:
    """What a first login asks for."""
    sent: list[tuple[str, Mapping[str, Any]]] = []

    def exchange(method: str, params: Mapping[str, Any]) -> bytes:
        sent.append((method, params))
        return b'{"code":10000,"data":{"access_token":"a","refresh_token":"r","expires_in":604800}}'

    assert client.log_in(exchange, NOW).refresh == "r"
    return sent[0]
