"""小红书's streams: samples land as they are, lists are asked in windows and read to their ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson
import pytest

from pipelines.gateway.connector import Window
from pipelines.gateway.errors import EndlessPaging, MalformedAnswer
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI
from pipelines.sources.xiaohongshu import CONNECTOR
from pipelines.sources.xiaohongshu.lists import AFTERSALES, ORDERS, changed
from tests.unit.sources.playing import Answer, FakeSession, days, read_sample, records

SHOP = Shop(shop_key="xhs", channel="xiaohongshu", name="xhs")
STREAMS = {stream.table: stream for stream in CONNECTOR.streams}
LIST, DETAIL = "order.getOrderList", "order.getOrderDetail"
DAY = days("2024-11-18")  # of the samples
HALF_HOUR = Window(DAY.start, DAY.start + timedelta(minutes=30))
MIDNIGHT = 1731859200000  # its beginning


class Playing(FakeSession):
    """Plays answers on the evening of the samples' day."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(SHOP, answer)

    def now(self) -> datetime:
        return DAY.start + timedelta(hours=20)


def answered(data: object) -> dict[str, Any]:
    return {"error_code": 0, "error_msg": "", "success": True, "data": data}


def anew(data: object) -> dict[str, Any]:
    return answered({"code": 0, "msg": "成功", "success": True, "data": data})


NOTHING = {
    LIST: answered({"total": 0, "orderList": []}),
    "afterSale.listAfterSaleInfos": anew({"totalCount": 0, "afterSaleBasicInfos": []}),
    "finance.pageQueryTransaction": anew({"total": 0, "transactions": []}),
}


def playing(samples: Path) -> Answer:
    """Every sample answer, lists only the first time that they are asked for."""
    seen: set[str] = set()

    def answer(method: str, _: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        if method in seen and method in NOTHING:
            return NOTHING[method]
        seen.add(method)
        return read_sample(samples, "xiaohongshu", method)

    return answer


def listing(*orders: Mapping[str, Any], total: int | None = None) -> dict[str, Any]:
    return answered({"total": len(orders) if total is None else total, "orderList": list(orders)})


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp())


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("orders", 3), ("aftersales", 2), ("tracks", 1), ("skus", 1), ("transactions", 2),
        ("expenses", 1), ("cps_settlements", 2), ("kos_sales", 1),
    ],
)  # fmt: skip
def test_samples_fit_their_declarations(platform_samples: Path, table: str, rows: int) -> None:
    done = records(STREAMS[table], Playing(playing(platform_samples)), DAY)
    assert done.refused == []
    assert dict(done.unknown) == {}
    assert done.table.num_rows == rows


def test_amounts_of_the_sample_order_and_nothing_of_its_buyer(platform_samples: Path) -> None:
    done = records(STREAMS["orders"], Playing(playing(platform_samples)), DAY)
    order = done.table.to_pylist()[0]
    assert (order["totalPayAmount"], order["merchantActualReceiveAmount"]) == (23200, 25200)
    assert [sku["totalPaidAmount"] for sku in order["skuList"]] == [22600, 0]
    assert order["_version"].startswith("00000001731896560000|")
    assert len(order["userId"]) == 64
    told = str(order)
    for clear in ("5f00000000000000000000bb", "fakeopenaddressid", "黄浦", "请尽快发货"):
        assert clear not in told
    assert order["receiverCityName"] == "上海市"


def test_nothing_of_who_returned_what_lands(platform_samples: Path) -> None:
    done = records(STREAMS["aftersales"], Playing(playing(platform_samples)), DAY)
    told = str(done.table.to_pylist())
    for clear in ("5f00000000000000000000bb", "测试收货人", "示例路", "测试说明", "退款金额"):
        assert clear not in told
    assert "买家申请售后" in told


