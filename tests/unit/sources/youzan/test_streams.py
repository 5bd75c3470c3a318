"""What comes of 有赞's samples, and how its lists are read to their end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest

from pipelines.gateway.checks import check_stream
from pipelines.gateway.decode import Decoded
from pipelines.registry.shops import Shop
from pipelines.sources.youzan import CONNECTOR
from pipelines.sources.youzan.streams import check
from tests.unit.sources.playing import FakeSession, days, records

SHOP = Shop(shop_key="yz", channel="youzan", name="yz", platform_shop_id="10000001")
STREAMS = {stream.table: stream for stream in CONNECTOR.streams}
ORDERS, ORDER = "youzan.trades.sold.get.4.0.4", "youzan.trade.get.4.0.2"
REFUNDS, REFUND = "youzan.trade.refund.search.3.0.1", "youzan.trade.refund.get.3.0.1"
ITEMS = "youzan.items.onsale.get.3.0.0"
# What no sample shows, as public descriptions of these APIs have it.
MESSAGES = {
    "refund_messages": [
        {"owner_role": 2, "created": "2024-11-18 12:00:00", "refund_id": "1", "content": "坏了"},
        {"owner_role": 3, "created": "2024-11-18 12:10:00", "refund_id": "1", "content": "好的"},
    ]
}
DETAIL = {
    "item_id": 400000001, "title": "示例挂耳咖啡", "item_type": 0, "is_display": 1,
    "sku_list": [
        {
            "sku_id": 36000001, "sku_no": "OUTS-36000001", "price": 800, "standard_price": 990,
            "stock_num": 100,
            "sku_props": [{"prop_name_id": 1, "prop_name": "规格", "prop_value_name": "白色"}],
        }
    ],
    "item_price_param": {"price": 800, "origin": "9.90"},
    "category_properties": {"leaf_category_id": 7, "category_names": ["食品", "咖啡"]},
}  # fmt: skip
ROUTES = {
    "orderExpressList": [
        {"id": 1, "nu": "SF0000000000001", "com": "shunfeng", "status": "1", "state": 3,
         "data": '[{"context":"已签收，电话13800000000"}]', "created_time": 1731999999,
         "express_id": 7}
    ]
}  # fmt: skip
BILLS = {
    "total": 1,
    "records": [
        {"record_no": "1", "record_type": "订单结算", "record_name": "交易手续费", "income": "0.00",
         "expense": "0.60", "order_no": "E1", "oid": "2", "relation_no": "3",
         "entry_time": "2024-11-18 12:00:00"}
    ],
}  # fmt: skip


def granted(data: Mapping[str, Any]) -> bytes:
    return orjson.dumps({"code": 200, "success": True, "data": data})


class Samples:
    """Answers with the platform notes' samples, by method."""

    def __init__(self, folder: Path, **others: str) -> None:
        self._folder = folder / "youzan"
        self._others = others

    def named(self, name: str) -> bytes:
        return (self._folder / f"{name}.composed.json").read_bytes()

    def __call__(self, method: str, _: Mapping[str, Any]) -> bytes:
        made = {
            "youzan.trade.refund.messages.get": MESSAGES,
            "youzan.item.detail.get": DETAIL,
            "youzan.logistics.expressbyorderno.get": ROUTES,
            "youzan.pay.customer.query.querybillrecord": BILLS,
        }
        if method in made:
            return granted(made[method])
        files = {
            "youzan.trades.sold.get": ORDERS, "youzan.trade.get": ORDER,
            "youzan.trade.refund.search": REFUNDS, "youzan.trade.refund.get": REFUND,
            "youzan.items.onsale.get": ITEMS, "youzan.items.inventory.get": ITEMS,
            "youzan.logistics.express.get": "youzan.logistics.express.get.3.0.0",
            "youzan.shop.get": "youzan.shop.get.3.0.0",
        }  # fmt: skip
        return self.named(self._others.get(method, files[method]))


