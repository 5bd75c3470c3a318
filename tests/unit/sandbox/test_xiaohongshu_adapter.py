"""小红书's sandbox answers as the platform does: signature, windows, pages, tokens, amounts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.sandbox.adapter import Answer, Outside, Request
from pipelines.sandbox.adapters import xiaohongshu_gateway as gateway
from pipelines.sandbox.adapters.xiaohongshu import ADAPTER
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.world.generate import generate
from pipelines.settings import Settings
from tests.unit.sources.xiaohongshu.test_client import VECTORS

SHOP = "xiaohongshu-01"
DAY = 86_400
NOW = 1_794_657_600  # 2026-11-14 20:00, Asia/Shanghai: the world's clock
Call = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    settings = Settings(home=tmp_path_factory.mktemp("home"), _env_file=None)
    frames = generate("small")
    clock = Clock(settings)
    clock.set(frames["company"]["clock_at"][0])
    return Outside(frames, clock)


def ask(outside: Outside, method: str, params: dict[str, Any], **system: object) -> dict[str, Any]:
    app, secret = gateway.app_of(outside)
    body = {
        **params, "appId": app, "method": method, "version": "2.0",
        "timestamp": int(outside.now().timestamp()), **system,
    }  # fmt: skip
    body = {"sign": gateway.sign(secret, body), **body}
    request = Request("POST", gateway.PATH, {}, {}, json.dumps(body).encode())
    answer: dict[str, Any] = json.loads(ADAPTER.answer(request, outside).body)
    return answer


def token_of(outside: Outside, shop: str = SHOP) -> str:
    code = gateway.shops(outside)[shop].code
    token: str = ask(outside, "oauth.getAccessToken", {"code": code})["data"]["accessToken"]
    return token


@pytest.fixture(scope="module")
def call(outside: Outside) -> Call:
    """Asks as the shop; the inner envelope of newer methods is taken off."""
    token = token_of(outside)

    def run(method: str, **params: object) -> dict[str, Any]:
        data: dict[str, Any] = ask(outside, method, params, accessToken=token)["data"]
        return data["data"] if isinstance(data.get("data"), dict) else data

    return run


def days(outside: Outside) -> Iterator[tuple[int, int]]:
    """The world's days until now, epoch seconds, none longer than 24 hours."""
    first = int(outside.frames["orders"]["created_at"].min().timestamp())  # type: ignore[union-attr]
    now = int(outside.now().timestamp())
    for start in range(first, now, DAY):
        yield start, min(start + DAY, now)


@pytest.fixture(scope="module")
def orders(call: Call, outside: Outside) -> list[dict[str, Any]]:
    """Every order as its detail tells it."""
    seen: list[str] = []
    for start, end in days(outside):
        page, last = 1, 1
        while page <= last:
            data = call("order.getOrderList", timeType=1, startTime=start, endTime=end,
                        pageNo=page, pageSize=100)  # fmt: skip
            seen += [order["orderId"] for order in data["orderList"]]
            page, last = page + 1, data["maxPageNo"]
    assert len(seen) == len(set(seen))
    return [call("order.getOrderDetail", orderId=each) for each in seen]


def of_shop(outside: Outside, table: str) -> pl.DataFrame:
    return outside.frames[table].filter(pl.col("shop_id") == SHOP)


def paths(value: object, before: str = "") -> set[str]:
    """Every field of an answer, dotted, whatever lists it lies in."""
    if isinstance(value, list):
        return {each for item in value for each in paths(item, before)}
    if isinstance(value, dict):
        return {
            each
            for name, item in value.items()
            for each in {f"{before}{name}", *paths(item, f"{before}{name}.")}
        }
    return set()


@pytest.mark.parametrize(("secret", "app", "method", "timestamp", "version", "expected"), VECTORS)
def test_the_verifier_agrees_with_the_vectors(
    secret: str, app: str, method: str, timestamp: str, version: str, expected: str
) -> None:
    system = {"appId": app, "method": method, "timestamp": timestamp, "version": version}
    assert gateway.sign(secret, system) == expected


