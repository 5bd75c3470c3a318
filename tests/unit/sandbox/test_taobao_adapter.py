"""The sandbox answers as TOP does: signatures, sessions, limits, wrappings, amounts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import polars as pl
import pytest

from pipelines.sandbox.adapter import Outside, Request
from pipelines.sandbox.adapters import taobao_gateway as gateway
from pipelines.sandbox.adapters.taobao import ADAPTER
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.world.generate import generate
from pipelines.settings import Settings
from pipelines.sources.taobao import schemas
from tests.unit.sources.taobao.test_client import VECTORS

Call = Callable[..., dict[str, Any]]
SHOP = "taobao-02"
FORM = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
WINDOW = {"start_modified": "2026-11-13 20:00:00", "end_modified": "2026-11-14 20:00:00"}
TRADE, REFUND = ",".join(schemas.TRADE), ",".join(schemas.REFUND)


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Clock:
    return Clock(Settings(home=tmp_path_factory.mktemp("home"), _env_file=None))


@pytest.fixture(scope="module")
def outside(clock: Clock) -> Outside:
    frames = generate("small")
    clock.set(frames["company"]["clock_at"][0])
    return Outside(frames, clock)


def signed(outside: Outside, method: str, **params: object) -> dict[str, str]:
    key, secret = gateway.app_of(outside)
    asked = {
        "method": method, "app_key": key, "v": "2.0", "format": "json", "sign_method": "md5",
        "timestamp": f"{outside.now():%Y-%m-%d %H:%M:%S}",
        **{name: str(value) for name, value in params.items()},
    }  # fmt: skip
    return {**asked, "sign": gateway.sign(secret, asked)}


def sent(outside: Outside, query: dict[str, str], form: dict[str, str]) -> dict[str, Any]:
    request = Request("POST", gateway.PATH, query, FORM, urlencode(form).encode())
    answer: dict[str, Any] = json.loads(ADAPTER.answer(request, outside).body)
    return answer


def session_of(outside: Outside, shop: str) -> str:
    return outside.tokens.issue(shop, timedelta(days=1), timedelta(days=30)).access


@pytest.fixture
def call(outside: Outside) -> Call:
    session = session_of(outside, SHOP)

    def run(method: str, **params: object) -> dict[str, Any]:
        asked = signed(outside, f"taobao.{method}", session=session, **params)
        answer = sent(outside, {}, asked)
        inside: dict[str, Any] = answer.get(gateway.envelope(f"taobao.{method}"), answer)
        return inside

    return run


def refused(answer: dict[str, Any]) -> tuple[int, str]:
    error = answer["error_response"]
    return error["code"], error["sub_code"]


def listed(answer: dict[str, Any], outer: str, inner: str) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = answer.get(outer, {}).get(inner, [])
    return records


def every(call: Call, method: str, outer: str, inner: str, **asked: object) -> list[dict[str, Any]]:
    """All records of a numbered list."""
    found: list[dict[str, Any]] = []
    page = 1
    while answer := listed(call(method, page_no=page, page_size=100, **asked), outer, inner):
        found, page = found + answer, page + 1
    return found


def all_trades(call: Call) -> list[dict[str, Any]]:
    asked = {"fields": "tid", "start_created": "2026-11-01 00:00:00"}
    return [
        call("trade.fullinfo.get", fields=TRADE, tid=each["tid"])["trade"]
        for each in every(call, "trades.sold.get", "trades", "trade", **asked)
    ]


def fen(yuan: str) -> int:
    return int(Decimal(yuan) * 100)


@pytest.mark.parametrize(("secret", "params", "expected"), VECTORS, ids=lambda value: "")
def test_the_verifier_agrees_with_the_vectors(
    secret: str, params: dict[str, str], expected: str
) -> None:
    assert gateway.sign(secret, params) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"sign": "0" * 32}, (25, "isv.invalid-signature")),
        ({"app_key": "1"}, (29, "isv.appkey-not-exists")),
        ({"timestamp": "2020-01-01 00:00:00"}, (31, "isv.invalid-timestamp")),
        ({"timestamp": "yesterday"}, (31, "isv.invalid-timestamp")),
    ],
)
def test_a_wrong_system_parameter_is_refused_in_top_s_words(
    outside: Outside, change: dict[str, str], expected: tuple[int, str]
) -> None:
    asked = signed(outside, "taobao.shop.seller.get", fields="sid", session="x")
    assert refused(sent(outside, {}, asked | change)) == expected


@pytest.mark.parametrize(
    ("method", "params", "expected"),
    [
        ("shop.seller.get", {"session": "unknown", "fields": "sid"}, (27, "invalid-sessionkey")),
        ("no.such.get", {}, (22, "isv.invalid-method")),
        ("shop.seller.get", {}, (40, "isv.missing-parameter")),
        ("shop.seller.get", {"fields": "sid", "format": "xml"}, (41, "isv.invalid-parameter")),
        ("trades.sold.increment.get", {"fields": "tid"}, (40, "isv.missing-parameter")),
        (
            "trades.sold.increment.get",
            WINDOW | {"fields": "tid", "start_modified": "2026-11-13 19:59:59"},
            (41, "isv.invalid-parameter"),
        ),
        (
            "trades.sold.increment.get",
            {"fields": "tid", "start_modified": "2026-08-01 00:00:00"}
            | {"end_modified": "2026-08-02 00:00:00"},
            (41, "isv.invalid-parameter"),
        ),
        (
            "trades.sold.increment.get",
            WINDOW | {"fields": "tid", "page_size": 101},
            (41, "isv.invalid-parameter"),
        ),
        (
            "trades.sold.increment.get",
            WINDOW | {"fields": "tid", "page_no": 0},
            (41, "isv.invalid-parameter"),
        ),
        ("trade.fullinfo.get", {"fields": "tid", "tid": 7}, (15, "isv.trade-not-exist")),
        (
            "items.onsale.get",
            {"fields": "num_iid", "page_no": 101, "page_size": 200},
            (41, "isv.invalid-parameter"),
        ),
        (
            "item.skus.get",
            {"fields": "sku_id", "num_iids": ",".join(map(str, range(41)))},
            (41, "isv.invalid-parameter"),
        ),
        (
            "bill.bills.get",
            {"fields": "bid", "start_time": "2026-11-12 00:00:00"}
            | {"end_time": "2026-11-13 00:00:01"},
            (41, "isv.invalid-parameter"),
        ),
        (
            "bill.bills.get",
            {"fields": "bid", "start_time": "2026-11-12 00:00:00", "page_no": 51}
            | {"end_time": "2026-11-13 00:00:00", "page_size": 100},
            (41, "isv.invalid-parameter"),
        ),
    ],
)
def test_limits_are_top_s(
    outside: Outside, method: str, params: dict[str, object], expected: tuple[int, str]
) -> None:
    asked = {"session": session_of(outside, SHOP)} | params
    assert refused(sent(outside, {}, signed(outside, f"taobao.{method}", **asked))) == expected


def test_parameters_come_in_the_query_in_the_form_or_in_both(outside: Outside) -> None:
    asked = signed(
        outside, "taobao.shop.seller.get", fields="sid,title", session=session_of(outside, SHOP),
        timestamp=int(outside.now().timestamp() * 1000),
    )  # fmt: skip
    business = {"fields": asked["fields"]}
    system = {name: value for name, value in asked.items() if name not in business}
    answers = [sent(outside, *each) for each in ((asked, {}), ({}, asked), (system, business))]
    assert answers[0]["shop_seller_get_response"]["shop"]["sid"] == 4460370
    assert answers[0] == answers[1] == answers[2]


def test_empty_values_may_be_signed_or_not(outside: Outside) -> None:
    session = session_of(outside, SHOP)
    asked = signed(outside, "taobao.shop.seller.get", fields="sid", session=session, q="")
    bare = signed(outside, "taobao.shop.seller.get", fields="sid", session=session)
    for params in (asked, {**asked, "sign": bare["sign"]}):
        assert "shop_seller_get_response" in sent(outside, {}, params)


def token_for(outside: Outside, **params: object) -> dict[str, Any]:
    answer = sent(outside, {}, signed(outside, "taobao.top.auth.token.refresh", **params))
    if "error_response" in answer:
        return answer
    told: dict[str, Any] = json.loads(answer["top_auth_token_refresh_response"]["token_result"])
    return told


def test_the_first_refresh_token_is_the_owner_s_and_its_successors_work_once(
    outside: Outside,
) -> None:
    account = next(each for each in ADAPTER.accounts(outside) if each.shop_key == "taobao-05")
    first = token_for(outside, refresh_token=account.credentials["refresh_token"])
    assert (first["expires_in"], first["re_expires_in"]) == (86_400, 2_592_000)
    second = token_for(outside, refresh_token=first["refresh_token"])
    assert second["access_token"] != first["access_token"]
    assert refused(token_for(outside, refresh_token=first["refresh_token"]))[0] == 41
    old = signed(outside, "taobao.shop.seller.get", fields="sid", session=first["access_token"])
    assert refused(sent(outside, {}, old)) == (27, "invalid-sessionkey")
    outside.tokens.kill("taobao-05")
    assert refused(token_for(outside, refresh_token=second["refresh_token"]))[0] == 41


def test_a_session_ends(outside: Outside) -> None:
    pair = outside.tokens.issue(SHOP, timedelta(0), timedelta(days=30))
    asked = signed(outside, "taobao.shop.seller.get", fields="sid", session=pair.access)
    assert refused(sent(outside, {}, asked)) == (27, "isv.session-expired")


def test_pages_give_every_trade_once_newest_first(call: Call, outside: Outside) -> None:
    asked = {"fields": "tid,created", "start_created": "2026-11-01 00:00:00"}
    found = every(call, "trades.sold.get", "trades", "trade", **asked)
    times = [each["created"] for each in found]
    assert times == sorted(times, reverse=True)
    placed = outside.frames["orders"].filter(
        (pl.col("shop_id") == SHOP) & (pl.col("created_at") < outside.now())
    )
    assert sorted(str(each["tid"]) for each in found) == sorted(placed["order_id"])


def test_you_get_what_you_ask_for(call: Call) -> None:
    answer = call("trades.sold.increment.get", **WINDOW, fields="tid,seller_memo", page_size=1)
    assert set(listed(answer, "trades", "trade")[0]) == {"tid"}  # the note is the detail's alone


def test_has_next_takes_the_place_of_the_total(call: Call) -> None:
    asked = WINDOW | {"fields": "tid", "page_size": 10, "use_has_next": "true"}
    first = call("trades.sold.increment.get", **asked)
    assert (first["has_next"], "total_results" in first) == (True, False)
    assert call("trades.sold.increment.get", **asked, page_no=9)["has_next"] is False


def test_an_empty_list_has_no_key(call: Call) -> None:
    answer = call("trades.sold.increment.get", **WINDOW, fields="tid", page_no=99)
    assert set(answer) == {"total_results", "request_id"}


def test_simplified_answers_have_neither_root_nor_wrappings(outside: Outside) -> None:
    asked = signed(
        outside, "taobao.trades.sold.increment.get", session=session_of(outside, SHOP),
        simplify="true", fields="tid,orders", page_size=1, **WINDOW,
    )  # fmt: skip
    answer = sent(outside, {}, asked)
    assert set(answer) == {"total_results", "trades", "request_id"}
    assert answer["trades"][0]["orders"][0]["oid"] > 2**53


def test_lists_can_be_filtered_by_status_and_type(call: Call) -> None:
    asked = WINDOW | {"fields": "type,status", "page_size": 100}
    steps = listed(call("trades.sold.increment.get", **asked, type="step"), "trades", "trade")
    assert {each["type"] for each in steps} == {"step"}
    fixed = call("trades.sold.increment.get", **asked, type="guarantee_trade")
    assert {each["type"] for each in listed(fixed, "trades", "trade")} == {"fixed"}
    ended = call("trades.sold.increment.get", **asked, status="TRADE_FINISHED")
    assert {each["status"] for each in listed(ended, "trades", "trade")} == {"TRADE_FINISHED"}


def paths(node: Any, prefix: str = "") -> set[str]:  # noqa: ANN401 - JSON
    if isinstance(node, dict):
        return {f"{prefix}{name}" for name in node}.union(
            *(paths(value, f"{prefix}{name}.") for name, value in node.items())
        )
    if isinstance(node, list):
        return set().union(*(paths(each, prefix) for each in node))
    return set()


# What the samples have and the world has nothing for, and what no sample has: fields of TOP's
# metadata (deposits, gifts, the promise to ship, the end of a refund), and of things that happened
# to none of the samples' orders.
UNSEEN = {
    "receiver_town", "service_orders", "alipay_no", "desc", "seller_credit", "sold_quantity",
    "delist_time",
    "delivery_start", "delivery_end",
}  # fmt: skip
BESIDES = {
    "is_free_gift", "delivery_time", "shipping_type", "step_pay_details", "pcc_af", "end_time",
    "first_starts_time", "consign_time", "logistics_company", "invoice_no", "good_return_time",
    "company_name", "sid", "timeout", "buyer_message", "step_trade_status", "step_paid_fee",
}  # fmt: skip


@pytest.mark.parametrize(
    ("method", "fields", "more"),
    [
        ("trades.sold.increment.get", TRADE, WINDOW),
        ("refunds.receive.get", REFUND, {}),
        ("items.onsale.get", ",".join(schemas.ITEM), {}),
        ("bill.bills.get", ",".join(schemas.BILL), {"start_time": "2026-11-13 20:00:00"}
         | {"end_time": "2026-11-14 20:00:00"}),
        ("bill.accounts.get", ",".join(schemas.ACCOUNT), {}),
        ("logistics.orders.get", ",".join(schemas.SHIPPING), {}),
        ("shop.seller.get", ",".join(schemas.SHOP), {}),
        ("user.seller.get", ",".join(schemas.SELLER), {}),
    ],
)  # fmt: skip
def test_records_have_the_fields_of_the_samples(
    call: Call, platform_samples: Path, method: str, fields: str, more: dict[str, object]
) -> None:
    name = method.replace(".", "_")
    file = platform_samples / "taobao" / f"{name}.composed.json"
    sample = paths(json.loads(file.read_text())[f"{name}_response"])
    seen = paths(call(method, fields=fields, page_size=100, **more))

    def of(known: set[str], path: str) -> bool:
        return not known.isdisjoint(path.split("."))

    assert {each for each in sample - seen if not of(UNSEEN, each)} == set()
    assert {each for each in seen - sample if not of(BESIDES, each)} == set()


def test_amounts_of_a_trade_are_the_world_s(call: Call, outside: Outside) -> None:
    orders = {row["order_id"]: row for row in outside.frames["orders"].iter_rows(named=True)}
    broken = set(outside.frames["dirt"].filter(pl.col("kind") == "identity_breaker")["record_id"])
    trades = all_trades(call)
    assert len(trades) > 400
    for trade in trades:
        order = orders[str(trade["tid"])]
        lines = trade["orders"]["order"]
        assert fen(trade["payment"]) == order["order_fen"]
        assert fen(trade["total_fee"]) == order["list_fen"]
        assert sum(fen(each["total_fee"]) for each in lines) == order["goods_fen"]
        given = {"shopbonus": 0, "Tmall$platformCoupon": 0, "Tmall$commonItemPromotion": 0}
        for each in trade.get("promotion_details", {}).get("promotion_detail", []):
            given[each["promotion_id"].split("-")[0]] += fen(each["discount_fee"])
        assert list(given.values()) == [
            order["shop_discount_fen"],
            order["platform_discount_fen"],
            order["list_fen"] - order["goods_fen"],
        ]
        assert fen(trade["platform_subsidy_fee"]) == order["platform_borne_fen"]
        parted = sum(fen(each["part_mjz_discount"]) for each in lines)
        assert parted == fen(trade["discount_fee"])
        if "pay_time" in trade:
            assert order["order_fen"] - trade["alipay_point"] == order["paid_fen"]
            divided = sum(fen(each["divide_order_fee"]) for each in lines)
            assert divided + fen(trade["post_fee"]) == order["order_fen"]
        else:
            assert trade["alipay_point"] == 0
            assert not any("divide_order_fee" in each for each in lines)
        for line in lines:
            total = fen(line["price"]) * line["num"] - fen(line["discount_fee"])
            assert total == fen(line["total_fee"])
            if "divide_order_fee" in line and str(trade["tid"]) not in broken:
                assert total - fen(line["part_mjz_discount"]) == fen(line["divide_order_fee"])


def test_a_presale_says_what_was_paid_and_its_alipay_number_on_which_day(
    call: Call, outside: Outside
) -> None:
    orders = {row["order_id"]: row for row in outside.frames["orders"].iter_rows(named=True)}
    seen = set()
    for trade in all_trades(call):
        order = orders[str(trade["tid"])]
        if trade["type"] != "step":
            assert "step_trade_status" not in trade
            continue
        seen.add(trade["step_trade_status"])
        steps = trade.get("step_pay_details", {}).get("step_pay_detail", [])
        paid = {"FRONT_NOPAID_FINAL_NOPAID": 0, "FRONT_PAID_FINAL_NOPAID": 1}
        assert len(steps) == paid.get(trade["step_trade_status"], 2)
        if steps:
            assert fen(steps[0]["step_actual_pay_fee"]) == order["deposit_fen"]
            assert steps[0]["step_channel_no"][:8] == f"{order['deposit_paid_at']:%Y%m%d}"
    assert seen >= {"FRONT_PAID_FINAL_NOPAID", "FRONT_PAID_FINAL_PAID"}


def test_marks_of_the_shop_s_own_orders(call: Call, outside: Outside) -> None:
    orders = outside.frames["orders"].filter(pl.col("shop_id") == SHOP)
    samples = set(orders.filter(pl.col("trade_type") == "sample")["order_id"])
    marked = set(orders.drop_nulls("seller_remark")["order_id"])
    memos = {str(each["tid"]): each.get("seller_memo", "") for each in all_trades(call)}
    assert {tid for tid, memo in memos.items() if "寄样" in memo} == samples & memos.keys()
    assert {tid for tid, memo in memos.items() if memo} == (samples | marked) & memos.keys()


def test_refunds_are_the_world_s(call: Call, outside: Outside) -> None:
    world = {
        row["after_sale_id"]: row
        for row in outside.frames["after_sales"]
        .filter((pl.col("shop_id") == SHOP) & (pl.col("applied_at") < outside.now()))
        .iter_rows(named=True)
    }
    found = every(call, "refunds.receive.get", "refunds", "refund", fields="refund_id,status")
    assert {each["refund_id"] for each in found} == world.keys()
    for each in found:
        row = world[each["refund_id"]]
        detail = call("refund.get", fields=REFUND, refund_id=each["refund_id"])["refund"]
        ended = row["ended_at"] is not None and row["ended_at"] < outside.now()
        assert (detail["status"] in {"SUCCESS", "CLOSED"}) == ended == ("end_time" in detail)
        if detail["status"] == "SUCCESS":
            assert fen(detail["refund_fee"]) == row["refund_fen"]
        before = detail["order_status"] == "WAIT_SELLER_SEND_GOODS"
        assert before == (row["type"] == "pre_ship")
        said = call(
            "refund.messages.get", fields="owner_role,created", refund_id=each["refund_id"]
        )["refund_messages"]["refund_message"]
        answered = row["handled_at"] is not None and row["handled_at"] < outside.now()
        assert [one["owner_role"] for one in said] == ["1", "2"][: 1 + answered]


def test_bills_are_the_world_s_with_charges_positive(call: Call, outside: Outside) -> None:
    day = {"start_time": "2026-11-13 20:00:00", "end_time": "2026-11-14 20:00:00"}
    fields = "account_id,amount,pay_time"
    found = every(call, "bill.bills.get", "bills", "bill", fields=fields, **day)
    bills = outside.frames["bills"].filter(
        (pl.col("shop_id") == SHOP)
        & pl.col("settled_at").is_between(
            outside.now() - timedelta(days=1), outside.now(), closed="left"
        )
    )
    items = outside.frames["bill_items"].join(bills.select("bill_id"), on="bill_id")
    assert len(found) == len(items)
    assert -sum(each["amount"] for each in found) == items["amount_fen"].sum()
    charged = [each["amount"] for each in found if each["account_id"] == 1]
    assert min(charged) > 0


def test_parcels_and_their_lines(call: Call, outside: Outside) -> None:
    found = every(
        call, "logistics.orders.get", "shippings", "shipping",
        fields="tid,order_code,out_sid,is_split,sub_tids,created",
    )  # fmt: skip
    sent_off = outside.frames["parcels"].filter(
        (pl.col("shop_id") == SHOP) & (pl.col("shipped_at") < outside.now())
    )
    assert {each["out_sid"] for each in found} == set(sent_off["tracking_number"])
    assert len({each["order_code"] for each in found}) == len(found)
    split = next(each for each in found if each["is_split"])
    oid = split["sub_tids"]["number"][0]
    told = call("logistics.trace.search", tid=split["tid"], is_split=1, sub_tid=oid)
    assert told["out_sid"] == split["out_sid"]
    assert all("sub_tids" not in each for each in found if not each["is_split"])


def test_items_on_and_off_sale_are_all_items(call: Call, outside: Outside) -> None:
    frame = outside.frames["products"].filter(pl.col("shop_id") == SHOP)
    on = every(call, "items.onsale.get", "items", "item", fields="num_iid,approve_status")
    off = every(call, "items.inventory.get", "items", "item", fields="num_iid,approve_status")
    assert {each["approve_status"] for each in on} == {"onsale"}
    assert {str(each["num_iid"]) for each in on + off} == set(frame["product_id"])
    sold_out = call("items.inventory.get", fields="num_iid", banner="sold_out")
    assert listed(sold_out, "items", "item") == []
    one = call("item.seller.get", fields="num_iid,title", num_iid=on[0]["num_iid"])["item"]
    assert one["num_iid"] == on[0]["num_iid"]
    ids = ",".join(str(each["num_iid"]) for each in on)
    skus = call("item.skus.get", fields="outer_id", num_iids=ids)["skus"]["sku"]
    known = outside.frames["skus"].filter(pl.col("product_id").is_in(ids.split(",")))
    assert sorted(each["outer_id"] for each in skus) == sorted(known["merchant_code"])


def test_a_buyer_is_never_in_clear_but_in_their_own_words(call: Call, outside: Outside) -> None:
    buyers = outside.frames["buyers"].filter(pl.col("channel") == "taobao")
    trades = all_trades(call)
    for trade in trades:
        trade.pop("buyer_message", None)
    told = json.dumps(trades, ensure_ascii=False)
    for column in ("phone", "name", "address"):
        assert not [each for each in buyers[column].head(300) if each in told], column


def test_a_fault_speaks_as_top_does(outside: Outside) -> None:
    asked = signed(outside, "taobao.trades.sold.increment.get")
    request = Request("POST", gateway.PATH, asked, {}, b"")
    login = Request("POST", gateway.PATH, {"method": "taobao.top.auth.token.refresh"}, {}, b"")
    for kind, code in (("rate_limited", 7), ("busy", 15), ("token_dead", 27)):
        fault = ADAPTER.fault(kind, request)
        assert fault is not None
        assert json.loads(fault.body)["error_response"]["code"] == code
    assert ADAPTER.fault("token_dead", login) is None
    assert ADAPTER.fault("slow", request) is None
    assert b'"total_results":99999999' in ADAPTER.endless(b'{"total_results":2}')
    assert b'"has_next":true' in ADAPTER.endless(b'{"has_next":false}')


def test_a_trade_changes_as_time_goes_on(call: Call, outside: Outside, clock: Clock) -> None:
    asked = {"fields": "tid,status,modified", "start_created": "2026-11-01 00:00:00"}
    before = every(call, "trades.sold.get", "trades", "trade", **asked)
    clock.advance(timedelta(hours=3))
    after = every(call, "trades.sold.get", "trades", "trade", **asked)
    then = {each["tid"]: each for each in before}
    changed = [each for each in after if each["tid"] in then and each != then[each["tid"]]]
    assert len(after) > len(before)
    assert len(changed) > 5
    assert all(each["modified"] >= "2026-11-14 20:00:00" for each in changed)
