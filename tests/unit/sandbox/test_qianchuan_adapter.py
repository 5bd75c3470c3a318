"""The sandbox's 千川 answers as the platform does: tokens, codes, limits, pages, fields."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.sandbox.adapter import Outside, Request
from pipelines.sandbox.adapters.qianchuan import ADAPTER
from pipelines.sandbox.clock import Clock
from pipelines.settings import Settings
from pipelines.sources.qianchuan import schemas
from tests.unit.sandbox import advertised
from tests.unit.sandbox.advertised import (
    ADVERTISER,
    LIVE_PLAN,
    OTHER_PLAN,
    OWN_AUTHOR,
    OWNER,
    SHOP,
    first_refresh,
    get,
    log_in,
    post,
)  # fmt: skip
from tests.unit.sources.playing import read_sample

Call = Callable[..., dict[str, Any]]
DAYS = {"start_date": "2026-11-11", "end_date": "2026-11-14"}
ALL_GOALS = {"filtering": {"marketing_goal": "ALL"}}


@pytest.fixture
def call(outside: Outside) -> Call:
    access = log_in(outside)["access_token"]
    return lambda endpoint, **asked: get(outside, access, endpoint, **asked)


def test_an_account_is_a_shop_s_advertising_with_all_that_its_owner_hands_over(
    outside: Outside,
) -> None:
    first, second = ADAPTER.accounts(outside)
    assert (first.shop_key, first.kind, first.channel) == (OWNER, "ad_account", "qianchuan")
    assert (first.platform_shop_id, first.parent_shop_key) == (SHOP, "doudian-01")
    assert sorted(first.credentials) == ["app_id", "app_secret", "refresh_token"]
    assert first.credentials["app_id"].isdigit()
    assert first.credentials["refresh_token"] != second.credentials["refresh_token"]
    assert second.shop_key == "qianchuan-02"


def test_a_refresh_rotates_both_tokens_and_the_old_ones_die(outside: Outside) -> None:
    old = log_in(outside)
    assert (old["expires_in"], old["refresh_token_expires_in"]) == (86_400, 2_592_000)
    new = post(outside, "refresh_token", refresh_token=old["refresh_token"])["data"]
    assert {old["access_token"], old["refresh_token"]}.isdisjoint(new.values())
    again = post(outside, "refresh_token", refresh_token=old["refresh_token"])
    assert (again["code"], again["message"]) == (40107, "refresh_token is invalid")
    shop = {"shop_id": SHOP}
    dead = get(outside, old["access_token"], "shop/advertiser/list", **shop)
    assert (dead["code"], dead["message"]) == (40105, "access_token is invalid")
    assert get(outside, new["access_token"], "shop/advertiser/list", **shop)["code"] == 0


def test_a_restarted_sandbox_lets_a_home_in_with_its_first_refresh_token(
    outside: Outside, settings: Settings
) -> None:
    kept = log_in(outside)
    restarted = advertised.one_shop(Clock(settings))
    assert get(restarted, kept["access_token"], "finance/detail/get", **DAYS)["code"] == 40105
    forgotten = post(restarted, "refresh_token", refresh_token=kept["refresh_token"])
    assert forgotten["code"] == 40107
    access = log_in(restarted)["access_token"]
    assert get(restarted, access, "finance/detail/get", **DAYS)["code"] == 0


def test_tokens_end_in_a_day_and_in_thirty(outside: Outside, clock: Clock) -> None:
    pair = log_in(outside)
    clock.advance(timedelta(days=1))
    ended = get(outside, pair["access_token"], "finance/detail/get", **DAYS)
    assert (ended["code"], ended["message"]) == (40102, "access_token is expired")
    clock.advance(timedelta(days=29))
    late = post(outside, "refresh_token", refresh_token=pair["refresh_token"])
    assert (late["code"], late["message"]) == (40103, "refresh_token is expired")


def test_a_withdrawn_authorisation_is_refused_at_every_door(outside: Outside) -> None:
    pair, other = log_in(outside), log_in(outside, "qianchuan-02")
    outside.tokens.kill(OWNER)
    assert get(outside, pair["access_token"], "finance/detail/get", **DAYS)["code"] == 40105
    codes = [
        post(outside, "refresh_token", refresh_token=token)["code"]
        for token in (pair["refresh_token"], first_refresh(outside))
    ]
    assert codes == [40107, 40103]
    assert post(outside, "access_token", auth_code=OWNER)["code"] == 40000
    theirs = get(
        outside, other["access_token"], "finance/detail/get",
        **{**DAYS, "advertiser_id": "1799000000000002"},
    )  # fmt: skip
    assert theirs["code"] == 0


def test_an_auth_code_works_once_and_says_the_advertisers(outside: Outside) -> None:
    given = post(outside, "access_token", auth_code=OWNER)["data"]
    assert given["advertiser_ids"] == [int(ADVERTISER)]
    assert get(outside, given["access_token"], "finance/detail/get", **DAYS)["code"] == 0
    used = post(outside, "access_token", auth_code=OWNER)
    assert (used["code"], used["message"]) == (40115, "auth_code已经使用,请重新授权")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"secret": "guessed"}, "secret is wrong"), ({"app_id": 1}, "app_id is invalid")],
)
def test_a_wrong_app_is_told_by_name(outside: Outside, wrong: dict[str, Any], words: str) -> None:
    said = post(outside, "refresh_token", refresh_token=first_refresh(outside), **wrong)
    assert (said["code"], said["message"]) == (40000, words)


def test_a_call_without_a_token_says_so(outside: Outside) -> None:
    said = get(outside, "", "finance/detail/get", **DAYS)
    assert (said["code"], said["message"]) == (40104, "access_token is empty")


REPORT = {**DAYS, **ALL_GOALS, "fields": ["stat_cost"]}
PLANS = {
    "start_time": "2026-11-14 00:00:00", "end_time": "2026-11-14 23:59:59", "page_size": 10,
    "marketing_goal": "LIVE_PROM_GOODS", "fields": ["stat_cost"],
}  # fmt: skip
ROOMS = {"aweme_id": OWN_AUTHOR, "date_time": "2026-11-13", "fields": ["stat_cost"]}
CREDITED = {
    **DAYS, "marketing_goal": "LIVE_PROM_GOODS", "filtering": {"ad_id": int(LIVE_PLAN)},
    "optimization_time_scope": "7",
}  # fmt: skip
UNI = {**DAYS, "fields": ["stat_cost"]}
HOURLY = {"time_granularity": "TIME_GRANULARITY_HOURLY"}


@pytest.mark.parametrize(
    ("endpoint", "asked", "code", "words"),
    [
        ("report/ad/get", {**REPORT, "advertiser_id": ""}, 40000, "无法解析本次请求所需的账户ID"),
        ("report/ad/get", {**REPORT, "advertiser_id": "1799000000000002"}, 40002, "No permission"),
        ("report/ad/get", {**REPORT, "start_date": ""}, 40000, "start_date: Field required"),
        ("report/ad/get", {**REPORT, "start_date": "soon"}, 40000, "start_date: Input should be"),
        ("report/ad/get", {**REPORT, "fields": []}, 40000, "fields: Field required"),
        ("report/ad/get", {**REPORT, "fields": ["beauty"]}, 40000, "fields: Input should name"),
        ("report/ad/get", {**REPORT, "filtering": {}}, 40000, "filtering.marketing_goal: Field"),
        ("report/ad/get", {**REPORT, "filtering": "[1"}, 40000, "filtering: Invalid JSON"),
        ("report/ad/get", {**REPORT, "page_size": 501}, 40000, "page_size: "),
        ("report/ad/get", {**REPORT, "page_size": 0}, 40000, "page_size: "),
        ("report/ad/get", {**REPORT, "page": 0}, 40000, "page: "),
        ("report/ad/get", {**REPORT, "page": "one"}, 40000, "page: "),
        ("report/ad/get", {**REPORT, "start_date": "2026-05-18"}, 40000, "at most 180 days"),
        ("report/ad/get", {**REPORT, "start_date": "2026-11-15"}, 40000, "end_date: "),
        ("report/ad/get", {**REPORT, **HOURLY, "start_date": "2026-11-07"}, 40000, "most 7 days"),
        ("report/uni_promotion/get", {**UNI, "fields": ["x"] * 12}, 50000, "System error"),
        ("uni_promotion/list", {**PLANS, "page_size": 30}, 40000, "page_size: "),
        ("uni_promotion/list", {**PLANS, "marketing_goal": None}, 40000, "marketing_goal: "),
        ("uni_promotion/list", {**PLANS, "start_time": "2026-05-18 00:00:00"}, 40000, "180 days"),
        ("today_live/room/get", {**ROOMS, "aweme_id": ""}, 40000, "aweme_id: Field required"),
        ("today_live/room/get", {**ROOMS, "page_size": 101}, 40000, "page_size: "),
        ("finance/detail/get", {**DAYS, "page_size": 201}, 40000, "page_size: "),
        ("finance/detail/get", {**DAYS, "start_date": "2025-11-01"}, 40000, "at most 366 days"),
        ("aweme/authorized/get", {"page_size": 101}, 40000, "page_size: "),
        ("shop/advertiser/list", {"shop_id": "4463799"}, 40002, "No permission"),
        ("report/long_transfer/order/get", {**CREDITED, "filtering": {}}, 40000, "filtering.ad_id"),
        (
            "report/long_transfer/order/get",
            {**CREDITED, "filtering": {"ad_id": OTHER_PLAN}},
            40000,
            "filtering.ad_id: Input should be one of",
        ),
        ("report/long_transfer/order/get", {**CREDITED, "start_date": "2026-08-16"}, 40000, "90"),
        ("report/nothing/get", {}, 40000, "no such api"),
    ],
)
def test_what_the_platform_does_not_take_is_refused_in_its_code(
    call: Call, endpoint: str, asked: dict[str, Any], code: int, words: str
) -> None:
    said = call(endpoint, **{name: value for name, value in asked.items() if value is not None})
    assert said["code"] == code
    assert words in said["message"]
    assert said["data"] == {}


def test_the_widest_questions_are_taken(call: Call) -> None:
    assert call("report/ad/get", **{**REPORT, "start_date": "2026-05-19"})["code"] == 0
    hours = {**REPORT, **HOURLY, "start_date": "2026-11-08", "page_size": 500}
    assert call("report/ad/get", **hours)["code"] == 0
    metrics = {"fields": list(schemas.UNI_METRICS[:11])}
    assert call("report/uni_promotion/get", **{**UNI, **metrics})["code"] == 0
    assert call("report/long_transfer/order/get", **{**CREDITED, "start_date": "2026-08-17"})[
        "code"
    ] == 0  # fmt: skip


def test_pages_are_numbered_from_one_in_the_order_of_cost(call: Call) -> None:
    pages = [call("report/ad/get", **REPORT, page=page, page_size=1)["data"] for page in (1, 2, 3)]
    assert [[row["stat_cost"] for row in page["list"]] for page in pages] == [[33.33], [150.0], []]
    info = {"page": 2, "page_size": 1, "total_number": 2, "total_page": 2}
    assert pages[1]["page_info"] == info
    falling = call("report/ad/get", **REPORT, order_type="DESC")["data"]["list"]
    assert [row["stat_cost"] for row in falling] == [150.0, 33.33]


def test_live_and_uni_lists_count_in_total_num(call: Call) -> None:
    counts = {"page": 1, "page_size": 10, "total_num": 1, "total_page": 1}
    assert call("uni_promotion/list", **PLANS)["data"]["page_info"] == counts
    assert call("today_live/room/get", **ROOMS)["data"]["page_info"] == counts


def _shape(value: Any) -> Any:  # noqa: ANN401 - JSON
    """All names in it, at every depth; of a list, those of its first record."""
    if isinstance(value, dict):
        return {name: _shape(each) for name, each in value.items()}
    return [_shape(value[0])] if isinstance(value, list) and value else type(value) is list


@pytest.mark.parametrize(
    ("sample", "endpoint", "asked", "known"),
    [
        ("shop.advertiser.list", "shop/advertiser/list", {"shop_id": SHOP}, ()),
        ("report.advertiser.get", "report/advertiser/get", {**REPORT}, schemas.STANDARD_METRICS),
        ("report.ad.get", "report/ad/get", {**REPORT}, schemas.PLAN_METRICS),
        ("uni_promotion.list", "uni_promotion/list", PLANS, schemas.UNI_METRICS),
        ("today_live.room.get", "today_live/room/get", ROOMS, schemas.LIVE_METRICS),
        ("finance.detail.get", "finance/detail/get", DAYS, ()),
        ("report.long_transfer.order.get", "report/long_transfer/order/get", CREDITED, ()),
        ("report.uni_promotion.get", "report/uni_promotion/get", UNI, schemas.UNI_METRICS),
    ],
)
def test_records_have_the_samples_fields_at_every_depth(
    call: Call,
    platform_samples: Path,
    sample: str,
    endpoint: str,
    asked: dict[str, Any],
    known: tuple[str, ...],
) -> None:
    expected = read_sample(platform_samples, "qianchuan", sample)
    told = json.dumps(expected)
    fields = [name for name in known if f'"{name}":' in told]
    more = {"fields": fields, "time_granularity": "TIME_GRANULARITY_DAILY"} if fields else {}
    assert _shape(call(endpoint, **{**asked, **more})) == _shape(expected)


@pytest.mark.parametrize("sample", ["oauth2.access_token", "oauth2.refresh_token"])
def test_token_answers_have_the_samples_fields(
    outside: Outside, platform_samples: Path, sample: str
) -> None:
    asked = {"auth_code": OWNER, "refresh_token": first_refresh(outside)}
    said = post(outside, sample.removeprefix("oauth2."), **asked)
    assert _shape(said) == _shape(read_sample(platform_samples, "qianchuan", sample))


def test_the_authorised_shop_is_told_as_in_the_sample(
    outside: Outside, platform_samples: Path
) -> None:
    headers = {"access-token": log_in(outside)["access_token"]}
    request = Request("GET", "/open_api/oauth2/advertiser/get/", {}, headers, b"")
    said = advertised.answered(outside, request)
    assert _shape(said) == _shape(
        read_sample(platform_samples, "qianchuan", "oauth2.advertiser.get")
    )
    assert said["data"]["list"][0]["account_id"] == int(SHOP)


def test_every_metric_that_is_asked_of_a_report_is_told(call: Call) -> None:
    days = {**REPORT, "fields": list(schemas.PLAN_METRICS)}
    assert set(schemas.PLAN_METRICS) <= set(call("report/ad/get", **days)["data"]["list"][0])
    plans = call("uni_promotion/list", **{**PLANS, "fields": list(schemas.UNI_METRICS)})["data"]
    assert set(plans["ad_list"][0]["stats_info"]) == set(schemas.UNI_METRICS)


def test_faults_speak_the_platform_s_words(outside: Outside) -> None:
    request = Request("GET", "/open_api/v1.0/qianchuan/finance/detail/get/", {}, {}, b"")
    codes = {}
    for kind in ("rate_limited", "busy", "token_dead"):
        answer = ADAPTER.fault(kind, request)
        assert answer is not None
        codes[kind] = json.loads(answer.body)["code"]
    assert codes == {"rate_limited": 40100, "busy": 50000, "token_dead": 40102}
    door = Request("POST", "/open_api/oauth2/refresh_token/", {}, {}, b"")
    assert ADAPTER.fault("token_dead", door) is None
    assert ADAPTER.fault("reset", request) is None


@pytest.mark.parametrize("name", ["total_number", "total_num"])
def test_an_endless_list_promises_more_than_there_is(name: str) -> None:
    body = f'{{"data":{{"list":[],"page_info":{{"{name}":3,"total_page":1}}}}}}'.encode()
    assert json.loads(ADAPTER.endless(body))["data"]["page_info"] == {
        name: 99_999_999, "total_page": 1,
    }  # fmt: skip
    assert ADAPTER.endless(b'{"data":{"stat_cost":1.5}}') == b'{"data":{"stat_cost":1.5}}'
