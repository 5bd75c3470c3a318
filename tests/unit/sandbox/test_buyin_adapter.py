"""精选联盟 from the other side: pages, roles, and numbers that are the world's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.registry.credentials import Token
from pipelines.registry.shops import Shop
from pipelines.sandbox.adapter import Account, Outside, Request
from pipelines.sandbox.adapters.buyin import ADAPTER
from pipelines.sandbox.adapters.doudian import ADAPTER as DOUDIAN
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.world.draws import CLOCK_AT
from pipelines.sandbox.world.generate import generate
from pipelines.settings import SHANGHAI, Settings
from pipelines.sources.buyin.client import BuyinClient

SHOP, MCN, COLONEL = "doudian-01", "buyin-mcn-01", "buyin-colonel-01"
ORDERS, SETTLEMENTS = "buyin.queryShopAllianceOrder", "buyin.shopMultiSettlementOrders"
MCN_ORDERS, COLONEL_ORDERS = "buyin.instituteOrderMCN", "buyin.instituteOrderColonel"
RANGE = {"start_time": "2026-11-01 00:00:00", "end_time": "2026-11-15 00:00:00"}
BY_UPDATE = {**RANGE, "time_type": "update"}
Record = dict[str, Any]


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    clock = Clock(Settings(home=tmp_path_factory.mktemp("clock"), _env_file=None))
    clock.set(CLOCK_AT)
    return Outside(generate("small"), clock)


class Caller:
    """An account: signs with the connector's own client, reads what the adapters answer."""

    def __init__(self, outside: Outside, key: str) -> None:
        self.outside = outside
        known = {each.shop_key: each for each in accounts(outside)}
        account = known[key]
        shop = Shop.model_validate(
            {
                name: getattr(account, name)
                for name in ("shop_key", "channel", "kind", "name", "platform_shop_id")
            }
        )
        self.client = BuyinClient(shop, account.credentials)
        self.token: Token = self.client.log_in(self._exchange, outside.now())

    def _exchange(self, method: str, params: Any, access: str = "") -> bytes:  # noqa: ANN401 - JSON
        call = self.client.ready(method, params, access, self.outside.now())
        request = Request(call.verb, call.path, dict(call.query), dict(call.headers), call.body)
        adapter = ADAPTER if ADAPTER.owns(request) else DOUDIAN
        return adapter.answer(request, self.outside).body

    def ask(self, method: str, **params: Any) -> Record:  # noqa: ANN401 - JSON
        answer: Record = json.loads(self._exchange(method, params, self.token.access))
        return answer

    def refused(self, method: str, **params: Any) -> str:  # noqa: ANN401 - JSON
        return str(self.ask(method, **params)["sub_code"])

    def orders(self, method: str, **params: Any) -> Iterator[Record]:  # noqa: ANN401 - JSON
        """All pages, from cursor "0" on."""
        cursor = "0"
        while cursor:
            data = self.ask(method, cursor=cursor, **params)["data"]["data"]
            yield from data["orders"]
            cursor = data["cursor"]


def accounts(outside: Outside) -> list[Account]:
    return [*ADAPTER.accounts(outside), *DOUDIAN.accounts(outside)]


@pytest.fixture(scope="module")
def shop(outside: Outside) -> Caller:
    return Caller(outside, SHOP)


@pytest.fixture(scope="module")
def mcn(outside: Outside) -> Caller:
    return Caller(outside, MCN)


@pytest.fixture(scope="module")
def colonel(outside: Outside) -> Caller:
    return Caller(outside, COLONEL)


def paid(outside: Outside, now: datetime = CLOCK_AT) -> pl.DataFrame:
    return outside.frames["commissions"].filter(pl.col("paid_at") < now)


