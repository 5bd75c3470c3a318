"""The own mall's members: their accounts, points, coupons and carts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from pipelines.sandbox.world.columns import TIME
from pipelines.sandbox.world.draws import DAY, HOUR, Draws, Ints, Size, frame, picked, texts, times
from pipelines.sandbox.world.tables_mall import TERMINALS

Frames = Mapping[str, pl.DataFrame]
_CAMPAIGNS = ("双11满减券", "会员日券", "新人券", "生日券")
_UNUSED, _BROWSING, _NEVER_BOUGHT, _LEAVING, _BY_CART = 0.3, 0.3, 0.1, 0.08, 0.3
_WEEK = pl.duration(days=7)


def make_membership(frames: Frames, size: Size, seed: int) -> dict[str, pl.DataFrame]:
    """Tables of the own mall, from its orders and buyers."""
    draws = Draws(seed, "membership")
    shops = frames["shops"].filter(pl.col("channel") == "mall")["shop_id"]
    orders = frames["orders"].filter(pl.col("shop_id").is_in(shops.implode())).sort("order_id")
    people = _people(frames, orders, shops, draws)
    of_order = orders.join(people.select("buyer_id", "member_id"), on="buyer_id").sort("order_id")
    spent = _spent(of_order, draws)
    opened = people.join(
        spent.group_by("member_id").agg(pl.col("points").sum().alias("spent")),
        on="member_id",
        how="left",
    ).sort("member_id")
    members = _members(opened, size, draws)
    return {
        "members": members,
        "point_entries": _entries(spent, of_order, frames["after_sales"]),
        "coupons": _coupons(of_order, members, size, draws),
        "cart_items": _carts(frames, of_order, members, shops, size, draws),
    }


def _people(frames: Frames, orders: pl.DataFrame, shops: pl.Series, draws: Draws) -> pl.DataFrame:
    """Who bought, and some who never did; one row a member, by buyer."""
    bought = orders.group_by("buyer_id").agg(
        pl.col("shop_id").first(), pl.col("created_at").min().alias("first_order_at")
    )
    buyers = frames["buyers"].filter(pl.col("channel") == "mall").select("buyer_id")
    chosen = pl.Series("chosen", draws.chance(_NEVER_BOUGHT, buyers.height))
    people = (
        buyers.with_columns(chosen)
        .join(bought, on="buyer_id", how="left", maintain_order="left")
        .filter(pl.col("chosen") | pl.col("shop_id").is_not_null())
        .with_columns(pl.col("shop_id").fill_null(shops[0] if len(shops) else ""))
    )
    numbers = texts(880_000_000 + 17 * np.arange(1, people.height + 1))
    return people.with_columns(numbers.alias("member_id"))


def _spent(of_order: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    """Orders of which points made up the whole yuan of the shop's discount."""
    whole = pl.col("shop_discount_fen") // 100 * 100
    uses = pl.Series("uses", draws.chance(0.3, of_order.height))
    return (
        of_order.with_columns(uses, whole.alias("points"))
        .filter(pl.col("uses") & (pl.col("points") > 0))
        .select("member_id", "order_id", "created_at", "closed_at", "paid_at", "points")
    )


def _members(people: pl.DataFrame, size: Size, draws: Draws) -> pl.DataFrame:
    """Who spends points in the world has had the account, and the points, since before it."""
    count = people.height
    bought = people["first_order_at"].is_not_null()
    before = size.start - draws.whole(5, 400, count) * DAY
    shortly_before = people["first_order_at"].dt.epoch("s").to_numpy() - draws.lag(HOUR, count)
    some_day = draws.whole(size.start - 60 * DAY, size.end, count)
    is_old = people["spent"].is_not_null() | pl.Series(draws.chance(0.7, count))
    registered = np.where(is_old, before, np.where(bought, shortly_before, some_day)).astype(
        np.int64
    )
    leaves = ~bought.to_numpy() & draws.chance(_LEAVING, count)
    left = np.maximum(registered, size.start) + draws.whole(DAY, 14 * DAY, count)
    saved = np.where(registered < size.start, draws.whole(0, 40, count) * 50, 0)
    return frame(
        "members",
        {
            **people.select("member_id", "buyer_id", "shop_id").to_dict(),
            "terminal": picked(TERMINALS, draws.one_of((2, 3, 5), count)),
            "registered_at": times(registered),
            "left_at": times(np.where(leaves, left, -1)),
            "opening_points": people["spent"].fill_null(0) + pl.Series(saved),
        },
    )


