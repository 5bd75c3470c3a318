"""The sandbox answers as 京东 does: signatures, tokens, limits, split orders, amounts, refunds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import polars as pl
import pytest

from pipelines.sandbox.adapter import Answer, Outside, Request
from pipelines.sandbox.adapters import jd_gateway
from pipelines.sandbox.adapters.jd import ADAPTER
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.world.generate import generate
from pipelines.settings import Settings
from pipelines.sources.jd import schemas
from tests.unit.sources.jd.test_client import VECTORS

SHOP = "jd-04"
ORDERS = "jingdong.pop.order.enSearch"
SERVICES = "jingdong.asc.query.list"
VIEW = "jingdong.asc.serviceAndRefund.view"
APPLIES = "jingdong.pop.afs.soa.refundapply.queryPageList"
NOVEMBER = {"start_date": "2026-11-01 00:00:00", "end_date": "2026-11-16 00:00:00"}
Call = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def frames() -> dict[str, pl.DataFrame]:
    return generate("small")


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory, frames: dict[str, pl.DataFrame]) -> Outside:
    clock = Clock(Settings(home=tmp_path_factory.mktemp("home"), _env_file=None))
    clock.set(frames["company"]["clock_at"][0])
    return Outside(frames, clock)


def ask(
    outside: Outside, method: str, params: Mapping[str, Any], verb: str = "POST", **system: str
) -> Answer:
    key, secret = jd_gateway.app_of(outside)
    sent = {
        "app_key": key,
        "method": method,
        "timestamp": f"{outside.now():%Y-%m-%d %H:%M:%S}",
        "v": "2.0",
        "360buy_param_json": json.dumps(params, ensure_ascii=False),
    }
    sent |= {name: value for name, value in system.items() if name not in ("sign",)}
    sent["sign"] = system.get("sign", jd_gateway.sign(secret, sent))
    if verb == "GET":
        return ADAPTER.answer(Request("GET", "/routerjson", sent, {}, b""), outside)
    return ADAPTER.answer(Request("POST", "/routerjson", {}, {}, urlencode(sent).encode()), outside)


def log_in(outside: Outside, path: str = "access_token", **params: str) -> dict[str, Any]:
    key, secret = jd_gateway.app_of(outside)
    form = urlencode({"app_key": key, "app_secret": secret, **params}).encode()
    request = Request("POST", f"/oauth2/{path}", {}, {}, form)
    assert ADAPTER.owns(request)
    answer: dict[str, Any] = json.loads(ADAPTER.answer(request, outside).body)
    return answer


@pytest.fixture
def token(outside: Outside) -> str:
    return str(log_in(outside, code=jd_gateway.code_of(SHOP, outside))["access_token"])


@pytest.fixture
def call(outside: Outside, token: str) -> Call:
    def run(method: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401
        said = json.loads(ask(outside, method, params, access_token=token).body)
        inside = said[f"{method.replace('.', '_')}_responce"]
        assert inside.pop("code") == "0"
        (result,) = inside.values()
        found: dict[str, Any] = result
        return found

    return run


def all_orders(call: Call, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    asked = {**NOVEMBER, "optional_fields": schemas.ORDER_FIELDS + ",orderRemark", **more}
    found: list[dict[str, Any]] = []
    page, total = 0, 1
    while len(found) < total:
        page += 1
        result = call(ORDERS, page=str(page), page_size="100", **asked)
        total = int(result["orderTotal"])
        found += result["orderInfoList"]
    return found


def refusal(answer: Answer) -> str:
    return str(json.loads(answer.body)["error_response"]["code"])


@pytest.mark.parametrize(("secret", "params", "expected"), VECTORS, ids=["guide", "Chinese"])
def test_the_verifier_agrees_with_the_vectors(
    secret: str, params: dict[str, str], expected: str
) -> None:
    assert jd_gateway.sign(secret, params) == expected


@pytest.mark.parametrize(
    ("system", "code"),
    [
        ({"app_key": "1"}, "21"),
        ({"timestamp": "2026-11-14 19:53:59"}, "8"),
        ({"timestamp": "yesterday"}, "8"),
        ({"sign": ""}, "11"),
        ({"sign": "0" * 32}, "12"),
        ({"360buy_param_json": "{"}, "10"),
        ({"access_token": "unknown"}, "19"),
    ],
)
def test_a_wrong_system_parameter_is_refused_in_the_platform_s_code(
    outside: Outside, token: str, system: dict[str, str], code: str
) -> None:
    assert refusal(ask(outside, ORDERS, {}, **{"access_token": token, **system})) == code


def test_refusals_have_the_samples_shape(outside: Outside, platform_samples: Path) -> None:
    for name, answer in {
        "invalid_signature": ask(outside, ORDERS, {}, sign="0"),
        "token_expired": ask(outside, ORDERS, {}),
        "rate_limit": ADAPTER.fault("rate_limited", Request("GET", "/routerjson", {}, {}, b"")),
        "timeout": ADAPTER.fault("busy", Request("GET", "/routerjson", {}, {}, b"")),
    }.items():
        sample = (platform_samples / "jd" / f"error.{name}.composed.json").read_text("utf-8")
        assert answer is not None
        assert json.loads(answer.body) == json.loads(sample)


def test_a_method_that_is_not_there_is_code_15(outside: Outside, token: str) -> None:
    assert refusal(ask(outside, "jingdong.pop.nothing", {}, access_token=token)) == "15"


def test_milliseconds_a_zone_a_query_and_left_out_empty_values_are_taken(
    outside: Outside, token: str
) -> None:
    moment = f"{outside.now():%Y-%m-%d %H:%M:%S}.683+0800"
    method = "jingdong.vender.shop.query"
    answer = ask(outside, method, {}, "GET", access_token=token, timestamp=moment, format="json")
    assert b'"shop_jos_result"' in answer.body
    _, secret = jd_gateway.app_of(outside)
    sent = {"app_key": jd_gateway.app_of(outside)[0], "method": method, "timestamp": moment}
    sent |= {"access_token": token, "v": "2.0", "360buy_param_json": "{}"}
    signed = jd_gateway.sign(secret, sent)
    answer = ask(outside, method, {}, access_token=token, timestamp=moment, empty="", sign=signed)
    assert b'"shop_jos_result"' in answer.body


def test_tokens_are_given_for_a_code_and_a_refresh_replaces_both(
    outside: Outside, platform_samples: Path
) -> None:
    given = log_in(outside, code=jd_gateway.code_of("jd-05", outside))
    sample = (platform_samples / "jd" / "oauth2_access_token.composed.json").read_text("utf-8")
    assert given.keys() == json.loads(sample).keys()
    assert (given["expires_in"], given["code"]) == (31_535_999, 0)
    renewed = log_in(outside, "refresh_token", refresh_token=given["refresh_token"])
    assert renewed["access_token"] != given["access_token"]
    assert refusal(ask(outside, ORDERS, {}, access_token=given["access_token"])) == "19"
    assert "msg" in log_in(outside, "refresh_token", refresh_token=given["refresh_token"])
    assert "msg" in log_in(outside, code="no code")


def test_a_login_of_another_platform_is_left_to_it() -> None:
    kuaishou = Request("GET", "/oauth2/access_token", {"app_id": "ks1", "code": "c"}, {}, b"")
    assert not ADAPTER.owns(kuaishou)


@pytest.mark.parametrize(
    "params",
    [
        {"start_date": "2026-11-01 00:00:00", "end_date": "2026-12-03 00:00:00"},
        {"start_date": "2026-11-02 00:00:00", "end_date": "2026-11-01 00:00:00"},
        {"start_date": "2026-08-01 00:00:00", "end_date": "2026-08-02 00:00:00"},
        {**NOVEMBER, "page_size": "101"},
        {**NOVEMBER, "page": "0"},
        {**NOVEMBER, "page": "301"},
        {},
    ],
    ids=[
        "over a month",
        "backwards",
        "over three months ago",
        "size",
        "page 0",
        "page 301",
        "none",
    ],
)
def test_limits_of_orders_are_the_platform_s(call: Call, params: dict[str, str]) -> None:
    result = call(ORDERS, **{"page": "1", "page_size": "100", **params})
    assert result["apiResult"]["success"] is False
    assert result["apiResult"]["numberCode"] == 10100018


def test_limits_of_after_sales_are_the_platform_s(call: Call) -> None:
    eight_days = {"applyTimeBegin": "2026-11-01 00:00:00", "applyTimeEnd": "2026-11-09 00:00:00"}
    assert call(VIEW, **eight_days, pageNumber=1, pageSize=50)["success"] is False
    assert call(SERVICES, buId="4460703", **eight_days)["success"] is False
    assert call(SERVICES, buId="1", updateTimeBegin="", updateTimeEnd="")["success"] is False
    assert call(APPLIES, pageIndex=101, pageSize=50)["success"] is False
    assert call(VIEW, orderId=1, pageNumber=1, pageSize=51)["success"] is False


def test_only_named_fields_come(call: Call) -> None:
    (order,) = call(ORDERS, **NOVEMBER, page="1", page_size="1", optional_fields="payType")[
        "orderInfoList"
    ]
    assert order.keys() == {"orderId", "venderId", "orderState", "modified", "payType"}


def test_the_older_list_says_its_total_as_text_and_newest_first_on_request(call: Call) -> None:
    asked = {**NOVEMBER, "page": "1", "page_size": "100", "optional_fields": "orderStartTime"}
    result = call("jingdong.pop.order.search", **asked, dateType=1, sortType=1)
    assert isinstance(result["orderTotal"], str)
    times = [each["orderStartTime"] for each in result["orderInfoList"]]
    assert times == sorted(times, reverse=True)


def test_states_can_be_asked_for(call: Call) -> None:
    result = call(ORDERS, **NOVEMBER, page="1", page_size="100", order_state="NOT_PAY,LOCKED")
    assert {each["orderState"] for each in result["orderInfoList"]} <= {"NOT_PAY", "LOCKED"}
    assert int(result["orderTotal"]) > 0


@pytest.mark.parametrize(
    ("sample", "path", "method", "params"),
    [
        (
            "pop_order_enSearch", ("searchorderinfo_result", "orderInfoList", 0), ORDERS,
            {**NOVEMBER, "page": "1", "page_size": "1"},
        ),
        (
            "pop_afs_soa_refundapply_queryPageList", ("queryResult", "result", 0), APPLIES,
            {"pageIndex": 1, "pageSize": 1},
        ),
        (
            "asc_serviceAndRefund_view", ("pageResult", "data", 0), VIEW,
            {
                "applyTimeBegin": "2026-11-01 00:00:00", "applyTimeEnd": "2026-11-08 00:00:00",
                "pageNumber": 1, "pageSize": 1,
            },
        ),
        (
            "ware_read_searchWare4Valid", ("page", "data", 0),
            "jingdong.ware.read.searchWare4Valid", {"pageNo": 1, "pageSize": 1},
        ),
        (
            "sku_read_searchSkuList", ("page", "data", 0), "jingdong.sku.read.searchSkuList",
            {"pageNo": 1, "page_size": 1},
        ),
        ("vender_shop_query", ("shop_jos_result",), "jingdong.vender.shop.query", {}),
        ("seller_vender_info_get", ("vender_info_result",), "jingdong.seller.vender.info.get", {}),
    ],
    ids=lambda value: value if isinstance(value, str) and "." not in value else "",
)  # fmt: skip
def test_all_fields_of_a_sample_are_there(
    call: Call,
    platform_samples: Path,
    sample: str,
    path: tuple[Any, ...],
    method: str,
    params: dict[str, Any],
) -> None:
    composed = (platform_samples / "jd" / f"{sample}.composed.json").read_text("utf-8")
    ((expected,),) = [json.loads(composed).values()]
    answered: Any = call(
        method, optional_fields=f"{schemas.ORDER_FIELDS},orderRemark,invoiceInfo,vatInfo", **params
    )
    for name in path:
        expected = expected[name]
    for name in path[1:]:
        answered = answered[name]
    assert set(expected) <= set(answered)


def counted(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the parents of split orders."""
    parents = {each["parentOrderId"] for each in orders}
    return [each for each in orders if each["orderId"] not in parents]


