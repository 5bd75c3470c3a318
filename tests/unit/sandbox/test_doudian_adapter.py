"""The sandbox answers as the platform does: signatures, limits, keys, tokens, amounts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.sandbox.adapter import Answer, Outside, Request
from pipelines.sandbox.adapters import doudian_gateway
from pipelines.sandbox.adapters.doudian import ADAPTER
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.world.generate import generate
from pipelines.settings import Settings
from tests.unit.sources.doudian.test_client import VECTORS

Call = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    settings = Settings(home=tmp_path_factory.mktemp("home"), _env_file=None)
    frames = generate("small")
    clock = Clock(settings)
    clock.set(frames["company"]["clock_at"][0])
    return Outside(frames, clock)


def ask(outside: Outside, method: str, params: dict[str, Any], **system: str) -> Answer:
    key, secret = doudian_gateway.app_of(outside)
    body = json.dumps(params).encode()
    query = {
        "app_key": key, "method": method, "timestamp": str(int(outside.now().timestamp())),
        "v": "2",
        "sign_method": "hmac-sha256",
    }  # fmt: skip
    query["sign"] = doudian_gateway.sign(secret, {**query, **system}, body)
    request = Request("POST", "/" + method.replace(".", "/"), {**query, **system}, {}, body)
    return ADAPTER.answer(request, outside)


@pytest.fixture
def call(outside: Outside) -> Call:
    shop = next(each for each in ADAPTER.accounts(outside) if each.shop_key == "doudian-01")
    asked = {"grant_type": "authorization_self", "code": "", "shop_id": shop.platform_shop_id}
    token = json.loads(ask(outside, "token.create", asked).body)["data"]["access_token"]

    def run(method: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401
        answer: dict[str, Any] = json.loads(ask(outside, method, params, access_token=token).body)
        return answer

    return run


@pytest.mark.parametrize(
    ("key", "secret", "method", "body", "timestamp", "expected"), VECTORS, ids=lambda value: ""
)
def test_the_verifier_agrees_with_the_vectors(
    key: str, secret: str, method: str, body: str, timestamp: str, expected: str
) -> None:
    system = {"app_key": key, "method": method, "timestamp": timestamp, "v": "2"}
    hmac = doudian_gateway.sign(secret, {**system, "sign_method": "hmac-sha256"}, body.encode())
    assert hmac == expected


def test_md5_is_the_platform_s_default() -> None:
    system = {
        "app_key": VECTORS[0][0],
        "method": "product.list",
        "timestamp": VECTORS[0][4],
        "v": "2",
    }
    signed = doudian_gateway.sign(VECTORS[0][1], system, VECTORS[0][3].encode())
    assert signed == "0a1288b4f742252692e6d5e006035e82"


@pytest.mark.parametrize(
    ("system", "sub_code"),
    [
        ({"sign": "0" * 64}, "isv.signature-invalid"),
        ({"app_key": "1"}, "isv.app-id-invalid"),
        ({"timestamp": "1000000000"}, "isv.timestamp-invalid"),
        ({"access_token": "unknown"}, "isv.access-token-no-existed"),
    ],
)
def test_a_wrong_system_parameter_is_refused_in_the_platform_s_words(
    outside: Outside, system: dict[str, str], sub_code: str
) -> None:
    answer = json.loads(ask(outside, "order.searchList", {}, **system).body)
    assert answer["sub_code"] == sub_code


@pytest.mark.parametrize(
    ("params", "sub_code"),
    [
        ({"size": 101, "update_time_start": 1793800000}, "isv.parameter-invalid:20008"),
        (
            {"page": 501, "size": 100, "update_time_start": 1793800000},
            "isv.parameter-invalid:20013",
        ),
        ({"page": -1, "update_time_start": 1793800000}, "isv.parameter-invalid:10035"),
        ({"size": 10}, "isv.parameter-invalid:20011"),
        ({"size": 10, "update_time_start": 1700000000}, "isv.parameter-invalid:20022"),
    ],
)
def test_limits_are_the_platform_s(call: Call, params: dict[str, Any], sub_code: str) -> None:
    assert call("order.searchList", **params)["sub_code"] == sub_code


def test_pages_give_every_order_once_and_nothing_that_has_not_happened(
    call: Call, outside: Outside
) -> None:
    seen: list[str] = []
    page = total = 0
    while len(seen) < total or page == 0:
        data = call(
            "order.searchList", order_by="update_time", order_asc=True, page=page, size=100,
            update_time_start=1793000000,
        )["data"]  # fmt: skip
        seen += [order["order_id"] for order in data["shop_order_list"]]
        total, page = data["total"], page + 1
    orders = outside.frames["orders"]
    placed = orders.filter(
        (orders["shop_id"] == "doudian-01") & (orders["created_at"] < outside.now())
    )
    assert sorted(seen) == sorted(placed["order_id"])


def test_a_window_of_placing_or_applying_is_not_one_of_updating(call: Call) -> None:
    start, end = 1794240000, 1794326400  # 2026-11-10, Asia/Shanghai
    placed = call("order.searchList", size=100, create_time_start=start, create_time_end=end)
    times = [order["create_time"] for order in placed["data"]["shop_order_list"]]
    assert times == sorted(times, reverse=True)
    assert start <= times[-1] < times[0] < end
    asked = call("afterSale.List", size=100, start_time=start, end_time=end)
    applied = [each["aftersale_info"]["apply_time"] for each in asked["data"]["items"]]
    assert start <= min(applied) < max(applied) < end


def test_amounts_follow_the_documented_formulas(call: Call) -> None:
    data = call("order.searchList", size=100, update_time_start=1793000000)["data"]
    for order in data["shop_order_list"]:
        lines = order["sku_order_list"]
        assert (
            order["order_amount"]
            == sum(each["order_amount"] for each in lines) + order["post_amount"]
        )
        assert order["promotion_amount"] == sum(each["promotion_amount"] for each in lines)
        assert order["platform_cost_amount"] == (
            order["only_platform_cost_amount"] + order["author_cost_amount"]
        )
        if order["order_status"] == 1:
            assert order["pay_amount"] == 0


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("order.searchList", ("data", "shop_order_list", 0), {"update_time_start": 1793000000}),
        ("afterSale.List", ("data", "items", 0), {"update_start_time": 1793000000}),
        (
            "order.getSettleBillDetailV3", ("data", "data", 0),
            {"start_time": "2026-11-01 00:00:00", "end_time": "2026-11-15 00:00:00"},
        ),
    ],
)  # fmt: skip
def test_records_have_no_key_that_the_samples_lack(
    call: Call, platform_samples: Path, method: str, path: tuple[Any, ...], params: dict[str, Any]
) -> None:
    sample: Any = json.loads((platform_samples / "doudian" / f"{method}.composed.json").read_text())
    answer: Any = call(method, size=100, **params)
    for name in path:
        sample, answer = sample[name], answer[name]
    assert set(answer) <= set(sample)


def test_a_buyer_is_never_in_clear_but_in_their_own_words(call: Call, outside: Outside) -> None:
    buyers = outside.frames["buyers"]
    data = call("order.searchList", size=100, update_time_start=1793000000)["data"]
    for order in data["shop_order_list"]:
        order.pop("buyer_words")
    told = json.dumps(data, ensure_ascii=False)
    assert not set(re.findall(r"1\d{10}", told)) & set(buyers["phone"])


def test_tokens_live_a_week_and_are_renewed_as_documented(outside: Outside) -> None:
    shop = ADAPTER.accounts(outside)[1]
    created = json.loads(
        ask(
            outside, "token.create",
            {"grant_type": "authorization_self", "shop_id": shop.platform_shop_id},
        ).body
    )["data"]  # fmt: skip
    assert created["expires_in"] == 604800
    asked = {"grant_type": "refresh_token", "refresh_token": created["refresh_token"]}
    early = json.loads(ask(outside, "token.refresh", asked).body)["data"]
    assert early["access_token"] == created["access_token"]
    outside.tokens.kill(shop.shop_key)
    refused = json.loads(ask(outside, "token.refresh", asked).body)
    assert refused["sub_code"] == "dop.token-generate-failed:token-invalid"


def test_a_token_ends(outside: Outside) -> None:
    pair = outside.tokens.issue("doudian-05", timedelta(0), timedelta(days=14))
    answer = json.loads(
        ask(outside, "order.searchList", {"size": 1}, access_token=pair.access).body
    )
    assert answer["sub_code"] == "isv.access-token-expired"
