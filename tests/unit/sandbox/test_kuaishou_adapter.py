"""快手 in the sandbox: signatures, tokens, limits, paging, amounts, and nothing of a buyer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import polars as pl
import pytest

from pipelines.sandbox.adapter import Outside, Request
from pipelines.sandbox.adapters import kuaishou_gateway as gateway
from pipelines.sandbox.adapters.doudian import ADAPTER as DOUDIAN
from pipelines.sandbox.adapters.kuaishou import ADAPTER
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.world.generate import generate
from pipelines.settings import Settings
from tests.unit.sources.kuaishou.test_client import SECRET, SYSTEM, VECTORS

Call = Callable[..., dict[str, Any]]
SHOP = "kuaishou-01"
DAY = 86_400_000


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    settings = Settings(home=tmp_path_factory.mktemp("home"), _env_file=None)
    frames = generate("small")
    clock = Clock(settings)
    clock.set(frames["company"]["clock_at"][0])
    return Outside(frames, clock)


def now_of(outside: Outside) -> int:
    return int(outside.now().timestamp()) * 1000


def ask(outside: Outside, method: str, params: dict[str, Any], **system: str) -> dict[str, Any]:
    app = gateway.credentials(SHOP, outside)
    query = {
        "appkey": app["app_key"], "method": method, "version": "1", "signMethod": "MD5",
        "timestamp": str(now_of(outside)), "param": json.dumps(params, ensure_ascii=False),
        **system,
    }  # fmt: skip
    query.setdefault("sign", gateway.sign(app["sign_secret"], query))
    request = Request("GET", "/" + method.replace(".", "/"), query, {}, b"")
    assert ADAPTER.owns(request)
    answer: dict[str, Any] = json.loads(ADAPTER.answer(request, outside).body)
    return answer


def log_in(outside: Outside, path: str = "refresh_token", **asked: str) -> dict[str, Any]:
    """A token call; as npm's client does, its parameters in the query of a POST."""
    app = gateway.credentials(SHOP, outside)
    query = {"app_id": app["app_key"], "app_secret": app["app_secret"], **asked}
    request = Request("POST", f"/oauth2/{path}", query, {}, b"")
    assert ADAPTER.owns(request)
    answer: dict[str, Any] = json.loads(ADAPTER.answer(request, outside).body)
    return answer