def fen(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part)


def visible_orders(outside: Outside) -> pl.DataFrame:
    orders = outside.frames["orders"]
    return orders.filter(
        (pl.col("shop_id") == SHOP) & (pl.col("created_at") < outside.now())
    ).with_columns(pl.when(pl.col("paid_at") < outside.now()).then(pl.col("paid_at")).alias("paid"))


def test_every_order_is_there_once_and_a_split_one_in_its_parts_too(
    call: Call, outside: Outside
) -> None:
    orders = all_orders(call)
    ids = [each["orderId"] for each in orders]
    assert len(ids) == len(set(ids))
    whole = [each["orderId"] for each in orders if each["parentOrderId"] == "0"]
    assert sorted(whole) == sorted(visible_orders(outside)["order_id"])
    by_id = {each["orderId"]: each for each in orders}
    parts: dict[str, int] = {}
    for each in orders:
        if each["parentOrderId"] != "0":
            due = fen(each["shouldPay"])
            parts[each["parentOrderId"]] = parts.get(each["parentOrderId"], 0) + due
    assert len(parts) > 20
    assert parts == {each: fen(by_id[each]["shouldPay"]) for each in parts}
    assert all(by_id[each]["orderState"] != "NOT_PAY" for each in parts)


def test_amounts_of_what_counts_are_the_world_s(call: Call, outside: Outside) -> None:
    orders = counted(all_orders(call))
    truth = visible_orders(outside)
    paid = truth.drop_nulls("paid")

    def total(field: str) -> int:
        return sum(fen(each[field]) for each in orders)

    assert total("orderTotalPrice") == truth["goods_fen"].sum()
    assert total("freightPrice") == truth["freight_fen"].sum()
    assert total("shouldPay") == truth["order_fen"].sum()
    assert total("sellerDiscount") == truth["shop_discount_fen"].sum()
    assert total("totalSellerDiscount") == truth["merchant_borne_fen"].sum()
    assert total("payDiscount") == paid["pay_discount_fen"].sum()
    coupons = sum(
        fen(coupon["couponPrice"]) for each in orders for coupon in each["couponDetailList"]
    )
    assert coupons == (truth["shop_discount_fen"] + truth["platform_discount_fen"]).sum()


