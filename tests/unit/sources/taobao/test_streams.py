"""What comes of TOP's samples, what is asked for, and how its lists are read to their end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.gateway.checks import check_stream
from pipelines.gateway.connector import Page, Window
from pipelines.gateway.decode import Decoded
from pipelines.gateway.errors import EndlessPaging, ParameterRefused
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI
from pipelines.sources.taobao import CONNECTOR, streams
from pipelines.sources.taobao.streams import check
from tests.unit.sources.playing import Answer, FakeSession, days, read_sample, records

SHOP = Shop(shop_key="tb", channel="taobao", name="tb")
STREAMS = {stream.table: stream for stream in CONNECTOR.streams}
LIST, DETAIL = "taobao.trades.sold.increment.get", "taobao.trade.fullinfo.get"
TRACE = "taobao.logistics.trace.search"


@pytest.fixture
def samples(platform_samples: Path) -> Callable[[str], dict[str, Any]]:
    return lambda name: read_sample(platform_samples, "taobao", name)


def playing(samples: Callable[[str], dict[str, Any]], **more: Any) -> FakeSession:  # noqa: ANN401
    """A session that answers each method with its sample, or with what is said here."""
    said = {name.replace("__", "."): answer for name, answer in more.items()}

    def answer(method: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        del params
        name = method.removeprefix("taobao.")
        return said[name] if name in said else samples(name.replace(".", "_"))

    return FakeSession(SHOP, answer)


MESSAGES = {
    "refund_messages_get_response": {
        "total_results": 2,
        "refund_messages": {
            "refund_message": [
                {"id": 11, "refund_id": "180000000000000001", "owner_role": "1"}
                | {"created": "2026-11-11 00:02:10", "message_type": "NORMAL"},
                {"id": 12, "refund_id": "180000000000000001", "owner_role": "2"}
                | {"created": "2026-11-11 09:11:00", "message_type": "NORMAL"},
            ]
        },
    }
}
NO_ITEMS = {"items_inventory_get_response": {"total_results": 0, "request_id": "x"}}
READ = [
    (
        "trades", 2,
        {"tid": 3320010001000000000, "payment": "199.55", "seller_memo": "加急"}
        | {"_version": "02026-11-11 00:03:40|2025-11-14T20:00:00", "receiver_state": "测试省"},
    ),
    (
        "refunds", 1,
        {"refund_id": "180000000000000001", "refund_fee": "19.10", "oid": 3320010001000000002}
        | {"refund_version": 1794326530000, "dispute_type": "REFUND"},
    ),
    ("refund_messages", 2, {"id": 11, "owner_role": "1", "created": "2026-11-11 00:02:10"}),
    (
        "items", 1,
        {"num_iid": 620000000001, "price": "99.00", "approve_status": "onsale"}
        | {"outer_id": "TS-001", "sold_quantity": 88},
    ),
    (
        "skus", 1,
        {"sku_id": 4500000000001, "outer_id": "TS-001-WH-M", "quantity": 160, "price": "99.00"},
    ),
    (
        "bills", 2,
        {"bid": 9100000000000001, "amount": 852, "trade_id": "3320010001000000000"}
        | {"pay_time": "2026-11-20 10:00:05"},
    ),
    ("bill_accounts", 1, {"account_id": 1, "account_code": "tmall_commission"}),
    (
        "shippings", 1,
        {"order_code": "LP00000000000001", "out_sid": "TEST00000000001", "is_split": 1}
        | {"sub_tids": {"number": ["3320010001000000001"]}},
    ),
    ("shops", 1, {"sid": 100000001, "title": "演示旗舰店"}),
    (
        "sellers", 1,
        {"user_id": 2200000000001, "nick": "演示旗舰店"}
        | {"seller_credit": {"level": 15, "score": 123456}
            | {"total_num": 120000, "good_num": 119000}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("table", "rows", "shown"), READ, ids=[each[0] for each in READ])
def test_a_sample_lands_as_declared(
    samples: Callable[[str], dict[str, Any]], table: str, rows: int, shown: dict[str, Any]
) -> None:
    session = playing(samples, refund__messages__get=MESSAGES, items__inventory__get=NO_ITEMS)
    done = records(STREAMS[table], session, days("2026-11-11"))
    assert (done.refused, dict(done.unknown)) == ([], {})
    assert done.table.num_rows == rows
    landed = done.table.to_pylist()[0]
    assert {name: landed[name] for name in shown} == shown
    assert [each for each in check_of(table, done) if "_dlt_load_id" not in each] == []


def check_of(table: str, done: Decoded) -> list[str]:
    import polars as pl

    frame = pl.from_arrow(done.table)
    assert isinstance(frame, pl.DataFrame)
    return check_stream(STREAMS[table], frame)


def test_the_list_s_own_sample_fits_the_same_declaration(
    samples: Callable[[str], dict[str, Any]],
) -> None:
    """A pre-sale among them: its trade has fields that the sample of one trade lacks."""
    trades = samples("trades_sold_increment_get")["trades_sold_increment_get_response"]["trades"]
    for trade in trades["trade"]:
        session = playing(
            samples, trade__fullinfo__get={"trade_fullinfo_get_response": {"trade": trade}}
        )
        done = records(STREAMS["trades"], session, days("2026-11-11"))
        assert (done.refused, dict(done.unknown)) == ([], {})


def test_a_trace_lands_without_the_words_that_can_name_a_courier(
    samples: Callable[[str], dict[str, Any]],
) -> None:
    session = playing(
        samples, trades__sold__increment__get=listed(trade(1, "WAIT_BUYER_CONFIRM_GOODS", "W1"))
    )
    done = records(STREAMS["shipping_traces"], session, days("2026-11-11"))
    assert (done.refused, dict(done.unknown)) == ([], {})
    (landed,) = done.table.to_pylist()
    assert landed["trace_list"]["transit_step_info"] == [
        {"action": "GOT", "status_time": "2026-11-11 19:00:00"},
        {"action": "SIGNED", "status_time": "2026-11-13 12:00:00"},
    ]


def test_buyers_are_not_even_asked_for(samples: Callable[[str], dict[str, Any]]) -> None:
    session = playing(samples)
    landed = str(records(STREAMS["trades"], session, days("2026-11-11")).table.to_pylist())
    assert not any(
        word in landed for word in ("张**", "0000FAKE", "假***路", "AAFakeOpenUid", "测**")
    )
    for asked in session.asked(DETAIL):
        wanted = set(asked["fields"].split(","))
        assert not wanted & {
            "receiver_name",
            "receiver_mobile",
            "buyer_nick",
            "buyer_message",
            "oaid",
        }
        assert wanted >= {
            "buyer_open_uid",
            "receiver_state",
            "promotion_details",
            "step_pay_details",
        }
    assert (
        len(
            records(STREAMS["trades"], session, days("2026-11-11"))
            .table["buyer_open_uid"][0]
            .as_py()
        )
        == 64
    )


def trade(number: int, status: str, *waybills: str) -> dict[str, Any]:
    lines = [
        {"oid": number * 10 + place, **({"invoice_no": each} if each else {})}
        for place, each in enumerate(waybills)
    ]
    return {"tid": number, "status": status, "orders": {"order": lines}}


def listed(*trades: dict[str, Any]) -> dict[str, Any]:
    inside = {"trades": {"trade": list(trades)}} if trades else {}
    return {"trades_sold_increment_get_response": {"total_results": len(trades), **inside}}


def test_traces_are_asked_for_by_line_where_a_trade_is_split() -> None:
    found = listed(
        trade(1, "WAIT_BUYER_CONFIRM_GOODS", "W1", "W1"),
        trade(2, "WAIT_BUYER_CONFIRM_GOODS", "W2", "W3", ""),
        trade(3, "TRADE_FINISHED", "W4"),
        trade(4, "WAIT_SELLER_SEND_GOODS", ""),
        trade(5, "SELLER_CONSIGNED_PART", "W5", ""),
    )
    session = FakeSession(SHOP, lambda method, _: found if method == LIST else {})
    list(streams.read_traces(session, days("2026-11-11")))
    assert session.asked(TRACE) == [
        {"tid": 1},
        {"tid": 2, "is_split": 1, "sub_tid": 20},
        {"tid": 2, "is_split": 1, "sub_tid": 21},
        {"tid": 5, "is_split": 1, "sub_tid": 50},
    ]


def test_a_parcel_without_a_trace_stops_no_other_but_all_of_them_do() -> None:
    found = listed(*(trade(tid, "WAIT_BUYER_CONFIRM_GOODS", f"W{tid}") for tid in (1, 2)))

    def answer(method: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        if method == TRACE and params["tid"] in unknown:
            raise ParameterRefused("no trace")
        return found if method == LIST else {}

    unknown = {1}
    session = FakeSession(SHOP, answer)
    assert len(list(streams.read_traces(session, days("2026-11-11")))) == 1
    unknown = {1, 2}
    with pytest.raises(ParameterRefused):
        list(streams.read_traces(session, days("2026-11-11")))


def test_an_empty_list_is_an_absent_key(samples: Callable[[str], dict[str, Any]]) -> None:
    session = FakeSession(SHOP, lambda *_: samples("trades_sold_increment_get.empty"))
    assert list(streams.read_trades(session, days("2026-11-11"))) == []


def test_windows_types_and_fields_are_said(samples: Callable[[str], dict[str, Any]]) -> None:
    session = playing(samples)
    list(streams.read_trades(session, days("2026-11-11")))
    (asked,) = session.asked(LIST)
    assert asked["start_modified"] == "2026-11-11 00:00:00"
    assert asked["end_modified"] == "2026-11-12 00:00:00"
    assert {"fixed", "guarantee_trade", "step", "nopaid"} <= set(asked["type"].split(","))
    assert (asked["page_no"], asked["page_size"]) == (1, 100)
    assert STREAMS["trades"].max_window == timedelta(days=1)


class Shelf:
    """A list of numbers, newest first, that changes after a page of it was given."""

    def __init__(self, numbers: list[int], then: dict[int, list[int]]) -> None:
        self.numbers = numbers
        self._then = then
        self.given: list[int] = []

    def __call__(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        del method
        page, size = params["page_no"], params["page_size"]
        here = self.numbers[(page - 1) * size : page * size]
        total = len(self.numbers)
        self.given.append(page)
        self.numbers = self._then.pop(len(self.given), self.numbers)
        inside = {"trades": {"trade": [{"tid": each} for each in here]}} if here else {}
        return {"trades_sold_increment_get_response": {"total_results": total, **inside}}


def seen(shelf: Shelf) -> list[int]:
    session = FakeSession(SHOP, shelf)
    pages = streams._whole(
        lambda page: session.call(LIST, {"page_no": page, "page_size": 2}),
        ("trades_sold_increment_get_response", "trades", "trade"),
        "tid",
        size=2,
    )
    return sorted({each["tid"] for page in pages for each in streams._in(page)})


def test_a_quiet_list_is_read_once_from_its_last_page() -> None:
    shelf = Shelf([6, 5, 4, 3, 2, 1], {})
    assert seen(shelf) == [1, 2, 3, 4, 5, 6]
    assert shelf.given == [1, 3, 2, 1]


def test_who_leaves_the_window_hides_nobody() -> None:
    """After the last page was read, 2 changes: it is of another window now."""
    shelf = Shelf([6, 5, 4, 3, 2, 1], {2: [6, 5, 4, 3, 1]})
    assert seen(shelf) == [1, 2, 3, 4, 5, 6]


def test_who_comes_back_at_the_front_hides_nobody() -> None:
    """After the last page was read, 1 moves to the front and pushes 3 onto that page."""
    shelf = Shelf([6, 5, 4, 3, 2, 1], {2: [1, 6, 5, 4, 3, 2]})
    assert seen(shelf) == [1, 2, 3, 4, 5, 6]
    assert shelf.given == [1, 3, 2, 1, 1, 3, 2, 1]


def test_a_total_that_never_fits_ends_the_reading() -> None:
    """The platform counts one that it does not show; it is asked twice and believed no further."""
    shelf = Shelf([2, 2, 1], {})
    assert seen(shelf) == [1, 2]
    assert len(shelf.given) == 6


def bill_pages(rows: Callable[[datetime, datetime], int]) -> Answer:
    """bill.bills.get over a window that has so many rows; it never pages behind 5000."""

    def answer(method: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        del method
        start, end = (datetime.fromisoformat(params[f"{name}_time"]) for name in ("start", "end"))
        total, last = rows(start, end), params["page_no"] * params["page_size"]
        assert last <= 5_000
        here = min(params["page_size"], max(0, total - last + params["page_size"]))
        bills = [{"bid": number} for number in range(here)]
        inside = {"bills": {"bill": bills}} if bills else {}
        told = {"has_next": last < total, "total_results": here, **inside}
        return {"bill_bills_get_response": told}

    return answer


def test_bills_are_read_forwards_and_a_window_of_too_many_is_halved() -> None:
    session = FakeSession(SHOP, bill_pages(lambda start, end: (end - start).seconds // 12))
    day = Window(*(datetime(2026, 11, 11, hour, tzinfo=SHANGHAI) for hour in (0, 20)))
    pages = list(streams.read_bills(session, day))
    # 6000 rows: fifty pages tell that it is too much, then two halves of 3000.
    assert len(pages) == 60
    halves = sorted(
        {(each["start_time"], each["end_time"]) for each in session.asked("taobao.bill.bills.get")}
    )
    assert halves == [
        ("2026-11-11 00:00:00", "2026-11-11 10:00:00"),
        ("2026-11-11 00:00:00", "2026-11-11 20:00:00"),
        ("2026-11-11 10:00:00", "2026-11-11 20:00:00"),
    ]


def test_bills_without_end_are_an_error() -> None:
    def answer(method: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        del method
        bills = {"bills": {"bill": [{"bid": 1}]}} if params["page_no"] == 1 else {}
        return {"bill_bills_get_response": {"has_next": True, "total_results": 1, **bills}}

    with pytest.raises(EndlessPaging, match="promises"):
        list(streams.read_bills(FakeSession(SHOP, answer), days("2026-11-11")))


def test_skus_are_asked_for_forty_items_at_a_time() -> None:
    def answer(method: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        if method == "taobao.items.onsale.get":
            items = {"item": [{"num_iid": number} for number in range(1, 42)]}
            return {"items_onsale_get_response": {"total_results": 41, "items": items}}
        if method == "taobao.items.inventory.get":
            return NO_ITEMS
        asked = params["num_iids"].split(",")
        skus = (
            {"skus": {"sku": [{"sku_id": int(each)} for each in asked]}} if len(asked) > 1 else {}
        )
        return {"item_skus_get_response": skus}

    session = FakeSession(SHOP, answer)
    pages = list(streams.read_skus(session, days("2026-11-11")))
    asked = [each["num_iids"].count(",") + 1 for each in session.asked("taobao.item.skus.get")]
    assert (asked, len(pages)) == ([40, 1], 1)
    shelves = [each.get("banner") for each in session.asked("taobao.items.inventory.get")]
    assert shelves == ["for_shelved", "sold_out", "violation_off_shelf"]


def test_a_shelf_that_is_too_deep_is_halved() -> None:
    def answer(method: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        long = (
            params["end_modified"] == "2026-11-13 00:00:00"
            and params["start_modified"] < "2026-11-12"
        )
        total = 20_001 if long else 0
        return {
            f"{method.removeprefix('taobao.').replace('.', '_')}_response": {"total_results": total}
        }

    session = FakeSession(SHOP, answer)
    assert list(streams._shelf(session, days("2026-11-11", 2), "taobao.items.onsale.get")) == []
    starts = [each["start_modified"] for each in session.asked("taobao.items.onsale.get")]
    assert starts == ["2026-11-11 00:00:00", "2026-11-11 00:00:00", "2026-11-12 00:00:00"]


def test_the_check_says_whose_session_it_is(samples: Callable[[str], dict[str, Any]]) -> None:
    assert check(playing(samples)) == "演示旗舰店, normal"


def test_amounts_keep_their_digits() -> None:
    """Numbers where text is declared, as another version of the API might send them."""
    body = (
        b'{"trade_fullinfo_get_response":{"trade":{"tid":9007199254740993123,"payment":0.30,'
        b'"total_fee":"0.10","orders":{"order":[{"oid":1,"price":1234567.89}]}}}}'
    )
    page = Page(body, ("trade_fullinfo_get_response", "trade"), is_list=False)
    told = replace(STREAMS["trades"], read=lambda *_: iter([page]))
    session = FakeSession(SHOP, lambda *_: body)
    (landed,) = records(told, session, days("2026-11-11")).table.to_pylist()
    assert (landed["tid"], landed["payment"]) == (9007199254740993123, "0.3")
    assert landed["total_fee"] == "0.10"
    assert landed["orders"]["order"][0]["price"] == "1234567.89"
