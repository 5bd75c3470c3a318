"""The generated company hangs together, is repeatable, and a broken world is refused in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import InputRefusedError, UsageError
from pipelines.sandbox.world.documentation import PATH, world_page
from pipelines.sandbox.world.generate import generate
from pipelines.sandbox.world.schema import TABLES
from pipelines.sandbox.world.storage import is_world, read_world, write_world

Frames = dict[str, pl.DataFrame]
_PARTS = (
    "list_fen", "goods_fen", "freight_fen", "shop_discount_fen", "platform_discount_fen",
    "author_discount_fen", "order_fen", "pay_discount_fen", "paid_fen", "merchant_borne_fen",
    "platform_borne_fen", "author_borne_fen",
)  # fmt: skip


@pytest.fixture(scope="module")
def world() -> Frames:
    return generate("small")


def test_it_is_a_world(world: Frames, tmp_path: Path) -> None:
    write_world(tmp_path / "world", world)
    again = read_world(tmp_path / "world")
    assert all(again[name].equals(world[name]) for name in TABLES)


def test_a_seed_is_a_company(world: Frames) -> None:
    same, other = generate("small"), generate("small", seed=2)
    assert all(same[name].equals(world[name]) for name in TABLES)
    assert not other["orders"].equals(world["orders"])


def test_it_is_the_company_that_was_asked_for(world: Frames) -> None:
    counted = dict(world["shops"].group_by("channel").len().iter_rows())
    assert counted == {
        "doudian": 8, "taobao": 7, "jd": 5, "pdd": 5, "kuaishou": 4, "xiaohongshu": 3,
        "weixin_shop": 3, "youzan": 2, "mall": 1,
    }  # fmt: skip
    assert world["orders"].height > 25_000
    assert world["shops"]["is_dying"].sum() == 1
    assert world["live_sessions"]["is_viral"].sum() == 1
    assert set(world["after_sales"]["type"]) == {
        "pre_ship", "refund_only", "return_refund", "exchange", "reissue", "price_protection",
    }  # fmt: skip
    over_midnight = pl.col("started_at").dt.date() != pl.col("ended_at").dt.date()
    assert world["live_sessions"].filter(over_midnight).height > 5


def test_the_amount_identity_holds_but_where_it_was_planted(world: Frames) -> None:
    due = (
        pl.col("goods_fen") + pl.col("freight_fen") - pl.col("shop_discount_fen")
        - pl.col("platform_discount_fen") - pl.col("author_discount_fen")
    )  # fmt: skip
    broken = world["orders"].filter(pl.col("order_fen") != due)["order_id"]
    planted = world["dirt"].filter(pl.col("kind") == "identity_breaker")["record_id"]
    assert sorted(broken) == sorted(planted)
    assert len(planted) == 9


def test_lines_sum_to_their_orders_to_the_fen(world: Frames) -> None:
    sums = world["order_lines"].group_by("order_id").agg(pl.col(*_PARTS).sum())
    both = world["orders"].join(sums, on="order_id", suffix="_of_lines")
    assert both.height == world["orders"].height
    for part in _PARTS:
        assert both.filter(pl.col(part) != pl.col(f"{part}_of_lines")).is_empty(), part


def test_discounts_are_borne_in_full(world: Frames) -> None:
    given = (
        pl.col("shop_discount_fen")
        + pl.col("platform_discount_fen")
        + pl.col("author_discount_fen")
    )
    borne = pl.col("merchant_borne_fen") + pl.col("platform_borne_fen") + pl.col("author_borne_fen")
    assert world["order_lines"].filter(given != borne).is_empty()


def test_no_line_gives_back_more_than_it_took(world: Frames) -> None:
    back = world["after_sales"].group_by("line_id").agg(pl.col("refund_fen").sum())
    both = world["order_lines"].join(back, on="line_id")
    assert both.filter(pl.col("refund_fen") > pl.col("paid_fen")).is_empty()
    assert world["after_sales"]["line_id"].is_duplicated().any()  # repeated refunds are there


def test_bills_and_commissions_sum_to_what_they_say(world: Frames) -> None:
    items = world["bill_items"].group_by("bill_id").agg(pl.col("amount_fen").sum())
    bills = world["bills"].join(items, on="bill_id", how="left")
    assert bills.filter(pl.col("net_fen") != pl.col("amount_fen").fill_null(0)).is_empty()
    phases = world["commission_phases"].group_by("line_id").agg(pl.col("commission_fen").sum())
    paid = world["commissions"].join(phases, on="line_id", how="left")
    net = pl.col("settled_fen") - pl.col("reversed_fen")
    assert paid.filter(pl.col("commission_fen").fill_null(0) != net).is_empty()


def test_nothing_happens_before_it_can(world: Frames) -> None:
    orders, lines = world["orders"], world["order_lines"]
    assert orders.filter(pl.col("paid_at") < pl.col("created_at")).is_empty()
    assert orders.filter(pl.col("finished_at") < pl.col("paid_at")).is_empty()
    paid = lines.join(orders.select("order_id", "paid_at"), on="order_id")
    assert paid.filter(pl.col("shipped_at") < pl.col("paid_at")).is_empty()
    assert lines.filter(pl.col("signed_at") < pl.col("shipped_at")).is_empty()
    asked = world["after_sales"]
    for name in ("handled_at", "refunded_at", "ended_at"):
        assert asked.filter(pl.col(name) < pl.col("applied_at")).is_empty(), name


def test_an_order_on_pinduoduo_is_one_thing_with_its_gifts(world: Frames) -> None:
    shops = world["shops"].filter(pl.col("channel") == "pdd")["shop_id"].implode()
    orders = world["orders"].filter(pl.col("shop_id").is_in(shops))
    lines = world["order_lines"].filter(pl.col("shop_id").is_in(shops))
    things = lines.filter(~pl.col("is_gift"))
    assert sorted(things["order_id"]) == sorted(orders["order_id"])
    assert lines["is_gift"].sum() > 100
    stamps = ("shipped_at", "signed_at", "finished_at", "closed_at")
    assert (
        lines.group_by("order_id")
        .agg(pl.col(*stamps).n_unique() == 1)
        .select(pl.all_horizontal(pl.col(*stamps).all()))
        .item()
    )
    assert lines["platform_discount_fen"].equals(
        lines["platform_borne_fen"].alias("platform_discount_fen")
    )
    assert set(orders["trade_type"]) == {"normal", "presale"}
    for name in ("after_sales", "bills"):
        moved = world[name].join(lines.select("line_id", "order_id"), on="line_id", suffix="_now")
        assert moved.height > 700
        assert moved.filter(pl.col("order_id") != pl.col("order_id_now")).is_empty()
    credited = world["ad_conversions"].join(orders, on="order_id")
    assert credited.filter(pl.col("pay_fen") != pl.col("paid_fen")).is_empty()


def test_other_channels_know_nothing_of_pinduoduo_s_shape(world: Frames) -> None:
    elsewhere = world["order_lines"].join(world["orders"], on="order_id", suffix="_of_order")
    elsewhere = elsewhere.filter(~pl.col("shop_id").str.starts_with("pdd"))
    assert elsewhere.group_by("order_id").len()["len"].max() == 5
    assert "sample" in set(elsewhere["trade_type"])


def test_stock_never_falls_below_nothing_and_every_parcel_is_a_document(world: Frames) -> None:
    moves = world["stock_moves"].sort("posted_at", "direction")  # in before out in a second
    signed = pl.when(pl.col("direction") == "in").then("quantity").otherwise(-pl.col("quantity"))
    there = signed.cum_sum().over("warehouse", "merchant_code")
    assert moves.select(there.min()).item() > 0
    sold = moves.filter(pl.col("kind") == "sale")
    both = sold.join(world["parcel_lines"], on=["parcel_id", "line_id"], how="full")
    assert both.filter(pl.col("quantity") != pl.col("quantity_right")).is_empty()
    assert both.height == sold.height == world["parcel_lines"].height
    assert set(moves["kind"]) == {
        "opening", "purchase", "sale", "return", "transfer", "exchange", "reissue",
    }  # fmt: skip
    by_transfer = moves.filter(pl.col("kind") == "transfer").group_by("reference", "merchant_code")
    assert set(by_transfer.agg(signed.sum().alias("left"))["left"]) == {0}


def test_who_buys_in_the_mall_is_a_member_with_points_for_what_was_spent(world: Frames) -> None:
    bought = world["orders"].filter(pl.col("shop_id") == "mall-01")
    members = world["members"]
    assert set(bought["buyer_id"]) < set(members["buyer_id"])
    of_member = bought.join(members, on="buyer_id")
    assert of_member.filter(pl.col("registered_at") >= pl.col("created_at")).is_empty()
    assert of_member["left_at"].null_count() == of_member.height
    entries = world["point_entries"].join(members, on="member_id").sort("at", "entry_id")
    balance = pl.col("opening_points") + pl.col("points").cum_sum().over("member_id")
    assert entries.select(balance.min()).item() >= 0
    used = world["coupons"].drop_nulls("order_id").join(bought, on="order_id")
    assert used.height == bought.filter(pl.col("platform_discount_fen") > 0).height
    assert used.filter(pl.col("discount_fen") != pl.col("platform_discount_fen")).is_empty()


def test_an_unknown_size_is_said() -> None:
    with pytest.raises(UsageError, match="No world 'huge'"):
        generate("huge")


def _without_column(frames: Frames) -> None:
    frames["orders"] = frames["orders"].drop("paid_at")


def _of_another_type(frames: Frames) -> None:
    frames["orders"] = frames["orders"].with_columns(pl.col("order_fen").cast(pl.Float64))


def _with_a_hole(frames: Frames) -> None:
    first = pl.int_range(pl.len()) == 2
    frames["skus"] = frames["skus"].with_columns(
        pl.when(~first).then("price_fen").alias("price_fen")
    )


def _twice(frames: Frames) -> None:
    frames["agents"] = pl.concat([frames["agents"], frames["agents"].head(1)])


def _of_no_shop(frames: Frames) -> None:
    frames["products"] = frames["products"].with_columns(pl.lit("doudian-99").alias("shop_id"))


def _of_no_kind(frames: Frames) -> None:
    frames["after_sales"] = frames["after_sales"].with_columns(pl.lit("gift").alias("type"))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_without_column, "table orders has no column paid_at"),
        (_of_another_type, "orders.order_fen is Float64, it must be Int64"),
        (_with_a_hole, "skus.price_fen, row 3: no value"),
        (_twice, "agents, row 1: its key"),
        (_of_no_shop, "products.shop_id, row 1: refers to a shops.shop_id that is not there"),
        (_of_no_kind, "after_sales.type, row 1: not one of pre_ship"),
    ],
)
def test_a_broken_world_is_refused_with_table_column_and_row(
    world: Frames, tmp_path: Path, spoil: Callable[[Frames], None], said: str
) -> None:
    frames = dict(world)
    spoil(frames)
    write_world(tmp_path, frames)
    with pytest.raises(InputRefusedError) as refused:
        read_world(tmp_path)
    assert said in refused.value.message


def test_a_half_written_world_is_none(world: Frames, tmp_path: Path) -> None:
    write_world(tmp_path, world)
    (tmp_path / "company.parquet").unlink()
    assert not is_world(tmp_path)
    with pytest.raises(InputRefusedError, match="table company is missing"):
        read_world(tmp_path)


def test_the_page_about_worlds_is_up_to_date() -> None:
    said = PATH.read_text(encoding="utf-8")
    assert said == world_page(), "run: python -m pipelines.sandbox.world.documentation"
