"""What 京东 calls an order: the world's orders, and the parts that one of them was split into.

京东 knows no state, ship time or refund of a line: orders have them. So a paid order whose lines
part ways (things and courses, two parcels, one line cancelled or given back by itself, the same SKU
twice) is split as the platform splits: each part is a child order with the parent's id, and the
parent stays in the list beside them. Whoever counts both counts double (jd.md section 6).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.jd_words import happened, of_shop

_CHILD = 50  # the ids of an order's lines end before it


def line_units(frames: Mapping[str, pl.DataFrame], shop: str) -> pl.DataFrame:
    """line_id, the child_id of its part, the is_split of its order; a parted line's is its own."""
    lines = of_shop(frames["order_lines"], shop).sort("order_id", "line_number")
    asked = of_shop(frames["after_sales"], shop).filter(pl.col("type") == "pre_ship")["line_id"]
    fate = pl.struct(
        "kind",
        "shipped_at",
        "finished_at",
        pl.when(pl.col("finished_at").is_null()).then("closed_at").alias("closed_at"),
        # 京东 cancels whole orders only, and lists a SKU once in one.
        pl.when(pl.col("line_id").is_in(asked.implode())).then("line_number").alias("cancelled"),
        pl.col("line_id").cum_count().over("order_id", "sku_id", "is_gift").alias("time"),
    )
    return (
        lines.join(frames["products"].select("product_id", "kind"), on="product_id", how="left")
        .select("order_id", "line_id", fate.alias("fate"))
        .with_columns(pl.col("fate").rank("dense").over("order_id").cast(pl.Int64).alias("part"))
        .select(
            "line_id",
            "order_id",
            (pl.col("order_id").cast(pl.Int64) + _CHILD + pl.col("part"))
            .cast(pl.String)
            .alias("child_id"),
            (pl.col("part").max().over("order_id") > 1).alias("is_split"),
        )
    )


def settled_unit() -> pl.Expr:
    """The order of a line once it is paid, from the columns of ``line_units``."""
    return pl.when("is_split").then("child_id").otherwise("order_id")


def unit_lines(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    """The visible lines under each order that lists them: unit_id, parent_id, columns of a line."""
    orders = happened(of_shop(frames["orders"], shop), now).drop_nulls("created_at")
    lines = (
        happened(of_shop(frames["order_lines"], shop), now)
        .join(line_units(frames, shop).drop("order_id"), on="line_id")
        .join(orders.select("order_id", "paid_at"), on="order_id")
        .join(
            frames["products"].select("product_id", pl.col("name").alias("product_name"), "kind"),
            on="product_id",
            how="left",
        )
        .join(
            frames["skus"].select("sku_id", "merchant_code", "spec_value"), on="sku_id", how="left"
        )
    )
    whole = lines.with_columns(pl.col("order_id").alias("unit_id"), pl.lit("0").alias("parent_id"))
    parts = lines.filter(pl.col("is_split") & pl.col("paid_at").is_not_null()).with_columns(
        pl.col("child_id").alias("unit_id"), pl.col("order_id").alias("parent_id")
    )
    return pl.concat([whole, parts]).sort("unit_id", "line_number")
