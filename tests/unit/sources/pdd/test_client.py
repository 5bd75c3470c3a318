"""拼多多's wire: signature vectors, form bodies, tokens, refusals in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest

from pipelines.gateway import errors
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI
from pipelines.sources.pdd.client import PddClient, sign

# Vectors of the platform notes (pdd.md, section 3).
VECTORS = [
    (
        "testSecret",
        {
            "access_token": "asd78172s8ds9a921j9qqwda12312w1w21211", "client_id": "1",
            "data_type": "XML", "order_status": "1", "page": "1", "page_size": "10",
            "timestamp": "1480411125", "type": "pdd.order.number.list.get",
        },
        "E4DE3ED21002510DED352819E7AE6775",
    ),
    (
        "demo-secret-pdd-01",
        {
            "access_token": "demo-pdd-token-01", "client_id": "demopddclient01",
            "data_type": "JSON", "goods_name": "纯棉 T恤&短袖", "page": "1", "page_size": "100",
            "timestamp": "1768444200", "type": "pdd.goods.list.get", "version": "V1",
        },
        "2FAFE54BAF7CB961660FF194D29EE8BA",
    ),
]  # fmt: skip
SHOP = Shop(shop_key="pdd", channel="pdd", name="pdd", platform_shop_id="30001")
CREDENTIALS = {"client_id": "demopddclient01", "client_secret": "demo-secret-pdd-01"}
NOW = datetime(2026, 1, 15, 10, 30, tzinfo=SHANGHAI)


def a_client(**more: str) -> PddClient:
    return PddClient(SHOP, {**CREDENTIALS, **more})


@pytest.mark.parametrize(("secret", "params", "expected"), VECTORS, ids=["documented", "made"])
def test_signature_vectors(secret: str, params: Mapping[str, str], expected: str) -> None:
    assert sign(secret, params) == expected


def test_a_call_is_a_signed_form() -> None:
    asked = {"goods_name": "纯棉 T恤&短袖", "page": 1, "page_size": 100}
    call = a_client().ready("pdd.goods.list.get", asked, "demo-pdd-token-01", NOW)
    assert (call.verb, call.path, call.query) == ("POST", "/api/router", {})
    sent = dict(parse_qsl(call.body.decode()))
    assert sent == VECTORS[1][1] | {"sign": VECTORS[1][2]}


def test_objects_and_flags_are_signed_as_they_are_sent() -> None:
    asked = {"queryRange": {"pageNumber": 1, "pageSize": 10}, "use_has_next": True}
    sent = dict(parse_qsl(a_client().ready("m", asked, "", NOW).body.decode()))
    assert sent["queryRange"] == '{"pageNumber":1,"pageSize":10}'
    assert sent["use_has_next"] == "true"
    assert "access_token" not in sent


def test_a_file_is_asked_for_at_its_own_address_without_a_signature() -> None:
    url = "https://download.example.invalid/bill/2026-11-11.csv?sign=fake"
    call = a_client().ready("file", {"url": url}, "token", NOW)
    assert (call.verb, call.base_url) == ("GET", "https://download.example.invalid")
    assert (call.path, call.query) == ("/bill/2026-11-11.csv", {"sign": "fake"})
    assert call.is_file


@pytest.mark.parametrize(
    ("sample", "kind"),
    [
        ("public_param_type", errors.ParameterRefused),
        ("business.composed", errors.ParameterRefused),
        ("invalid_signature.composed", errors.SignatureRefused),
        ("rate_limit.composed", errors.Throttled),
        ("token_expired.composed", errors.TokenExpired),
    ],
)
def test_sample_refusals_say_what_they_mean(
    platform_samples: Path, sample: str, kind: type[errors.PlatformError]
) -> None:
    body = (platform_samples / "pdd" / f"error.{sample}.json").read_bytes()
    with pytest.raises(kind) as refused:
        a_client().judge("pdd.order.list.get", body)
    said = orjson.loads(body)["error_response"]
    assert said["error_msg"] in refused.value.message
    assert refused.value.code == str(said["error_code"])


def test_a_code_that_nobody_named_is_said_as_it_is() -> None:
    body = orjson.dumps({"error_response": {"error_code": 21001, "error_msg": "无此权限"}})
    with pytest.raises(errors.PlatformError, match="无此权限") as refused:
        a_client().judge("pdd.mall.info.get", body)
    assert type(refused.value) is errors.PlatformError


def test_ads_refuse_in_an_answer_of_their_own(platform_samples: Path) -> None:
    name = "ad_api_report_daily_report_query.composed.json"
    a_client().judge("pdd.ad.api", (platform_samples / "pdd" / name).read_bytes())
    refused = {"response": {"success": False, "errorCode": 2001, "errorMsg": "广告主不存在"}}
    with pytest.raises(errors.PlatformError, match="广告主不存在"):
        a_client().judge("pdd.ad.api", orjson.dumps(refused))


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"response":{}}', b'{"error_response":{}}'])
def test_an_answer_that_says_nothing_is_malformed(body: bytes) -> None:
    with pytest.raises(errors.MalformedAnswer):
        a_client().judge("pdd.order.list.get", body)


def test_an_answer_without_a_key_of_its_own_and_a_file_are_good(platform_samples: Path) -> None:
    name = "refund_information_get.composed.json"
    a_client().judge("pdd.refund", (platform_samples / "pdd" / name).read_bytes())
    a_client().judge("file", "拼多多店铺账务明细查询".encode("gb18030"))


def test_a_first_token_is_had_for_a_refresh_token_or_a_code(platform_samples: Path) -> None:
    asked: list[Any] = []

    def exchange(method: str, params: Mapping[str, Any]) -> bytes:
        asked.append((method, dict(params)))
        name = method.removeprefix("pdd.").replace(".", "_")
        return (platform_samples / "pdd" / f"{name}.composed.json").read_bytes()

    token = a_client(code="abc").log_in(exchange, NOW)
    a_client(code="abc", refresh_token="first").log_in(exchange, NOW)
    a_client().refresh(token, exchange, NOW)
    assert asked == [
        ("pdd.pop.auth.token.create", {"code": "abc"}),
        ("pdd.pop.auth.token.refresh", {"refresh_token": "first"}),
        (
            "pdd.pop.auth.token.refresh",
            {"refresh_token": "fakepddrefreshtoken00000000000000000000"},
        ),
    ]
    assert token.access_expires_at == datetime(2026, 11, 12, 0, 0, tzinfo=SHANGHAI)
    assert "fake" not in repr(token)


def test_without_an_authorisation_it_is_said_who_has_to_act() -> None:
    with pytest.raises(errors.AuthorisationGone, match="no authorisation yet"):
        a_client().log_in(lambda *_: b"", NOW)
    expired = orjson.dumps({"error_response": {"error_code": 10019, "error_msg": "已过期"}})
    with pytest.raises(errors.AuthorisationGone):
        a_client().judge("pdd.pop.auth.token.refresh", expired)
