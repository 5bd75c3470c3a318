"""What the sandbox's 千川 counts, worked out by hand over a world of one shop (``advertised``)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from pipelines.sandbox.adapter import Outside
from pipelines.sandbox.adapters.qianchuan_words import records, yuan
from pipelines.sandbox.clock import Clock
from pipelines.sources.qianchuan import schemas
from tests.unit.sandbox import advertised
from tests.unit.sandbox.advertised import (
    GUEST,
    LIVE_PLAN,
    OWN_AUTHOR,
    UNI_PLAN,
    VIDEO_PLAN,
    get,
    log_in,
)  # fmt: skip

Call = Callable[..., dict[str, Any]]
Rows = list[dict[str, Any]]
LIVE, VIDEO = int(LIVE_PLAN), int(VIDEO_PLAN)


@pytest.fixture
def call(outside: Outside) -> Call:
    """The data of a read; logged in anew, since tokens end as time moves on."""

    def run(endpoint: str, **asked: object) -> dict[str, Any]:
        said = get(outside, log_in(outside)["access_token"], endpoint, **asked)
        assert said["code"] == 0, said
        data: dict[str, Any] = said["data"]
        return data

    return run


def by_plan(call: Call, day: str, *, grain: str = "DAILY", goal: str = "ALL") -> Rows:
    """Standard plans' figures of one day, plan by plan and hour by hour."""
    rows: Rows = call(
        "report/ad/get", start_date=day, end_date=day, fields=list(schemas.PLAN_METRICS),
        filtering={"marketing_goal": goal}, time_granularity=f"TIME_GRANULARITY_{grain}",
    )["list"]  # fmt: skip
    return sorted(rows, key=lambda row: (row["ad_id"], row["stat_datetime"]))


