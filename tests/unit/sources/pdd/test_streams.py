"""Samples through the streams as they are, pages from the back, windows that the platform takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from pipelines.gateway.connector import Window
from pipelines.gateway.errors import MalformedAnswer, ParameterRefused
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI
from pipelines.sources.pdd import CONNECTOR
from pipelines.sources.pdd import settings as pdd
from pipelines.sources.pdd.bills import bill_rows
from tests.unit.sources.playing import FakeSession, days, records

STREAMS = {stream.table: stream for stream in CONNECTOR.streams}
SHOP = Shop(shop_key="pdd", channel="pdd", name="pdd", platform_shop_id="30001")
Played = Callable[..., FakeSession]


def sample(folder: Path, name: str) -> bytes:
    return (folder / "pdd" / f"{name}.composed.json").read_bytes()


@pytest.fixture
def played(platform_samples: Path) -> Played:
    """A session that answers each method with its sample, or with what is said here."""
    names = {
        pdd.ORDERS: "order_list_get",
        pdd.UPDATED_ORDERS: "order_number_list_increment_get",
        pdd.REFUNDS: "refund_list_increment_get",
        pdd.GOODS: "goods_list_get",
        pdd.GOODS_DETAIL: "goods_detail_get",
        pdd.MALL: "mall_info_get",
        pdd.BILL_URL: "finance_balance_daily_bill_url_get",
        pdd.TRACE: "logistics_ordertrace_get",
        pdd.AD_DAYS: "ad_api_report_daily_report_query",
    }
    file = (platform_samples / "pdd" / "bill_settlement_export.composed.csv").read_bytes()

    def session(said: Mapping[str, Any] | None = None) -> FakeSession:
        def answer(method: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
            if said and method in said:
                told = said[method]
                return told(params) if callable(told) else told
            return file if method == pdd.FILE else sample(platform_samples, names[method])

        return FakeSession(SHOP, answer)

    return session


def minutes(count: int) -> Window:
    start = datetime(2025, 11, 14, 18, tzinfo=SHANGHAI)
    return Window(start, start + timedelta(minutes=count))


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("orders", 1), ("order_updates", 1), ("refund_updates", 1), ("goods", 1),
        ("goods_details", 1), ("mall_infos", 1), ("ad_account_days", 2), ("balance_bills", 1),
    ],
)  # fmt: skip
def test_a_sample_fits_its_declaration(played: Played, table: str, rows: int) -> None:
    window = minutes(30) if "updates" in table else days("2025-11-10")
    done = records(STREAMS[table], played(), window)
    assert done.refused == []
    assert dict(done.unknown) == {}
    assert done.table.num_rows == rows


def test_the_detail_of_an_order_has_the_list_s_fields(
    played: Played, platform_samples: Path
) -> None:
    order = orjson.loads(sample(platform_samples, "order_information_get"))
    found = {"order_list": [order["order_info_get_response"]["order_info"]], "total_count": 1}
    said = {pdd.ORDERS: {"order_list_get_response": found}}
    done = records(STREAMS["orders"], played(said), days("2025-11-10"))
    assert (done.refused, dict(done.unknown)) == ([], {})


def test_yuan_keep_their_digits_and_buyers_never_land(played: Played) -> None:
    (order,) = records(STREAMS["orders"], played(), days("2025-11-10")).table.to_pylist()
    assert (order["goods_amount"], order["pay_amount"], order["postage"]) == (
        "119.8", "105.8", "6.0",
    )  # fmt: skip
    assert order["item_list"][0]["sku_id"] == "600000000001"
    assert order["_version"].startswith("02026-11-11 00:05:40|")
    told = str(order)
    assert not [word for word in ("fake", "Fake", "测试路", "张", "测试区") if word in told]
    assert (order["province"], order["city"]) == ("测试省", "测试市")


@pytest.mark.parametrize("said", [105.8, "105.80", 0.1 + 0.2, 12, 1234567.89])
def test_an_amount_is_kept_whether_number_or_text(
    played: Played, platform_samples: Path, said: float | str
) -> None:
    answer = orjson.loads(sample(platform_samples, "order_list_get"))
    answer["order_list_get_response"]["order_list"][0]["pay_amount"] = said
    done = records(STREAMS["orders"], played({pdd.ORDERS: answer}), days("2025-11-10"))
    assert done.refused == []
    assert done.table["pay_amount"].to_pylist() == [str(said)]


def test_windows_of_updates_are_half_hours_and_nothing_is_left_out(played: Played) -> None:
    session = played()
    records(STREAMS["order_updates"], session, minutes(75))
    spans = [
        (each["start_updated_at"], each["end_updated_at"])
        for each in session.asked(pdd.UPDATED_ORDERS)
    ]
    start = int(minutes(75).start.timestamp())
    assert spans == [
        (start, start + 1800), (start + 1800, start + 3600), (start + 3600, start + 4500),
    ]  # fmt: skip


def test_pages_are_read_from_the_last_and_the_first_again(played: Played) -> None:
    def page(params: Mapping[str, Any]) -> dict[str, Any]:
        row = {"order_sn": f"251110-{params['page']}", "after_sales_status": 0}
        found = {"order_list": [row], "total_count": 201, "has_next": params["page"] < 3}
        return {"order_list_get_response": found}

    session = played({pdd.ORDERS: page})
    done = records(STREAMS["orders"], session, days("2025-11-10"))
    assert [each["page"] for each in session.asked(pdd.ORDERS)] == [1, 3, 2, 1]
    assert sorted(done.table["order_sn"].to_pylist()) == ["251110-1", "251110-2", "251110-3"]


def test_days_of_the_deal_are_asked_for_one_by_one(played: Played) -> None:
    session = played()
    records(STREAMS["orders"], session, days("2025-11-10", 3))
    asked = session.asked(pdd.ORDERS)
    assert {each["end_confirm_at"] - each["start_confirm_at"] for each in asked} == {86_400}
    assert len(asked) == 3


def test_refunds_are_asked_for_where_an_order_ever_had_one(
    played: Played, platform_samples: Path
) -> None:
    listed = orjson.loads(sample(platform_samples, "order_list_get"))
    (order,) = listed["order_list_get_response"]["order_list"]
    others = [{**order, "order_sn": sn, "after_sales_status": code} for sn, code in
              (("251110-2", 10), ("251110-3", 11))]  # fmt: skip
    listed["order_list_get_response"]["order_list"] += others
    session = played({pdd.ORDERS: listed})
    records(STREAMS["refunds"], session, days("2025-11-10"))
    assert [each["order_sn"] for each in session.asked(pdd.REFUNDS)] == ["251110-2", "251110-3"]


def test_a_parcel_is_traced_by_its_carrier_s_code(played: Played, platform_samples: Path) -> None:
    listed = orjson.loads(sample(platform_samples, "order_number_list_increment_get"))
    (order,) = listed["order_sn_increment_get_response"]["order_sn_list"]
    order |= {"order_status": 2, "logistics_id": 44, "tracking_number": "TEST1"}
    companies = [{"id": 44, "code": "SF", "logistics_company": "顺丰速运", "available": 1}]
    said = {
        pdd.UPDATED_ORDERS: listed,
        pdd.COMPANIES: {"logistics_companies_get_response": {"logistics_companies": companies}},
    }
    session = played(said)
    (trace,) = records(STREAMS["parcel_traces"], session, minutes(30)).table.to_pylist()
    assert session.asked(pdd.TRACE) == [{"company_code": "SF", "mail_no": "TEST1"}]
    assert (trace["logistics_id"], trace["tracking_number"]) == ("44", "TEST1")
    assert trace["trace_list"][0]["action"] == "GOT"


def test_today_s_ads_are_asked_for_apart_and_plans_only_where_a_day_has_figures(
    played: Played, platform_samples: Path
) -> None:
    report = orjson.loads(sample(platform_samples, "ad_api_report_daily_report_query"))
    (row,) = report["response"]["result"]["dailyReportList"]
    row["date"] = "2025-11-13"
    plan = {key: value for key, value in row.items() if key != "date"}
    plan |= {"entityId": 530001013, "dimensionType": 1, "externalFieldValues": {}}
    plans = {"entityReportList": [plan], "total": 1, "sumReport": {}}
    nothing = {"response": {"success": True, "result": {"dailyReportList": []}}}

    def daily(params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        past_search = params["scenesType"] == 0 and params["startDateString"] != "2025-11-14"
        return report if past_search else nothing

    said = {pdd.AD_DAYS: daily, pdd.AD_ENTITIES: {"response": {"success": True, "result": plans}}}
    session = played(said)
    (landed,) = records(STREAMS["ad_plan_days"], session, days("2025-11-12", 3)).table.to_pylist()
    spans = [
        (each["startDateString"], each["endDateString"]) for each in session.asked(pdd.AD_DAYS)
    ]
    assert spans == [("2025-11-12", "2025-11-13"), ("2025-11-14", "2025-11-14")] * 2
    assert [each["startDateString"] for each in session.asked(pdd.AD_ENTITIES)] == ["2025-11-13"]
    assert (landed["advertiser_id"], landed["scenes_type"], landed["stat_date"]) == (
        "30001", 0, "2025-11-13",
    )  # fmt: skip
    assert (landed["entityId"], landed["spend"], landed["orderNum"]) == ("530001013", "408000", 21)


def test_the_account_file_is_read_row_by_row(played: Played) -> None:
    session = played()
    (day,) = records(STREAMS["balance_bills"], session, days("2025-11-10")).table.to_pylist()
    assert session.asked(pdd.FILE) == [
        {"url": "https://download.example.invalid/bill/2026-11-11.csv?sign=fake"}
    ]
    assert day["bill_date"] == "2025-11-10"
    assert day["rows"][1] == {
        "order_sn": "261101-000000000000001", "happened_at": "2026-11-11 09:00:00",
        "income": "0.00", "outgo": "-0.63", "kind": "技术服务费", "remark": "",
        "business": "0030002|技术服务费-基础技术服务费",
    }  # fmt: skip
    assert len(day["rows"]) == 3


def test_sums_and_remarks_at_the_end_of_the_file_are_no_rows() -> None:
    header = "商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述"
    head = f"拼多多店铺账务明细查询\n\n{header}\n"
    rows = "1\t,2026-11-11 09:00:00,1.00,0.00,交易收入,,0010002|交易收入-订单收入\n\n"
    tail = "#合计,,1.00,0.00,,,\n#导出时间：2026-11-12\n"
    (row,) = bill_rows((head + rows + tail).encode("gb18030"))
    assert row["order_sn"] == "1"
    for other in ("a,b\n".encode("gb18030"), b"\xff\xff\xff"):
        with pytest.raises(MalformedAnswer):
            bill_rows(other)


def test_a_file_of_today_that_is_not_there_yet_is_no_failure(played: Played) -> None:
    def refused(params: Mapping[str, Any]) -> bytes:
        raise ParameterRefused(f"no bill of {params['bill_date']}", "50001")

    assert (
        list(STREAMS["balance_bills"].read(played({pdd.BILL_URL: refused}), days("2025-11-14")))
        == []
    )
    with pytest.raises(ParameterRefused, match="2025-11-13"):
        list(STREAMS["balance_bills"].read(played({pdd.BILL_URL: refused}), days("2025-11-13")))


def test_a_check_says_which_mall_it_is(played: Played) -> None:
    assert CONNECTOR.check(played()) == "演示拼多多旗舰店 (30001)"