def test_what_was_paid_is_filled_minutes_after_payment(call: Call, outside: Outside) -> None:
    for each in counted(all_orders(call)):
        if each["paymentConfirmTime"] == "0001-01-01 00:00:00":
            assert each["actualPay"] == ""
            continue
        paid = datetime.fromisoformat(each["paymentConfirmTime"])
        is_filled = paid <= outside.now().replace(tzinfo=None) - timedelta(minutes=10)
        left = fen(each["shouldPay"]) - fen(each["payDiscount"])
        assert each["actualPay"] == (f"{left // 100}.{left % 100:02d}" if is_filled else "")


def test_a_sample_is_an_order_with_a_note_and_a_gift_an_item_of_nothing(
    call: Call, outside: Outside
) -> None:
    orders = all_orders(call)
    noted = {each["orderId"] for each in orders if each["venderRemark"] == "寄样"}
    samples = visible_orders(outside).filter(pl.col("trade_type") == "sample")["order_id"]
    assert {each[:-2] for each in noted} == {each[:-2] for each in samples}
    lines = outside.frames["order_lines"].join(visible_orders(outside), on="order_id", how="semi")
    free = [
        item["skuId"]
        for each in counted(orders)
        for item in each["itemInfoList"]
        if item["jdPrice"] == "0.00"
    ]
    assert sorted(free) == sorted(lines.filter("is_gift")["sku_id"])