@pytest.mark.parametrize(
    ("system", "words"),
    [
        ({"sign": "0" * 32}, "签名错误"),
        ({"appId": "another"}, "appId不存在"),
        ({"timestamp": 1000000000}, "timestamp与服务器时间相差过大"),
        ({"timestamp": 1794657600000}, "timestamp与服务器时间相差过大"),  # milliseconds
        ({"accessToken": "unknown"}, "accessToken不存在"),
    ],
)
def test_a_wrong_system_parameter_is_refused(
    outside: Outside, system: dict[str, object], words: str
) -> None:
    answer = ask(outside, "order.getOrderList", {}, **system)
    assert (answer["success"], answer["error_msg"]) == (False, words)


def test_seconds_may_come_as_text(outside: Outside) -> None:
    stamp = str(int(outside.now().timestamp()))
    answer = ask(outside, "order.getOrderList", {}, timestamp=stamp, accessToken="x")
    assert answer["error_msg"] == "accessToken不存在"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("order.getOrderList", {"timeType": 1, "startTime": NOW - DAY - 1, "endTime": NOW}),
        ("order.getOrderList", {"timeType": 2, "startTime": NOW - 1_801, "endTime": NOW}),
        ("order.getOrderList", {"timeType": 3, "startTime": NOW - 60, "endTime": NOW}),
        ("order.getOrderList", {"startTime": NOW - 60, "endTime": NOW, "pageSize": 101}),
        ("order.getOrderList", {"startTime": NOW - 60, "endTime": NOW, "pageNo": 101}),
        ("order.getOrderList", {"startTime": NOW, "endTime": NOW - 60}),
        ("order.getOrderList", {}),
        (
            "afterSale.listAfterSaleInfos",
            {"timeType": 2, "startTime": (NOW - 1_801) * 1000, "endTime": NOW * 1000},
        ),
        (
            "afterSale.listAfterSaleInfos",
            {"startTime": (NOW - 60) * 1000, "endTime": NOW * 1000, "pageNo": 501, "pageSize": 100},
        ),
        (
            "finance.pageQueryTransaction",
            {"startTime": (NOW - DAY - 1) * 1000, "endTime": NOW * 1000},
        ),
        ("product.getDetailSkuList", {"pageSize": 101}),
        ("businessdata.getKosData", {"startDate": "20261114", "endDate": "x"}),
        ("order.getNothing", {}),
    ],
)
def test_limits_are_the_platform_s(
    outside: Outside, method: str, params: dict[str, object]
) -> None:
    answer = ask(outside, method, params, accessToken=token_of(outside))
    assert (answer["success"], answer["error_code"]) == (False, -2000400)


def test_an_order_that_is_not_there_is_said(outside: Outside) -> None:
    answer = ask(outside, "order.getOrderDetail", {"orderId": "P1"}, accessToken=token_of(outside))
    assert (answer["success"], answer["error_code"]) == (False, -2000101)


def test_days_by_creation_give_every_order_once_and_none_to_come(
    outside: Outside, orders: list[dict[str, Any]]
) -> None:
    placed = of_shop(outside, "orders").filter(pl.col("created_at") < outside.now())
    assert sorted(order["orderId"][1:] for order in orders) == sorted(placed["order_id"])


def test_by_update_half_an_hour_has_what_changed_in_it(call: Call, outside: Outside) -> None:
    start = NOW - 1_800
    data = call("order.getOrderList", timeType=2, startTime=start, endTime=NOW)
    assert data["orderList"]
    assert all(start * 1000 <= order["updateTime"] < NOW * 1000 for order in data["orderList"])
    assert data["total"] == len(data["orderList"])


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("order.getOrderList", {"timeType": 1, "startTime": NOW - DAY, "endTime": NOW}),
        (
            "afterSale.listAfterSaleInfos",
            {"timeType": 1, "startTime": (NOW - DAY) * 1000, "endTime": NOW * 1000},
        ),
        ("product.getDetailSkuList", {"pageSize": 100}),
        (
            "finance.pageQueryTransaction",
            {"startTime": (NOW - DAY) * 1000, "endTime": NOW * 1000, "commonSettleStatus": 1},
        ),
        ("businessdata.getKosData", {"startDate": "2026-11-13", "endDate": "2026-11-14"}),
    ],
)
def test_answers_have_the_fields_of_the_samples(
    call: Call, platform_samples: Path, method: str, params: dict[str, Any]
) -> None:
    assert paths(call(method, **params)) == sampled(platform_samples, method)


