"""How 千川's lists and reports are asked for: pages, days, kinds of plans, units."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
import pytest

from pipelines.errors import UsageError
from pipelines.gateway.errors import ParameterRefused, PermissionMissing
from pipelines.registry.shops import Shop
from pipelines.sources.qianchuan import CONNECTOR
from pipelines.sources.qianchuan.settings import MONEY_UNITS
from pipelines.sources.qianchuan.streams import check, read_advertisers
from tests.unit.sources.playing import FakeSession, days, records

SHOP = Shop(
    shop_key="qianchuan-01", channel="qianchuan", kind="ad_account", name="千川",
    platform_shop_id="4463798",
)  # fmt: skip
STREAMS = {stream.table: stream for stream in CONNECTOR.streams}


class Platform:
    """Answers as 千川 does, over a few made-up rows."""

    def __init__(self, **rows: list[dict[str, Any]]) -> None:
        self.advertisers = [1799000000000001]
        self.authors = [1888800000000001]
        self.rows = rows  # endpoint -> records
        self.refuses_finance = False

    def __call__(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        if method == "report/uni_promotion/get":
            return self._uni_report(params)
        if method == "finance/detail/get" and self.refuses_finance:
            raise PermissionMissing("No permission to operate advertiser", "40002")
        rows, name, total = self._list(method, params)
        return self._page(params, rows, name, total)

    def _list(
        self, method: str, params: Mapping[str, Any]
    ) -> tuple[list[dict[str, Any]], str, str]:
        if method == "uni_promotion/list":
            return self._uni_plans(params), "ad_list", "total_num"
        if method == "today_live/room/get":
            return self._rooms(params), "room_list", "total_num"
        found, name = {
            "shop/advertiser/list": (
                [{"adv_id": each} for each in self.advertisers],
                "adv_id_list",
            ),
            "aweme/authorized/get": (
                [{"aweme_id": each} for each in self.authors],
                "aweme_id_list",
            ),
            "finance/detail/get": (self.rows.get("finance", self.rows.get("reports", [])), "list"),
        }.get(method) or (self.rows["reports"], "list")
        return found, name, "total_number"

    def _rooms(self, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [
            room
            for room in self.rows["rooms"]
            if room["start_time"].startswith(params["date_time"])
            and str(room["aweme_id"]) == params["aweme_id"]
        ]

    def _page(
        self, params: Mapping[str, Any], rows: list[dict[str, Any]], name: str, total: str
    ) -> dict[str, Any]:
        start = (params["page"] - 1) * params["page_size"]
        shown = rows[start : start + params["page_size"]]
        return {"code": 0, "data": {name: shown, "page_info": {total: len(rows)}}}

    def _uni_report(self, params: Mapping[str, Any]) -> dict[str, Any]:
        spent = sum(
            row["stat_cost"]
            for row in self.rows["uni"]
            if params["start_date"] <= row["day"] <= params["end_date"]
        )
        return {"code": 0, "data": dict.fromkeys(params["fields"], spent)}

    def _uni_plans(self, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        kind = (params["marketing_goal"], params["adlab_scene"], params["filtering"])
        return [
            {
                "ad_info": {"id": row["id"]},
                "stats_info": {
                    "stat_cost": row["stat_cost"]
                    if params["start_time"][:10] <= row["day"] <= params["end_time"][:10]
                    else 0
                },
            }
            for row in self.rows["uni"]
            if row["kind"] == kind
        ]


def test_pages_are_read_to_their_end_from_the_back() -> None:
    platform = Platform(reports=[{"stat_datetime": str(number)} for number in range(1001)])
    session = FakeSession(SHOP, platform)
    done = records(STREAMS["account_reports"], session, days("2025-11-01", 2))
    asked = session.asked("report/advertiser/get")
    # The first page tells how many there are and is read again last: rows may have slipped onto it.
    assert [each["page"] for each in asked] == [1, 3, 2, 1]
    assert done.table.num_rows == 1001
    assert {name: asked[0][name] for name in asked[0] if name != "fields"} == {
        "advertiser_id": "1799000000000001",
        "start_date": "2025-11-01",
        "end_date": "2025-11-02",
        "filtering": {"marketing_goal": "ALL"},
        "time_granularity": "TIME_GRANULARITY_DAILY",
        "page": 1,
        "page_size": 500,
    }


def test_an_empty_page_is_the_end_and_gives_nothing() -> None:
    session = FakeSession(SHOP, Platform(reports=[]))
    done = records(STREAMS["plan_reports_hourly"], session, days("2025-11-01", 7))
    assert (done.table.num_rows, len(session.asked("report/ad/get"))) == (0, 1)
    assert session.asked("report/ad/get")[0]["time_granularity"] == "TIME_GRANULARITY_HOURLY"


def test_live_rooms_are_asked_for_by_author_and_day_with_total_num() -> None:
    room = {"aweme_id": 1888800000000002, "room_title": "早场", "end_time": ""}
    rooms = [
        {**room, "room_id": 7571800000000000100 + number, "start_time": f"2025-11-{day} 23:00:00"}
        for number, day in enumerate(["11"] + ["12"] * 101)
    ]
    platform = Platform(rooms=rooms)
    platform.authors = [1888800000000001, 1888800000000002]
    session = FakeSession(SHOP, platform)
    done = records(STREAMS["live_rooms"], session, days("2025-11-11", 2))
    asked = [
        (each["aweme_id"][-1], each["date_time"], each["page"])
        for each in session.asked("today_live/room/get")
    ]
    assert asked == [
        ("1", "2025-11-11", 1),
        ("1", "2025-11-12", 1),
        ("2", "2025-11-11", 1),
        ("2", "2025-11-12", 1),
        ("2", "2025-11-12", 2),
        ("2", "2025-11-12", 1),
    ]
    landed = done.table.to_pylist()
    assert len(landed) == 102
    assert (landed[0]["room_id"], landed[0]["stat_date"]) == ("7571800000000000100", "2025-11-11")


def test_days_before_the_account_was_in_use_are_not_asked_for() -> None:
    money = [
        {"date": "2025-11-10", "cost": 0, "income": 0, "total_balance": 5},
        {"date": "2025-11-12", "cost": 0, "income": 100000, "total_balance": 100005},
        {"date": "2025-11-13", "cost": 1, "income": 0, "total_balance": 100004},
    ]
    uni = {"day": "2025-11-13", "stat_cost": 1.5}
    session = FakeSession(SHOP, Platform(finance=money, rooms=[], uni=[uni]))
    records(STREAMS["live_rooms"], session, days("2025-11-01", 14))
    asked = [each["date_time"] for each in session.asked("today_live/room/get")]
    assert asked == ["2025-11-12", "2025-11-13", "2025-11-14"]
    records(STREAMS["uni_reports"], session, days("2025-11-01", 14))
    reports = session.asked("report/uni_promotion/get")
    assert [each["start_date"] for each in reports[::2]] == ["2025-11-12", *asked]
    before = len(session.calls)
    for table in ("live_rooms", "uni_reports", "uni_plans"):
        assert records(STREAMS[table], session, days("2025-10-01", 30)).table.num_rows == 0
    assert len(session.calls) == before
    finance = session.asked("finance/detail/get")
    assert [(each["start_date"], each["end_date"]) for each in finance] == [
        ("2025-05-19", "2025-11-14")
    ]


@pytest.mark.parametrize("refuses", [False, True], ids=["no money moved", "not to be seen"])
def test_an_account_that_shows_no_money_is_asked_for_every_day(refuses: bool) -> None:
    platform = Platform(rooms=[])
    platform.refuses_finance = refuses
    session = FakeSession(SHOP, platform)
    records(STREAMS["live_rooms"], session, days("2025-11-01", 14))
    assert len(session.asked("today_live/room/get")) == 14


def test_every_advertiser_of_the_shop_is_read_and_found_only_once() -> None:
    platform = Platform(reports=[{"stat_datetime": "2025-11-01 00:00:00", "advertiser_id": 5}])
    platform.advertisers = [1799000000000001, 1799000000000002]
    session = FakeSession(SHOP, platform)
    done = records(STREAMS["account_reports"], session, days("2025-11-01"))
    records(STREAMS["finance_days"], session, days("2025-11-01"))
    assert done.table["advertiser_id"].to_pylist() == ["1799000000000001", "1799000000000002"]
    assert session.asked("shop/advertiser/list") == [
        {"shop_id": "4463798", "page": 1, "page_size": 100}
    ]
    assert check(session) == "2 advertisers: 1799000000000001, 1799000000000002"


def test_uni_reports_are_asked_for_by_day_where_the_span_has_numbers() -> None:
    platform = Platform(uni=[{"day": "2025-11-02", "stat_cost": 12.34}])
    session = FakeSession(SHOP, platform)
    done = records(STREAMS["uni_reports"], session, days("2025-11-01", 3))
    landed = [(row["stat_date"], row["stat_cost"]) for row in done.table.to_pylist()]
    # Days without spend are landed too: they may have had numbers when they were read before.
    assert landed == [("2025-11-01", 0.0), ("2025-11-02", 12.34), ("2025-11-03", 0.0)]
    assert records(STREAMS["uni_reports"], session, days("2025-10-01", 30)).table.num_rows == 0
    assert len(session.asked("report/uni_promotion/get")) == 2 * (1 + 3 + 1)


def test_the_fields_of_a_uni_report_are_asked_for_in_parts() -> None:
    session = FakeSession(SHOP, Platform(uni=[{"day": "2025-11-02", "stat_cost": 12.34}]))
    row = records(STREAMS["uni_reports"], session, days("2025-11-02")).table.to_pylist()[0]
    assert row["stat_cost"] == row["total_prepay_and_pay_settle_roi2_1h"] == 12.34
    sizes = [len(each["fields"]) for each in session.asked("report/uni_promotion/get")]
    assert sizes == [11, 5] * 2  # the span as a whole, then its day


def test_uni_plans_of_every_goal_scene_and_bid_are_asked_for() -> None:
    kind = ("VIDEO_PROM_GOODS", "OVERALL_PROJECT", {"smart_bid_type": "SMART_BID_CONSERVATIVE"})
    plan = {"id": 1799100000000009, "day": "2025-11-02", "stat_cost": 238811000, "kind": kind}
    session = FakeSession(SHOP, Platform(uni=[plan]))
    done = records(STREAMS["uni_plans"], session, days("2025-11-01", 2))
    landed = [(row["stat_date"], row["stats_info"]["stat_cost"]) for row in done.table.to_pylist()]
    assert landed == [("2025-11-01", 0.0), ("2025-11-02", 238811000.0)]
    asked = session.asked("uni_promotion/list")
    kinds = [
        (each["marketing_goal"], each["adlab_scene"], each["filtering"]["smart_bid_type"])
        for each in asked
    ]
    assert len(set(kinds)) == 8
    assert len(kinds) == 8 + 2
    assert (asked[0]["start_time"], asked[0]["end_time"]) == (
        "2025-11-01 00:00:00",
        "2025-11-02 23:59:59",
    )
    assert {each["page_size"] for each in asked} <= {10, 20, 50, 100, 200}


def test_attributions_are_asked_for_by_plan() -> None:
    order = {"order_id": 6930000000000010001, "ad_id": 1799100000000001, "order_amount": 84.5}
    session = FakeSession(SHOP, Platform(reports=[order]))
    records(STREAMS["order_attributions"], session, days("2025-11-01", 30))
    asked = session.asked("report/long_transfer/order/get")
    assert [(each["marketing_goal"], each["filtering"]) for each in asked] == [
        ("LIVE_PROM_GOODS", {"ad_id": 1799100000000001}),
        ("VIDEO_PROM_GOODS", {"ad_id": 1799100000000001}),
    ]
    assert asked[0]["optimization_time_scope"] == "7"


@pytest.mark.parametrize(
    ("settings", "unit"),
    [({}, "1e-5 yuan"), ({"money_units": "finance/detail/get=yuan, report/ad/get=yuan"}, "yuan")],
    ids=["as noted", "the shop's own"],
)
def test_money_comes_with_the_unit_of_its_endpoint(settings: dict[str, str], unit: str) -> None:
    platform = Platform(reports=[{"date": "2025-11-01", "cost": 150327000}])
    session = FakeSession(SHOP, platform, settings)
    row = records(STREAMS["finance_days"], session, days("2025-11-01")).table.to_pylist()[0]
    assert (row["cost"], row["money_unit"]) == (150327000.0, unit)


@pytest.mark.parametrize(
    "said", ["finance/detail/get=fen", "finance=yuan", "yuan"], ids=["unit", "endpoint", "neither"]
)
def test_a_setting_that_says_no_unit_is_refused_in_words(said: str) -> None:
    session = FakeSession(SHOP, Platform(reports=[]), {"money_units": said})
    with pytest.raises(UsageError, match="money_units says") as refused:
        records(STREAMS["finance_days"], session, days("2025-11-01"))
    assert "yuan, 1e-5 yuan" in refused.value.hint
    assert "finance/detail/get" in refused.value.hint


def test_an_account_without_a_shop_says_what_to_do() -> None:
    session = FakeSession(SHOP.model_copy(update={"platform_shop_id": ""}), Platform())
    with pytest.raises(ParameterRefused) as refused:
        list(read_advertisers(session, days("2025-11-01")))
    assert "koujing shop set qianchuan-01 --platform-shop-id" in refused.value.hint


def test_windows_stay_within_what_the_platform_answers() -> None:
    day = timedelta(days=1)
    hourly = STREAMS["plan_reports_hourly"]
    # From midnight six days ago to the next midnight: seven days in one window.
    assert hourly.horizon + day <= hourly.max_window == 7 * day
    for stream in CONNECTOR.streams:
        # Half a day more, as windows begin at midnight.
        assert stream.horizon + day <= 180 * day
        assert stream.max_window <= 180 * day or not stream.whole_days
    assert STREAMS["order_attributions"].max_window <= 90 * day
    assert STREAMS["order_attributions"].horizon + day <= 90 * day


def test_reports_are_read_again_for_as_long_as_they_mature() -> None:
    by_overlap = {
        "account_reports", "plan_reports", "uni_reports", "uni_plans", "finance_days",
        "order_attributions",
    }  # fmt: skip
    fortnight = timedelta(days=14)
    assert {name for name in STREAMS if STREAMS[name].overlap == fortnight} == by_overlap
    assert STREAMS["live_rooms"].revisits[0].reach == fortnight
    assert {name for name in STREAMS if STREAMS[name].whole_days} == set(STREAMS) - {"advertisers"}


def test_standard_and_uni_numbers_have_tables_and_units_of_their_own() -> None:
    standard = set(STREAMS["plan_reports"].fields)
    assert not standard & {"stats_info", "total_pay_order_gmv_for_roi2"}
    assert set(MONEY_UNITS) == {
        "report/advertiser/get", "report/ad/get", "report/uni_promotion/get", "uni_promotion/list",
        "today_live/room/get", "finance/detail/get", "report/long_transfer/order/get",
    }  # fmt: skip
    for table in set(STREAMS) - {"advertisers"}:
        assert {"advertiser_id", "money_unit"} <= set(STREAMS[table].constants)


def test_numbers_that_no_field_of_the_schema_says_are_kept_beside() -> None:
    row = {"stat_datetime": "2025-11-01 00:00:00", "stat_cost": 1.5, "brand_new_metric": 7}
    done = records(
        STREAMS["account_reports"], FakeSession(SHOP, Platform(reports=[row])), days("2025-11-01")
    )
    landed = done.table.to_pylist()[0]
    assert orjson.loads(landed["_extra"]) == {"brand_new_metric": 7}
    assert landed["stat_cost"] == 1.5