# --- records ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "method", "path"),
    [
        (SHOP, ORDERS, ("data", "orders")),
        (SHOP, SETTLEMENTS, ("data", "orders")),
        (SHOP, "buyin.queryShopSelfAuthors", ("authors",)),
        (SHOP, "buyin.queryShopAllianceProducts", ("product_list",)),
        (SHOP, "alliance.getOrderList", ("datas",)),
        (MCN, MCN_ORDERS, ("data", "orders")),
        (COLONEL, COLONEL_ORDERS, ("data", "orders")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_record_has_every_field_of_the_sample_and_no_other(
    outside: Outside, platform_samples: Path, account: str, method: str, path: tuple[str, ...]
) -> None:
    folder = platform_samples / "buyin"
    told = json.loads((folder / f"{method}.composed.json").read_text())["data"]
    known = paid(outside).filter(pl.col("shop_id") == SHOP)["line_id"].to_list()[:5]
    asked = {"order_ids": known} if method == "alliance.getOrderList" else BY_UPDATE
    shown = Caller(outside, account).ask(method, **asked)["data"]
    for name in path:
        told, shown = told[name], shown[name]
    assert told[0].keys() - shown[0].keys() == set()
    assert shown[0].keys() - told[0].keys() == set()
    for field, value in told[0].items():
        if isinstance(value, dict):
            assert shown[0][field].keys() == value.keys(), field
        else:
            assert type(shown[0][field]) is type(value), field


def test_an_institution_is_told_who_it_is(mcn: Caller, colonel: Caller) -> None:
    nobody = {"buyin_id": 0, "name": ""}
    assert mcn.ask("buyin.institutionInfo")["data"] == {
        "institution_id": 6800000000000000001, "colonel": nobody, "douke": nobody,
        "mcn": {"buyin_id": 6800000000000000001, "name": "星河机构(虚构)"},
    }  # fmt: skip
    told = colonel.ask("buyin.institutionInfo")["data"]["colonel"]
    assert told == {"buyin_id": 7200000000000000011, "name": "招商团长甲(虚构)"}


def test_commissions_are_the_worlds_to_the_fen(shop: Caller, outside: Outside) -> None:
    world = paid(outside).filter(pl.col("shop_id") == SHOP)
    orders = list(shop.orders(ORDERS, size=20, **BY_UPDATE))
    assert len(orders) == len({each["order_id"] for each in orders}) == world.height
    assert sum(e["shop_estimated_commission"] for e in orders) == world["estimated_fen"].sum()
    phases = outside.frames["commission_phases"].join(
        world.select("line_id"), on="line_id", how="semi"
    )
    settled = phases.filter(pl.col("settled_at") < CLOCK_AT)
    rows = list(shop.orders(SETTLEMENTS, size=2, **BY_UPDATE))
    assert sum(row["settle_shop_commission"] for row in rows) == settled["commission_fen"].sum()
    assert sum(row["settle_colonel_commission"] for row in rows) == settled["colonel_fen"].sum()


def test_institutions_see_their_orders_of_all_shops_and_no_others(
    mcn: Caller, colonel: Caller, outside: Outside
) -> None:
    members = outside.frames["authors"].filter(pl.col("institution_id") == "6800000000000000001")
    theirs = paid(outside).join(members, on="author_id", how="semi")
    seen = [each["order_id"] for each in mcn.orders(MCN_ORDERS, **BY_UPDATE)]
    assert sorted(seen) == sorted(theirs["line_id"])
    helped = paid(outside).filter(pl.col("colonel_id") == "7200000000000000011")
    orders = list(colonel.orders(COLONEL_ORDERS, size=50, **BY_UPDATE))
    assert sorted(each["order_id"] for each in orders) == sorted(helped["line_id"])
    fees = [each["colonel_order_info"]["estimated_commission"] for each in orders]
    assert sum(fees) == helped["colonel_estimated_fen"].sum()


def test_a_commission_is_shared_out_without_a_rest(mcn: Caller) -> None:
    orders = list(mcn.orders(MCN_ORDERS, **BY_UPDATE))
    for each in orders:
        parts = ("estimated_tech_service_fee", "estimated_institution_commission")
        whole = sum(each[part] for part in (*parts, "estimated_commission"))
        assert whole == each["shop_estimated_commission"] > 0


DAYS = [datetime(2026, 11, n, tzinfo=SHANGHAI) for n in (2, 3, 4, 5)]


@pytest.fixture
def clock(settings: Settings) -> Clock:
    clock = Clock(settings)
    clock.set(DAYS[0])
    return clock


@pytest.fixture
def lonely(clock: Clock) -> Outside:
    """One commission of 16.80 yuan, of an MCN's author: paid, received, settled, taken back."""
    frames = generate("small")
    authors = frames["authors"].filter(pl.col("institution_id") == "6800000000000000001")
    steps = zip(("paid_at", "confirmed_at", "settled_at", "refunded_at"), DAYS, strict=True)
    frames["commissions"] = frames["commissions"].head(1).with_columns(
        pl.lit(SHOP).alias("shop_id"),
        pl.lit(authors["author_id"][0]).alias("author_id"),
        *(pl.lit(1_680).alias(name) for name in ("estimated_fen", "settled_fen")),
        *(pl.lit(at).alias(name) for name, at in steps),
    )  # fmt: skip
    return Outside(frames, clock)


def test_a_commission_goes_its_way_as_the_clock_does(lonely: Outside, clock: Clock) -> None:
    shop, mcn, seen = Caller(lonely, SHOP), Caller(lonely, MCN), []
    for day in DAYS:
        clock.set(day)
        before = [order["flow_point"] for order in shop.orders(ORDERS, **BY_UPDATE)]
        assert before == [state for state, *_ in seen[-1:]]  # not before its moment
        clock.advance(timedelta(seconds=1))
        (order,) = shop.orders(ORDERS, **BY_UPDATE)
        (theirs,) = mcn.orders(MCN_ORDERS, **BY_UPDATE)
        seen.append(
            (
                order["flow_point"], order["update_time"][:10], order["shop_real_commission"],
                theirs["institution_commission"], theirs["real_commission"],
            )
        )  # fmt: skip
    assert seen == [
        ("PAY_SUCC", "2026-11-02", 0, 0, 0),
        ("CONFIRM", "2026-11-03", 0, 0, 0),
        # As in the sample: 168 for the platform, the rest 3 : 7.
        ("SETTLE", "2026-11-04", 1_680, 453, 1_059),
        ("REFUND", "2026-11-05", 0, 0, 0),
    ]


def test_what_has_not_happened_has_an_empty_time(shop: Caller) -> None:
    only_paid = [o for o in shop.orders(ORDERS, **BY_UPDATE) if o["flow_point"] == "PAY_SUCC"]
    assert only_paid
    times = ("confirm_time", "settle_time", "refund_time")
    assert {order[name] for order in only_paid for name in times} == {""}


# --- asking -----------------------------------------------------------------------------------


def test_orders_come_by_payment_unless_asked_by_update(shop: Caller) -> None:
    by_pay = [order["pay_success_time"] for order in shop.orders(ORDERS, **RANGE)]
    assert by_pay == sorted(by_pay)
    by_update = [order["update_time"] for order in shop.orders(ORDERS, **BY_UPDATE)]
    assert by_update == sorted(by_update)
    assert by_pay != by_update
    assert shop.refused(ORDERS, **RANGE, time_type="settle") == "isv.parameter-invalid:257"


def test_a_range_is_half_open_and_pages_are_of_the_size_asked_for(shop: Caller) -> None:
    orders = list(shop.orders(ORDERS, **BY_UPDATE))
    middle = orders[len(orders) // 2]["update_time"]
    before = list(shop.orders(ORDERS, **{**BY_UPDATE, "end_time": middle}))
    after = list(shop.orders(ORDERS, **{**BY_UPDATE, "start_time": middle}))
    assert [order["order_id"] for order in [*before, *after]] == [o["order_id"] for o in orders]
    page = shop.ask(ORDERS, size=7, **BY_UPDATE)["data"]["data"]
    assert len(page["orders"]) == 7
    assert page["cursor"] not in ("", "0")


def test_orders_can_be_asked_for_by_id_without_a_range(shop: Caller, mcn: Caller) -> None:
    wanted = [order["order_id"] for order in shop.orders(ORDERS, **BY_UPDATE)][:20]
    found = list(shop.orders(ORDERS, order_ids=",".join(wanted)))
    assert sorted(order["order_id"] for order in found) == sorted(wanted)
    assert list(shop.orders(ORDERS, order_ids="1")) == []
    too_many = ",".join([*wanted, "1"])
    assert shop.refused(ORDERS, order_ids=too_many) == "isv.parameter-invalid:1032"
    theirs = {order["order_id"] for order in mcn.orders(MCN_ORDERS, order_ids=too_many)}
    assert theirs < set(wanted)  # another shop's MCN: those of its authors


def test_settlements_of_an_order_are_all_its_phases(shop: Caller) -> None:
    phases = list(shop.orders(SETTLEMENTS, **RANGE))
    line = next(each["order_id"] for each in phases if each["phase_id"] == 2)
    found = list(shop.orders(SETTLEMENTS, order_ids=line))
    assert [each["phase_id"] for each in found] == [1, 2]
    settled = list(shop.orders(SETTLEMENTS, **RANGE, time_type="settle"))
    assert settled == phases


def test_up_to_five_orders_are_looked_up(shop: Caller) -> None:
    order = next(o for o in shop.orders(ORDERS, **BY_UPDATE) if o["flow_point"] == "SETTLE")
    answer = shop.ask("alliance.getOrderList", order_ids=[order["order_id"], "1"])["data"]
    (row,) = answer["datas"]
    assert row["real_comission"] == order["shop_real_commission"]
    assert row["order_status"] == "结算"
    for wrong in ([], ["1"] * 6, "1"):
        refusal = shop.refused("alliance.getOrderList", order_ids=wrong)
        assert refusal == "isv.parameter-invalid:1032"


@pytest.mark.parametrize(
    ("method", "params", "number"),
    [
        (ORDERS, {**RANGE, "size": 21}, 1031),
        (ORDERS, {**RANGE, "size": 0}, 1031),
        (SETTLEMENTS, {**RANGE, "size": 101}, 1031),
        ("buyin.queryShopSelfAuthors", {"page": 1, "page_size": 21}, 1031),
        ("buyin.queryShopAllianceProducts", {"page": 0}, 1031),
        ("buyin.queryShopAllianceProducts", {"page": 501}, 1031),
        (ORDERS, {**RANGE, "cursor": "x"}, 284),
        (ORDERS, {}, 1033),
        (ORDERS, {"end_time": "2026-11-15 00:00:00"}, 1034),
        (ORDERS, {**RANGE, "end_time": "2026-11-15"}, 1035),
        (ORDERS, {"start_time": RANGE["end_time"], "end_time": RANGE["start_time"]}, 1036),
        (ORDERS, {**RANGE, "start_time": "2026-08-16 00:00:00"}, 1036),
        (ORDERS, {"start_time": "2026-08-15 00:00:00", "end_time": "2026-09-01 00:00:00"}, 1039),
    ],
)
def test_limits_are_kept_in_the_platforms_words(
    shop: Caller, method: str, params: Record, number: int
) -> None:
    assert shop.refused(method, **params) == f"isv.parameter-invalid:{number}"


def test_an_mcn_is_told_otherwise_that_a_range_begins_too_early(
    mcn: Caller, colonel: Caller
) -> None:
    early = {"start_time": "2026-08-15 00:00:00", "end_time": "2026-09-01 00:00:00"}
    assert mcn.refused(MCN_ORDERS, **early) == "isv.business-failed:4168"
    assert colonel.refused(COLONEL_ORDERS, **early) == "isv.parameter-invalid:1039"
    assert mcn.refused(MCN_ORDERS, **RANGE, size=200) == ""
    assert mcn.refused(MCN_ORDERS, **RANGE, size=201) == "isv.parameter-invalid:1031"


def test_an_endless_list_leads_back_or_promises_more() -> None:
    assert b'"cursor":"0"' in ADAPTER.endless(b'{"data":{"orders":[],"cursor":""}}')
    assert b'"total":99999999' in ADAPTER.endless(b'{"total":2}')


# --- who asks ---------------------------------------------------------------------------------

NOT_A_SHOP, NOT_MCN, NOT_COLONEL, NOT_DOUKE = (
    "isv.app-permissions-insufficient", "isv.business-failed:4196", "isv.business-failed:4197",
    "isv.business-failed:4198",
)  # fmt: skip


@pytest.mark.parametrize(
    ("method", "by_shop", "by_mcn", "by_colonel"),
    [
        (ORDERS, "", NOT_A_SHOP, NOT_A_SHOP),
        (SETTLEMENTS, "", NOT_A_SHOP, NOT_A_SHOP),
        ("buyin.queryShopSelfAuthors", "", NOT_A_SHOP, NOT_A_SHOP),
        ("buyin.queryShopAllianceProducts", "", NOT_A_SHOP, NOT_A_SHOP),
        ("order.searchList", "isv.parameter-invalid:20011", NOT_A_SHOP, NOT_A_SHOP),
        (MCN_ORDERS, NOT_MCN, "", NOT_MCN),
        (COLONEL_ORDERS, NOT_COLONEL, NOT_COLONEL, ""),
        ("buyin.instituteOrderAds", NOT_DOUKE, NOT_DOUKE, NOT_DOUKE),
        ("buyin.institutionInfo", NOT_MCN, "", ""),
        ("buyin.nothing", *["isp.api-service-off"] * 3),
    ],
)
def test_an_account_may_call_what_its_role_may(
    shop: Caller,
    mcn: Caller,
    colonel: Caller,
    method: str,
    by_shop: str,
    by_mcn: str,
    by_colonel: str,
) -> None:
    told = [each.refused(method, **RANGE) for each in (shop, mcn, colonel)]
    assert told == [by_shop, by_mcn, by_colonel]


def test_the_company_has_one_mcn_and_one_colonel(outside: Outside) -> None:
    known = [(a.shop_key, a.kind, a.platform_shop_id) for a in ADAPTER.accounts(outside)]
    assert known == [
        (MCN, "institution", "6800000000000000001"),
        (COLONEL, "institution", "7200000000000000011"),
    ]


@pytest.mark.parametrize(
    "asked",
    [
        {"auth_subject_type": "Colonel", "auth_id": "6800000000000000001"},
        {"auth_subject_type": "MCN", "auth_id": "6800000000000000002"},
        {"auth_subject_type": "DouKe", "auth_id": "6800000000000000001"},
        {"auth_subject_type": "MCN"},
        {"shop_id": "6800000000000000001"},
        {},
    ],
    ids=["another role", "another institution", "an unknown role", "no id", "as a shop", "nobody"],
)
def test_no_token_for_who_did_not_authorise_the_app(shop: Caller, asked: dict[str, str]) -> None:
    granted = {"code": "", "grant_type": "authorization_self", **asked}
    refusal = shop.refused("token.create", **granted)
    assert refusal == "dop.token-generate-failed:no-authorization"


def test_a_token_says_whose_it_is(mcn: Caller, shop: Caller) -> None:
    asked = {"auth_subject_type": "MCN", "auth_id": "6800000000000000001"}
    told = mcn.ask("token.create", code="", grant_type="authorization_self", **asked)["data"]
    assert (told["authority_id"], told["auth_subject_type"], told["shop_id"]) == (
        "6800000000000000001", "MCN", 0,
    )  # fmt: skip
    again = shop.ask("token.refresh", refresh_token=told["refresh_token"])["data"]
    assert again["access_token"] == told["access_token"]  # early: the same pair


def test_a_wrong_secret_and_a_dead_token_are_refused(outside: Outside) -> None:
    request = Request("POST", "/buyin/queryShopSelfAuthors", {"app_key": "1"}, {}, b"{}")
    assert b"isv.app-id-invalid" in ADAPTER.answer(request, outside).body
    caller = Caller(outside, SHOP)
    for access in (
        "nobody's",
        outside.tokens.issue("qianchuan-01", *[timedelta(days=1)] * 2).access,
    ):
        caller.token = Token(access, "", outside.now() + timedelta(days=1), None)
        assert caller.refused("buyin.queryShopSelfAuthors") == "isv.access-token-no-existed"
