"""How 拼多多 sells: one thing an order, and little of what other platforms know besides.

The makers before this one fill every channel alike. Here 拼多多's rows get the shape that its
platform gives them (pdd.md section 4), the rows of other channels stay as they are:

- A cart is one order a thing: amounts, times and after-sales stand on the order alone. The first
  keeps the cart's id, each other one has its line's. A gift goes along with one of them, in its
  parcel.
- Who gives a discount bears it: there is no coupon of the platform that the shop pays a part of.
- There are no creators, so nobody is sent a sample; a price protection is a refund like any other.
"""

from __future__ import annotations

import polars as pl

Frames = dict[str, pl.DataFrame]
CHANNEL = "pdd"
_STAMPS = ("shipped_at", "signed_at", "finished_at", "closed_at")
_MONEY = (
    "list_fen", "goods_fen", "freight_fen", "shop_discount_fen", "platform_discount_fen",
    "author_discount_fen", "order_fen", "pay_discount_fen", "paid_fen", "merchant_borne_fen",
    "platform_borne_fen", "author_borne_fen",
)  # fmt: skip
_BORNE = [
    pl.col("merchant_borne_fen").alias("shop_discount_fen"),
    pl.col("platform_borne_fen").alias("platform_discount_fen"),
]


def sold_one_by_one(frames: Frames) -> Frames:
    """The world with 拼多多's rows as that platform has them."""
    shops = frames["shops"].filter(pl.col("channel") == CHANNEL)["shop_id"]
    here = pl.col("shop_id").is_in(shops.implode())
    hosts = _hosts(frames, here)
    packed = _parcels(frames, hosts, here)
    lines = _lines(frames["order_lines"], hosts)
    items = lines.filter(here & ~pl.col("is_gift")).join(
        frames["order_lines"].select("line_id", pl.col("order_id").alias("cart")), on="line_id"
    )
    return {
        **frames,
        "order_lines": lines,
        "orders": _orders(frames["orders"], items, here),
        "after_sales": _moved(frames["after_sales"], hosts).with_columns(
            pl.when(here & (pl.col("type") == "price_protection"))
            .then(pl.lit("refund_only"))
            .otherwise("type")
            .alias("type")
        ),
        "bills": _moved(frames["bills"], hosts),
        "ad_conversions": _credits(frames["ad_conversions"], items),
        "dirt": _dirt(frames["dirt"], items),
        **packed,
        "stock_moves": _stock(frames["stock_moves"], hosts, packed),
    }


def _hosts(frames: Frames, here: pl.Expr) -> pl.DataFrame:
    """line_id and host of all lines here: itself, of a gift the thing that it goes along with."""
    lines = frames["order_lines"].filter(here)
    kinds = frames["products"].select("product_id", "kind")
    first = (
        lines.filter(~pl.col("is_gift"))
        .join(kinds, on="product_id")
        .sort(pl.col("kind") != "hardware", "line_number")
        .group_by("order_id", maintain_order=True)
        .agg(pl.col("line_id").first().alias("first"))
    )
    host = pl.when("is_gift").then("first").otherwise("line_id").alias("host")
    return lines.join(first, on="order_id").select("line_id", host)


def _moved(frame: pl.DataFrame, hosts: pl.DataFrame) -> pl.DataFrame:
    """Rows of lines under the orders that the lines now belong to."""
    joined = frame.join(hosts, on="line_id", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("host", "order_id").alias("order_id")).drop("host")


def _lines(lines: pl.DataFrame, hosts: pl.DataFrame) -> pl.DataFrame:
    of_host = lines.select(pl.col("line_id").alias("host"), *_STAMPS)
    joined = lines.join(hosts, on="line_id", how="left", maintain_order="left").join(
        of_host, on="host", how="left", suffix="_of_host", maintain_order="left"
    )
    is_here = pl.col("host").is_not_null()
    changed = {
        **{name: pl.col(f"{name}_of_host") for name in _STAMPS},
        "order_id": pl.col("host"),
        "line_number": pl.col("is_gift").cast(pl.Int64) + 1,
        "shop_discount_fen": pl.col("merchant_borne_fen"),
        "platform_discount_fen": pl.col("platform_borne_fen"),
    }
    return joined.with_columns(
        pl.when(is_here).then(value).otherwise(name).alias(name) for name, value in changed.items()
    ).select(lines.columns)