def landed(
    samples: Path, table: str, settings: Mapping[str, str] | None = None, **others: str
) -> Decoded:
    session = FakeSession(SHOP, Samples(samples, **others), settings)
    return records(STREAMS[table], session, days("2024-11-18"))


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("orders", 2), ("order_details", 2), ("refunds", 1), ("refund_details", 1),
        ("refund_messages", 2), ("products", 3), ("product_details", 1), ("parcel_routes", 0),
        ("express_companies", 1), ("bill_records", 1), ("shop_infos", 1),
    ],
)  # fmt: skip
def test_a_sample_comes_in_without_unknown_or_refused_fields(
    platform_samples: Path, table: str, rows: int
) -> None:
    done = landed(platform_samples, table, {"bills": "assumed"})
    assert (done.refused, done.unknown) == ([], {})
    assert done.table.num_rows == rows
    assert check_stream(STREAMS[table], pl.DataFrame(done.table)) == []


def test_an_empty_list_and_a_shipped_order_fit_too(platform_samples: Path) -> None:
    empty = landed(platform_samples, "orders", **{"youzan.trades.sold.get": f"{ORDERS}.empty"})
    assert (empty.refused, empty.table.num_rows) == ([], 0)
    shipped = landed(platform_samples, "order_details", **{"youzan.trade.get": f"{ORDER}.shipped"})
    assert (shipped.refused, shipped.unknown) == ([], {})
    delivery = shipped.table.to_pylist()[0]["delivery_order"][0]
    assert delivery["dists"][0]["express_info"] == {
        "express_id": "7", "express_no": "SF0000000000001",
    }  # fmt: skip
    assert orjson.loads(delivery["oids"][0]) == {"oid": "2800000000000000004", "num": "2"}


def test_money_stays_as_it_is_worded_and_ids_are_text(platform_samples: Path) -> None:
    order = landed(platform_samples, "orders").table.to_pylist()[0]["full_order_info"]
    assert (order["pay_info"]["payment"], order["pay_info"]["deduction_pay"]) == ("7.82", 0)
    assert [line["payment"] for line in order["orders"]] == ["4.82", "3.00"]
    assert order["orders"][0]["oid"] == "2800000000000000001"
    assert order["orders"][0]["item_id"] == "400000001"
    refund = landed(platform_samples, "refund_details").table.to_pylist()[0]
    assert (refund["refund_fee"], refund["refund_fund_list"][0]["refund_fee"]) == ("29.90", 2990)
    assert refund["_version"].startswith("02024-11-18 12:30:00|")


def test_buyers_leave_no_trace_but_a_hash_and_their_city(platform_samples: Path) -> None:
    for table in ("orders", "order_details"):
        landed_orders = landed(platform_samples, table).table
        order = landed_orders.to_pylist()[0]["full_order_info"]
        assert len(order["buyer_info"]["yz_open_id"]) == 64
        assert order["address_info"]["delivery_city"] == "杭州市"
        told = str(landed_orders.to_pylist())
        for clear in ("FAKE", "fakeYzOpenId", "西湖区", "请尽快发货", "330106"):
            assert clear not in told


def test_words_of_after_sales_and_routes_are_not_landed(platform_samples: Path) -> None:
    assert "坏了" not in str(landed(platform_samples, "refund_messages").table.to_pylist())
    sold = orjson.loads(Samples(platform_samples).named(ORDERS))
    info = sold["data"]["full_order_info_list"][0]["full_order_info"]["order_info"]
    info["status"] = "TRADE_SUCCESS"

    def answer(method: str, _: Mapping[str, Any]) -> bytes:
        return orjson.dumps(sold) if method == "youzan.trades.sold.get" else granted(ROUTES)

    session = FakeSession(SHOP, answer)
    done = records(STREAMS["parcel_routes"], session, days("2024-11-18"))
    asked = session.asked("youzan.logistics.expressbyorderno.get")
    assert asked == [{"tid": "E20241118120000000000001"}]
    assert "13800000000" not in str(done.table.to_pylist())
    assert done.table.to_pylist()[0]["state"] == 3


