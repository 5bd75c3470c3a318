"""Lists are read to their end, details of every id once, rooms seller by seller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from pipelines.gateway.connector import Page
from pipelines.gateway.errors import EndlessPaging
from pipelines.registry.shops import Shop
from pipelines.sources.weixin_shop import CONNECTOR
from tests.unit.sources.playing import FakeSession, days, records

STREAMS = {stream.table: stream for stream in CONNECTOR.streams}
SHOP = Shop(shop_key="wx", channel="weixin_shop", name="wx")
ORDER_LIST, ORDER = "channels/ec/order/list/get", "channels/ec/order/get"
MONDAY = 1793548800  # 2026-11-02 00:00, Asia/Shanghai


@pytest.fixture
def folder(platform_samples: Path) -> Path:
    return platform_samples / "weixin_shop"


def sample(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads((folder / f"{name}.json").read_bytes())
    return found


def playing(answers: Mapping[str, Any]) -> FakeSession:
    def answer(method: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        found = answers[method]
        return found(params) if callable(found) else found

    return FakeSession(SHOP, answer)


def listed(name: str, *pages: list[str]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """A list of ids in pages; its cursor is given on the last page too."""

    def answer(params: Mapping[str, Any]) -> dict[str, Any]:
        number = int(params["next_key"] or 0)
        return {
            "errcode": 0,
            name: pages[number],
            "has_more": number + 1 < len(pages),
            "next_key": str(number + 1),
        }

    return answer


@pytest.mark.parametrize(
    ("table", "name", "path"),
    [
        ("orders", "order.get", "order"),
        ("orders", "order.get.full.composed", "order"),
        ("orders", "order.get.refunded.composed", "order"),
        ("after_sales", "aftersale.getaftersaleorder", "after_sale_order"),
        ("products", "product.get", "product"),
        ("funds_flows", "funds.getfundsflowdetail", "funds_flow"),
        ("funds_flows", "funds.getfundsflowdetail.full.composed", "funds_flow"),
        ("lives", "compass.shop.live.list.get", "live_list"),
        ("shop_infos", "basics.info.get", "info"),
    ],
)
def test_a_sample_fits_its_declaration(folder: Path, table: str, name: str, path: str) -> None:
    body = (folder / f"{name}.json").read_bytes()
    stream = STREAMS[table]
    is_list = table == "lives"
    page = Page(body, (path,), dict.fromkeys(stream.constants, "x"), is_list=is_list)
    played = replace(stream, read=lambda *_: iter([page]))
    done = records(played, playing({}), days("2026-11-02"))
    assert done.refused == []
    assert dict(done.unknown) == {}
    assert done.table.num_rows == (2 if is_list else 1)


def test_orders_are_listed_in_one_window_to_the_end_and_asked_for_once_each() -> None:
    session = playing(
        {
            ORDER_LIST: listed("order_id_list", ["1", "2"], ["2", "3"]),
            ORDER: lambda params: {"order": {"order_id": params["order_id"], "update_time": 7}},
        }
    )
    done = records(STREAMS["orders"], session, days("2026-11-02"))
    assert done.table["order_id"].to_pylist() == ["1", "2", "3"]
    window = {"start_time": MONDAY, "end_time": MONDAY + 86_400}
    assert session.asked(ORDER_LIST) == [
        {"update_time_range": window, "page_size": 100, "next_key": key} for key in ("", "1")
    ]


def test_after_sales_are_asked_for_by_update_time() -> None:
    listing = "channels/ec/aftersale/getaftersalelist"
    session = playing(
        {
            listing: listed("after_sale_order_id_list", ["9"]),
            "channels/ec/aftersale/getaftersaleorder": lambda params: {
                "after_sale_order": {"after_sale_order_id": params["after_sale_order_id"]}
            },
        }
    )
    done = records(STREAMS["after_sales"], session, days("2026-11-02"))
    assert done.table["after_sale_order_id"].to_pylist() == ["9"]
    assert session.asked(listing) == [
        {"begin_update_time": MONDAY, "end_update_time": MONDAY + 86_400, "next_key": ""}
    ]


def test_products_end_with_a_page_that_is_not_full() -> None:
    pages = {"": [str(n) for n in range(30)], "a": ["30"]}
    listing = "channels/ec/product/list/get"
    session = playing(
        {
            listing: lambda params: {
                "product_ids": pages[params["next_key"]], "next_key": "a", "total_num": 31,
            },
            "channels/ec/product/get": lambda params: {
                "product": {"product_id": params["product_id"], "skus": []}
            },
        }
    )  # fmt: skip
    assert records(STREAMS["products"], session, days("2026-11-02")).table.num_rows == 31
    assert len(session.asked(listing)) == 2


@pytest.mark.parametrize(
    ("table", "account"), [("funds_flows", "funds"), ("league_flows", "league/funds")]
)
def test_flows_are_paged_by_number_and_cursor(table: str, account: str) -> None:
    method = f"channels/ec/{account}/getfundsflow"
    session = playing(
        {
            f"{method}list": listed("flow_ids", ["1"], ["2"]),
            f"{method}detail": lambda params: {"funds_flow": {"flow_id": params["flow_id"]}},
        }
    )
    assert records(STREAMS[table], session, days("2026-11-02")).table.num_rows == 2
    paged = [(each["page"], each["next_key"]) for each in session.asked(f"{method}list")]
    assert paged == [(1, ""), (2, "1")]


def test_a_cursor_that_leads_back_is_an_error() -> None:
    answer = {"order_id_list": ["1"], "has_more": True, "next_key": ""}
    session = playing({ORDER_LIST: answer})
    with pytest.raises(EndlessPaging):
        list(STREAMS["orders"].read(session, days("2026-11-02")))


FIGURES = {
    "live_ec_data_summary": '{"total_pay_pv":3,"refund_rate":0.1}',
    "live_ec_profile": "{}",
    "live_comparison_index": '{"is_living":true}',
}


def rooms(figures: Mapping[str, Any] = FIGURES) -> FakeSession:
    """Two days; an own account and a guest broadcast on the first, the guest sells on both."""
    held = {("20261102", "sphOwn"): ["a"], ("20261102", "sphGuest"): ["b"]}
    shop = "channels/ec/compass/shop"
    return playing(
        {
            f"{shop}/finder/authorization/list/get": {
                "main_finder_id": "sphOwn", "authorized_finder_id_list": ["sphOwn"],
            },
            f"{shop}/finder/list/get": {
                "finder_list": [{"finder_id": "sphGuest", "finder_nickname": "达人"}]
            },
            f"{shop}/live/list/get": lambda params: {
                "live_list": [
                    {"live_id": each, "live_time": "1", "live_duration": "2"}
                    for each in held.get((params["ds"], params["finder_id"]), [])
                ]
            },
            "channels/livedashboard/getlivedata": figures,
        }
    )  # fmt: skip


def test_rooms_are_asked_for_day_by_day_of_the_shop_s_accounts_and_of_who_sold() -> None:
    session = rooms()
    done = records(STREAMS["lives"], session, days("2026-11-02", 2)).table
    assert sorted(
        done.select(["live_id", "finder_id", "finder_nickname"]).to_pylist(), key=str
    ) == [
        {"live_id": "a", "finder_id": "sphOwn", "finder_nickname": ""},
        {"live_id": "b", "finder_id": "sphGuest", "finder_nickname": "达人"},
    ]
    asked = session.asked("channels/ec/compass/shop/live/list/get")
    assert [(each["ds"], each["finder_id"]) for each in asked] == [
        ("20261102", "sphGuest"), ("20261102", "sphOwn"),
        ("20261103", "sphGuest"), ("20261103", "sphOwn"),
    ]  # fmt: skip


def test_the_figures_of_a_room_are_unwrapped_from_their_texts() -> None:
    done = records(STREAMS["live_figures"], rooms(), days("2026-11-02"))
    assert dict(done.unknown) == {}
    first = done.table.to_pylist()[0]
    assert first["live_id"] == "a"
    assert first["live_ec_data_summary"]["total_pay_pv"] == 3
    assert first["live_ec_data_summary"]["refund_rate"] == "0.1"
    assert first["live_comparison_index"]["is_living"] is True


@pytest.mark.parametrize(
    "name", ["livedashboard.getlivedata", "livedashboard.getlivedata.full.composed"]
)
def test_the_samples_of_a_room_fit_their_declaration(folder: Path, name: str) -> None:
    session = rooms(sample(folder, name))
    done = records(STREAMS["live_figures"], session, days("2026-11-02"))
    assert done.refused == []
    assert dict(done.unknown) == {}
    assert done.table.num_rows == 2


def test_amounts_ids_and_buyers_of_the_sample_order(folder: Path) -> None:
    answer = sample(folder, "order.get.full.composed")
    session = playing({ORDER_LIST: listed("order_id_list", ["1"]), ORDER: answer})
    (order,) = records(STREAMS["orders"], session, days("2026-11-02")).table.to_pylist()
    (line,) = order["order_detail"]["product_infos"]
    assert (line["sku_id"], line["sale_price"], line["real_price"]) == ("500000001", 9900, 17800)
    assert order["order_detail"]["price_info"]["merchant_receieve_price"] == 18400
    assert order["_version"].startswith("00000000001731859331|")
    assert len(order["openid"]) == 64
    told = str(order)
    for clear in ("OPENID_FAKE_1", "测**", "100****0000", "示例路", "海珠区", "440105", "FAKEHASH"):
        assert clear not in told
    assert "广州市" in told
