"""精选联盟 from the other side: pages, roles, and numbers that are the world's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.registry.credentials import Token
from pipelines.registry.shops import Shop
from pipelines.sandbox.adapter import Outside, Request
from pipelines.sandbox.adapters.buyin import ADAPTER
from pipelines.sandbox.adapters.doudian import ADAPTER as DOUDIAN
from pipelines.sandbox.adapters.doudian_gateway import app_of
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.world.draws import CLOCK_AT
from pipelines.sandbox.world.generate import generate
from pipelines.settings import Settings
from pipelines.sources.buyin.client import BuyinClient

SHOP = "doudian-01"
RANGE = {"start_time": "2026-11-01 00:00:00", "end_time": "2026-11-15 00:00:00"}


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Outside:
    clock = Clock(Settings(home=tmp_path_factory.mktemp("clock"), _env_file=None))
    clock.set(CLOCK_AT)
    return Outside(generate("small"), clock)


class Caller:
    """Signs with the connector's own client, and reads what the adapter answers."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside
        shop = outside.frames["shops"].filter(pl.col("shop_id") == SHOP).row(0, named=True)
        key, secret = app_of(outside)
        self.client = BuyinClient(
            Shop(
                shop_key=SHOP, channel="doudian", name="x",
                platform_shop_id=shop["platform_shop_id"],
            ),
            {"app_key": key, "app_secret": secret},
        )  # fmt: skip
        self.token: Token = self.client.log_in(self._exchange, outside.now())

    def _exchange(self, method: str, params: Any, access: str = "") -> bytes:  # noqa: ANN401 - JSON
        call = self.client.ready(method, params, access, self.outside.now())
        request = Request(call.verb, call.path, dict(call.query), dict(call.headers), call.body)
        adapter = ADAPTER if ADAPTER.owns(request) else DOUDIAN
        return adapter.answer(request, self.outside).body

    def ask(self, method: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        answer: dict[str, Any] = json.loads(self._exchange(method, params, self.token.access))
        return answer

    def orders(self, method: str, **params: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON
        cursor = "0"
        while cursor:
            data = self.ask(method, cursor=cursor, **RANGE, **params)["data"]["data"]
            yield from data["orders"]
            cursor = data["cursor"]


@pytest.fixture(scope="module")
def caller(outside: Outside) -> Caller:
    return Caller(outside)


@pytest.mark.parametrize(
    ("method", "sample", "path"),
    [
        ("buyin.queryShopAllianceOrder", "buyin.queryShopAllianceOrder", ("data", "orders")),
        ("buyin.shopMultiSettlementOrders", "buyin.shopMultiSettlementOrders", ("data", "orders")),
        ("buyin.queryShopSelfAuthors", "buyin.queryShopSelfAuthors", ("authors",)),
        ("buyin.queryShopAllianceProducts", "buyin.queryShopAllianceProducts", ("product_list",)),
    ],
)
def test_a_record_has_every_field_of_the_sample(
    caller: Caller, platform_samples: Path, method: str, sample: str, path: tuple[str, ...]
) -> None:
    told = json.loads((platform_samples / "buyin" / f"{sample}.composed.json").read_text())["data"]
    shown = caller.ask(method, **RANGE, cursor="0")["data"]
    for name in path:
        told, shown = told[name], shown[name]
    # Free-form extras have no fields of their own.
    assert set(told[0]) - {"extra"} <= set(shown[0])


def test_commissions_are_the_worlds_to_the_fen(caller: Caller, outside: Outside) -> None:
    world = outside.frames["commissions"].filter(
        (pl.col("shop_id") == SHOP) & (pl.col("paid_at") < CLOCK_AT)
    )
    orders = list(caller.orders("buyin.queryShopAllianceOrder", size=20))
    assert len(orders) == len({each["order_id"] for each in orders}) == world.height
    assert sum(e["shop_estimated_commission"] for e in orders) == world["estimated_fen"].sum()
    phases = outside.frames["commission_phases"].join(
        world.select("line_id"), on="line_id", how="semi"
    )
    settled = phases.filter(pl.col("settled_at") < CLOCK_AT)
    rows = list(caller.orders("buyin.shopMultiSettlementOrders", size=2))
    assert sum(row["settle_shop_commission"] for row in rows) == settled["commission_fen"].sum()
    assert sum(row["settle_colonel_commission"] for row in rows) == settled["colonel_fen"].sum()


def test_a_settlement_is_not_asked_for_by_payment(caller: Caller) -> None:
    told = {
        kind: caller.ask("buyin.shopMultiSettlementOrders", **RANGE, time_type=kind)["sub_code"]
        for kind in ("settle", "update", "pay")
    }
    assert told == {"settle": "", "update": "", "pay": "isv.parameter-invalid:257"}


def test_an_order_that_is_paid_only_has_no_later_times(caller: Caller) -> None:
    paid = [
        each
        for each in caller.orders("buyin.queryShopAllianceOrder", size=20)
        if each["flow_point"] == "PAY_SUCC"
    ]
    assert paid
    assert {(e["settle_time"], e["refund_time"], e["shop_real_commission"]) for e in paid} == {
        ("", "", 0)
    }


@pytest.mark.parametrize(
    ("params", "sub_code"),
    [
        ({**RANGE, "size": 21}, "isv.parameter-invalid:1031"),
        ({**RANGE, "cursor": "x"}, "isv.parameter-invalid:284"),
        ({}, "isv.parameter-invalid:1033"),
        ({**RANGE, "start_time": "2026-01-01 00:00:00"}, "isv.parameter-invalid:1036"),
        ({**RANGE, "time_type": "settle"}, "isv.parameter-invalid:257"),
    ],
)
def test_limits_are_kept_in_the_platforms_words(
    caller: Caller, params: dict[str, Any], sub_code: str
) -> None:
    assert caller.ask("buyin.queryShopAllianceOrder", **params)["sub_code"] == sub_code


@pytest.mark.parametrize(
    ("method", "number"), [("buyin.instituteOrderMCN", 4196), ("buyin.instituteOrderColonel", 4197)]
)
def test_a_shop_is_refused_what_institutions_may_see(
    caller: Caller, method: str, number: int
) -> None:
    assert caller.ask(method, **RANGE)["sub_code"] == f"isv.business-failed:{number}"


def test_a_wrong_secret_and_a_dead_token_are_refused(caller: Caller, outside: Outside) -> None:
    request = Request("POST", "/buyin/queryShopSelfAuthors", {"app_key": "1"}, {}, b"{}")
    assert b"isv.app-id-invalid" in ADAPTER.answer(request, outside).body
    before = caller.token
    caller.token = Token("nobody's", "", outside.now() + timedelta(days=1), None)
    assert caller.ask("buyin.queryShopSelfAuthors")["sub_code"] == "isv.access-token-no-existed"
    caller.token = before


def test_an_endless_list_promises_more(caller: Caller) -> None:
    assert b'"cursor":"again"' in ADAPTER.endless(b'{"data":{"orders":[],"cursor":""}}')
    assert b'"total":99999999' in ADAPTER.endless(b'{"total":2}')
