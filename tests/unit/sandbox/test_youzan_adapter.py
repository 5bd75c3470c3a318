"""The sandbox answers as 有赞 does: tokens, limits, keys, amounts that add up to the world's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.sandbox.adapter import Answer, Outside, Request
from pipelines.sandbox.adapters.youzan import ADAPTER
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.world.generate import generate
from pipelines.settings import Settings
from pipelines.sources.youzan.settings import VERSIONS

Call = Callable[..., dict[str, Any]]
SHOP = "youzan-02"
WHOLE = {"start_update": "2026-10-20 00:00:00", "end_update": "2026-12-01 00:00:00"}
IN_JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def frames() -> dict[str, pl.DataFrame]:
    return generate("small")


@pytest.fixture
def clock(tmp_path: Path, frames: dict[str, pl.DataFrame]) -> Clock:
    clock = Clock(Settings(home=tmp_path, _env_file=None))
    clock.set(frames["company"]["clock_at"][0])
    return clock


@pytest.fixture
def outside(frames: dict[str, pl.DataFrame], clock: Clock) -> Outside:
    return Outside(frames, clock)


def log_in(outside: Outside, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    account = next(each for each in ADAPTER.accounts(outside) if each.shop_key == SHOP)
    app = {name: account.credentials[name] for name in ("client_id", "client_secret")}
    silent = {"authorize_type": "silent", "grant_id": account.platform_shop_id, "refresh": False}
    body = json.dumps({**app, **silent, **asked}).encode()
    request = Request("POST", "/auth/token", {}, IN_JSON, body)
    answer: dict[str, Any] = json.loads(ADAPTER.answer(request, outside).body)
    return answer


def asked(outside: Outside, path: str, token: str, params: dict[str, Any]) -> Answer:
    query = {"access_token": token} if token else {}
    request = Request("POST", path, query, IN_JSON, json.dumps(params).encode())
    return ADAPTER.answer(request, outside)


@pytest.fixture
def call(outside: Outside) -> Call:
    token = log_in(outside)["data"]["access_token"]

    def run(method: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401
        path = f"/api/{method}/{VERSIONS[method]}"
        answer: dict[str, Any] = json.loads(asked(outside, path, token, params).body)
        return answer

    return run


def everything(
    call: Call,
    method: str,
    inside: str,
    total: str,
    **params: Any,  # noqa: ANN401
) -> list[dict[str, Any]]:
    """All records of a numbered list."""
    seen: list[dict[str, Any]] = []
    while True:
        page = len(seen) // 100 + 1
        data = call(method, page_no=page, page_size=100, **params)["data"]
        seen += data[inside]
        if len(seen) >= data[total]:
            assert len(seen) == data[total]
            return seen


def orders_of(call: Call) -> list[dict[str, Any]]:
    method = "youzan.trades.sold.get"
    found = everything(call, method, "full_order_info_list", "total_results", **WHOLE)
    return [each["full_order_info"] for each in found]


def fen(yuan: str) -> int:
    whole, _, rest = yuan.partition(".")
    return int(whole) * 100 + int(rest)


# --- the door ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/youzan.trade.get", 4001),
        ("/api/youzan.trade.get/9.9.9", 4005),
        ("/api/youzan.nothing.get/1.0.0", 4005),
        ("/api/youzan.trade.get/4.0.2", 4201),
    ],
)
def test_the_gateway_looks_at_the_path_before_the_token(
    outside: Outside, path: str, code: int
) -> None:
    refused = json.loads(asked(outside, path, "", {}).body)["gw_err_resp"]
    assert refused["err_code"] == code


def test_a_token_in_the_body_or_of_nobody_is_none(outside: Outside) -> None:
    path = "/api/youzan.shop.get/3.0.0"
    token = log_in(outside)["data"]["access_token"]
    for given, body, code in (("", {"access_token": token}, 4201), ("made-up", {}, 4203)):
        assert json.loads(asked(outside, path, given, body).body)["gw_err_resp"]["err_code"] == code


def test_a_text_body_is_refused(outside: Outside) -> None:
    token = log_in(outside)["data"]["access_token"]
    request = Request(
        "POST", "/api/youzan.shop.get/3.0.0", {"access_token": token},
        {"content-type": "text/plain"}, b"{}",
    )  # fmt: skip
    assert json.loads(ADAPTER.answer(request, outside).body)["gw_err_resp"]["err_code"] == 4007


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"client_id": "x"}, 1103), ({"client_secret": "x"}, 1000), ({"grant_id": "1"}, 1103),
        ({"authorize_type": "authorization_code", "code": "old"}, 1005),
        ({"authorize_type": "refresh_token", "refresh_token": "old"}, 1004),
        ({"authorize_type": "else"}, 1105),
    ],
)  # fmt: skip
def test_who_may_not_log_in(outside: Outside, given: dict[str, Any], code: int) -> None:
    refused = log_in(outside, **given)
    assert (refused["success"], refused["code"]) == (False, code)


def test_tokens_live_a_week_and_a_new_one_leaves_the_old_an_hour(
    outside: Outside, clock: Clock
) -> None:
    path = "/api/youzan.shop.get/3.0.0"
    first = log_in(outside)["data"]
    assert first["expires"] == (outside.now() + timedelta(days=7)).timestamp() * 1000
    assert log_in(outside)["data"]["access_token"] == first["access_token"]
    fresh = log_in(outside, refresh=True)["data"]
    assert fresh["access_token"] != first["access_token"]
    assert b'"success":true' in asked(outside, path, first["access_token"], {}).body
    clock.advance(timedelta(hours=2))
    assert b"4202" in asked(outside, path, first["access_token"], {}).body
    assert b'"success":true' in asked(outside, path, fresh["access_token"], {}).body
    renewed = log_in(
        outside, authorize_type="refresh_token", refresh_token=fresh["refresh_token"]
    )["data"]  # fmt: skip
    assert b"4203" in asked(outside, path, fresh["access_token"], {}).body
    assert b'"success":true' in asked(outside, path, renewed["access_token"], {}).body
    outside.tokens.kill(SHOP)
    assert log_in(outside)["code"] == 1103


# --- limits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("youzan.trades.sold.get", {"page_size": 101}, 5000),
        ("youzan.trades.sold.get", {"page_size": 100, "page_no": 101}, 5000),
        ("youzan.trades.sold.get", {**WHOLE, "start_update": "2026-12-02 00:00:00"}, 5000),
        ("youzan.trades.sold.get", {**WHOLE, "start_update": "2026-08-01 00:00:00"}, 5000),
        ("youzan.trade.refund.search", {"page_no": 31, "page_size": 100}, 5000),
        ("youzan.items.onsale.get", {"page_size": 300}, 5000),
        ("youzan.items.onsale.get", {"page_no": 40, "page_size": 100}, 5000),
        ("youzan.trade.get", {"tid": "E1"}, 5000),
        ("youzan.trade.refund.get", {"refund_id": "1"}, 5000),
        ("youzan.item.detail.get", {"item_id": 1}, 5000),
    ],
)
def test_limits_are_the_platform_s(
    call: Call, method: str, params: dict[str, Any], code: int
) -> None:
    refused = call(method, **params)
    assert (refused["code"], refused["success"], refused["data"]) == (code, False, None)


def test_a_date_without_time_is_an_error_of_the_server(call: Call) -> None:
    refused = call("youzan.trades.sold.get", start_update="2026-11-01", end_update="2026-11-02")
    assert refused["gw_err_resp"]["err_code"] == 5001


def test_a_window_is_half_open_newest_first_and_by_the_time_that_was_named(call: Call) -> None:
    start, end = "2026-11-10 00:00:00", "2026-11-11 00:00:00"
    for name, field in (("created", "created"), ("update", "update_time"), ("pay", "pay_time")):
        data = call(
            "youzan.trades.sold.get",
            page_size=100,
            **{f"start_{name}": start, f"end_{name}": end},
        )["data"]
        times = [
            each["full_order_info"]["order_info"][field] for each in data["full_order_info_list"]
        ]
        assert times == sorted(times, reverse=True)
        assert start <= times[-1] < times[0] < end


# --- records ----------------------------------------------------------------------------------


def keys(record: Any, path: str = "") -> set[str]:  # noqa: ANN401 - JSON
    """Dotted names of everything in a record; of lists the first element."""
    if isinstance(record, list):
        return keys(record[0], path) if record else set()
    if not isinstance(record, dict):
        return set()
    named = {f"{path}{name}" for name in record}
    return named.union(*(keys(value, f"{path}{name}.") for name, value in record.items()))


SHIPPED = "youzan.trade.get.4.0.2.shipped"


@pytest.mark.parametrize(
    ("sample", "path"),
    [
        ("youzan.trades.sold.get.4.0.4", ("full_order_info_list",)),
        (SHIPPED, ()),
        ("youzan.trade.get.4.0.2", ("refund_order",)),
        ("youzan.trade.refund.search.3.0.1", ("refunds",)),
        ("youzan.trade.refund.get.3.0.1", ()),
        ("youzan.items.onsale.get.3.0.0", ("items",)),
        ("youzan.logistics.express.get.3.0.0", ("allExpress",)),
        ("youzan.shop.get.3.0.0", ()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_all_that_the_samples_have_is_there(
    call: Call, platform_samples: Path, sample: str, path: tuple[str, ...]
) -> None:
    told = (platform_samples / "youzan" / f"{sample}.composed.json").read_text("utf-8")
    expected: Any = json.loads(told)["data"]
    method = re.sub(r"(\.\d+){3}.*", "", sample)
    params: dict[str, Any] = {"page_size": 100}
    if method == "youzan.trades.sold.get":
        params |= WHOLE
    if method == "youzan.trade.get":
        params = {"tid": _told_of(call, shipped=sample == SHIPPED)}
    if method == "youzan.trade.refund.get":
        given = everything(call, "youzan.trade.refund.search", "refunds", "total")
        params = {"refund_id": next(
            each["refund_id"] for each in given
            if each["status"] == "SUCCESS" and each["refund_fee"] != "0.00"
        )}  # fmt: skip
    answer: Any = call(method, **params)["data"]
    for name in path:
        expected, answer = expected[name], answer[name]
    assert keys(expected) <= keys(answer)


def _told_of(call: Call, *, shipped: bool) -> str:
    """A trade with a discount and a parcel, or one with an after-sale."""
    for order in orders_of(call):
        tid: str = order["order_info"]["tid"]
        detail = call("youzan.trade.get", tid=tid)["data"]
        parts = ("delivery_order", "order_promotion") if shipped else ("refund_order",)
        if all(detail[part] and detail[part] != {} for part in parts) and (
            not shipped or detail["order_promotion"]["order"]
        ):
            return tid
    raise AssertionError("no such trade")


def test_every_order_is_there_once_in_trades_that_add_up_to_it(
    call: Call, outside: Outside
) -> None:
    trades = orders_of(call)
    tids = [each["order_info"]["tid"] for each in trades]
    assert len(tids) == len(set(tids))
    of_order: dict[str, list[dict[str, Any]]] = {}
    for each in trades:
        number = each["order_info"]["order_extra"]["orders_combine_id"]
        of_order.setdefault(number or each["order_info"]["tid"], []).append(each)
    placed = outside.frames["orders"].filter(
        (pl.col("shop_id") == SHOP) & (pl.col("created_at") < outside.now())
    )
    assert len(of_order) == placed.height
    # The order's number ends with that of its first line.
    due = {
        number[-9:]: sum(fen(each["pay_info"]["payment"]) for each in parts)
        for number, parts in of_order.items()
    }
    assert due == {
        order[-9:]: amount for order, amount in placed.select("order_id", "order_fen").iter_rows()
    }
    assert any(len(parts) > 1 for parts in of_order.values())


def test_amounts_follow_the_documented_formulas(call: Call, outside: Outside) -> None:
    lines = outside.frames["order_lines"].filter(pl.col("shop_id") == SHOP)
    borne = {
        line: (by_shop, by_platform)
        for line, by_shop, by_platform in lines.select(
            "line_id", "merchant_borne_fen", "platform_borne_fen"
        ).iter_rows()
    }
    for order in orders_of(call)[:120]:
        pay, info = order["pay_info"], order["order_info"]
        given = call("youzan.trade.get", tid=info["tid"])["data"]["order_promotion"]
        assert fen(pay["payment"]) == sum(fen(each["payment"]) for each in order["orders"])
        told = fen(given["order_discount_fee"])
        assert told == sum(fen(each["discount_fee"]) for each in given["order"])
        assert fen(pay["total_fee"]) + fen(pay["post_fee"]) - told == fen(pay["payment"])
        by_platform = sum(
            fen(each["discount_fee"]) for each in given["order"]
            if each["promotion_type_id"] == 513
        )  # fmt: skip
        assert by_platform == sum(borne[each["oid"]][1] for each in order["orders"])
        assert told - by_platform == sum(borne[each["oid"]][0] for each in order["orders"])
        if info["pay_time"]:
            off = json.loads(info["order_extra"]["pay_ump_detail"] or "[]")
            taken = sum(each["discountMoney"] for each in off)
            assert fen(pay["real_payment"]) == fen(pay["payment"]) - taken
        elif not pay["phase_payments"]:
            assert pay["real_payment"] == "0.00"


def test_parcels_and_their_states_are_the_world_s(call: Call, outside: Outside) -> None:
    sent = outside.frames["parcels"].filter(
        (pl.col("shop_id") == SHOP) & (pl.col("shipped_at") < outside.now())
    )
    signed: set[str] = set()
    seen: set[str] = set()
    for order in orders_of(call):
        if not order["order_info"]["consign_time"] or order["order_info"]["express_type"] == 9:
            continue
        tid = order["order_info"]["tid"]
        for delivery in call("youzan.trade.get", tid=tid)["data"]["delivery_order"]:
            seen |= {each["express_info"]["express_no"] for each in delivery["dists"]}
        routes = call("youzan.logistics.expressbyorderno.get", tid=tid)["data"]
        signed |= {each["nu"] for each in routes["orderExpressList"] if each["state"] == 3}
    assert seen == set(sent["tracking_number"])
    assert signed == set(sent.filter(pl.col("signed_at") < outside.now())["tracking_number"])


def test_refunds_are_the_world_s_to_the_fen(call: Call, outside: Outside) -> None:
    refunds = everything(call, "youzan.trade.refund.search", "refunds", "total")
    details = [
        call("youzan.trade.refund.get", refund_id=each["refund_id"])["data"] for each in refunds
    ]
    requests = outside.frames["after_sales"].filter(pl.col("shop_id") == SHOP)
    asked_for = requests.filter(pl.col("applied_at") < outside.now())
    assert len(details) == asked_for.height
    given = asked_for.filter(pl.col("refunded_at") < outside.now())
    assert sum(
        fund["refund_fee"] for each in details for fund in each["refund_fund_list"]
    ) == given["refund_fen"].sum()  # fmt: skip
    assert {each["demand"] for each in details} == {1, 2, 3}
    answered = asked_for.filter(pl.col("handled_at") < outside.now()).height
    acted = [
        call("youzan.trade.refund.messages.get", refund_id=each["refund_id"])["data"]
        for each in refunds
    ]
    assert answered == sum(
        any(message["owner_role"] == 3 for message in each["refund_messages"]) for each in acted
    )


def test_bill_records_add_up_to_the_bills(call: Call, outside: Outside) -> None:
    records = everything(
        call, "youzan.pay.customer.query.querybillrecord", "records", "total",
        start_time="2026-11-01 00:00:00", end_time="2026-12-01 00:00:00",
    )  # fmt: skip
    bills = outside.frames["bills"].filter(
        (pl.col("shop_id") == SHOP) & (pl.col("settled_at") < outside.now())
    )
    net = sum(fen(each["income"]) - fen(each["expense"]) for each in records)
    assert net == bills["net_fen"].sum()


def test_items_stand_in_one_of_three_lists_and_their_details_have_the_skus(
    call: Call, outside: Outside
) -> None:
    listed = [
        each
        for method, more in (
            ("youzan.items.onsale.get", {}),
            ("youzan.items.inventory.get", {"banner": "for_shelved"}),
            ("youzan.items.inventory.get", {"banner": "sold_out"}),
        )
        for each in everything(call, method, "items", "count", **more)
    ]
    products = outside.frames["products"].filter(pl.col("shop_id") == SHOP)
    assert sorted(str(each["item_id"]) for each in listed) == sorted(products["product_id"])
    skus = [
        (str(sku["sku_id"]), sku["price"], sku["standard_price"])
        for each in listed
        for sku in call("youzan.item.detail.get", item_id=each["item_id"])["data"]["sku_list"]
    ]
    known = outside.frames["skus"].filter(pl.col("shop_id") == SHOP)
    assert sorted(skus) == sorted(known.select("sku_id", "price_fen", "list_price_fen").iter_rows())


def test_a_buyer_is_never_in_clear_but_in_their_own_words(call: Call, outside: Outside) -> None:
    mine = outside.frames["buyers"].filter(pl.col("channel") == "youzan")
    orders = orders_of(call)
    for order in orders:
        order["remark_info"].pop("buyer_message")
    told = json.dumps(orders, ensure_ascii=False)
    assert not set(re.findall(r"1\d{10}", told)) & set(mine["phone"])
    assert not any(address in told for address in mine["address"].head(500))


def test_what_happens_after_the_clock_has_moved_is_told_then(
    call: Call, outside: Outside, clock: Clock
) -> None:
    before = {each["order_info"]["tid"]: each["order_info"]["status"] for each in orders_of(call)}
    clock.advance(timedelta(days=2))
    after = {each["order_info"]["tid"]: each["order_info"]["status"] for each in orders_of(call)}
    assert before.keys() < after.keys()
    moved = {(before[tid], after[tid]) for tid in before if before[tid] != after[tid]}
    assert ("WAIT_SELLER_SEND_GOODS", "WAIT_BUYER_CONFIRM_GOODS") in moved
    assert ("WAIT_BUYER_CONFIRM_GOODS", "TRADE_SUCCESS") in moved
    assert ("WAIT_BUYER_CONFIRM_GOODS", "TRADE_CLOSED") in moved  # given back in full


def test_an_endless_list_promises_more_than_there_is() -> None:
    body = b'{"data":{"total_results":2,"full_order_info_list":[]}}'
    assert b'"total_results":99999999' in ADAPTER.endless(body)


def test_faults_are_said_in_the_platform_s_words() -> None:
    of_api = Request("POST", "/api/youzan.trade.get/4.0.2", {}, {}, b"")
    limited = ADAPTER.fault("rate_limited", of_api)
    dead = ADAPTER.fault("token_dead", of_api)
    assert limited is not None
    assert dead is not None
    assert json.loads(limited.body)["code"] == 123000042
    assert json.loads(dead.body)["gw_err_resp"]["err_code"] == 4202
    assert ADAPTER.fault("token_dead", Request("POST", "/auth/token", {}, {}, b"")) is None