@pytest.fixture
def call(outside: Outside) -> Call:
    first = gateway.credentials(SHOP, outside)["refresh_token"]
    token = log_in(outside, grant_type="refresh_token", refresh_token=first)["access_token"]

    def run(method: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401
        return ask(outside, method, params, access_token=token)

    return run


def orders_of(call: Call, outside: Outside, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Every order, week by week, oldest change first."""
    end = now_of(outside)
    found: list[dict[str, Any]] = []
    for begin in range(end - 21 * DAY, end, 7 * DAY):
        cursor = ""
        while cursor != "nomore":
            asked = {
                "orderViewStatus": 1, "queryType": 2, "sort": 2, "pageSize": 50,
                "beginTime": begin, "endTime": begin + 7 * DAY - 1, "cursor": cursor, **more,
            }  # fmt: skip
            data = call("open.order.cursor.list", **asked)["data"]
            found += data["orderList"]
            cursor = data["cursor"]
    return found


def mine(outside: Outside, table: str, *, begins: str = "created_at") -> pl.DataFrame:
    frame = outside.frames[table]
    return frame.filter((pl.col("shop_id") == SHOP) & (pl.col(begins) < outside.now()))


@pytest.mark.parametrize(("method", "expected"), VECTORS, ids=["MD5", "HMAC_SHA256"])
def test_the_verifier_agrees_with_the_vectors(method: str, expected: str) -> None:
    assert gateway.sign(SECRET, {**SYSTEM, "signMethod": method, "uid": "obsolete"}) == expected


@pytest.mark.parametrize(
    ("system", "words"),
    [
        ({"sign": "0" * 32}, "验签失败"),
        ({"appkey": "ks1"}, "appkey不存在"),
        ({"timestamp": "1000000000000"}, "timestamp无效"),
        ({"access_token": "unknown"}, "TOKEN过期"),
        ({"access_token": "unknown", "param": "{"}, "param无效"),
    ],
)
def test_a_wrong_system_parameter_is_refused(
    outside: Outside, system: dict[str, str], words: str
) -> None:
    answer = ask(outside, "open.shop.info.get", {}, **system)
    assert answer["result"] != 1
    assert answer["error_msg"] == words


def test_both_ways_to_sign_and_both_verbs_are_taken(outside: Outside, call: Call) -> None:
    assert call("open.shop.info.get")["result"] == 1
    app = gateway.credentials(SHOP, outside)
    first = app["refresh_token"]
    token = log_in(outside, grant_type="refresh_token", refresh_token=first)["access_token"]
    form = {
        "access_token": token, "appkey": app["app_key"], "method": "open.user.seller.get",
        "signMethod": "HMAC_SHA256", "timestamp": str(now_of(outside)), "version": "1",
    }  # fmt: skip
    form["sign"] = gateway.sign(app["sign_secret"], form)
    request = Request("POST", "/open/user/seller/get", {}, {}, urlencode(form).encode())
    answer = json.loads(ADAPTER.answer(request, outside).body)
    assert answer["data"]["sellerId"] == 4460962


def test_refresh_tokens_turn_and_their_days_go_on(outside: Outside) -> None:
    first = gateway.credentials(SHOP, outside)["refresh_token"]
    one = log_in(outside, grant_type="refresh_token", refresh_token=first)
    assert (one["expires_in"], one["refresh_token_expires_in"]) == (172800, 15552000)
    two = log_in(outside, grant_type="refresh_token", refresh_token=one["refresh_token"])
    assert two["refresh_token"] != one["refresh_token"]
    for pair in (one, two):  # the older access token lives its days out
        asked = ask(outside, "open.shop.info.get", {}, access_token=pair["access_token"])
        assert asked["result"] == 1
    dead = log_in(outside, grant_type="refresh_token", refresh_token=one["refresh_token"])
    assert dead == {
        "result": 100200102, "error": "access_denied", "error_msg": "refreshToken.discarded",
    }  # fmt: skip


def test_a_token_ends_and_a_code_works_once(outside: Outside) -> None:
    pair = outside.tokens.issue(SHOP, timedelta(), timedelta(days=180))
    answer = ask(outside, "open.shop.info.get", {}, access_token=pair.access)
    assert answer["error_msg"] == "TOKEN过期"
    once = log_in(outside, "access_token", grant_type="code", code="kuaishou-04")
    again = log_in(outside, "access_token", grant_type="code", code="kuaishou-04")
    assert (once["result"], again["result"]) == (1, 100200105)


def test_an_owner_can_take_the_authorisation_back(outside: Outside) -> None:
    first = gateway.credentials("kuaishou-02", outside)["refresh_token"]
    outside.tokens.kill("kuaishou-02")
    refused = log_in(outside, grant_type="refresh_token", refresh_token=first)
    assert refused["result"] == 100200102


def test_a_wrong_app_gets_no_token(outside: Outside) -> None:
    refused = log_in(outside, grant_type="refresh_token", app_secret="wrong")
    assert refused["error"] == "unauthorized_client"


def test_other_platforms_logins_are_not_ours() -> None:
    theirs = Request("POST", "/oauth2/refresh_token", {"app_key": "jd"}, {}, b"")
    assert not ADAPTER.owns(theirs)
    ours = Request("GET", "/open/order/detail", {}, {}, b"")
    assert not DOUDIAN.owns(ours)


@pytest.mark.parametrize(
    ("method", "asked", "result", "words"),
    [
        ("open.order.cursor.list", {"pageSize": 51}, 2001, "pageSize无效"),
        ("open.order.cursor.list", {"orderViewStatus": 9}, 2001, "orderViewStatus无效"),
        ("open.order.cursor.list", {"queryType": 3}, 2001, "queryType无效"),
        ("open.order.cursor.list", {"days": 8}, 2001, "查询时间范围超过限制"),
        ("open.order.cursor.list", {"since": 91}, 2001, "beginTime无效，只能查询最近90天"),
        ("open.order.cursor.list", {"days": -1}, 2001, "endTime无效"),
        ("open.order.cursor.list", {"cursor": "x"}, 2001, "cursor无效"),
        ("open.seller.order.refund.pcursor.list", {"days": 2}, 300004, "查询时间范围超过限制"),
        ("open.seller.order.refund.pcursor.list", {"type": 1}, 300002, "type无效"),
        ("open.seller.order.refund.pcursor.list", {"currentPage": "x"}, 2001, "currentPage无效"),
        ("open.seller.order.cps.list", {"pageSize": 81}, 2001, "pageSize无效"),
        ("open.order.detail", {"oid": 1}, 2001, "订单不存在"),
        ("open.seller.order.refund.detail", {"refundId": 1}, 300011, "REFUND ORDER NOT FOUND"),
        ("open.no.such.api", {}, 2001, "API不存在"),
    ],
)
def test_limits_are_the_platform_s(
    outside: Outside, call: Call, method: str, asked: dict[str, Any], result: int, words: str
) -> None:
    asked = dict(asked)
    end = now_of(outside) - asked.pop("since", 1) * DAY
    whole = {
        "orderViewStatus": 1, "type": 9, "pageSize": 10, "currentPage": 1, "cursor": "",
        "pcursor": "", "beginTime": end, "endTime": end + asked.pop("days", 1) * DAY, **asked,
    }  # fmt: skip
    answer = call(method, **whole)
    assert (answer["result"], answer["error_msg"]) == (result, words)


def test_pages_give_every_order_once_and_nothing_that_has_not_happened(
    outside: Outside, call: Call
) -> None:
    seen = [order["orderBaseInfo"] for order in orders_of(call, outside)]
    placed = mine(outside, "orders").select("order_id")
    lines = outside.frames["order_lines"].join(placed, on="order_id")
    sold = lines.filter(~pl.col("is_gift"))["line_id"]
    assert sorted(str(base["oid"]) for base in seen) == sorted(sold)
    times = [base["updateTime"] for base in seen]
    assert times == sorted(times)
    assert max(base[name] for base in seen for name in ("payTime", "sendTime", "recvTime")) < (
        now_of(outside)
    )


def test_newest_first_is_the_default_and_has_the_same_orders(outside: Outside, call: Call) -> None:
    end = now_of(outside)
    window = {"beginTime": end - DAY, "endTime": end, "orderViewStatus": 1, "pageSize": 50}
    times: list[int] = []
    cursor = ""
    while cursor != "nomore":
        data = call("open.order.cursor.list", **window, cursor=cursor)["data"]
        times += [order["orderBaseInfo"]["createTime"] for order in data["orderList"]]
        cursor = data["cursor"]
    assert times == sorted(times, reverse=True)
    placed = mine(outside, "orders").filter(
        pl.col("created_at") >= outside.now() - timedelta(days=1)
    )
    lines = outside.frames["order_lines"].join(placed.select("order_id"), on="order_id")
    assert len(times) == len(lines.filter(~pl.col("is_gift")))


def test_amounts_and_bearers_are_the_world_s(outside: Outside, call: Call) -> None:
    lines = {
        line["line_id"]: line
        for line in outside.frames["order_lines"].filter(pl.col("shop_id") == SHOP).to_dicts()
    }
    discounted = 0
    for order in orders_of(call, outside):
        base, item = order["orderBaseInfo"], order["orderItemInfo"]
        line = lines[str(base["oid"])]
        assert item["price"] * item["num"] == line["goods_fen"]
        assert item["originalPrice"] * item["num"] == line["list_fen"]
        assert base["totalFee"] + base["expressFee"] == (
            line["order_fen"] + line["platform_borne_fen"] + line["author_borne_fen"]
        )
        if not base["discountFee"]:
            continue
        discounted += 1
        fee = call("open.seller.order.fee.detail", orderId=base["oid"])["data"]
        offers = {each["subType"]: each["discountFee"] for each in fee["marketingInfoOuters"]}
        borne = {1: 0, 2: 0, 3: 0}
        for each in fee["marketingInfoOuters"]:
            for part in each["bearInfoList"]:
                borne[part["bearer"]] += part["bearAmount"]
        assert offers == {
            code: line[name]
            for code, name in (
                (1001, "shop_discount_fen"),
                (1002, "platform_discount_fen"),
                (1003, "author_discount_fen"),
            )
            if line[name]
        }
        assert borne == {
            1: line["merchant_borne_fen"],
            2: line["platform_borne_fen"],
            3: line["author_borne_fen"],
        }
        assert fee["buyerPay"] == fee["totalFee"] + fee["expressFee"] - fee["platformBearAmount"]
        assert fee["totalFee"] == base["totalFee"]
    assert discounted > 400


def test_what_was_paid_at_once_has_one_activity_number(outside: Outside, call: Call) -> None:
    lines = dict(outside.frames["order_lines"].select("line_id", "order_id").iter_rows())
    numbers: dict[int, set[str]] = {}
    for order in orders_of(call, outside):
        base = order["orderBaseInfo"]
        if base["multiplePiecesNo"]:
            assert 14 in base["allActivityType"]
            numbers.setdefault(base["multiplePiecesNo"], set()).add(lines[str(base["oid"])])
    assert len(numbers) > 100
    assert all(len(parents) == 1 for parents in numbers.values())


def test_gifts_samples_deposits_and_notes_have_their_places(outside: Outside, call: Call) -> None:
    orders = orders_of(call, outside)
    placed = mine(outside, "orders")
    lines = outside.frames["order_lines"].join(placed, on="order_id")
    gifts = [gift for order in orders for gift in order["subOrderInfo"]]
    assert {gift["subOrderType"] for gift in gifts} == {2}
    assert sorted(str(gift["subOrderBaseInfo"]["oid"]) for gift in gifts) == sorted(
        lines.filter("is_gift")["line_id"]
    )
    of_kind = {
        kind: sum(kind in order["orderBaseInfo"]["allActivityType"] for order in orders)
        for kind in (6, 12)
    }
    sold = lines.filter(~pl.col("is_gift"))
    assert of_kind == {
        6: len(sold.filter(pl.col("trade_type") == "presale")),
        12: len(sold.filter(pl.col("trade_type") == "sample")),
    }
    deposits = sum(
        order["orderStepInfo"]["orderPaymentSteps"][0]["paymentFee"]
        for order in orders
        if order["orderStepInfo"]["orderPaymentSteps"]
    )
    paid = placed.filter(pl.col("deposit_paid_at") < outside.now())
    assert deposits == paid["deposit_fen"].sum() > 0
    notes = {note["note"] for order in orders for note in order["orderNote"]["orderNoteInfo"]}
    assert notes == set(placed["seller_remark"].drop_nulls())


def test_the_detail_of_a_live_order_names_its_room(outside: Outside, call: Call) -> None:
    sold_live = mine(outside, "orders").drop_nulls("session_id").row(0, named=True)
    data = call("open.order.detail", oid=int(sold_live["order_id"]))["data"]
    assert data["orderBaseInfo"]["carrierType"] == 2
    assert str(data["orderBaseInfo"]["carrierId"]) == sold_live["session_id"]


def refunds_of(call: Call, outside: Outside, **more: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    end = now_of(outside)
    found: list[dict[str, Any]] = []
    for begin in range(end - 21 * DAY, end, DAY):
        cursor, page = "", 0
        while cursor != "nomore":
            page += 1
            data = call(
                "open.seller.order.refund.pcursor.list", type=9, queryType=2, sort=2, pageSize=2,
                beginTime=begin, endTime=begin + DAY - 1, pcursor=cursor, currentPage=page, **more,
            )["data"]  # fmt: skip
            assert (data["currentPage"] == 1) == (page == 1)  # said on the first page only
            found += data["refundOrderInfoList"]
            cursor = data["pcursor"]
    return found


def test_exchanges_are_listed_when_asked_for_and_price_protection_is_in_the_detail(
    outside: Outside, call: Call
) -> None:
    requests = mine(outside, "after_sales", begins="applied_at")
    sent_again = pl.col("type").is_in(["exchange", "reissue"])
    with_money = refunds_of(call, outside)
    everything = refunds_of(call, outside, option={"needExchange": True})
    assert len(with_money) == len(requests.filter(~sent_again))
    assert len(everything) == len(requests)
    special = [
        call("open.seller.order.refund.detail", refundId=each["refundId"])["data"][
            "specialRefundType"
        ]
        for each in everything
    ]
    assert sum(special) == len(requests.filter(pl.col("type") == "price_protection")) > 0
    given = sum(each["refundFee"] for each in everything if each["status"] == 60)
    back = requests.filter(pl.col("refunded_at") < outside.now())
    assert given == back["refund_fen"].sum()


def test_items_have_their_skus_and_those_off_the_shelf_are_told(
    outside: Outside, call: Call
) -> None:
    data = call("open.item.list.get", pageNumber=1, pageSize=100, itemStatus=1)["data"]
    skus = outside.frames["skus"].filter(pl.col("shop_id") == SHOP)
    assert data["totalItemCount"] == len(data["items"]) == skus["product_id"].n_unique()
    assert sum(len(item["skuList"]) for item in data["items"]) == len(skus)
    second = call("open.item.list.get", pageNumber=2, pageSize=10)["data"]
    assert second["currentPageItemCount"] == len(data["items"]) - 10
    shelf = call("open.item.list.get", onOfflineStatus=1)["data"]
    assert {item["shelfStatus"] for item in shelf["items"]} == {1}


def test_bills_and_late_refunds_add_up_to_the_world_s(outside: Outside, call: Call) -> None:
    end = now_of(outside)
    settled, late = [], []
    for begin in range(end - 21 * DAY, end, DAY):
        cursor = ""
        while cursor != "no_more":
            data = call(
                "open.funds.financial.settled.bill.detail", settlementStartTime=begin,
                settlementEndTime=begin + DAY - 1, cursor=cursor,
            )["data"]  # fmt: skip
            settled += data["orders"]
            cursor = data["cursor"]
        late += call(
            "open.funds.financial.bill.post.sales.list", startTime=begin, endTime=begin + DAY - 1
        )["data"]["record"]
    bills = mine(outside, "bills", begins="settled_at")
    net = dict(bills.group_by("type").agg(pl.col("net_fen").sum()).iter_rows())
    assert sum(int(bill["settlementAmount"]) for bill in settled) == net["settled"]
    for bill in settled:
        assert int(bill["settlementAmount"]) == (
            int(bill["totalIncome"]) + int(bill["platformPayMarketAllowanceAmount"])
            - int(bill["totalRefundAmount"]) - int(bill["totalOutgoingAmount"])
        )  # fmt: skip
    assert (
        -sum(each["refundAmount"] + each["freightRefundAmount"] for each in late)
        == (net["refund_after_settle"])
    )


def test_commissions_say_what_was_settled_once_it_is(outside: Outside, call: Call) -> None:
    end = now_of(outside)
    listed = []
    for begin in range(end - 21 * DAY, end, DAY):
        data = call(
            "open.seller.order.cps.list", type=1, queryType=2, sort=2, pageSize=80, currentPage=1,
            beginTime=begin, endTime=begin + DAY - 1, pcursor="",
        )["data"]  # fmt: skip
        assert data["pcursor"] == "nomore"
        listed += data["cpsOrderList"]
    owed = mine(outside, "commissions", begins="paid_at")
    settled = owed.filter(pl.col("settled_at") < outside.now())
    waiting = owed.join(settled, on="line_id", how="anti")
    assert len(listed) == len(owed)
    assert sum(each["estimatedIncome"] for each in listed) == (
        settled["settled_fen"].sum() + waiting["estimated_fen"].sum()
    )
    assert sum(each["totalFee"] for each in listed) == owed["base_fen"].sum()


def kept(record: Any) -> Any:  # noqa: ANN401 - JSON
    """The keys of a record, nested; of a list those of its first element."""
    if isinstance(record, list):
        return kept(record[0]) if record else None
    return {key: kept(value) for key, value in record.items()} if isinstance(record, dict) else None


def lacks(ours: Any, sample: Any, path: str = "") -> list[str]:  # noqa: ANN401
    if not isinstance(sample, dict) or ours is None:
        return []
    return [
        each
        for key, inner in sample.items()
        for each in (lacks(ours[key], inner, f"{path}{key}.") if key in ours else [f"{path}{key}"])
    ]


@pytest.mark.parametrize(
    ("method", "records"),
    [
        ("open.order.cursor.list", "orderList"),
        ("open.order.detail", ""),
        ("open.seller.order.fee.detail", ""),
        ("open.seller.order.refund.pcursor.list", "refundOrderInfoList"),
        ("open.seller.order.refund.detail", ""),
        ("open.item.list.get", "items"),
        ("open.funds.financial.settled.bill.detail", "orders"),
        ("open.user.seller.get", ""),
        ("open.shop.info.get", ""),
    ],
)
def test_records_have_all_that_the_samples_have(
    outside: Outside, call: Call, platform_samples: Path, method: str, records: str
) -> None:
    sample = json.loads(
        (platform_samples / "kuaishou" / f"{method}.composed.json").read_text("utf-8")
    )["data"]
    order = orders_of(call, outside, pageSize=50)
    discounted = next(each for each in order if each["orderBaseInfo"]["discountFee"])
    end = now_of(outside)
    data = call(
        method, beginTime=end - DAY, endTime=end, settlementStartTime=end - DAY,
        settlementEndTime=end, orderViewStatus=1, pageSize=50, currentPage=1, type=9,
        oid=order[0]["orderBaseInfo"]["oid"], orderId=discounted["orderBaseInfo"]["oid"],
        refundId=refunds_of(call, outside)[0]["refundId"],
    )["data"]  # fmt: skip
    ours, theirs = (data[records], sample[records]) if records else (data, sample)
    assert lacks(kept(ours), kept(theirs)) == []


def test_a_buyer_is_never_in_clear_but_in_their_own_words(outside: Outside, call: Call) -> None:
    orders = orders_of(call, outside)
    for order in orders:
        order["orderBaseInfo"].pop("remark")
    told = json.dumps([orders, refunds_of(call, outside)], ensure_ascii=False)
    buyers = outside.frames["buyers"].filter(pl.col("channel") == "kuaishou")
    assert not set(re.findall(r"1\d{10}", told)) & set(buyers["phone"])
    assert not [street for street in buyers["address"].head(200) if street in told]
    assert not [name for name in buyers["name"].head(200) if name in told]


def test_faults_speak_the_platform_s_words() -> None:
    list_call = Request("GET", "/open/order/cursor/list", {}, {}, b"")
    login = Request("POST", "/oauth2/refresh_token", {}, {}, b"")
    said = {
        kind: ADAPTER.fault(kind, list_call)
        for kind in ("rate_limited", "token_dead", "busy", "slow")
    }
    assert "Exceed qps limit" in said["rate_limited"].body.decode()  # type: ignore[union-attr]
    assert "TOKEN过期" in said["token_dead"].body.decode()  # type: ignore[union-attr]
    assert "系统繁忙" in said["busy"].body.decode()  # type: ignore[union-attr]
    assert said["slow"] is None
    assert ADAPTER.fault("token_dead", login) is None


@pytest.mark.parametrize(
    "body", [b'{"cursor":"nomore"}', b'{"pcursor":"nomore"}', b'{"cursor":"no_more"}']
)
def test_endless_lists_never_say_that_there_is_no_more(body: bytes) -> None:
    assert b"no" not in ADAPTER.endless(body)


def test_records_change_as_the_clock_moves_on(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, _env_file=None)
    frames = generate("small")
    clock = Clock(settings)
    clock.set(frames["company"]["clock_at"][0])
    outside = Outside(frames, clock)
    first = gateway.credentials(SHOP, outside)["refresh_token"]

    def statuses() -> dict[int, int]:
        token = log_in(outside, grant_type="refresh_token", refresh_token=first)["access_token"]
        orders = orders_of(
            lambda method, **params: ask(outside, method, params, access_token=token), outside
        )
        return {each["orderBaseInfo"]["oid"]: each["orderBaseInfo"]["status"] for each in orders}

    before = statuses()
    clock.advance(timedelta(hours=20))
    after = statuses()
    assert len(after) > len(before)
    assert any(before[oid] != after.get(oid, before[oid]) for oid in before)
