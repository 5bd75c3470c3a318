"""What comes of the alliance's samples, and how its lists are read to their end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.gateway.checks import check_stream
from pipelines.gateway.errors import EndlessPaging
from pipelines.registry.shops import Shop
from pipelines.sources.buyin import CONNECTOR
from pipelines.sources.buyin.streams import check
from tests.unit.sources.playing import FakeSession, days, read_sample, records

SHOP = Shop(shop_key="doudian-01", channel="doudian", name="抖店", platform_shop_id="4463798")
STREAMS = {stream.table: stream for stream in CONNECTOR.streams}
MCN, COLONEL = {"auth_subject_type": "MCN"}, {"auth_subject_type": "Colonel"}


@pytest.mark.parametrize(
    ("table", "sample", "settings", "rows", "shown"),
    [
        (
            "alliance_orders",
            "buyin.queryShopAllianceOrder",
            {},
            4,
            {"order_id": "6930000000000010001", "media_id": "7571800000000000101"}
            | {"total_pay_amount": 8400, "commission_rate": 2000, "shop_id": "4463798"}
            | {"shop_real_commission": 1680, "ads_real_commission": "0", "refund_time": ""}
            | {"_version": "02025-11-25 03:20:00|2025-11-14T20:00:00"},
        ),
        (
            "settlements",
            "buyin.shopMultiSettlementOrders",
            {},
            3,
            {"order_id": "6930000000000010001", "phase_id": 1, "settle_shop_commission": 1680},
        ),
        (
            "self_authors",
            "buyin.queryShopSelfAuthors",
            {},
            1,
            {"author_id": "1888800000000001", "buyin_id": "7052000000000000001"},
        ),
        (
            "alliance_products",
            "buyin.queryShopAllianceProducts",
            {},
            2,
            {"product_id": "3650100000000001001", "price": 9900, "cos_ratio": 20.0}
            | {"cos_fee": 1980, "is_exclusive": False},
        ),
        (
            "mcn_orders",
            "buyin.instituteOrderMCN",
            MCN,
            2,
            {"institution_commission": 453, "platform_subsidy": 500, "alliance_split_rate": 3000},
        ),
        (
            "colonel_orders",
            "buyin.instituteOrderColonel",
            COLONEL,
            2,
            {
                "colonel_type": "0",
                "is_trusteeship": False,
                "author_buyin_id": "7052000000000000001",
            },
        ),
    ],
)
def test_a_sample_comes_in_without_unknown_or_refused_fields(
    platform_samples: Path,
    table: str,
    sample: str,
    settings: dict[str, str],
    rows: int,
    shown: dict[str, Any],
) -> None:
    answer = read_sample(platform_samples, "buyin", sample)
    if "cursor" in answer["data"].get("data", {}):
        answer["data"]["data"]["cursor"] = ""
    done = records(
        STREAMS[table], FakeSession(SHOP, lambda *_: answer, settings), days("2025-11-12")
    )
    assert (done.refused, done.unknown) == ([], {})
    landed = done.table.to_pylist()
    assert len(landed) == rows
    assert {name: landed[0][name] for name in shown} == shown
    assert landed[0]["_extra"] is None
    assert check_stream(STREAMS[table], pl.DataFrame(done.table)) == []


def test_every_stream_has_a_sample_above() -> None:
    assert list(STREAMS) == [
        "alliance_orders", "settlements", "self_authors", "alliance_products", "mcn_orders",
        "colonel_orders",
    ]  # fmt: skip


def test_the_fee_of_the_colonel_stands_in_the_order(platform_samples: Path) -> None:
    sample = read_sample(platform_samples, "buyin", "buyin.instituteOrderColonel")
    session = FakeSession(SHOP, lambda *_: sample, COLONEL)
    first = records(STREAMS["colonel_orders"], session, days("2025-11-12")).table.to_pylist()[0]
    assert first["colonel_order_info"]["real_commission"] == 252
    assert first["colonel_order_info"]["colonel_buyin_id"] == "7052100000000000003"


def _orders(pages: Mapping[str, tuple[int, str]]) -> FakeSession:
    """A platform with some orders a cursor, and the cursor that follows."""

    def answer(_: str, params: Mapping[str, Any]) -> dict[str, Any]:
        count, following = pages[params["cursor"]]
        found = [{"order_id": f"{params['cursor']}{each}"} for each in range(count)]
        return {"code": 10000, "data": {"data": {"orders": found, "cursor": following}}}

    return FakeSession(SHOP, answer)


@pytest.mark.parametrize(
    ("pages", "asked", "rows"),
    [
        ({"0": (2, "17_a"), "17_a": (1, "")}, ["0", "17_a"], 3),
        ({"0": (2, "17_a"), "17_a": (0, "18_b")}, ["0", "17_a"], 2),
        ({"0": (0, "")}, ["0"], 0),
    ],
    ids=["an empty cursor", "an empty page", "nothing at all"],
)
def test_the_cursor_ends(pages: Mapping[str, tuple[int, str]], asked: list[str], rows: int) -> None:
    session = _orders(pages)
    done = records(STREAMS["alliance_orders"], session, days("2025-11-12", 2))
    assert done.table.num_rows == rows
    assert [params["cursor"] for _, params in session.calls] == asked
    assert session.calls[0] == (
        "buyin.queryShopAllianceOrder",
        {
            "time_type": "update",
            "start_time": "2025-11-12 00:00:00",
            "end_time": "2025-11-14 00:00:00",
            "size": 20,
            "cursor": "0",
        },
    )


def test_a_cursor_that_goes_in_circles_ends_in_words() -> None:
    session = _orders({"0": (1, "a"), "a": (1, "b"), "b": (1, "a")})
    with pytest.raises(EndlessPaging, match="goes in circles after 3 pages"):
        records(STREAMS["settlements"], session, days("2025-11-12"))


def test_lists_are_numbered_from_one_and_twenty_a_page() -> None:
    def answer(_: str, params: Mapping[str, Any]) -> dict[str, Any]:
        start = (params["page"] - 1) * params["size"]
        found = [
            {"product_id": each, "update_time": 1} for each in range(start, min(start + 20, 45))
        ]
        return {"code": 10000, "data": {"total": 45, "product_list": found}}

    session = FakeSession(SHOP, answer)
    done = records(STREAMS["alliance_products"], session, days("2025-11-12"))
    assert [params for _, params in session.calls] == [
        {"page": 1, "size": 20},
        {"page": 3, "size": 20},
        {"page": 2, "size": 20},
        {"page": 1, "size": 20},
    ]
    assert sorted(done.table["product_id"].to_pylist(), key=int) == [str(n) for n in range(45)]


@pytest.mark.parametrize(
    ("settings", "read"),
    [
        ({}, {"alliance_orders", "settlements", "self_authors", "alliance_products"}),
        (MCN, {"mcn_orders"}),
        (COLONEL, {"colonel_orders"}),
    ],
    ids=["a shop", "an MCN", "a 团长"],
)
def test_an_account_is_asked_only_for_what_its_role_may_see(
    settings: dict[str, str], read: set[str]
) -> None:
    empty: dict[str, Any] = {"authors": [], "product_list": []}
    nothing = {"total": 0, "data": {"orders": [], "cursor": ""}, **empty}
    called = set()
    for table, stream in STREAMS.items():
        session = FakeSession(SHOP, lambda *_: {"code": 10000, "data": nothing}, settings)
        assert records(stream, session, days("2025-11-12")).table.num_rows == 0
        if session.calls:
            called.add(table)
    assert called == read


def test_the_check_tells_a_shop_from_an_institution() -> None:
    shop = FakeSession(SHOP, lambda *_: {"code": 10000, "data": {"total": 3, "authors": []}})
    assert check(shop) == "3 own authors"
    assert shop.calls == [("buyin.queryShopSelfAuthors", {"page": 1, "page_size": 1})]
    institution = FakeSession(SHOP, lambda *_: {"code": 10000, "data": {}}, MCN)
    assert check(institution) == "institution, authorised as MCN"


def test_windows_stay_within_what_the_platform_answers() -> None:
    day = timedelta(days=1)
    for table in ("alliance_orders", "settlements", "mcn_orders", "colonel_orders"):
        stream = STREAMS[table]
        assert stream.max_window <= 90 * day
        assert stream.horizon < 90 * day
        # Orders move for weeks: all that changed in the last 30 days is read again.
        assert [each.reach for each in stream.revisits] == [30 * day]
