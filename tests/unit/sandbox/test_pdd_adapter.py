"""拼多多 in the sandbox: signatures both ways, limits, pages, tokens, and the world's sums."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import polars as pl
import pytest

from pipelines.sandbox.adapter import Answer, Outside, Request
from pipelines.sandbox.adapters import pdd_gateway
from pipelines.sandbox.adapters.pdd import ADAPTER
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.world.generate import generate
from pipelines.settings import SHANGHAI, Settings
from pipelines.sources.pdd.bills import bill_rows
from tests.unit.sources.pdd.test_client import VECTORS

Call = Callable[..., dict[str, Any]]
SHOP = "pdd-02"
ORDERS, UPDATED = "pdd.order.list.get", "pdd.order.number.list.increment.get"
REFUNDS, AD_DAYS = "pdd.refund.list.increment.get", "pdd.ad.api.report.daily.report.query"
ALL_REFUNDS = {"after_sales_status": "1", "after_sales_type": "1"}


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI).timestamp())


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    settings = Settings(home=tmp_path_factory.mktemp("home"), _env_file=None)
    frames = generate("small")
    clock = Clock(settings)
    clock.set(frames["company"]["clock_at"][0])
    return Outside(frames, clock)


def signed(outside: Outside, method: str, params: Mapping[str, str]) -> dict[str, str]:
    app = pdd_gateway.credentials("", outside)
    told = {
        "type": method, "client_id": app["client_id"], "data_type": "JSON", "version": "V1",
        "timestamp": str(int(outside.now().timestamp())), **params,
    }  # fmt: skip
    return {"sign": pdd_gateway.sign(app["client_secret"], told), **told}


def sent(outside: Outside, params: Mapping[str, str]) -> dict[str, Any]:
    request = Request("POST", "/api/router", {}, {}, urlencode(params).encode())
    answer: dict[str, Any] = json.loads(ADAPTER.answer(request, outside).body)
    return answer


def error_of(answer: Mapping[str, Any]) -> int:
    code: int = answer["error_response"]["error_code"]
    return code


@pytest.fixture
def call(outside: Outside) -> Call:
    asked = {"refresh_token": pdd_gateway.credentials(SHOP, outside)["refresh_token"]}
    said = sent(outside, signed(outside, pdd_gateway.REFRESH, asked))
    token = said["pop_auth_token_refresh_response"]["access_token"]

    def run(method: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401
        worded = {name: str(value) for name, value in params.items()}
        return sent(outside, signed(outside, method, {**worded, "access_token": token}))

    return run


def every_order(call: Call) -> list[dict[str, Any]]:
    """All orders, by the days of their deals."""
    found = []
    for day in range(1, 15):
        start = at(f"11-{day:02d} 00:00")
        page, more = 1, True
        while more:
            said = call(ORDERS, start_confirm_at=start, end_confirm_at=start + 86_400, page=page)
            answer = said["order_list_get_response"]
            found += answer["order_list"]
            page, more = page + 1, answer["has_next"]
    return found


def test_the_verifier_agrees_with_the_vectors() -> None:
    for secret, params, expected in VECTORS:
        assert pdd_gateway.sign(secret, params) == expected


def test_parameters_may_stand_in_the_query_the_form_or_a_json_body(outside: Outside) -> None:
    app = pdd_gateway.credentials("", outside)
    said = signed(outside, "pdd.time.get", {"note": "", "flag": "true", "list": "[1,2]"})
    system = {name: said.pop(name) for name in ("type", "client_id", "sign", "timestamp")}
    as_json = json.dumps({**said, "flag": True, "list": [1, 2]}).encode()
    for body in (urlencode(said).encode(), as_json):
        answer = ADAPTER.answer(Request("POST", "/api/router", system, {}, body), outside)
        assert json.loads(answer.body)["time_get_response"]["time"] == "2026-11-14 20:00:00"
    # Some clients sign nothing that is empty.
    told = {**system, **said}
    told["sign"] = pdd_gateway.sign(app["client_secret"], told, empty=False)
    assert "time_get_response" in sent(outside, told)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"sign": "0" * 32}, 20004),
        ({"client_id": "1"}, 10016),
        ({"timestamp": "1000000000"}, 10001),
        ({"type": ""}, 10001),
        ({"access_token": "unknown"}, 10018),
    ],
)
def test_a_wrong_system_parameter_has_the_platform_s_code(
    outside: Outside, wrong: dict[str, str], code: int
) -> None:
    params = signed(outside, ORDERS, {key: wrong[key] for key in wrong if key == "access_token"})
    assert error_of(sent(outside, {**params, **wrong})) == code


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        (UPDATED, {"start_updated_at": at("11-14 10:00"), "end_updated_at": at("11-14 10:31")},
         50001),
        (ORDERS, {"start_confirm_at": at("11-13 00:00"), "end_confirm_at": at("11-14 00:01")},
         50001),
        (ORDERS, {"start_confirm_at": at("11-13 00:00"), "end_confirm_at": at("11-13 01:00"),
                  "page_size": 101}, 10000),
        (UPDATED, {}, 10000),
        (REFUNDS, {"start_updated_at": 1, "end_updated_at": 2}, 10000),
        ("pdd.goods.detail.get", {"goods_id": 1}, 50001),
        ("pdd.nothing", {}, 10017),
        (AD_DAYS, {"startDateString": "2026-11-13", "endDateString": "2026-11-14",
                   "queryDimensionType": 0, "scenesType": 0}, 50001),
    ],
)  # fmt: skip
def test_limits_are_the_platform_s(
    call: Call, method: str, params: dict[str, Any], code: int
) -> None:
    assert error_of(call(method, **params)) == code


def test_days_of_the_deal_give_every_paid_order_once(call: Call, outside: Outside) -> None:
    orders = outside.frames["orders"].filter(pl.col("shop_id") == SHOP)
    told = orders.filter(pl.any_horizontal(pl.col("paid_at", "deposit_paid_at") < outside.now()))
    found = every_order(call)
    assert sorted(each["order_sn"][-15:] for each in found) == sorted(told["order_id"].str.tail(15))
    placed = {each["order_sn"].split("-")[0] for each in found}
    assert placed == set(told["created_at"].dt.strftime("%y%m%d"))


def test_half_hours_of_updates_come_newest_first_and_with_has_next(call: Call) -> None:
    seen = []
    for half in range(48):
        start = at("11-13 00:00") + half * 1800
        said = call(UPDATED, start_updated_at=start, end_updated_at=start + 1800, page_size=2)
        answer = said["order_sn_increment_get_response"]
        times = [each["updated_at"] for each in answer["order_sn_list"]]
        assert times == sorted(times, reverse=True)
        assert answer["has_next"] == (answer["total_count"] > 2)
        seen.append(answer["total_count"])
    assert sum(seen) > 50
    without = call(UPDATED, start_updated_at=at("11-13 20:00"), end_updated_at=at("11-13 20:30"),
                   use_has_next="true")  # fmt: skip
    assert "total_count" not in without["order_sn_increment_get_response"]


def test_amounts_follow_the_documented_formulas_and_sum_to_the_world(
    call: Call, outside: Outside
) -> None:
    def fen(yuan: float) -> int:
        return round(yuan * 100)

    paid = 0
    for order in every_order(call):
        (item,) = order["item_list"]
        assert fen(order["goods_amount"]) == fen(item["goods_price"]) * item["goods_count"]
        assert fen(order["discount_amount"]) == fen(order["platform_discount"]) + fen(
            order["seller_discount"]
        )
        due = fen(order["goods_amount"]) - fen(order["discount_amount"]) + fen(order["postage"])
        assert fen(order["pay_amount"]) == due
        assert (order["step_order_info"] is not None) == (order["trade_type"] == 1)
        if order["pay_time"]:
            paid += fen(order["pay_amount"]) - fen(order["duo_duo_pay_reduction"])
    world = outside.frames["orders"].filter(
        (pl.col("shop_id") == SHOP) & (pl.col("paid_at") < outside.now())
    )
    assert paid == world["paid_fen"].sum()


def test_after_sales_by_order_and_by_update_are_the_world_s(call: Call, outside: Outside) -> None:
    ever = [each["order_sn"] for each in every_order(call) if each["after_sales_status"]]
    rows = [
        row
        for order in ever
        for row in call(REFUNDS, order_sn=order, **ALL_REFUNDS)["refund_increment_get_response"][
            "refund_list"
        ]
    ]
    world = outside.frames["after_sales"].filter(
        (pl.col("shop_id") == SHOP) & (pl.col("applied_at") < outside.now())
    )
    assert sorted(str(row["id"]) for row in rows) == sorted(world["after_sale_id"])
    done = [row for row in rows if row["after_sales_status"] == 10]
    refunded = world.filter(pl.col("refunded_at") < outside.now())
    assert len(done) == refunded.height
    given = sum(round(float(row["refund_amount"]) * 100) for row in done)
    assert given == refunded["refund_fen"].sum()
    when = at("11-13 00:00")
    by_update = [
        row
        for half in range(48)
        for row in call(
            REFUNDS, start_updated_at=when + half * 1800, end_updated_at=when + half * 1800 + 1800,
            **ALL_REFUNDS,
        )["refund_increment_get_response"]["refund_list"]
    ]  # fmt: skip
    assert {row["id"] for row in by_update} == {
        row["id"] for row in rows if row["updated_time"].startswith("2026-11-13")
    }


def test_the_account_files_sum_to_the_world_s_bills(call: Call, outside: Outside) -> None:
    world = outside.frames["bills"].filter(
        (pl.col("shop_id") == SHOP) & (pl.col("settled_at") < outside.now())
    )
    booked = 0
    for day in sorted(set(world["settled_at"].dt.date())):
        said = call("pdd.finance.balance.daily.bill.url.get", bill_date=str(day))
        url = urlsplit(said["finance_balance_daily_bill_url_get_response"]["download_url"])
        answer = file_at(outside, url.path, dict(parse_qsl(url.query)))
        rows = bill_rows(answer.body)
        assert all(row["happened_at"].startswith(str(day)) for row in rows)
        booked += sum(round((float(row["income"]) + float(row["outgo"])) * 100) for row in rows)
    assert booked == world["net_fen"].sum()
    assert file_at(outside, url.path, {"sign": "guessed"}).status == 403
    future = call("pdd.finance.balance.daily.bill.url.get", bill_date="2026-11-15")
    assert error_of(future) == 50001


def file_at(outside: Outside, path: str, query: dict[str, str]) -> Answer:
    request = Request("GET", path, query, {}, b"")
    assert ADAPTER.owns(request)
    return ADAPTER.answer(request, outside)


def test_ads_are_in_thousandths_of_yuan_by_scene_plan_and_day(call: Call, outside: Outside) -> None:
    plans = outside.frames["ad_plans"].filter(pl.col("shop_id") == SHOP)
    hours = outside.frames["ad_hours"].join(plans, on="plan_id")
    spent = 0
    for scene in (0, 2):
        span = {"startDateString": "2026-11-01", "endDateString": "2026-11-13"}
        daily = call(AD_DAYS, queryDimensionType=0, scenesType=scene, **span)["response"]["result"]
        by_plan = call(
            "pdd.ad.api.report.entity.report.query", queryDimensionType=1, entityDimensionType=0,
            scenesType=scene, queryRange='{"pageNumber":1,"pageSize":10}', **span,
        )["response"]["result"]  # fmt: skip
        assert by_plan["total"] == len(by_plan["entityReportList"]) == 1
        assert daily["sumReport"] == by_plan["sumReport"]
        spent += sum(row["spend"] for row in daily["dailyReportList"])
        row = daily["dailyReportList"][0]
        assert row["cvr"] == f"{row['orderNum'] / row['click']:.4f}"
    past = hours.filter(pl.col("stat_date") < outside.now().date())
    assert spent == (past["cash_fen"] + past["grant_fen"]).sum() * 10


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        (ORDERS, ("order_list_get_response", "order_list", 0),
         {"start_confirm_at": at("11-11 00:00"), "end_confirm_at": at("11-12 00:00")}),
        (UPDATED, ("order_sn_increment_get_response", "order_sn_list", 0),
         {"start_updated_at": at("11-11 20:00"), "end_updated_at": at("11-11 20:30")}),
        ("pdd.goods.list.get", ("goods_list_get_response", "goods_list", 0), {}),
        ("pdd.mall.info.get", ("mall_info_get_response",), {}),
        (AD_DAYS, ("response", "result", "dailyReportList", 0),
         {"startDateString": "2026-11-01", "endDateString": "2026-11-13",
          "queryDimensionType": 0, "scenesType": 0}),
    ],
)  # fmt: skip
def test_records_have_all_that_the_samples_have(
    call: Call, platform_samples: Path, method: str, path: tuple[Any, ...], params: dict[str, Any]
) -> None:
    name = method.removeprefix("pdd.").removesuffix(".report.query").replace(".", "_")
    name = {"ad_api_report_daily": "ad_api_report_daily_report_query"}.get(name, name)
    sample: Any = json.loads((platform_samples / "pdd" / f"{name}.composed.json").read_text())
    answer: Any = call(method, **params)
    for step in path:
        sample, answer = sample[step], answer[step]
    assert set(sample) <= set(answer)
    for field, value in sample.items():
        if isinstance(value, list) and value and answer[field]:
            assert set(value[0]) == set(answer[field][0]), field


def test_a_buyer_is_never_in_clear_but_in_their_own_words(call: Call, outside: Outside) -> None:
    orders = every_order(call)
    waiting = [each for each in orders if each["order_status"] == 1]
    assert all(each["receiver_phone"].startswith("$") for each in waiting)
    assert not any(each["receiver_phone"] for each in orders if each["order_status"] > 1)
    for order in orders:
        order.pop("buyer_memo")
    told = json.dumps(orders, ensure_ascii=False)
    buyers = outside.frames["buyers"]
    assert not set(re.findall(r"1\d{10}", told)) & set(buyers["phone"])
    assert not [name for name in buyers["buyer_id"] if name in told]


def test_tokens_turn_and_a_withdrawn_shop_gets_none(outside: Outside) -> None:
    owner = "pdd-05"

    def create(code: str) -> dict[str, Any]:
        return sent(outside, signed(outside, pdd_gateway.CREATE, {"code": code}))

    def refresh(token: str) -> dict[str, Any]:
        return sent(outside, signed(outside, pdd_gateway.REFRESH, {"refresh_token": token}))

    first = create(owner)["pop_auth_token_create_response"]
    assert (first["expires_in"], first["refresh_token_expires_in"]) == (86_400, 30 * 86_400)
    second = refresh(first["refresh_token"])["pop_auth_token_refresh_response"]
    assert second["access_token"] != first["access_token"]
    assert error_of(refresh(first["refresh_token"])) == 10019
    dead = outside.tokens.issue(owner, timedelta(0), timedelta(days=1))
    asked = signed(outside, ORDERS, {"access_token": dead.access})
    assert error_of(sent(outside, asked)) == 10019
    outside.tokens.kill(owner)
    assert error_of(refresh(second["refresh_token"])) == 10019
    assert error_of(create(owner)) == 10000
