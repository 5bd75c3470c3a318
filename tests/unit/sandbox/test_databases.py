"""The tables of the sandbox's databases: their words, their amounts, and their update times."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from pipelines.sandbox.databases import mall, wms
from pipelines.sandbox.databases.relation import GONE, Moment, Relation
from pipelines.sandbox.world.generate import generate

Frames = dict[str, pl.DataFrame]
ALL = [
    pytest.param(relation, channel, id=f"{channel or 'wms'}.{relation.name}")
    for channel, relations in (("mall", mall.RELATIONS), ("", wms.RELATIONS))
    for relation in relations
]


@pytest.fixture(scope="module")
def world() -> Frames:
    return generate("small")


@pytest.fixture(scope="module")
def now(world: Frames) -> datetime:
    moment: datetime = world["company"]["clock_at"][0]
    return moment


def relation(name: str) -> Relation:
    return next(each for each in (*mall.RELATIONS, *wms.RELATIONS) if each.name == name)


@pytest.mark.parametrize(("table", "channel"), ALL)
def test_a_row_changes_with_its_update_time_and_in_no_other_way(
    world: Frames, now: datetime, table: Relation, channel: str
) -> None:
    before = table.at(Moment(world, now, channel))
    after = table.at(Moment(world, now + timedelta(hours=26), channel))
    cells = [name for name in after.columns if name != GONE]
    changed = after.join(before, on=cells, how="anti", nulls_equal=True)
    wall = pl.col("update_time")
    assert changed.filter(wall < now.replace(tzinfo=None)).is_empty()
    assert after.filter(wall >= (now + timedelta(hours=26)).replace(tzinfo=None)).is_empty()
    assert not after.select(table.key).is_duplicated().any()
    assert after["update_time"].null_count() == 0


def test_amounts_are_yuan_and_times_are_shanghai_s_wall_clock(world: Frames, now: datetime) -> None:
    orders = relation("orders").at(Moment(world, now, "mall"))
    first = (
        world["orders"].filter(pl.col("shop_id") == "mall-01").sort("created_at").row(0, named=True)
    )
    (row,) = orders.filter(pl.col("order_no") == first["order_id"]).iter_rows(named=True)
    assert row["payable_amount"] == Decimal(first["order_fen"]) / 100
    assert row["create_time"] == first["created_at"].replace(tzinfo=None)
    assert orders["create_time"].dtype == pl.Datetime("us")


def test_every_step_of_an_order_has_its_status(world: Frames, now: datetime) -> None:
    orders = relation("orders").at(Moment(world, now, "mall"))
    statuses = dict(
        orders.select(
            pl.col("order_status"),
            pl.col("pay_time").is_not_null().alias("paid"),
            pl.col("close_time").is_not_null().alias("closed"),
            pl.col("finish_time").is_not_null().alias("finished"),
        )
        .unique()
        .group_by("order_status")
        .agg(pl.struct("paid", "closed", "finished").first())
        .iter_rows()
    )
    assert statuses[90] == {"paid": False, "closed": True, "finished": False}
    assert statuses[30] == {"paid": True, "closed": False, "finished": False}
    assert statuses[40]["finished"]
    assert {20, 25, 30, 40, 90, 95} <= statuses.keys()


def test_what_the_mall_deletes_is_said_with_its_time(world: Frames, now: datetime) -> None:
    for name in ("member", "coupon", "cart_item"):
        rows = relation(name).at(Moment(world, now, "mall"))
        assert 0 < rows.filter(pl.col(GONE) < now).height < rows.height, name


def test_what_lies_there_is_what_the_documents_say(world: Frames, now: datetime) -> None:
    moment = Moment(world, now)
    lines = relation("stock_document_line").at(moment)
    documents = relation("stock_document").at(moment).drop("update_time", GONE)
    signed = pl.when(pl.col("direction") == 1).then("quantity").otherwise(-pl.col("quantity"))
    summed = (
        lines.join(documents, on="doc_no")
        .filter(pl.col("doc_status") == 2)
        .group_by("warehouse_code", "sku_code")
        .agg(signed.sum().alias("by_ledger"))
    )
    there = relation("stock").at(moment).join(summed, on=["warehouse_code", "sku_code"])
    assert there.height == 32
    assert there.filter(pl.col("on_hand") != pl.col("by_ledger")).is_empty()
