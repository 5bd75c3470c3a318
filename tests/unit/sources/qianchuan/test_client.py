"""千川's wire: the worked query, tokens that rotate, refusals in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import orjson
import pytest

from pipelines.gateway import errors
from pipelines.registry.credentials import Token
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI
from pipelines.sources.qianchuan import CONNECTOR
from pipelines.sources.qianchuan.client import QianchuanClient
from tests.unit.sources.playing import read_sample

SHOP = Shop(shop_key="qianchuan-01", channel="qianchuan", kind="ad_account", name="千川")
CREDENTIALS = {"app_id": "1700000000000001", "app_secret": "made-up", "refresh_token": "first"}
CLIENT = QianchuanClient(SHOP, CREDENTIALS)
NOW = datetime(2025, 11, 13, 10, 30, tzinfo=SHANGHAI)
WORKED_QUERY = (
    "advertiser_id=1799000000000001&start_date=2025-11-01&end_date=2025-11-02"
    "&fields=%5B%22stat_cost%22%2C%22show_cnt%22%5D"
    "&filtering=%7B%22marketing_goal%22%3A%22ALL%22%7D"
)


def test_lists_and_objects_are_compact_json_encoded_once() -> None:
    asked = {
        "advertiser_id": 1799000000000001,
        "start_date": "2025-11-01",
        "end_date": "2025-11-02",
        "fields": ["stat_cost", "show_cnt"],
        "filtering": {"marketing_goal": "ALL"},
    }
    call = CLIENT.ready("report/advertiser/get", asked, "an-access-token", NOW)
    assert (call.verb, call.path, call.body) == (
        "GET",
        "/open_api/v1.0/qianchuan/report/advertiser/get/",
        b"",
    )
    assert call.headers == {"Access-Token": "an-access-token"}
    assert parse_qs(urlencode(call.query)) == parse_qs(WORKED_QUERY, strict_parsing=True)
    assert urlencode(call.query) == WORKED_QUERY


def test_a_refresh_sends_the_newest_refresh_token_and_keeps_both_new_ones() -> None:
    sent: list[tuple[str, Mapping[str, Any]]] = []

    def exchange(method: str, params: Mapping[str, Any]) -> bytes:
        sent.append((method, params))
        pair = {"access_token": f"access-{len(sent)}", "refresh_token": f"refresh-{len(sent)}"}
        ends = {"expires_in": 86400, "refresh_token_expires_in": 2592000}
        return orjson.dumps({"code": 0, "message": "OK", "data": {**pair, **ends}})

    first = CLIENT.log_in(exchange, NOW)
    second = CLIENT.refresh(first, exchange, NOW)
    assert [params["refresh_token"] for _, params in sent] == ["first", "refresh-1"]
    assert second == Token(
        "access-2",
        "refresh-2",
        datetime(2025, 11, 14, 10, 30, tzinfo=SHANGHAI),
        datetime(2025, 12, 13, 10, 30, tzinfo=SHANGHAI),
    )
    call = CLIENT.ready(*sent[1], "", NOW)
    assert (call.verb, call.path, call.query) == ("POST", "/open_api/oauth2/refresh_token/", {})
    assert "Access-Token" not in call.headers
    assert orjson.loads(call.body) == {
        "app_id": 1700000000000001,
        "secret": "made-up",
        "refresh_token": "refresh-1",
        "grant_type": "refresh_token",
    }


def test_the_sample_of_a_refresh_is_read(platform_samples: Path) -> None:
    sample = orjson.dumps(read_sample(platform_samples, "qianchuan", "oauth2.refresh_token"))
    CLIENT.judge("oauth2/refresh_token", sample)
    token = CLIENT.log_in(lambda *_: sample, NOW)
    assert (token.access, token.refresh) == ("fakeqcaccess0002", "fakeqcrefresh0002")


@pytest.mark.parametrize(
    ("sample", "kind", "message"),
    [
        ("param", errors.ParameterRefused, "ad/get: start_date: Field required (40000)"),
        ("no_account_id", errors.ParameterRefused, "ad/get: 无法解析本次请求所需的账户ID (40000)"),
        ("no_permission", errors.PermissionMissing, "No permission to operate advertiser (40002)"),
        ("too_frequent", errors.Throttled, "Please retry in some seconds. (40100)"),
        ("token_expired", errors.TokenExpired, "ad/get: access_token is expired (40102)"),
        ("refresh_expired", errors.AuthorisationGone, "refresh_token is expired (40103)"),
        ("token_missing", errors.TokenExpired, "access_token is empty (40104)"),
        ("token_wrong", errors.TokenExpired, "access_token is invalid (40105)"),
        ("auth_code_used", errors.AuthorisationGone, "auth_code已经使用,请重新授权 (40115)"),
        ("system", errors.PlatformBusy, "ad/get: System error (50000)"),
    ],
)
def test_every_sample_refusal_is_told_in_words(
    platform_samples: Path, sample: str, kind: type[errors.PlatformError], message: str
) -> None:
    body = orjson.dumps(read_sample(platform_samples, "qianchuan", "errors")[sample])
    with pytest.raises(errors.PlatformError) as refused:
        CLIENT.judge("ad/get", body)
    assert type(refused.value) is kind
    assert message in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    ("method", "code", "words", "kind"),
    [
        ("oauth2/refresh_token", 40105, "refresh_token is invalid", errors.AuthorisationGone),
        ("oauth2/refresh_token", 40107, "refresh_token error", errors.AuthorisationGone),
        ("oauth2/refresh_token", 40000, "app_id or secret is wrong", errors.SignatureRefused),
        ("oauth2/refresh_token", 40001, "Invalid secret", errors.SignatureRefused),
        ("report/ad/get", 40300, "unknown", errors.PlatformError),
        ("report/ad/get", 40000, "ad_id: app_ids are digits", errors.ParameterRefused),
    ],
)
def test_what_a_code_means_depends_on_what_was_asked(
    method: str, code: int, words: str, kind: type[errors.PlatformError]
) -> None:
    with pytest.raises(errors.PlatformError) as refused:
        CLIENT.judge(method, orjson.dumps({"code": code, "message": words, "data": {}}))
    assert type(refused.value) is kind


@pytest.mark.parametrize("body", [b"{}", b"[1]", b'{"code":"x"}', b'{"code":'])
def test_an_answer_without_a_code_is_malformed(body: bytes) -> None:
    with pytest.raises(errors.MalformedAnswer):
        CLIENT.judge("ad/get", body)


@pytest.mark.parametrize("body", [b'{"code":0,"data":{}}', b' {"message":"OK","code":0}'])
def test_a_good_answer_passes(body: bytes) -> None:
    CLIENT.judge("ad/get", body)


def test_the_connector_asks_for_what_the_client_needs() -> None:
    assert {each.name for each in CONNECTOR.credentials if each.required} == set(CREDENTIALS)
    assert (CONNECTOR.channel, CONNECTOR.serves) == ("qianchuan", {"qianchuan": "ad_account"})