@pytest.mark.parametrize(
    "digits", ["0.30000000000000004", "682.0600000000001", "118.0", "56.5", "951"]
)
def test_yuan_as_json_numbers_keep_their_digits(platform_samples: Path, digits: str) -> None:
    body = orjson.dumps(read_sample(platform_samples, "xiaohongshu", "afterSale.getAfterSaleInfo"))
    detail = body.replace(b'"refundAmountYuan":118.0', b'"refundAmountYuan":' + digits.encode())
    play = playing(platform_samples)

    def answer(method: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        return detail if method == "afterSale.getAfterSaleInfo" else play(method, params)

    done = records(STREAMS["aftersales"], Playing(answer), DAY)
    assert done.table.to_pylist()[0]["afterSaleInfo"]["refundAmountYuan"] == digits


def test_every_envelope_of_a_newer_method_is_read(platform_samples: Path) -> None:
    inner = read_sample(
        platform_samples, "xiaohongshu", "afterSale.listAfterSaleInfos.inner_envelope"
    )
    outer = read_sample(platform_samples, "xiaohongshu", "afterSale.listAfterSaleInfos")
    bare = {"code": 0, "msg": "成功", "success": True, "data": outer["data"]}
    found = [
        [row["returnsId"] for row in changed(Playing(lambda *_, a=a: a), AFTERSALES, DAY)]
        for a in (inner, outer, bare)
    ]
    both = ["R100000000000000001", "R100000000000000002"]
    assert found == [both[1:], both, both]


def test_a_day_is_48_windows_by_update_whole_seconds_half_open() -> None:
    session = Playing(lambda *_: NOTHING[LIST])
    assert changed(session, ORDERS, DAY) == []
    asked = session.asked(LIST)
    assert [each["timeType"] for each in asked] == [2] * 48
    assert asked[0]["startTime"] == seconds("2024-11-18 00:00:00")
    assert asked[-1]["endTime"] == seconds("2024-11-19 00:00:00")
    assert all(each["endTime"] - each["startTime"] == 1_800 for each in asked)
    assert all(before["endTime"] == after["startTime"] for before, after in pairwise(asked))


def test_both_ends_of_an_after_sale_window_belong_to_it_so_it_ends_a_millisecond_before() -> None:
    session = Playing(lambda *_: NOTHING["afterSale.listAfterSaleInfos"])
    changed(session, AFTERSALES, HALF_HOUR)
    (asked,) = session.asked("afterSale.listAfterSaleInfos")
    assert asked["startTime"] == 1731859200000
    assert asked["endTime"] == 1731860999999


def test_a_window_has_what_was_last_updated_in_it_wherever_its_list_ends() -> None:
    """The platform does not say whether a window's end belongs to it."""
    rows = [
        {"orderId": "P1", "updateTime": MIDNIGHT - 1},
        {"orderId": "P2", "updateTime": MIDNIGHT},
        {"orderId": "P3", "updateTime": MIDNIGHT + 1_799_999},
        {"orderId": "P4", "updateTime": MIDNIGHT + 1_800_000},
    ]
    found = changed(Playing(lambda *_: listing(*rows)), ORDERS, HALF_HOUR)
    assert [each["orderId"] for each in found] == ["P2", "P3"]


def test_the_past_is_looked_up_in_what_was_placed_since_the_horizon_listed_once() -> None:
    def answer(_: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        if params["startTime"] <= seconds("2024-11-01 09:00:00") < params["endTime"]:
            return listing(
                {"orderId": "P1", "updateTime": seconds("2024-11-01 09:00:00") * 1000},
                {"orderId": "P2", "updateTime": seconds("2024-11-02 09:00:00") * 1000},
            )
        return NOTHING[LIST]

    session = Playing(answer)
    found = [
        [each["orderId"] for each in changed(session, ORDERS, days(day))]
        for day in ("2024-11-01", "2024-11-02", "2024-11-03")
    ]
    assert found == [["P1"], ["P2"], []]
    asked = session.asked(LIST)
    assert [each["timeType"] for each in asked] == [1] * 90
    assert asked[0]["startTime"] == seconds("2024-08-20 20:00:00")
    assert asked[-1]["endTime"] == seconds("2024-11-18 20:00:00")
    assert {each["endTime"] - each["startTime"] for each in asked} == {86_400}


def test_the_last_three_days_are_asked_for_by_update() -> None:
    session = Playing(lambda *_: NOTHING[LIST])
    changed(session, ORDERS, days("2024-11-15"))
    assert {each["timeType"] for each in session.asked(LIST)} == {2}
    changed(session, ORDERS, days("2024-11-14"))
    assert len(session.asked(LIST)) == 48 + 90


def test_pages_are_read_from_the_last_to_the_first() -> None:
    orders = [{"orderId": f"P{n:03d}", "updateTime": MIDNIGHT + n} for n in range(250)]

    def answer(_: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        first = (params["pageNo"] - 1) * 100
        return listing(*orders[first : first + 100], total=250)

    session = Playing(answer)
    found = changed(session, ORDERS, HALF_HOUR)
    assert [each["pageNo"] for each in session.asked(LIST)] == [1, 3, 2, 1]
    assert [each["orderId"] for each in found] == [order["orderId"] for order in orders]


def test_a_window_of_more_rows_than_100_pages_hold_is_halved() -> None:
    def answer(_: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        if params["endTime"] - params["startTime"] > 900:
            return listing(total=10_001)
        start = params["startTime"]
        return listing({"orderId": f"P{start}", "updateTime": start * 1000})

    found = changed(Playing(answer), ORDERS, HALF_HOUR)
    assert [each["orderId"] for each in found] == ["P1731859200", "P1731860100"]


def test_a_list_that_lies_is_asked_again_by_itself() -> None:
    lies = [
        listing(total=99_999_999),
        listing({"orderId": {"value": "P1"}}),
        listing({"orderId": "P1", "updateTime": MIDNIGHT, "deliveryTime": 5}),
    ]
    session = Playing(lambda *_: lies.pop(0))
    assert changed(session, ORDERS, HALF_HOUR) == [
        {"orderId": "P1", "updateTime": MIDNIGHT, "orderStatus": None, "deliveryTime": 5}
    ]


@pytest.mark.parametrize(
    ("lie", "kind"),
    [
        (listing(total=99_999_999), EndlessPaging),
        (listing({"orderId": ""}), MalformedAnswer),
    ],
)
def test_a_list_that_never_stops_lying_fails(lie: Any, kind: type[Exception]) -> None:  # noqa: ANN401
    with pytest.raises(kind):
        changed(Playing(lambda *_: lie), ORDERS, HALF_HOUR)


def test_tracks_are_asked_for_of_orders_that_have_left() -> None:
    def answer(method: str, _: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        if method == LIST:
            return listing(
                {"orderId": "P1", "deliveryTime": 0, "updateTime": MIDNIGHT},
                {"orderId": "P2", "deliveryTime": 1, "updateTime": MIDNIGHT},
            )
        return answered({"orderTrackInfos": []})

    session = Playing(answer)
    list(STREAMS["tracks"].read(session, HALF_HOUR))
    assert session.asked("order.getOrderTracking") == [{"orderId": "P2"}]


def test_commissions_are_asked_for_when_they_can_have_changed() -> None:
    """Orders that changed, orders that are two days old by now, orders that bills name with one."""
    start = DAY.start.replace(hour=12)
    noon = seconds("2024-11-18 12:00:00") * 1000

    def answer(method: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        if method == LIST and params["timeType"] == 2:
            return listing(
                {"orderId": "P1", "orderStatus": 7, "updateTime": noon},
                {"orderId": "P2", "orderStatus": 1, "updateTime": noon},
                {"orderId": "P3", "orderStatus": 9, "updateTime": noon},
            )
        if method == LIST:
            assert params["startTime"] == seconds("2024-11-16 12:00:00")
            assert params["endTime"] == seconds("2024-11-16 12:30:00")
            return listing({"orderId": "P4", "orderStatus": 6})
        if method == "finance.pageQueryTransaction":
            rows = [
                {"packageId": "P5", "cpsAmount": "-2.74"},
                {"packageId": "P6", "cpsAmount": "0.00"},
            ]
            return anew({"total": 2, "transactions": rows})
        return answered({"cpsUserSettleDetails": []})

    session = Playing(answer)
    window = Window(start, start + timedelta(minutes=30))
    pages = list(STREAMS["cps_settlements"].read(session, window))
    asked = [each["orderId"] for each in session.asked("bill.queryCpsSettle")]
    assert asked == ["P1", "P4", "P5"]
    assert [page.constants for page in pages] == [{"order_id": order} for order in asked]
    assert session.asked(LIST)[0]["startTime"] == seconds("2024-11-18 08:45:00")
    bills = session.asked("finance.pageQueryTransaction")
    assert bills[0]["startTime"] == seconds("2024-11-17 11:00:00") * 1000
    assert {each["settleBizType"] for each in bills} == {0, 1}


def test_a_past_order_s_commission_is_asked_for_once() -> None:
    changed_at = seconds("2024-10-01 12:00:00") * 1000

    def answer(method: str, _: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        if method == LIST:
            return listing({"orderId": "P1", "orderStatus": 7, "updateTime": changed_at})
        return answered({"cpsUserSettleDetails": []})

    session = Playing(answer)
    for day in ("2024-09-30", "2024-10-01", "2024-10-03"):
        list(STREAMS["cps_settlements"].read(session, days(day)))
    assert session.asked("bill.queryCpsSettle") == [{"orderId": "P1"}]
    assert session.asked("finance.pageQueryTransaction") == []


def test_money_is_asked_for_a_day_at_a_time_income_and_refunds_apart() -> None:
    session = Playing(lambda *_: NOTHING["finance.pageQueryTransaction"])
    list(STREAMS["transactions"].read(session, days("2024-11-18", 2)))
    asked = session.asked("finance.pageQueryTransaction")
    assert [each["settleBizType"] for each in asked] == [0, 0, 1, 1]
    assert {each["endTime"] - each["startTime"] for each in asked} == {86_400_000}
    assert {each["commonSettleStatus"] for each in asked} == {1}


def test_own_accounts_are_asked_for_by_whole_days() -> None:
    session = Playing(lambda *_: anew({"count": 0, "data": []}))
    list(STREAMS["kos_sales"].read(session, days("2024-11-18", 3)))
    (asked,) = session.asked("businessdata.getKosData")
    assert (asked["startDate"], asked["endDate"]) == ("2024-11-18", "2024-11-20")


def test_a_check_is_one_call() -> None:
    session = Playing(lambda *_: listing(total=7))
    assert CONNECTOR.check(session) == "7 orders placed in the last 24 hours"
    assert len(session.calls) == 1