def sampled(samples: Path, method: str) -> set[str]:
    file = samples / "xiaohongshu" / f"{method}.composed.json"
    return paths(json.loads(file.read_text("utf-8"))["data"])


def test_details_have_the_fields_of_the_samples(
    call: Call, outside: Outside, orders: list[dict[str, Any]], platform_samples: Path
) -> None:
    waiting = next(order for order in orders if order["orderStatus"] == 4)
    assert paths(waiting) == sampled(platform_samples, "order.getOrderDetail")
    sent = next(order for order in orders if order["orderStatus"] == 7)
    assert paths(sent["simpleDeliveryOrderList"]) == {
        "deliveryOrderIndex", "status", "expressTrackingNo", "expressCompanyCode", "skuIdList",
    }  # fmt: skip
    track = call("order.getOrderTracking", orderId=sent["orderId"])
    assert paths(track) == sampled(platform_samples, "order.getOrderTracking")
    returned = of_shop(outside, "after_sales").filter(
        (pl.col("type") == "return_refund") & (pl.col("refunded_at") < outside.now())
    )
    detail = call("afterSale.getAfterSaleInfo", returnsId=f"R{returned['after_sale_id'][0]}",
                  needNegotiateRecord=True)  # fmt: skip
    expected = sampled(platform_samples, "afterSale.getAfterSaleInfo")
    assert paths(detail) == {
        name for name in expected if not name.startswith("negotiateRecords.attributes.")
    }


def test_amounts_recover_the_world_s(outside: Outside, orders: list[dict[str, Any]]) -> None:
    world = {f"P{row['order_id']}": row for row in of_shop(outside, "orders").to_dicts()}
    for order in orders:
        row, skus = world[order["orderId"]], order["skuList"]
        goods = sum(
            part["rawPricePerSku"] * part["quantity"] * sku["skuQuantity"]
            for sku in skus
            for part in sku["skuDetailList"]
        )
        assert goods == row["goods_fen"]
        assert order["totalPayAmount"] + order["outPromotionAmount"] == row["order_fen"]
        assert order["totalMerchantDiscount"] == row["shop_discount_fen"]
        assert sum(sku["totalRedDiscount"] for sku in skus) == row["platform_discount_fen"]
        borne = order["merchantActualReceiveAmount"] - order["totalPayAmount"]
        assert borne - order["outPromotionAmount"] == row["platform_borne_fen"]
        paid = sum(sku["totalPaidAmount"] for sku in skus) + order["totalShippingFree"]
        assert paid == order["totalPayAmount"]
        assert not order["paidTime"] or order["totalPayAmount"] == row["paid_fen"]


def test_a_sku_stands_once_in_an_order(orders: list[dict[str, Any]]) -> None:
    for order in orders:
        ids = [sku["skuId"] for sku in order["skuList"]]
        assert len(ids) == len(set(ids))


def test_marks_of_the_world_are_where_the_platform_has_a_place(
    outside: Outside, orders: list[dict[str, Any]]
) -> None:
    counted = of_shop(outside, "orders").filter(pl.col("created_at") < outside.now())
    samples = counted.filter(pl.col("trade_type") == "sample").height
    assert sum("寄样" in order["sellerRemark"] for order in orders) == samples > 0
    presale = counted.filter(pl.col("trade_type") == "presale").height
    assert sum(order["orderType"] == 2 for order in orders) == presale > 0
    deposits = counted.filter(pl.col("deposit_paid_at") < outside.now())["deposit_fen"].sum()
    assert sum(order["totalDepositAmount"] for order in orders) == deposits > 0
    assert any(sku["skuTag"] for order in orders for sku in order["skuList"])
    assert any("补单" in order["sellerRemark"] for order in orders)


