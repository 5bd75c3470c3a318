"""The sandbox answers as 微信小店 does: tokens, lists of ids, limits, keys, amounts, rooms."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.sandbox.adapter import Outside, Request
from pipelines.sandbox.adapters.weixin_shop import ADAPTER
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.world.generate import generate
from pipelines.settings import Settings

Call = Callable[..., dict[str, Any]]
SHOP = "weixin_shop-01"
START, END = 1794067200, 1794672000  # 2026-11-08 and 11-15, Asia/Shanghai
WEEK = {"start_time": START, "end_time": END}
# Fields of section 4 that the samples happen to lack.
BESIDE_THE_SAMPLES = {
    "cash_coupon_discounted_price", "platform_activity_merchant_discounted_price",
    "national_subsidy_discounted_price", "merchant_discounted_price", "finder_discounted_price",
    "deduction_price", "use_deduction", "complete_time", "deadline", "reason_text", "sku_code",
    "fast_refund", "market_price", "settle_time",
}  # fmt: skip


def outside_of(settings: Settings) -> tuple[Outside, Clock]:
    frames = generate("small")
    clock = Clock(settings)
    clock.set(frames["company"]["clock_at"][0])
    return Outside(frames, clock), clock


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    return outside_of(Settings(home=tmp_path_factory.mktemp("home"), _env_file=None))[0]


def ask(outside: Outside, path: str, params: object = None, **query: str) -> dict[str, Any]:
    body = b"" if params is None else json.dumps(params, ensure_ascii=False).encode()
    verb = "GET" if params is None else "POST"
    answer = ADAPTER.answer(Request(verb, f"/{path}", query, {}, body), outside)
    said: dict[str, Any] = json.loads(answer.body)
    return said


def credentials(outside: Outside, shop: str = SHOP) -> dict[str, str]:
    found = next(each for each in ADAPTER.accounts(outside) if each.shop_key == shop)
    return {
        "grant_type": "client_credential",
        "appid": found.credentials["app_id"],
        "secret": found.credentials["app_secret"],
    }


def stable(outside: Outside, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return ask(outside, "cgi-bin/stable_token", {**credentials(outside), **more})


@pytest.fixture
def call(outside: Outside) -> Call:
    token = stable(outside)["access_token"]

    def run(path: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401
        return ask(outside, f"channels/{path}", params, access_token=token)

    return run


def listed(call: Call, path: str, name: str, **asked: Any) -> Iterator[str]:  # noqa: ANN401
    key, more = "", True
    while more:
        page = call(path, **asked, next_key=key)
        assert page["errcode"] == 0
        key, more = page["next_key"], page["has_more"]
        yield from page[name]


def orders_of(call: Call) -> list[dict[str, Any]]:
    """The orders that changed in a week."""
    ids = listed(call, "ec/order/list/get", "order_id_list", update_time_range=WEEK, page_size=100)
    return [call("ec/order/get", order_id=each)["order"] for each in ids]


def rows(outside: Outside, table: str) -> pl.DataFrame:
    return outside.frames[table].filter(pl.col("shop_id") == SHOP)


def test_a_stable_token_stays_until_its_last_minutes(tmp_path: Path) -> None:
    outside, clock = outside_of(Settings(home=tmp_path, _env_file=None))
    first = stable(outside)
    assert first["expires_in"] == 7200
    clock.advance(timedelta(minutes=114))
    assert stable(outside) == {"access_token": first["access_token"], "expires_in": 360}
    clock.advance(timedelta(minutes=2))
    second = stable(outside)
    assert second["access_token"] != first["access_token"]
    assert second["expires_in"] == 7200
    path = "channels/ec/basics/info/get"
    clock.advance(timedelta(minutes=5))
    dead = ask(outside, path, {}, access_token=first["access_token"])
    assert dead["errcode"] == 42001
    assert ask(outside, path, {}, access_token=second["access_token"])["errcode"] == 0


def test_a_plain_token_puts_an_earlier_one_out_and_leaves_the_stable_one(outside: Outside) -> None:
    kept = stable(outside)["access_token"]
    first = ask(outside, "cgi-bin/token", **credentials(outside))["access_token"]
    second = ask(outside, "cgi-bin/token", **credentials(outside))["access_token"]
    assert len({kept, first, second}) == 3
    assert stable(outside)["access_token"] == kept
    assert stable(outside, force_refresh=True)["access_token"] != kept


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"secret": "guessed"}, 40001),
        ({"appid": "wx0"}, 40013),
        ({"grant_type": "password"}, 40002),
    ],
)
def test_who_asks_wrongly_gets_no_token(outside: Outside, wrong: dict[str, str], code: int) -> None:
    said = ask(outside, "cgi-bin/stable_token", credentials(outside) | wrong)
    assert said["errcode"] == code
    assert " rid: " in said["errmsg"]


def test_a_call_needs_a_token_a_body_and_a_known_path(outside: Outside, call: Call) -> None:
    assert ask(outside, "channels/ec/basics/info/get", {}, access_token="x")["errcode"] == 40001
    assert call("ec/basics/nothing")["errcode"] == 40066
    token = stable(outside)["access_token"]
    listing = "channels/ec/order/list/get"
    assert ask(outside, listing, [1], access_token=token)["errcode"] == 47001


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("ec/order/list/get", {}),
        ("ec/order/list/get", {"update_time_range": {**WEEK, "end_time": END + 1}}),
        ("ec/order/list/get", {"update_time_range": WEEK, "page_size": 101}),
        ("ec/order/list/get", {"update_time_range": WEEK, "next_key": "made up"}),
        ("ec/order/get", {"order_id": "1"}),
        ("ec/aftersale/getaftersalelist", {}),
        (
            "ec/aftersale/getaftersalelist",
            {"begin_update_time": START, "end_update_time": START + 86_401},
        ),
        ("ec/product/list/get", {"page_size": 31}),
        ("ec/funds/getfundsflowlist", {**WEEK, "page": 100, "page_size": 100}),
        ("ec/compass/shop/live/list/get", {"ds": 20261102, "finder_id": "x"}),
        ("livedashboard/getlivedata", {"export_id": "export/none"}),
    ],
)
def test_limits_are_the_platform_s(call: Call, path: str, params: dict[str, Any]) -> None:
    assert call(path, **params)["errcode"] == 40097


@pytest.mark.parametrize("by", ["update", "create"])
def test_a_list_gives_every_id_of_its_window_once(call: Call, outside: Outside, by: str) -> None:
    asked = {f"{by}_time_range": WEEK, "page_size": 7}
    ids = list(listed(call, "ec/order/list/get", "order_id_list", **asked))
    assert len(ids) == len(set(ids)) > 100
    if by == "create":
        since = pl.col("created_at").dt.epoch("s") >= START
        created = rows(outside, "orders").filter(since & (pl.col("created_at") < outside.now()))
        assert sorted(ids) == sorted(created["order_id"])


def test_amounts_follow_the_documented_formulas(call: Call, outside: Outside) -> None:
    world = {row["order_id"]: row for row in rows(outside, "orders").iter_rows(named=True)}
    orders = orders_of(call)
    for order in orders:
        price, lines = order["order_detail"]["price_info"], order["order_detail"]["product_infos"]
        known = world[order["order_id"]]
        assert price["product_price"] == sum(x["sale_price"] * x["sku_cnt"] for x in lines)
        assert price["original_order_price"] == price["product_price"] + price["freight"]
        assert price["merchant_receieve_price"] == (
            price["original_order_price"] - price["discounted_price"] - price["deduction_price"]
            - price["change_down_price"]
        )  # fmt: skip
        assert price["order_price"] == sum(x["real_price"] for x in lines) + price["freight"]
        paid = order["order_detail"]["pay_info"]["pay_time"] > 0
        assert price["order_price"] == known["paid_fen" if paid else "order_fen"]
        for name in ("merchant", "finder", "cash_coupon", "platform_activity_merchant"):
            field = f"{name}_discounted_price"
            assert price[field] == sum(each[field] for each in lines)
    assert {order["status"] for order in orders} >= {10, 20, 30, 100, 200, 250}


def test_a_subsidy_of_the_wallet_is_the_national_one_and_only_once_paid(
    call: Call, outside: Outside
) -> None:
    subsidised = rows(outside, "orders").filter(pl.col("pay_discount_fen") > 0)
    known = {row["order_id"]: row for row in subsidised.iter_rows(named=True)}
    seen = [order for order in orders_of(call) if order["order_id"] in known]
    assert seen
    for order in seen:
        detail = order["order_detail"]
        paid = detail["pay_info"]["pay_time"] > 0
        told = detail["price_info"]["national_subsidy_discounted_price"]
        assert told == (known[order["order_id"]]["pay_discount_fen"] if paid else 0)


def test_samples_and_the_shop_s_own_orders_say_so_in_the_notes(
    call: Call, outside: Outside
) -> None:
    orders = rows(outside, "orders").filter(pl.col("created_at") < outside.now())
    marked = {
        "寄样": orders.filter(pl.col("trade_type") == "sample"),
        "补单": orders.filter("is_brushed"),
    }
    for mark, known in marked.items():
        for each in known["order_id"]:
            order = call("ec/order/get", order_id=each)["order"]
            assert mark in order["order_detail"]["ext_info"]["merchant_notes"]


def test_courses_are_handed_over_without_a_parcel(call: Call) -> None:
    sent = [
        parcel
        for order in orders_of(call)
        for parcel in order["order_detail"]["delivery_info"]["delivery_product_info"]
    ]
    assert {parcel["deliver_type"] for parcel in sent} == {1, 3}
    for parcel in sent:
        assert (parcel["waybill_id"] == "") is (parcel["deliver_type"] == 3)


def test_after_sales_have_three_types_and_success_gives_the_money_back(
    call: Call, outside: Outside
) -> None:
    known = {row["after_sale_id"]: row for row in rows(outside, "after_sales").rows(named=True)}
    listing = "ec/aftersale/getaftersalelist"
    seen = []
    for day in range(7):
        span = {
            "begin_update_time": START + day * 86_400, "end_update_time": START + (day + 1) * 86_400
        }  # fmt: skip
        for each in listed(call, listing, "after_sale_order_id_list", **span):
            asked = {"after_sale_order_id": each}
            seen.append(call("ec/aftersale/getaftersaleorder", **asked)["after_sale_order"])
    assert {each["type"] for each in seen} == {"REFUND", "RETURN", "EXCHANGE"}
    won = [each for each in seen if each["status"].endswith("_SUCCESS")]
    assert won
    for each in won:
        assert each["refund_info"]["amount"] == known[each["after_sale_order_id"]]["refund_fen"]
        assert each["complete_time"] >= each["create_time"]


@pytest.mark.parametrize("account", ["funds", "league/funds"])
def test_flows_add_up_to_the_world_s_bills_and_commissions(
    call: Call, outside: Outside, account: str
) -> None:
    span = {"start_time": START - 7 * 86_400, "end_time": END, "page_size": 100}
    ids = list(listed(call, f"ec/{account}/getfundsflowlist", "flow_ids", **span))
    assert len(ids) == len(set(ids)) > 10
    flows = [call(f"ec/{account}/getfundsflowdetail", flow_id=each)["funds_flow"] for each in ids]
    told = sum({1: 1, 2: -1}[flow["flow_type"]] * flow["amount"] for flow in flows)
    past = pl.col("settled_at") < outside.now()
    if account == "funds":
        assert told == rows(outside, "bills").filter(past)["net_fen"].sum()
    else:
        mine = rows(outside, "commissions").select("line_id")
        paid = outside.frames["commission_phases"].filter(past).join(mine, on="line_id")
        assert told == -(paid["commission_fen"] + paid["colonel_fen"]).sum()


def test_rooms_stand_under_their_seller_and_day_and_grow_while_they_are_on(
    call: Call, outside: Outside
) -> None:
    own = call("ec/compass/shop/finder/authorization/list/get")
    authors = outside.frames["authors"].filter(pl.col("own_shop_id") == SHOP)["author_id"]
    assert own["authorized_finder_id_list"] == authors.to_list() == [own["main_finder_id"]]
    opened = rows(outside, "live_sessions").filter(pl.col("started_at") < outside.now())
    for room in opened.iter_rows(named=True):
        ds = f"{room['started_at']:%Y%m%d}"
        finders = call("ec/compass/shop/finder/list/get", ds=ds)["finder_list"]
        assert room["author_id"] in {each["finder_id"] for each in finders}
        lives = call("ec/compass/shop/live/list/get", ds=ds, finder_id=room["author_id"])
        assert room["session_id"] in {each["live_id"] for each in lives["live_list"]}
        said = call("livedashboard/getlivedata", export_id=room["session_id"])
        views = json.loads(said["live_distribution_channel"])["total_joinlive_count"]
        is_living = json.loads(said["live_comparison_index"])["is_living"]
        assert is_living is (room["ended_at"] >= outside.now())
        assert views < room["view_pv"] if is_living else views == room["view_pv"]


def keys(node: object) -> set[str]:
    """All names in a JSON value."""
    if isinstance(node, dict):
        return set(node) | {name for each in node.values() for name in keys(each)}
    if isinstance(node, list):
        return {name for each in node for name in keys(each)}
    return set()


def test_records_have_no_key_that_the_notes_lack(call: Call, platform_samples: Path) -> None:
    folder = platform_samples / "weixin_shop"
    known = set(BESIDE_THE_SAMPLES)
    for path in folder.glob("*.json"):
        sample = json.loads(path.read_text("utf-8"))
        known |= keys(sample)
        for part in sample.values():
            if isinstance(part, str) and part.startswith("{"):
                known |= keys(json.loads(part))
    told: set[str] = set()
    for order in orders_of(call)[:50]:
        told |= keys(order)
    product = call("ec/product/list/get")["product_ids"][0]
    told |= keys(call("ec/product/get", product_id=product))
    span = {"begin_update_time": START + 5 * 86_400, "end_update_time": START + 6 * 86_400}
    (one, *_) = listed(call, "ec/aftersale/getaftersalelist", "after_sale_order_id_list", **span)
    told |= keys(call("ec/aftersale/getaftersaleorder", after_sale_order_id=one))
    assert told - known == set()


def test_a_buyer_is_never_in_clear_but_in_their_own_words(call: Call, outside: Outside) -> None:
    orders = orders_of(call)
    for order in orders:
        order["order_detail"]["ext_info"].pop("customer_notes")
    told = json.dumps(orders, ensure_ascii=False)
    buyers = outside.frames["buyers"]
    assert not set(re.findall(r"1\d{10}", told)) & set(buyers["phone"])
    assert not any(name in told for name in buyers["name"].sample(500, seed=1))
    assert "号" not in told.replace("视频号", "")


def test_an_order_moves_on_with_the_clock(tmp_path: Path) -> None:
    outside, clock = outside_of(Settings(home=tmp_path, _env_file=None))

    def status_of(order: str) -> int:
        token = stable(outside)["access_token"]
        asked = {"order_id": order}
        said = ask(outside, "channels/ec/order/get", asked, access_token=token)
        return int(said["order"]["status"])

    soon = pl.col("shipped_at").min().over("order_id") > outside.now() + timedelta(hours=1)
    lines = rows(outside, "order_lines").filter(soon & pl.col("closed_at").is_null())
    paid = rows(outside, "orders").filter(
        (pl.col("paid_at") < outside.now()) & pl.col("order_id").is_in(lines["order_id"].implode())
    )
    order = paid.sort("paid_at")["order_id"][0]
    assert status_of(order) == 20
    clock.advance(timedelta(days=3))
    assert status_of(order) in (21, 30, 100)


def test_someone_who_is_locked_out_gets_neither_token_nor_answer(tmp_path: Path) -> None:
    outside, _ = outside_of(Settings(home=tmp_path, _env_file=None))
    token = stable(outside)["access_token"]
    outside.tokens.kill(SHOP)
    assert stable(outside)["errcode"] == 48001
    said = ask(outside, "channels/ec/basics/info/get", {}, access_token=token)
    assert said["errcode"] == 48001


def test_faults_come_in_the_platform_s_words() -> None:
    request = Request("POST", "/channels/ec/order/get", {}, {}, b"{}")
    codes = {}
    for kind in ("rate_limited", "busy", "token_dead"):
        answer = ADAPTER.fault(kind, request)
        assert answer is not None
        codes[kind] = json.loads(answer.body)["errcode"]
    assert codes == {"rate_limited": 45011, "busy": -1, "token_dead": 42001}
    endless = ADAPTER.endless(b'{"next_key":"K7","has_more":false}')
    assert endless == b'{"next_key":"","has_more":true}'