def test_shipments_say_when_with_what_waybill_and_which_skus(call: Call, outside: Outside) -> None:
    sent = [
        (shipment["waybillId"], shipment["shipmentTime"])
        for each in all_orders(call)
        for shipment in each["partialLogisticsInfoModel"]
        if shipment["waybillId"]
    ]
    parcels = outside.frames["parcels"].filter(
        (pl.col("shop_id") == SHOP) & (pl.col("shipped_at") < outside.now())
    )
    expected = parcels.select("tracking_number", pl.col("shipped_at").dt.epoch("ms")).rows()
    assert set(sent) == set(expected)


def every_page(call: Call, method: str, **asked: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    found: list[dict[str, Any]] = []
    page, total = 0, 1
    while len(found) < total:
        page += 1
        result = call(method, pageNumber=page, pageIndex=page, pageSize=50, buId="4460703", **asked)
        total = result["totalCount"]
        found += result["data"] if "data" in result else result["result"]
    return found


def test_refunds_of_all_three_places_are_the_world_s(call: Call, outside: Outside) -> None:
    requests = outside.frames["after_sales"].filter(
        (pl.col("shop_id") == SHOP) & (pl.col("applied_at") < outside.now())
    )
    given = pl.col("refund_fen").filter(pl.col("refunded_at") < outside.now()).sum()
    applies = every_page(call, APPLIES)
    before = requests.filter(pl.col("type") == "pre_ship")
    assert len(applies) == before.height
    assert (
        sum(each["applyRefundSum"] for each in applies if each["status"] == 3)
        == before.select(given).item()
    )
    weeks = (("2026-11-01", "2026-11-08"), ("2026-11-08", "2026-11-15"))
    services = [
        service
        for first, last in weeks
        for service in every_page(
            call, SERVICES, applyTimeBegin=f"{first} 00:00:00", applyTimeEnd=f"{last} 00:00:00"
        )
    ]
    after = requests.filter(pl.col("type") != "pre_ship")
    assert len(services) == after.height
    amounts = [
        call("jingdong.b2c.shop.aftersales.refund.get", afsServiceId=each["serviceId"])["data"]
        for each in services
    ]
    actual = [
        each["afsActualRefundDetail"]["actualRefundAmount"]
        for each in amounts
        if "afsActualRefundDetail" in each
    ]
    assert round(sum(actual) * 100) == after.select(given).item()
    views = [
        row
        for order in {each["orderId"] for each in services}
        for row in every_page(call, VIEW, orderId=order)
    ]
    assert len(views) == len(services)
    assert sum(each["status"] == 13 for each in views) == len(actual)


def test_an_after_sale_names_an_order_and_a_sku_that_are_listed(call: Call) -> None:
    items = {
        (int(each["orderId"]), int(item["skuId"]))
        for each in counted(all_orders(call))
        for item in each["itemInfoList"]
    }
    services = every_page(
        call,
        SERVICES,
        updateTimeBegin="2026-11-08 00:00:00",
        updateTimeEnd="2026-11-15 00:00:00",
    )
    assert {(each["orderId"], each["skuId"]) for each in services} <= items
    cancelled = {int(each["orderId"]) for each in every_page(call, APPLIES)}
    assert cancelled <= {order for order, _ in items}


def test_presales_say_what_of_the_deposit_was_paid(call: Call, outside: Outside) -> None:
    method = "jingdong.presale.order.updateOrder.getPresaleOrderByPage"
    asked = {"startTime": "2026-11-01 00:00:00", "endTime": "2026-11-15 00:00:00"}
    data = call(method, **asked, beginIndex="0", endIndex="500")["data"]
    presales = visible_orders(outside).filter(pl.col("trade_type") == "presale")
    paid = presales.filter(pl.col("deposit_paid_at") < outside.now())
    assert {each["orderId"] for each in data} == {int(each) for each in presales["order_id"]}
    deposits = round(sum(each["payBargainReal"] for each in data) * 100)
    assert deposits == paid["deposit_fen"].sum()
    page = call(method, **asked, beginIndex="1", endIndex="2")["data"]
    assert page == data[1:3]


def test_a_buyer_is_never_in_clear_but_in_their_own_words(call: Call, outside: Outside) -> None:
    orders = all_orders(call)
    for order in orders:
        order.pop("orderRemark")
    services = every_page(
        call, SERVICES, applyTimeBegin="2026-11-08 00:00:00", applyTimeEnd="2026-11-15 00:00:00"
    )
    told = json.dumps([orders, services, every_page(call, APPLIES)], ensure_ascii=False)
    buyers = outside.frames["buyers"]
    assert not set(re.findall(r"1\d{10}", told)) & set(buyers["phone"])
    assert not any(address in told for address in buyers["address"].head(2_000))


def test_orders_change_as_the_clock_moves_on(
    tmp_path: Path, frames: dict[str, pl.DataFrame]
) -> None:
    clock = Clock(Settings(home=tmp_path, _env_file=None))
    clock.set(frames["company"]["clock_at"][0])
    outside = Outside(frames, clock)
    access = log_in(outside, code=jd_gateway.code_of(SHOP, outside))["access_token"]

    def changed_since(moment: datetime) -> int:
        asked = {
            "start_date": f"{moment:%Y-%m-%d %H:%M:%S}", "end_date": "2026-11-20 00:00:00",
            "page": "1", "page_size": "100",
        }  # fmt: skip
        said = json.loads(ask(outside, ORDERS, asked, access_token=access).body)
        (inside,) = said.values()
        return int(inside["searchorderinfo_result"]["orderTotal"])

    before = clock.now()
    assert changed_since(before) == 0
    clock.advance(timedelta(hours=6))
    assert changed_since(before) > 10


def test_a_list_can_be_made_endless(outside: Outside, token: str) -> None:
    answer = ask(outside, ORDERS, {**NOVEMBER, "page": "1", "page_size": "1"}, access_token=token)
    assert b'"orderTotal":99999999' in ADAPTER.endless(answer.body)
