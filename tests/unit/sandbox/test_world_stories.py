"""What the company lives through: seasons, a viral show, a shop that dies, planted dirt."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import polars as pl
import pytest

from pipelines.sandbox.world.draws import SIZES
from pipelines.sandbox.world.generate import generate
from pipelines.sandbox.world.sales import season
from pipelines.sandbox.world.schema import DIRT_KINDS
from tests.unit.sandbox.tiny import Frames

_INCOME = (
    "user_paid", "platform_subsidy", "author_subsidy", "pay_subsidy", "refund_before_settle",
)  # fmt: skip


@pytest.fixture(scope="module")
def world() -> Frames:
    return generate("small")


@pytest.fixture(scope="module")
def sold(world: Frames) -> Counter[int]:
    """Orders by day of November."""
    return Counter(world["orders"]["created_at"].dt.day())


def of_days(sold: Counter[int], *days: int) -> float:
    return sum(sold[day] for day in days) / len(days)


def test_double_eleven_and_its_eve_stand_out(sold: Counter[int]) -> None:
    ordinary = of_days(sold, 2, 3, 4, 5, 9, 12, 13, 16, 17)
    assert 6 < sold[11] / ordinary < 8
    assert 2 < sold[10] / ordinary < 3
    assert 2 < sold[1] / ordinary < 3  # the first payments of what was ordered ahead
    assert all(0.8 < sold[day] / ordinary < 1.3 for day in range(2, 18) if day not in (10, 11))


def test_weekends_sell_more_than_working_days(sold: Counter[int]) -> None:
    weekend, working = of_days(sold, 7, 8, 14, 15), of_days(sold, 2, 3, 4, 5, 12, 16, 17)
    assert 1.1 < weekend / working < 1.3


def test_the_middle_of_june_is_a_season_where_a_world_reaches_it() -> None:
    assert season(date(2026, 6, 18)) > 5 * season(date(2026, 6, 17))
    assert season(date(2026, 6, 1)) > 1.5 * season(date(2026, 6, 2))
    reaching = [name for name, size in SIZES.items() if size.first_day <= date(2026, 6, 1)]
    assert reaching == ["large"]


def test_one_live_session_is_shown_to_more_than_twice_as_many_as_any_other(world: Frames) -> None:
    viral, second, *_ = world["live_sessions"].sort("exposure_uv", descending=True).to_dicts()
    assert viral["is_viral"]
    assert viral["exposure_uv"] > 2 * second["exposure_uv"]
    for step in ("view_uv", "item_exposure_uv", "watch_seconds"):
        assert viral[step] == world["live_sessions"][step].max(), step


def test_one_shop_dies_and_no_other(world: Frames) -> None:
    day = world["orders"]["created_at"].dt.day()
    placed = world["orders"].with_columns(early=day.is_between(2, 5), late=day.is_between(14, 17))
    kept = placed.group_by("shop_id").agg(pl.col("late").sum() / pl.col("early").sum())
    dying = world["shops"].filter("is_dying")["shop_id"].to_list()
    assert kept.filter(pl.col("late") < 0.5)["shop_id"].to_list() == dying


def test_some_parcels_hold_two_orders_and_some_orders_take_two_parcels(world: Frames) -> None:
    lines = world["order_lines"].filter(~pl.col("shop_id").str.starts_with("pdd"))  # carts of many
    packed = world["parcel_lines"].join(lines, on="line_id")
    orders = packed.join(world["orders"], on="order_id", suffix="_of_order")
    by_parcel = orders.group_by("parcel_id").agg(
        pl.col("order_id", "buyer_id", "shop_id").n_unique()
    )
    merged = by_parcel.filter(pl.col("order_id") > 1)
    assert 50 < merged.height < 500
    assert merged.select("buyer_id", "shop_id").unique().rows() == [(1, 1)]
    split = packed.group_by("order_id").agg(pl.col("parcel_id").n_unique())
    assert 200 < split.filter(pl.col("parcel_id") > 1).height < 1_000


def test_refunds_come_up_to_two_months_late(world: Frames) -> None:
    asked = world["after_sales"].join(world["orders"], on="order_id")
    late = asked.drop_nulls("refunded_at").select(pl.col("refunded_at") - pl.col("paid_at"))
    days = late.to_series().dt.total_days()
    assert days.min() == 0
    assert (days >= 30).sum() > 50
    assert 55 <= days.max() <= 75  # type: ignore[operator]


def test_commissions_are_taken_back_after_they_were_settled(world: Frames) -> None:
    paid = world["commissions"]
    back = paid.filter(pl.col("reversed_fen") > 0)
    assert back.height > 10
    assert back.filter(pl.col("refunded_at") <= pl.col("settled_at")).is_empty()
    assert back.filter(pl.col("refunded_at") > pl.col("settled_at") + timedelta(days=7)).height > 3
    negative = world["commission_phases"].filter(pl.col("commission_fen") < 0)
    assert sorted(negative["line_id"]) == sorted(back["line_id"])


def test_all_dirt_that_is_listed_is_found_and_no_other(world: Frames) -> None:
    orders, bills, items = world["orders"], world["bills"], world["bill_items"]
    due = (
        pl.col("goods_fen") + pl.col("freight_fen") - pl.col("shop_discount_fen")
        - pl.col("platform_discount_fen") - pl.col("author_discount_fen")
    )  # fmt: skip
    income = items.filter(pl.col("fee_type").is_in(_INCOME)).group_by("bill_id")
    fees = items.filter(pl.col("fee_type") == "platform_fee").rename({"amount_fen": "fee_fen"})
    charged = (
        bills.filter(pl.col("type") == "settled")
        .join(income.agg(pl.col("amount_fen").sum()), on="bill_id")
        .join(fees, on="bill_id", how="left")
        .join(world["shops"], on="shop_id")
        .with_columns(
            right_fee=pl.max_horizontal("amount_fen", 0) * pl.col("fee_rate_bp") // 10_000
        )
    )
    serials = bills["bill_id"].filter(bills["type"] == "settled").str.slice(12).cast(pl.Int64)
    missing = set(range(1, serials.max() + 1)) - set(serials)  # type: ignore[operator]
    found = {
        "identity_breaker": orders.filter(pl.col("order_fen") != due)["order_id"],
        "test_order": orders.filter("is_test")["order_id"],
        "brushed_order": orders.filter("is_brushed")["order_id"],
        "wrong_bill_line": charged.filter(-pl.col("fee_fen").fill_null(0) != pl.col("right_fee"))[
            "bill_id"
        ],
        "missing_bill": [f"SN9300000000{number}" for number in missing],
    }
    listed = world["dirt"].group_by("kind").agg("record_id")
    assert {kind: sorted(each) for kind, each in found.items()} == {
        kind: sorted(each) for kind, each in listed.iter_rows()
    }
    assert set(found) == set(DIRT_KINDS)