def _orders(orders: pl.DataFrame, items: pl.DataFrame, here: pl.Expr) -> pl.DataFrame:
    """A row an item, with the item's money and ends."""
    ends = ("finished_at", "closed_at")
    item = items.select(
        "cart", "order_id", *(pl.col(name).name.suffix("_of_item") for name in (*_MONEY, *ends))
    )
    joined = orders.join(
        item, left_on="order_id", right_on="cart", how="left", suffix="_of_item",
        maintain_order="left_right",
    )  # fmt: skip
    changed = {name: pl.col(f"{name}_of_item") for name in ("order_id", *_MONEY, *ends)} | {
        "trade_type": pl.col("trade_type").replace("sample", "normal")
    }
    return joined.with_columns(
        pl.when(here).then(value).otherwise(name).alias(name) for name, value in changed.items()
    ).select(orders.columns)


def _credits(credited: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """A plan that is credited with a cart is credited with each of its orders."""
    item = items.select("cart", "order_id", "paid_fen")
    joined = credited.join(
        item, left_on="order_id", right_on="cart", how="left", suffix="_of_item",
        maintain_order="left_right",
    )  # fmt: skip
    return joined.with_columns(
        pl.coalesce("order_id_of_item", "order_id").alias("order_id"),
        pl.coalesce("paid_fen", "pay_fen").alias("pay_fen"),
    ).select(credited.columns)


def _stock(moves: pl.DataFrame, hosts: pl.DataFrame, packed: Frames) -> pl.DataFrame:
    """What a thing's parcel takes out of stock, its gift among it; in the parcel's document."""
    parcels = packed["parcels"].select("parcel_id", "warehouse", "shipped_at")
    now = packed["parcel_lines"].select("line_id", "parcel_id").join(parcels, on="parcel_id")
    joined = moves.join(hosts, on="line_id", how="left", maintain_order="left").join(
        now, on="line_id", how="left", suffix="_now", maintain_order="left"
    )
    moves_on = pl.col("host").is_not_null() & (pl.col("kind") == "sale")
    changed = {
        "parcel_id": pl.col("parcel_id_now"),
        "document_id": "XS" + pl.col("parcel_id_now"),
        "warehouse": pl.col("warehouse_now"),
        "posted_at": pl.col("shipped_at"),
        "reference": pl.col("host"),
    }
    return (
        joined.filter(~moves_on | pl.col("parcel_id_now").is_not_null())
        .with_columns(
            pl.when(moves_on).then(value).otherwise(name).alias(name)
            for name, value in changed.items()
        )
        .with_columns(pl.int_range(1, pl.len() + 1).over("document_id").alias("line_number"))
        .select(moves.columns)
    )


def _dirt(dirt: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Marked carts are marked orders, all of them."""
    joined = dirt.join(
        items.select("cart", "order_id"), left_on="record_id", right_on="cart", how="left"
    )
    named = pl.coalesce("order_id", "record_id").alias("record_id")
    return joined.with_columns(named).select(dirt.columns).sort("kind", "record_id")


def _parcels(frames: Frames, hosts: pl.DataFrame, here: pl.Expr) -> Frames:
    """Gifts lie in their hosts' parcels; a parcel that nothing is left in is none."""
    packed = frames["parcel_lines"]
    of_host = packed.select(pl.col("line_id").alias("host"), pl.col("parcel_id").alias("its"))
    moved = (
        packed.join(hosts, on="line_id", how="left", maintain_order="left")
        .join(of_host, on="host", how="left", maintain_order="left")
        .filter(pl.col("host").is_null() | pl.col("its").is_not_null())
        .with_columns(pl.coalesce("its", "parcel_id").alias("parcel_id"))
        .select(packed.columns)
    )
    left = ~here | pl.col("parcel_id").is_in(moved["parcel_id"].implode())
    parcels = frames["parcels"].filter(left)
    events = frames["parcel_events"].join(
        parcels, on="parcel_id", how="semi", maintain_order="left"
    )
    return {"parcels": parcels, "parcel_lines": moved, "parcel_events": events}
