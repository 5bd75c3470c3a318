"""What 视频号 does its own way in the world, and nobody else."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from pipelines.sandbox.world.catalogue import make_catalogue
from pipelines.sandbox.world.customs import received_whole, told_apart
from pipelines.sandbox.world.draws import SIZES
from pipelines.sandbox.world.generate import SEED, generate
from tests.unit.sandbox.tiny import Frames, at, frames_of


@pytest.fixture(scope="module")
def world() -> Frames:
    return generate("small")


def of_channel(world: Frames, table: str, channel: str) -> pl.DataFrame:
    shops = world["shops"].filter(pl.col("channel") == channel)["shop_id"]
    return world[table].filter(pl.col("shop_id").is_in(shops.implode()))


def test_an_sku_stands_once_in_an_order_of_weixin_shop_alone(world: Frames) -> None:
    for channel, is_once in (("weixin_shop", True), ("doudian", False)):
        lines = of_channel(world, "order_lines", channel)
        assert (lines.select("order_id", "sku_id").is_duplicated().any()) is not is_once


def test_a_second_line_of_an_sku_moves_on_to_the_shop_s_next_of_its_kind() -> None:
    catalogue = make_catalogue(SIZES["small"], SEED)
    shop = catalogue.shop_ids.index("weixin_shop-01")
    is_course = catalogue.product_is_course[catalogue.sku_product]
    first = int(np.searchsorted(catalogue.sku_shop, shop, side="left"))
    things = np.flatnonzero((catalogue.sku_shop == shop) & (is_course == 0))
    last, second = int(things[-1]), int(things[1])
    sku = np.array([second, second, last, last, first])
    told = told_apart(catalogue, np.array([7, 7, 8, 8, 9]), np.full(5, shop), sku)
    assert told[[0, 2, 4]].tolist() == [second, last, first]
    assert told[1] == things[2]
    assert told[3] == things[0]  # around the end


def test_weixin_shop_takes_no_deposits(world: Frames) -> None:
    orders = of_channel(world, "orders", "weixin_shop").filter(pl.col("trade_type") == "presale")
    assert orders.height > 50
    assert orders["deposit_fen"].sum() == 0
    assert orders["deposit_paid_at"].null_count() == orders.height
    assert orders["paid_at"].drop_nulls().len() > 50


def test_an_order_is_received_with_its_last_line_and_settled_as_much_later() -> None:
    lines = [
        # Received on its own a day before the other, which was sent in a parcel of its own.
        {"line_id": "1", "shipped_at": at("11-01 08:00"), "finished_at": at("11-04 08:00")},
        {"line_id": "2", "shipped_at": at("11-02 08:00"), "finished_at": at("11-05 09:00")},
        # Given back between the two; never signed; never sent.
        {
            "line_id": "3", "shipped_at": at("11-01 08:00"), "finished_at": at("11-04 08:00"),
            "closed_at": at("11-05 08:00"),
        },
        {"line_id": "4", "shipped_at": at("11-01 08:00")},
        {"line_id": "5", "closed_at": at("11-01 07:00")},
    ]  # fmt: skip
    bill = {"line_id": "1", "shop_id": "w", "order_id": "o"}
    world = frames_of(
        {
            "shops": [{"shop_id": "w", "channel": "weixin_shop"}],
            "orders": [{"order_id": "o", "shop_id": "w", "finished_at": at("11-05 09:00")}],
            "order_lines": [{"order_id": "o", "shop_id": "w", **line} for line in lines],
            "bills": [
                {**bill, "bill_id": "b", "type": "settled", "settled_at": at("11-11 10:00")},
                {
                    **bill, "bill_id": "late", "type": "refund_after_settle",
                    "settled_at": at("11-11 12:00"),
                },
            ],
        }
    )  # fmt: skip
    told = received_whole(world)
    whole = at("11-05 09:00")
    assert told["order_lines"]["finished_at"].to_list() == [whole, whole, None, whole, None]
    assert told["orders"]["finished_at"].to_list() == [whole]
    settled = dict(told["bills"].select("bill_id", "settled_at").rows())
    assert settled == {"b": at("11-12 11:00"), "late": at("11-12 11:01")}


def test_others_receive_line_by_line() -> None:
    lines = [
        {"line_id": "1", "shipped_at": at("11-01 08:00"), "finished_at": at("11-04 08:00")},
        {"line_id": "2", "shipped_at": at("11-02 08:00"), "finished_at": at("11-05 09:00")},
    ]
    world = frames_of(
        {
            "shops": [{"shop_id": "d", "channel": "doudian"}],
            "orders": [{"order_id": "o", "shop_id": "d", "finished_at": at("11-05 09:00")}],
            "order_lines": [{"order_id": "o", "shop_id": "d", **line} for line in lines],
            "bills": [{"bill_id": "b", "line_id": "1", "shop_id": "d", "order_id": "o",
                       "type": "settled", "settled_at": at("11-11 10:00")}],
        }
    )  # fmt: skip
    told = received_whole(world)
    assert all(told[name].equals(world[name]) for name in ("order_lines", "orders", "bills"))