def transactions(call: Call, outside: Outside, business: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for start, end in days(outside):
        asked = {"startTime": start * 1000, "endTime": end * 1000, "pageSize": 100}
        more = {"settleBizType": business, "commonSettleStatus": 1}
        rows += call("finance.pageQueryTransaction", **asked, **more)["transactions"]
    return rows


def test_money_sums_to_the_world_s_bills(call: Call, outside: Outside) -> None:
    bills = of_shop(outside, "bills").filter(pl.col("settled_at") < outside.now())
    for business, kind in ((0, "settled"), (1, "refund_after_settle")):
        rows = transactions(call, outside, business)
        net = bills.filter(pl.col("type") == kind)["net_fen"].sum()
        assert sum(Decimal(row["amount"]) for row in rows) * 100 == net
        for row in rows:
            parts = ("goodsAmount", "freightAmount", "appPromotion", "commissionAmount",
                     "payChannelAmount", "cpsAmount")  # fmt: skip
            assert sum(Decimal(row[name]) for name in parts) == Decimal(row["amount"])
    fines = [
        row["amount"]
        for start, end in days(outside)
        for row in call("finance.pageQueryExpense", startTime=start * 1000, endTime=end * 1000)[
            "expenses"
        ]
    ]
    assert (
        sum(map(Decimal, fines)) * 100 == bills.filter(pl.col("type") == "other")["net_fen"].sum()
    )


def test_what_waits_for_its_settlement_is_listed_by_receipt_and_charged_nothing(
    call: Call, outside: Outside
) -> None:
    asked = {"startTime": (NOW - DAY) * 1000, "endTime": NOW * 1000, "commonSettleStatus": 0}
    rows = call("finance.pageQueryTransaction", **asked)["transactions"]
    assert rows
    for row in rows:
        assert (NOW - DAY) * 1000 <= row["canSettleTime"] < NOW * 1000
        assert (row["settledTime"], row["commissionAmount"]) == (0, "0.00")


def test_commissions_sum_to_the_world_s(call: Call, outside: Outside) -> None:
    owed = of_shop(outside, "commissions").filter(pl.col("paid_at") < outside.now())
    rows = [
        row
        for order in owed["order_id"].unique()
        for row in call("bill.queryCpsSettle", orderId=f"P{order}")["cpsUserSettleDetails"]
    ]
    deals = [row for row in rows if row["kolUserCommissionAmount"] >= 0]
    estimated = sum(row["dealTotalAmount"] * row["kolUserRate"] // 10_000 for row in deals)
    assert estimated == owed["estimated_fen"].sum()
    phases = outside.frames["commission_phases"].join(owed, on="line_id", how="semi")
    settled = phases.filter(pl.col("settled_at") < outside.now())["commission_fen"].sum()
    assert sum(row["kolUserCommissionAmount"] for row in rows if row["settleTime"]) == settled
    assert call("bill.queryCpsSettle", orderId="P0") == {"cpsUserSettleDetails": []}


def test_own_accounts_are_told_by_a_list_of_their_own_and_others_on_the_order(
    call: Call, outside: Outside, orders: list[dict[str, Any]]
) -> None:
    sold = call("businessdata.getKosData", startDate="2026-11-01", endDate="2026-11-14",
                pageSize=1000)["data"]  # fmt: skip
    own = outside.frames["authors"].filter(pl.col("own_shop_id") == SHOP)["author_id"][0]
    assert {row["accountUserId"] for row in sold} == {own}
    by_others = {sku["kolId"] for order in orders for sku in order["skuList"]} - {""}
    assert own not in by_others
    assert len(by_others) > 5


def test_a_delivery_leaves_when_its_track_begins(
    call: Call, outside: Outside, orders: list[dict[str, Any]]
) -> None:
    apart = next(order for order in orders if order["unpack"])
    tracks = call("order.getOrderTracking", orderId=apart["orderId"])["orderTrackInfos"]
    lines = outside.frames["order_lines"].filter(pl.col("order_id") == apart["orderId"][1:])
    left = lines["shipped_at"].dt.strftime("%Y-%m-%d %H:%M:%S")
    assert {track["records"][0]["eventAt"] for track in tracks} == set(left.drop_nulls())
    assert [track["expressNo"] for track in tracks] == [
        each["expressTrackingNo"] for each in apart["simpleDeliveryOrderList"]
    ]


def test_a_buyer_is_never_in_clear_but_in_their_own_words(
    outside: Outside, orders: list[dict[str, Any]]
) -> None:
    phones = set(outside.frames["buyers"]["phone"])
    told = json.dumps([{**order, "customerRemark": ""} for order in orders], ensure_ascii=False)
    assert not set(re.findall(r"1\d{10}", told)) & phones
    assert not re.search(r"[路街巷道]\d+号", told)
    assert {order["receiverName"] for order in orders} == {""}


def test_tokens_live_a_week_and_turn_in_their_last_half_hour(outside: Outside) -> None:
    shop = gateway.shops(outside)["xiaohongshu-02"]
    first = ask(outside, "oauth.getAccessToken", {"code": shop.code})["data"]
    assert first["accessTokenExpiresAt"] == (NOW + 7 * DAY) * 1000
    assert first["refreshTokenExpiresAt"] == (NOW + 14 * DAY) * 1000
    same = ask(outside, "oauth.refreshToken", {"refreshToken": first["refreshToken"]})["data"]
    assert same["accessToken"] == first["accessToken"]
    soon = outside.tokens.issue(shop.key, timedelta(minutes=29), timedelta(days=14))
    fresh = ask(outside, "oauth.refreshToken", {"refreshToken": soon.refresh})["data"]
    assert fresh["accessToken"] != soon.access
    old = outside.tokens.holder(soon.access)
    assert old is not None
    assert (old.access_until - outside.now()) == timedelta(minutes=5)
    again = ask(outside, "oauth.refreshToken", {"refreshToken": soon.refresh})
    assert again["error_msg"] == "refreshToken无效或已过期"


def test_a_token_ends_and_an_owner_can_take_it_back(outside: Outside) -> None:
    pair = outside.tokens.issue("xiaohongshu-03", timedelta(0), timedelta(days=14))
    answer = ask(outside, "order.getOrderList", {}, accessToken=pair.access)
    assert answer["error_msg"] == "accessToken已过期"
    outside.tokens.kill("xiaohongshu-03")
    code = gateway.shops(outside)["xiaohongshu-03"].code
    refused = ask(outside, "oauth.getAccessToken", {"code": code})
    assert refused["error_msg"] == "授权码无效或已过期"


def test_a_wrong_code_is_refused(outside: Outside) -> None:
    assert not ask(outside, "oauth.getAccessToken", {"code": "x"})["success"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [("rate_limited", "限流"), ("busy", "繁忙"), ("token_dead", "accessToken")],
)
def test_faults_are_in_the_platform_s_words(kind: str, words: str) -> None:
    body = json.dumps({"method": "order.getOrderList"}).encode()
    answer = ADAPTER.fault(kind, Request("POST", gateway.PATH, {}, {}, body))
    assert isinstance(answer, Answer)
    assert words in json.loads(answer.body)["error_msg"]


def test_a_login_meets_no_dead_token() -> None:
    body = json.dumps({"method": "oauth.refreshToken"}).encode()
    assert ADAPTER.fault("token_dead", Request("POST", gateway.PATH, {}, {}, body)) is None


def test_records_change_as_time_goes_on(tmp_path: Path) -> None:
    frames = generate("small")
    clock = Clock(Settings(home=tmp_path, _env_file=None))
    clock.set(frames["company"]["clock_at"][0])
    outside = Outside(frames, clock)
    token = token_of(outside)

    def states() -> dict[str, tuple[int, int]]:
        window = {"timeType": 1, "startTime": NOW - DAY, "endTime": NOW, "pageSize": 100}
        data = ask(outside, "order.getOrderList", window, accessToken=token)["data"]
        return {
            order["orderId"]: (order["orderStatus"], order["updateTime"])
            for order in data["orderList"]
        }

    before = states()
    clock.advance(timedelta(days=2))
    after = states()
    changed = {key for key in before if before[key][0] != after[key][0]}
    assert len(changed) > 10
    assert all(after[key][1] >= NOW * 1000 > before[key][1] for key in changed)
