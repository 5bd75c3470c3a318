"""How 快手's lists are read: cursors, page numbers, windows, and which details are asked for."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipelines.gateway.connector import Window
from pipelines.gateway.errors import EndlessPaging, MalformedAnswer, ParameterRefused
from pipelines.gateway.windows import History, planned
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI
from pipelines.sources.kuaishou import CONNECTOR
from pipelines.sources.kuaishou.streams import (
    check,
    read_bills,
    read_cps_orders,
    read_items,
    read_orders,
    read_refunds,
)  # fmt: skip
from tests.unit.sources.playing import FakeSession, days

SHOP = Shop(shop_key="ks", channel="kuaishou", name="ks", platform_shop_id="700000001")
STREAMS = {stream.table: stream for stream in CONNECTOR.streams}
DAY = days("2024-11-18")
BEGIN, END = 1731859200000, 1731945600000  # that day in Shanghai, milliseconds


def answered(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"result": 1, "data": data}


def test_orders_go_on_by_the_cursor_and_the_last_page_has_rows_too() -> None:
    pages = {"": ("c1", [1]), "c1": ("nomore", [2])}

    def answer(_: str, params: Mapping[str, Any]) -> dict[str, Any]:
        cursor, rows = pages[params["cursor"]]
        return answered({"cursor": cursor, "orderList": rows})

    session = FakeSession(SHOP, answer)
    assert len(list(read_orders(session, DAY))) == 2
    first, second = session.asked("open.order.cursor.list")
    assert first == {
        "orderViewStatus": 1, "queryType": 2, "sort": 2, "cpsType": 0, "pageSize": 50,
        "beginTime": BEGIN, "endTime": END - 1, "cursor": "",
    }  # fmt: skip
    assert second == {**first, "cursor": "c1"}


@pytest.mark.parametrize("read", [read_refunds, read_cps_orders], ids=["refunds", "commissions"])
def test_a_page_number_is_counted_up_beside_the_cursor(read: Any) -> None:  # noqa: ANN401
    pages = {"": "c1", "c1": "c2", "c2": "nomore"}
    session = FakeSession(
        SHOP, lambda _, params: answered({"pcursor": pages[params["pcursor"]], read.records: []})
    )
    list(read(session, DAY))
    asked = [(params["pcursor"], params["currentPage"]) for _, params in session.calls]
    assert asked == [("", 1), ("c1", 2), ("c2", 3)]


def test_refunds_are_asked_for_with_the_exchanges() -> None:
    session = FakeSession(
        SHOP, lambda *_: answered({"pcursor": "nomore", "refundOrderInfoList": []})
    )
    list(read_refunds(session, DAY))
    assert session.calls[0][1]["option"] == {"needExchange": True}


@pytest.mark.parametrize("end", ["nomore", "no_more", "no more"])
def test_bills_end_with_another_spelling(end: str) -> None:
    session = FakeSession(SHOP, lambda *_: answered({"cursor": end, "orders": []}))
    list(read_bills(session, DAY))
    assert session.calls == [
        (
            "open.funds.financial.settled.bill.detail",
            {
                "size": 100, "settlementStartTime": BEGIN, "settlementEndTime": END - 1,
                "cursor": "",
            },
        )
    ]  # fmt: skip


def test_a_cursor_that_comes_again_is_no_list() -> None:
    session = FakeSession(SHOP, lambda *_: answered({"cursor": "c1", "orderList": []}))
    with pytest.raises(EndlessPaging):
        list(read_orders(session, DAY))


def test_an_answer_without_a_cursor_is_not_taken_for_the_end() -> None:
    session = FakeSession(SHOP, lambda *_: answered({"orderList": []}))
    with pytest.raises(MalformedAnswer):
        list(read_orders(session, DAY))


@pytest.mark.parametrize(
    ("code", "words"), [("300004", "SEARCH TIME RANGE EXPAND 7 DAYS"), ("2001", "查询时间范围超限")]
)
def test_a_window_that_is_too_wide_is_halved_without_a_gap(code: str, words: str) -> None:
    six_hours = 6 * 3_600_000

    def answer(_: str, params: Mapping[str, Any]) -> dict[str, Any]:
        if params["endTime"] - params["beginTime"] > six_hours:
            raise ParameterRefused(words, code)
        return answered({"pcursor": "nomore", "refundOrderInfoList": []})

    session = FakeSession(SHOP, answer)
    assert len(list(read_refunds(session, DAY))) == 4
    answered_windows = [
        (params["beginTime"], params["endTime"])
        for _, params in session.calls
        if params["endTime"] - params["beginTime"] <= six_hours
    ]
    assert answered_windows[0][0] == BEGIN
    assert answered_windows[-1][1] == END - 1
    assert all(after[0] == before[1] + 1 for before, after in itertools.pairwise(answered_windows))


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (DAY, "endTime无效"),
        (Window(DAY.start, DAY.start + timedelta(seconds=90)), "查询时间范围超限"),
    ],
    ids=["another refusal", "narrow already"],
)
def test_any_other_refusal_is_said(window: Window, words: str) -> None:
    def answer(*_: object) -> dict[str, Any]:
        raise ParameterRefused(words, "2001")

    session = FakeSession(SHOP, answer)
    with pytest.raises(ParameterRefused, match=words):
        list(read_refunds(session, window))
    assert len(session.calls) == 1


def test_items_are_numbered_from_one_and_read_from_the_last_page() -> None:
    session = FakeSession(
        SHOP,
        lambda _, params: answered(
            {"totalItemCount": 201, "page": params["pageNumber"], "items": []}
        ),
    )
    list(read_items(session, DAY))
    assert [params["pageNumber"] for _, params in session.calls] == [1, 3, 2, 1]
    assert all(params["itemStatus"] == 1 for _, params in session.calls)


def order(oid: int, discount: int, channel: str) -> dict[str, Any]:
    return {"orderBaseInfo": {"oid": oid, "discountFee": discount, "channel": channel}}


@pytest.mark.parametrize(
    ("table", "method", "name", "asked_for"),
    [
        ("order_fees", "open.seller.order.fee.detail", "orderId", [2, 3]),
        ("order_details", "open.order.detail", "oid", [1, 3]),
    ],
)
def test_only_orders_with_something_to_tell_are_asked_about(
    table: str, method: str, name: str, asked_for: list[int]
) -> None:
    listed = [
        order(1, 0, "live"),
        order(2, 500, "itemCard"),
        order(3, 1, "live"),
        order(3, 1, "live"),
    ]

    def answer(called: str, _: object) -> dict[str, Any]:
        if called == method:
            return answered({})
        return answered({"cursor": "nomore", "orderList": listed})

    session = FakeSession(SHOP, answer)
    assert len(list(STREAMS[table].read(session, DAY))) == 2
    assert [params[name] for params in session.asked(method)] == asked_for


def test_windows_are_no_wider_than_the_platform_takes() -> None:
    now = datetime(2024, 11, 18, 12, tzinfo=SHANGHAI)
    for table, days_ in (("orders", 7), ("refunds", 1), ("cps_orders", 1), ("settled_bills", 7)):
        windows = [pull.window for pull in planned(STREAMS[table], History(), now)]
        assert max(each.end - each.start for each in windows) == timedelta(days=days_)
        assert windows[0].start == now - timedelta(days=89)


def test_the_check_says_who_authorised() -> None:
    session = FakeSession(SHOP, lambda *_: answered({"name": "示例旗舰店", "sellerId": 700000001}))
    assert check(session) == "authorised by 示例旗舰店 (700000001)"