def _entries(
    spent: pl.DataFrame, of_order: pl.DataFrame, after_sales: pl.DataFrame
) -> pl.DataFrame:
    back = (
        after_sales.join(of_order.select("order_id", "finished_at"), on="order_id")
        .filter(pl.col("refunded_at") <= pl.col("finished_at"))
        .group_by("order_id")
        .agg(pl.col("refund_fen").sum().alias("back"))
    )
    earned = (pl.col("paid_fen") - pl.col("back").fill_null(0)) // 100
    parts = (
        spent.with_columns(
            pl.col("created_at").alias("at"), pl.lit("spend").alias("kind"), -pl.col("points")
        ),
        spent.filter(pl.col("paid_at").is_null() & pl.col("closed_at").is_not_null()).with_columns(
            pl.col("closed_at").alias("at"), pl.lit("return").alias("kind")
        ),
        of_order.join(back, on="order_id", how="left")
        .with_columns(
            pl.col("finished_at").alias("at"), pl.lit("earn").alias("kind"), earned.alias("points")
        )
        .filter(pl.col("at").is_not_null() & (pl.col("points") > 0)),
    )
    entries = pl.concat(
        part.select("member_id", "order_id", "at", "kind", "points") for part in parts
    ).sort("at", "order_id", "kind")
    numbers = texts(660_000_000 + np.arange(1, entries.height + 1))
    return frame("point_entries", {"entry_id": numbers, **entries.to_dict()})


def _coupons(
    of_order: pl.DataFrame, members: pl.DataFrame, size: Size, draws: Draws
) -> pl.DataFrame:
    """One on each order that had one; some that nobody used."""
    used = of_order.filter(pl.col("platform_discount_fen") > 0)
    used_at = used["created_at"].dt.epoch("s").to_numpy()
    owners = _some(members, _UNUSED, draws)
    unused = _moments(owners, size, draws)
    issued = np.concatenate([used_at - draws.lag(2 * DAY, used.height), unused])
    valid = (3 + draws.one_of((3, 1), len(issued)) * 4) * DAY
    expires = np.maximum(issued + valid, np.concatenate([used_at + 1, unused]))
    face = np.concatenate([used["platform_discount_fen"], draws.whole(2, 9, len(unused)) * 500])
    nothing = pl.Series([None] * len(unused), dtype=pl.String)
    return frame(
        "coupons",
        {
            "coupon_id": texts(550_000_000 + np.arange(1, len(issued) + 1)),
            "member_id": pl.concat([used["member_id"], owners["member_id"]]),
            "name": picked(_CAMPAIGNS, draws.whole(0, len(_CAMPAIGNS), len(issued))),
            "discount_fen": face,
            "issued_at": times(issued),
            "expires_at": times(expires),
            "used_at": times(np.concatenate([used_at, np.full(len(unused), -1)])),
            "order_id": pl.concat([used["order_id"], nothing]),
        },
    )


def _carts(
    frames: Frames,
    of_order: pl.DataFrame,
    members: pl.DataFrame,
    shops: pl.Series,
    size: Size,
    draws: Draws,
) -> pl.DataFrame:
    """What was ordered out of a cart, and what was left in one."""
    by_cart = of_order.filter(pl.Series(draws.chance(_BY_CART, of_order.height)))
    ordered = (
        by_cart.select("order_id", "member_id", pl.col("created_at").alias("removed_at"))
        .join(frames["order_lines"].filter(~pl.col("is_gift")), on="order_id")
        .sort("line_id")
    )
    waited = draws.lag(6 * HOUR, ordered.height, 1.0, 6 * DAY)
    ordered = ordered.with_columns(
        times(ordered["removed_at"].dt.epoch("s").to_numpy() - waited).alias("added_at")
    )
    owners = _some(members, _BROWSING, draws)
    skus = frames["skus"].filter(pl.col("shop_id").is_in(shops.implode()))["sku_id"]
    left = owners.select(
        "member_id",
        skus.gather(draws.whole(0, max(len(skus), 1), owners.height)).alias("sku_id"),
        pl.lit(1, pl.Int64).alias("quantity"),
        times(_moments(owners, size, draws)).alias("added_at"),
    ).with_columns((pl.col("added_at") + _WEEK).alias("removed_at"))
    columns = ("member_id", "sku_id", "quantity", pl.col("added_at", "removed_at").cast(TIME))
    items = pl.concat([ordered.select(columns), left.select(columns)])
    numbers = texts(770_000_000 + np.arange(1, items.height + 1))
    return frame("cart_items", {"cart_item_id": numbers, **items.to_dict()})


def _some(members: pl.DataFrame, share: float, draws: Draws) -> pl.DataFrame:
    return members.filter(pl.Series(draws.chance(share, members.height)))


def _moments(owners: pl.DataFrame, size: Size, draws: Draws) -> Ints:
    """A moment of the world for each member, who has an account then and does not close it soon."""
    since = np.maximum(owners["registered_at"].dt.epoch("s").to_numpy(), size.start)
    until = owners["left_at"].dt.epoch("s").fill_null(size.end + DAY).to_numpy()
    drawn = draws.generator.random(owners.height)
    width = np.maximum(np.minimum(until, size.end) - since, 1)
    return np.array(since + drawn * width, dtype=np.int64)