def test_nothing_is_asked_of_bills_unless_the_owner_says_so(platform_samples: Path) -> None:
    session = FakeSession(SHOP, Samples(platform_samples))
    assert list(STREAMS["bill_records"].read(session, days("2024-11-18"))) == []
    assert session.calls == []


class Numbered:
    """A numbered list of orders that are updated a second apart from midnight on."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __call__(self, _: str, asked: Mapping[str, Any]) -> bytes:
        start, end = (int(asked[name][-8:-6]) for name in ("start_update", "end_update"))
        inside = self._count * ((end or 24) - start) // 24
        page, size = asked["page_no"], asked["page_size"]
        assert page * size <= 10_000, "the platform shows no more"
        rows = min(size, max(0, inside - (page - 1) * size))
        record = {"full_order_info": {"order_info": {"tid": f"E{start}-{page}"}}}
        return granted({"total_results": inside, "full_order_info_list": [record] * rows})


def test_pages_are_read_from_the_last_and_the_first_again() -> None:
    session = FakeSession(SHOP, Numbered(250))
    pages = list(STREAMS["orders"].read(session, days("2024-11-18")))
    assert [params["page_no"] for _, params in session.calls] == [1, 3, 2, 1]
    assert len(pages) == 3
    first = session.calls[0][1]
    assert (first["start_update"], first["end_update"], first["page_size"]) == (
        "2024-11-18 00:00:00", "2024-11-19 00:00:00", 100,
    )  # fmt: skip


def test_a_window_of_more_rows_than_pages_reach_is_halved() -> None:
    session = FakeSession(SHOP, Numbered(24_000))
    list(STREAMS["orders"].read(session, days("2024-11-18")))
    windows = {
        (params["start_update"][-8:], params["end_update"][-8:]) for _, params in session.calls
    }
    assert windows == {
        ("00:00:00", "00:00:00"), ("00:00:00", "12:00:00"), ("12:00:00", "00:00:00"),
        ("00:00:00", "06:00:00"), ("06:00:00", "12:00:00"), ("12:00:00", "18:00:00"),
        ("18:00:00", "00:00:00"),
    }  # fmt: skip


def test_a_total_in_a_paginator_is_found() -> None:
    def answer(_: str, __: Mapping[str, Any]) -> bytes:
        paginator = {"total_count": 0, "page": 1, "page_size": 100}
        return granted({"paginator": paginator, "full_order_info_list": []})

    session = FakeSession(SHOP, answer)
    assert len(list(STREAMS["orders"].read(session, days("2024-11-18")))) == 1


def test_after_sales_are_asked_for_in_seconds_and_items_in_milliseconds(
    platform_samples: Path,
) -> None:
    session = FakeSession(SHOP, Samples(platform_samples))
    list(STREAMS["refunds"].read(session, days("2024-11-18")))
    list(STREAMS["products"].read(session, days("2024-11-18")))
    # 2024-11-18 00:00:00 in Shanghai is 1731859200.
    assert session.asked("youzan.trade.refund.search")[0]["update_time_start"] == 1731859200
    assert session.asked("youzan.items.onsale.get")[0]["update_time_start"] == 1731859200000
    banners = [each["banner"] for each in session.asked("youzan.items.inventory.get")]
    assert banners == ["for_shelved", "sold_out"]
    listings = landed(platform_samples, "products").table.column("listing").to_pylist()
    assert listings == ["onsale", "for_shelved", "sold_out"]


def test_the_check_says_whose_token_it_is(platform_samples: Path) -> None:
    assert check(FakeSession(SHOP, Samples(platform_samples))) == "示例有赞店 (kdt_id 10000001)"
