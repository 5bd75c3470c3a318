"""What 京东's streams ask, in which order, and what they make of every sample answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.gateway.connector import Window
from pipelines.gateway.errors import ParameterRefused
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI
from pipelines.sources.jd import CONNECTOR, settings
from pipelines.sources.jd.asking import happened
from tests.unit.sources.playing import Answer, FakeSession, days, read_sample, records

SHOP = Shop(shop_key="jd", channel="jd", name="jd", platform_shop_id="10001")
STREAMS = {stream.table: stream for stream in CONNECTOR.streams}
WINDOW = days("2026-11-11", 2)
ORDERS = "jingdong.pop.order.enSearch"
SERVICES = "jingdong.asc.query.list"
VIEW = "jingdong.asc.serviceAndRefund.view"
AMOUNT = "jingdong.b2c.shop.aftersales.refund.get"
PRESALES = "jingdong.presale.order.updateOrder.getPresaleOrderByPage"
SAMPLES = {
    "orders": "pop_order_enSearch",
    "refund_applies": "pop_afs_soa_refundapply_queryPageList",
    "wares": "ware_read_searchWare4Valid",
    "skus": "sku_read_searchSkuList",
    "shop_infos": "vender_shop_query",
    "vender_infos": "seller_vender_info_get",
}
# As public clients recorded it (asc.query.list).
SERVICE = {
    "serviceId": 800000001, "customerExpect": 10, "customerExpectName": "退货",
    "orderId": 300000000001, "serviceStatus": 10010, "serviceStatusName": "完成",
    "applyTime": 1794384000000, "updateTime": 1794470400000, "orderType": 22,
    "skuId": 100000000011, "wareName": "测试商品", "wareType": 10, "serviceCount": 1,
    "customerPin": "fake_pin", "customerName": "测**", "customerTel": "136****0",
    "pickwareAddress": "测试市测试路1号", "actualPayPrice": 109.3,
}  # fmt: skip


def envelope(method: str, inside: dict[str, Any]) -> dict[str, Any]:
    return {f"{method.replace('.', '_')}_responce": {"code": "0", **inside}}


def services(*listed: Mapping[str, Any]) -> dict[str, Any]:
    page = {"success": True, "code": "00000", "totalCount": len(listed), "data": list(listed)}
    return envelope(SERVICES, {"pageResult": page})


def session(answer: Answer) -> FakeSession:
    return FakeSession(SHOP, answer)


@pytest.mark.parametrize("table", SAMPLES)
def test_a_sample_fits_its_declaration(platform_samples: Path, table: str) -> None:
    sample = read_sample(platform_samples, "jd", SAMPLES[table])
    # SKUs and wares of the samples changed on another day than orders.
    window = days("2026-11-09", 4)
    done = records(STREAMS[table], session(lambda *_: sample), window)
    assert done.refused == []
    assert dict(done.unknown) == {}
    assert done.table.num_rows == 1


def test_the_detail_s_order_and_the_older_list_s_orders_fit_too(platform_samples: Path) -> None:
    detail = read_sample(platform_samples, "jd", "pop_order_enGet")
    order = detail["jingdong_pop_order_enGet_responce"]["orderDetailInfo"]["orderInfo"]
    older = read_sample(platform_samples, "jd", "pop_order_search")
    listed = older["jingdong_pop_order_search_responce"]["searchorderinfo_result"]["orderInfoList"]
    found = {"orderTotal": "3", "orderInfoList": [order, *listed]}
    answer = envelope(ORDERS, {"searchorderinfo_result": found})
    done = records(STREAMS["orders"], session(lambda *_: answer), WINDOW)
    assert (done.refused, dict(done.unknown), done.table.num_rows) == ([], {}, 3)


def test_an_empty_list_is_one_call_and_no_record(platform_samples: Path) -> None:
    sample = read_sample(platform_samples, "jd", "pop_order_search.empty")
    (found,) = sample.values()
    asking = session(lambda *_: envelope(ORDERS, found))
    assert records(STREAMS["orders"], asking, WINDOW).table.num_rows == 0
    assert len(asking.calls) == 1


def test_money_is_the_text_that_came_ids_are_text_and_buyers_are_hashed(
    platform_samples: Path,
) -> None:
    sample = read_sample(platform_samples, "jd", SAMPLES["orders"])
    done = records(STREAMS["orders"], session(lambda *_: sample), WINDOW)
    (order,) = done.table.to_pylist()
    assert (order["orderId"], order["shouldPay"]) == ("300000000001", "228.00")
    assert order["itemInfoList"][0]["id"] == "1"
    assert order["_version"].startswith("02026-11-11 00:02:11|")
    assert len(order["open_id_buyer"]) == len(order["xid_buyer"]) == 64
    assert order["consigneeInfo"] == {
        "province": "测试省", "provinceId": "1", "city": "测试市", "cityId": "2",
    }  # fmt: skip
    assert not {"orderRemark", "invoiceInfo", "vatInfo"} & order.keys()


def test_a_number_becomes_text_of_the_same_value() -> None:
    """Such as 0.1 + 0.2 in a double: what is printed is never computed with here."""
    inside = b"".join(
        b'{"skuId":%d,"jdPrice":%b,"modified":1794326400000},' % each
        for each in ((1, b"0.30000000000000004"), (2, b"1234567.10"), (3, b"129.99"))
    )
    answer = (
        b'{"jingdong_sku_read_searchSkuList_responce":{"code":"0","page":{"totalItem":3,"data":['
        + inside.rstrip(b",")
        + b"]}}}"
    )
    done = records(STREAMS["skus"], session(lambda *_: answer), WINDOW)
    assert done.table["jdPrice"].to_pylist() == ["0.30000000000000004", "1234567.1", "129.99"]


def test_orders_are_asked_by_modified_time_oldest_first_pages_from_the_back() -> None:
    def answer(_: str, params: Mapping[str, Any]) -> dict[str, Any]:
        listed = [{"orderId": f"{params['page']}", "modified": "2026-11-11 00:00:00"}]
        found = {"orderTotal": "201", "orderInfoList": listed}
        return envelope(ORDERS, {"searchorderinfo_result": found})

    asking = session(answer)
    assert records(STREAMS["orders"], asking, WINDOW).table["orderId"].to_pylist() == [
        "3", "2", "1",
    ]  # fmt: skip
    assert [each["page"] for each in asking.asked(ORDERS)] == ["1", "3", "2", "1"]
    first = asking.asked(ORDERS)[0]
    assert (first["start_date"], first["end_date"]) == (
        "2026-11-11 00:00:00",
        "2026-11-13 00:00:00",
    )
    assert (first["page_size"], first["sortType"], first["dateType"]) == ("100", 0, 0)
    assert "partialLogisticsInfoModel" in first["optional_fields"].split(",")
    assert "orderRemark" not in first["optional_fields"].split(",")


def test_a_window_of_more_orders_than_are_paged_is_halved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MOST_ORDERS", 1)

    def answer(_: str, params: Mapping[str, Any]) -> dict[str, Any]:
        whole = (params["start_date"], params["end_date"]) == (
            "2026-11-11 00:00:00", "2026-11-13 00:00:00",
        )  # fmt: skip
        listed = [{"orderId": params["start_date"], "modified": params["start_date"]}]
        found = {"orderTotal": 2 if whole else 1, "orderInfoList": listed}
        return envelope(ORDERS, {"searchorderinfo_result": found})

    done = records(STREAMS["orders"], session(answer), WINDOW)
    assert done.table["orderId"].to_pylist() == ["2026-11-11 00:00:00", "2026-11-12 00:00:00"]


def test_a_presale_list_says_no_total_and_ends_with_a_page_that_is_not_full() -> None:
    def answer(_: str, params: Mapping[str, Any]) -> dict[str, Any]:
        count = {"0": 50, "50": 1}[params["beginIndex"]]
        first = int(params["beginIndex"])
        day = 1794326400000 if params["endTime"] == "2026-11-13 00:00:00" else 1700000000000
        listed = [
            {"id": first + n, "orderId": 1, "createTime": day, "updateTime": day}
            for n in range(count)
        ]
        return envelope(PRESALES, {"returnType": {"code": "0", "data": listed}})

    asking = session(answer)
    done = records(STREAMS["presales"], asking, WINDOW)
    # 47 days back, in two spans; of the older one nothing changed in the window.
    assert done.table.num_rows == 51
    assert [(each["startTime"], each["beginIndex"]) for _, each in asking.calls] == [
        ("2026-09-27 00:00:00", "0"), ("2026-09-27 00:00:00", "50"),
        ("2026-10-27 00:00:00", "0"), ("2026-10-27 00:00:00", "50"),
    ]  # fmt: skip


def test_a_refund_that_did_not_change_is_left_out(platform_samples: Path) -> None:
    sample = read_sample(platform_samples, "jd", SAMPLES["refund_applies"])
    listed = sample["jingdong_pop_afs_soa_refundapply_queryPageList_responce"]["queryResult"]
    (refund,) = listed["result"]
    listed["result"].append({**refund, "id": 2, "modified": "2026-11-12 00:00:00"})
    asking = session(lambda *_: sample)
    later = days("2026-11-12")
    done = records(STREAMS["refund_applies"], asking, later)
    assert done.table["id"].to_pylist() == ["2"]
    (asked,) = asking.asked("jingdong.pop.afs.soa.refundapply.queryPageList")
    assert (asked["applyTimeStart"], asked["applyTimeEnd"]) == (
        "2026-10-28 00:00:00", "2026-11-13 00:00:00",
    )  # fmt: skip


def test_services_are_asked_by_update_time_for_the_merchant() -> None:
    asking = session(lambda *_: services(SERVICE))
    done = records(STREAMS["services"], asking, WINDOW)
    assert (done.refused, dict(done.unknown)) == ([], {})
    (service,) = done.table.to_pylist()
    assert (service["serviceId"], service["skuId"]) == ("800000001", "100000000011")
    assert (service["applyTime"], service["actualPayPrice"]) == ("1794384000000", "109.3")
    assert len(service["customerPin"]) == 64
    assert not {"customerName", "customerTel", "pickwareAddress"} & service.keys()
    (asked,) = asking.asked(SERVICES)
    assert (asked["buId"], asked["updateTimeBegin"]) == ("10001", "2026-11-11 00:00:00")


def test_services_of_a_shop_without_its_id_say_what_is_missing() -> None:
    shop = SHOP.model_copy(update={"platform_shop_id": ""})
    asking = FakeSession(shop, lambda *_: services())
    with pytest.raises(ParameterRefused, match="商家编号"):
        list(STREAMS["services"].read(asking, WINDOW))


def test_money_is_asked_for_where_a_service_can_have_brought_some(platform_samples: Path) -> None:
    view = read_sample(platform_samples, "jd", "asc_serviceAndRefund_view")
    amount = read_sample(platform_samples, "jd", "b2c_shop_aftersales_refund_get")
    listed = services(
        SERVICE,
        {**SERVICE, "serviceId": 800000002},
        {**SERVICE, "serviceId": 3, "orderId": 3, "customerExpect": 20},
        {**SERVICE, "serviceId": 4, "orderId": 4, "serviceStatus": 10007},
    )
    asking = session(lambda method, _: {SERVICES: listed, VIEW: view, AMOUNT: amount}[method])
    refunds = records(STREAMS["service_refunds"], asking, WINDOW)
    amounts = records(STREAMS["service_amounts"], asking, WINDOW)
    assert (refunds.refused, dict(refunds.unknown)) == ([], {})
    assert (amounts.refused, dict(amounts.unknown)) == ([], {})
    assert [(each["orderId"], each["applyTimeBegin"]) for each in asking.asked(VIEW)] == [
        (300000000001, "2026-11-11 16:00:00"), (300000000001, "2026-11-11 16:00:00"),
    ]  # fmt: skip
    assert [each["afsServiceId"] for each in asking.asked(AMOUNT)] == [800000001, 800000002]
    refund, _ = refunds.table.to_pylist()
    assert (refund["refoundAmount"], refund["completeTime"]) == ("109.0", "1794470400000")
    assert not {"questionDesc", "approveNotes"} & refund["sameOrderServiceBill"].keys()
    first = amounts.table.to_pylist()[0]
    assert first["afs_service_id"] == "800000001"
    assert first["data"]["afsActualRefundDetail"] == {"actualRefundAmount": "109.0"}


@pytest.mark.parametrize(
    ("time", "is_inside"),
    [
        ("2026-11-11 00:00:00", True),
        ("2026-11-10 23:59:59", False),
        ("2026-11-13 00:00:00", False),
        ("1794326400000", True),
        (1794326400000, True),
        ("yesterday", True),
        (None, True),
    ],
)
def test_a_time_is_read_in_either_spelling_and_looked_at_where_it_cannot_be(
    time: object, is_inside: bool
) -> None:
    assert happened(WINDOW, time) is is_inside


def test_windows_are_what_the_platform_takes() -> None:
    orders = STREAMS["orders"]
    assert orders.max_window <= timedelta(days=28)  # a calendar month, February's too
    assert orders.horizon < timedelta(days=90)
    assert STREAMS["services"].max_window == timedelta(days=7)
    assert all(isinstance(each.horizon, timedelta) for each in STREAMS.values())


def test_the_check_says_which_shop_it_reached(platform_samples: Path) -> None:
    sample = read_sample(platform_samples, "jd", "vender_shop_query")
    said = CONNECTOR.check(session(lambda *_: sample))
    assert said == "shop 20001 of vender 10001: 演示京东旗舰店"


def test_a_half_open_window_ends_on_a_whole_second() -> None:
    window = Window(
        datetime(2026, 11, 11, tzinfo=SHANGHAI), datetime(2026, 11, 11, 0, 0, 1, tzinfo=SHANGHAI)
    )
    asking = session(lambda *_: services())
    list(STREAMS["services"].read(asking, window))
    (asked,) = asking.asked(SERVICES)
    assert asked["updateTimeEnd"] == "2026-11-11 00:00:01"