def picked(row: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def test_a_plan_s_day_adds_up(call: Call) -> None:
    live, video = by_plan(call, "2026-11-13")
    assert picked(live, "ad_id", "stat_datetime", "stat_cost", "show_cnt", "click_cnt") == (
        LIVE, "2026-11-13 00:00:00", 100.0, 5_000, 150,
    )  # fmt: skip
    # 100.00 for 5,000 shows, 150 clicks, 6 conversions.
    assert picked(live, "ctr", "cpm_platform", "cpc_platform", "convert_cost", "convert_rate") == (
        3.0, 20.0, 0.67, 16.67, 4.0,
    )  # fmt: skip
    # One order of 150.00 by direct way, 40.00 of it given back, received the day after.
    assert picked(live, "pay_order_count", "pay_order_amount", "pay_order_coupon_amount") == (
        1, 150.0, 3.0,
    )  # fmt: skip
    assert picked(live, "prepay_and_pay_order_roi", "all_order_pay_roi_7days") == (1.5, 1.5)
    assert picked(live, "all_order_refund_amount_7d", "ad_all_order_settle_amount_7d") == (
        40.0, 110.0,
    )  # fmt: skip
    assert picked(video, "ad_id", "stat_cost", "ctr", "cpm_platform", "convert_cost") == (
        VIDEO, 33.33, 0.0, 0.0, 0.0,
    )  # fmt: skip


def test_an_order_counts_for_the_day_of_its_click_though_nothing_was_spent(call: Call) -> None:
    (row,) = by_plan(call, "2026-11-11")
    assert picked(row, "ad_id", "stat_cost", "pay_order_count", "pay_order_amount") == (
        LIVE, 0.0, 0, 0.0,
    )  # fmt: skip
    assert picked(row, "indirect_order_pay_count_7days", "indirect_order_pay_gmv_7days") == (1, 200)
    assert picked(row, "all_order_pay_count_7days", "all_order_pay_roi_7days") == (1, 0.0)
    assert by_plan(call, "2026-11-12") == []


def test_hours_that_have_begun_are_told_one_by_one(call: Call) -> None:
    (row,) = by_plan(call, "2026-11-14", grain="HOURLY")
    assert picked(row, "stat_datetime", "stat_cost") == ("2026-11-14 19:00:00", 50.0)
    hours = by_plan(call, "2026-11-13", grain="HOURLY")
    told = [picked(row, "ad_id", "stat_datetime", "stat_cost") for row in hours]
    assert told == [(LIVE, "2026-11-13 20:00:00", 100.0), (VIDEO, "2026-11-13 09:00:00", 33.33)]


def test_an_old_day_grows_when_an_order_is_paid_and_a_new_one_with_its_hours(
    call: Call, clock: Clock
) -> None:
    clock.advance(timedelta(hours=26))
    live, _ = by_plan(call, "2026-11-13")
    assert picked(live, "stat_cost", "pay_order_count", "all_order_pay_gmv_7days") == (100, 1, 227)
    (today,) = by_plan(call, "2026-11-14")
    assert picked(today, "stat_cost", "click_cnt", "ctr") == (120.0, 50, 3.3333)


def test_refunds_count_within_seven_and_fourteen_days_of_the_payment(
    call: Call, clock: Clock
) -> None:
    clock.advance(timedelta(days=7))
    (row,) = by_plan(call, "2026-11-11")
    # 20.00 seven days after the payment to the minute, 30.00 a minute later.
    assert picked(row, "all_order_refund_amount_7d", "all_order_refund_amount_14d") == (20.0, 50.0)
    # It was never received: nothing is settled.
    assert picked(row, "ad_all_order_settle_amount_7d", "ad_all_order_settle_amount_14d") == (0, 0)


def test_goals_are_told_apart_and_sum_to_the_account(call: Call) -> None:
    (live,) = by_plan(call, "2026-11-13", goal="LIVE_PROM_GOODS")
    (video,) = by_plan(call, "2026-11-13", goal="VIDEO_PROM_GOODS")
    assert (live["ad_id"], video["ad_id"]) == (LIVE, VIDEO)
    span = {"start_date": "2026-11-11", "end_date": "2026-11-14"}
    asked = {**span, "fields": ["stat_cost"], "filtering": {"marketing_goal": "ALL"}}
    (whole,) = call("report/advertiser/get", **asked)["list"]
    # Without a granularity a row is the span, and has no time.
    assert whole == {"advertiser_id": 1799000000000001, "stat_cost": 183.33}
    days = call("report/advertiser/get", **asked, time_granularity="TIME_GRANULARITY_DAILY")["list"]
    assert [(row["stat_datetime"][8:10], row["stat_cost"]) for row in days] == [
        ("11", 0.0), ("14", 50.0), ("13", 133.33),
    ]  # fmt: skip


UNI = {
    "stat_cost": 210.0,
    "total_pay_order_count_for_roi2": 1,
    "total_cost_per_pay_order_for_roi2": 210.0,
    "total_pay_order_gmv_for_roi2": 99.0,
    "total_pay_order_coupon_amount_for_roi2": 1.0,
    "total_ecom_platform_subsidy_amount_for_roi2": 0,
    "total_pay_order_gmv_include_coupon_for_roi2": 100.0,
    "total_prepay_and_pay_order_roi2": 0.48,
    "total_prepay_order_count_for_roi2": 0,
    "total_prepay_order_gmv_for_roi2": 0,
    "total_unfinished_estimate_order_gmv_for_roi2": 0,
    # 9.00 given back 55 minutes after the payment; 10.00 more, 65 minutes after, are too late.
    "total_refund_order_count_for_roi2_1h": 1,
    "total_refund_order_gmv_for_roi2_1h_all": 9.0,
    "total_order_settle_amount_for_roi2_1h": 90.0,
    "total_order_settle_count_for_roi2_1h": 0,
    "total_prepay_and_pay_settle_roi2_1h": 0.43,
}


def test_the_uni_report_is_a_sum_in_yuan(call: Call) -> None:
    for fields in (list(UNI)[:8], list(UNI)[8:]):
        for first in ("2026-11-13", "2026-11-11"):
            data = call(
                "report/uni_promotion/get", start_date=first, end_date="2026-11-14", fields=fields
            )
            assert data == {name: UNI[name] for name in fields}
    none = call(
        "report/uni_promotion/get", start_date="2026-11-13", end_date="2026-11-13",
        fields=["stat_cost"], marketing_goal="VIDEO_PROM_GOODS",
    )  # fmt: skip
    assert none == {"stat_cost": 0.0}


def test_a_uni_plan_has_its_money_in_units_of_its_own_but_not_its_budget(call: Call) -> None:
    asked = {
        "start_time": "2026-11-13 00:00:00", "end_time": "2026-11-13 23:59:59",
        "marketing_goal": "LIVE_PROM_GOODS", "fields": list(UNI),
    }  # fmt: skip
    (plan,) = call("uni_promotion/list", **asked)["ad_list"]
    money = {
        "stat_cost": 21_000_000,
        "total_cost_per_pay_order_for_roi2": 21_000_000,
        "total_pay_order_gmv_for_roi2": 9_900_000,
        "total_pay_order_coupon_amount_for_roi2": 100_000,
        "total_pay_order_gmv_include_coupon_for_roi2": 10_000_000,
        "total_refund_order_gmv_for_roi2_1h_all": 900_000,
        "total_order_settle_amount_for_roi2_1h": 9_000_000,
    }
    assert plan["stats_info"] == {**UNI, **money}
    info = plan["ad_info"]
    assert picked(info, "id", "budget", "roi2_goal") == (int(UNI_PLAN), 3_000.0, 4.5)
    assert plan["room_info"][0]["anchor_id"] == OWN_AUTHOR
    (quiet,) = call("uni_promotion/list", **{**asked, "end_time": "2026-11-13"})["ad_list"]
    assert quiet == plan  # a day may come with or without a time
    (before,) = call(
        "uni_promotion/list",
        **{**asked, "start_time": "2026-11-01", "end_time": "2026-11-02"},
    )["ad_list"]  # fmt: skip
    assert set(before["stats_info"].values()) == {0}


@pytest.mark.parametrize(
    "other",
    [
        {"marketing_goal": "VIDEO_PROM_GOODS"},
        {"adlab_scene": "OVERALL_PROJECT"},
        {"filtering": {"smart_bid_type": "SMART_BID_CONSERVATIVE"}},
    ],
)
def test_the_list_hides_plans_of_another_kind(call: Call, other: dict[str, Any]) -> None:
    asked = {
        "start_time": "2026-11-13", "end_time": "2026-11-13", "fields": ["stat_cost"],
        "marketing_goal": "LIVE_PROM_GOODS",
    }  # fmt: skip
    assert call("uni_promotion/list", **{**asked, **other})["ad_list"] == []


def rooms(call: Call, day: str, author: str = OWN_AUTHOR, **more: object) -> Rows:
    found: Rows = call(
        "today_live/room/get", aweme_id=author, date_time=day, fields=list(schemas.LIVE_METRICS),
        **more,
    )["room_list"]  # fmt: skip
    return found


def test_a_room_over_midnight_belongs_to_the_day_on_which_it_opened(call: Call) -> None:
    (room,) = rooms(call, "2026-11-13")
    assert picked(room, "room_status", "room_delivery", "start_time", "end_time") == (
        "FINISH", 1, "2026-11-13 19:00:00", "2026-11-14 00:30:00",
    )  # fmt: skip
    # All plans' spend on it, 310.00; of three orders placed one was paid when it was over.
    assert picked(room, "stat_cost", "live_create_order_count_alias") == (31_000_000, 3)
    assert picked(room, "live_pay_order_count_alias", "live_pay_order_gmv_alias") == (2, 24_900_000)
    assert picked(room, "luban_live_pay_order_count", "luban_live_pay_order_gmv") == (2, 24_900_000)
    assert picked(room, "live_pay_order_gmv_roi", "total_live_watch_cnt") == (0.8, 1_001)


def test_a_room_that_is_on_grows_evenly_until_it_ends(call: Call, clock: Clock) -> None:
    (room,) = rooms(call, "2026-11-14")
    assert picked(room, "room_status", "end_time", "stat_cost") == ("LIVING", "", 5_000_000)
    # Half its time: half of 1,001 viewers, of 77 clicks on products.
    assert picked(room, "total_live_watch_cnt", "live_click_product_count_alias") == (500, 38)
    clock.advance(timedelta(hours=26))
    (room,) = rooms(call, "2026-11-14")
    assert picked(room, "room_status", "end_time") == ("FINISH", "2026-11-14 22:00:00")
    assert picked(room, "total_live_watch_cnt", "stat_cost") == (1_001, 12_000_000)


def test_rooms_are_told_by_author_status_and_delivery(call: Call, clock: Clock) -> None:
    (guest,) = rooms(call, "2026-11-13", GUEST)
    assert picked(guest, "aweme_name", "stat_cost", "room_delivery") == ("来客", 0, 0)
    assert rooms(call, "2026-11-13", GUEST, ad_status="DELIVERY_OK") == []
    assert len(rooms(call, "2026-11-13", ad_status="DELIVERY_OK")) == 1
    assert rooms(call, "2026-11-13", room_status="LIVING") == []
    assert len(rooms(call, "2026-11-14", room_status="LIVING")) == 1
    assert rooms(call, "2026-11-14", GUEST) == []  # opens at 21:00
    clock.advance(timedelta(hours=2))
    assert len(rooms(call, "2026-11-14", GUEST)) == 1


@pytest.mark.parametrize(
    ("now", "authors"),
    [("2026-11-13 09:00:00", [OWN_AUTHOR]), ("2026-11-13 11:00:00", [OWN_AUTHOR, GUEST])],
    ids=["before any room", "once the guest is on"],
)
def test_authors_are_the_shop_s_own_account_and_its_guests(
    call: Call, clock: Clock, now: str, authors: list[str]
) -> None:
    clock.set(advertised.at(now))
    found = call("aweme/authorized/get")["aweme_id_list"]
    assert [str(each["aweme_id"]) for each in found] == authors


def test_what_was_charged_is_all_plans_cash_and_grants_apart(call: Call) -> None:
    days = call("finance/detail/get", start_date="2026-11-01", end_date="2026-11-14")["list"]
    assert [picked(day, "date", "cost", "cash_cost", "grant_cost") for day in days] == [
        ("2026-11-13", 34_333_000, 31_333_000, 3_000_000),
        ("2026-11-14", 5_000_000, 5_000_000, 0),
    ]


def test_the_orders_behind_a_plan_are_told_by_click(call: Call, clock: Clock) -> None:
    def credited(**more: object) -> list[tuple[Any, ...]]:
        asked = {
            "start_date": "2026-11-11", "end_date": "2026-11-14", "marketing_goal":
            "LIVE_PROM_GOODS", "filtering": {"ad_id": LIVE}, "optimization_time_scope": "7", **more,
        }  # fmt: skip
        rows = call("report/long_transfer/order/get", **asked)["list"]
        return [picked(row, "order_id", "order_amount", "pay_type", "is_pay") for row in rows]

    first, second = 6930000000000000004, 6930000000000000001
    assert credited() == [(first, 200.0, "INDIRECT", "PAID"), (second, 150.0, "DIRECT", "PAID")]
    assert credited(optimization_time_scope="1") == [(second, 150.0, "DIRECT", "PAID")]
    assert credited(start_date="2026-11-12") == [(second, 150.0, "DIRECT", "PAID")]
    clock.advance(timedelta(hours=26))
    assert credited()[-1] == (6930000000000000003, 77.0, "INDIRECT", "PAID")


def test_yuan_print_with_their_two_places() -> None:
    # 70 fen times 1/100, as polars divides, would print 0.7000000000000001.
    fen = pl.DataFrame({"fen": [0, 3, 70, 1_404, 99_999_999_999]})
    assert records(fen, {"m": yuan(pl.col("fen"))}) == [
        b'{"m":0.0}', b'{"m":0.03}', b'{"m":0.7}', b'{"m":14.04}', b'{"m":999999999.99}',
    ]  # fmt: skip
