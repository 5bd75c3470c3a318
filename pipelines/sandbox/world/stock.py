"""The warehouses' ledger: what went out and came back, and what was bought so that it could."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.sandbox.world.catalogue import Catalogue
from pipelines.sandbox.world.columns import TIME
from pipelines.sandbox.world.draws import DAY, HOUR, Draws, Size, frame, picked, texts, times
from pipelines.sandbox.world.fulfilment import WAREHOUSES, Shipping
from pipelines.sandbox.world.sales import Lines, Orders

_SAFETY, _CARTON = 20, 10
_WEEK = 7 * DAY
_PLACE = ("warehouse", "merchant_code")


def make_stock(
    catalogue: Catalogue,
    orders: Orders,
    lines: Lines,
    shipping: Shipping,
    after_sales: pl.DataFrame,
    size: Size,
    seed: int,
) -> pl.DataFrame:
    """All documents. Outgoing ones follow from sales; what comes in is bought a week ahead."""
    draws = Draws(seed, "stock")
    sales = _sales(catalogue, orders, lines, shipping)
    others = [*_after_sales(after_sales, sales), *_transfers(catalogue, size, draws)]
    given = pl.concat([sales, *others], how="diagonal_relaxed")
    parts = [*map(_numbered, [*_bought(given, size, draws), *others]), sales]
    whole = _at_cost(pl.concat(parts, how="diagonal_relaxed"), catalogue.frames["sku_costs"])
    return frame("stock_moves", whole.to_dict())


def _sales(catalogue: Catalogue, orders: Orders, lines: Lines, shipping: Shipping) -> pl.DataFrame:
    """A document a parcel, raised when the last of its orders was paid."""
    line = np.flatnonzero(shipping.parcel >= 0)
    line = line[np.argsort(shipping.parcel[line], kind="stable")]
    parcel, parcels = shipping.parcel[line], shipping.parcels
    first = np.searchsorted(parcel, parcel)
    order = lines.order[line]
    raised = np.full(len(parcels.order), np.int64(0))
    np.maximum.at(raised, parcel, orders.paid[order])
    parcel_id = parcels.ids(parcel)
    return pl.DataFrame(
        {
            "document_id": "XS" + parcel_id,
            "line_number": np.arange(len(line)) - first + 1,
            "warehouse": picked(WAREHOUSES, parcels.warehouse[parcel]),
            "merchant_code": catalogue.frames["skus"]["merchant_code"].gather(lines.sku[line]),
            "quantity": lines.quantity[line],
            "created_at": times(raised[parcel]),
            "posted_at": times(parcels.shipped[parcel]),
            "reference": texts(orders.ids[order]),
            "line_id": lines.ids(orders, line),
            "parcel_id": parcel_id,
        }
    ).with_columns(pl.lit("sale").alias("kind"), pl.lit("out").alias("direction"))


def _after_sales(after_sales: pl.DataFrame, sales: pl.DataFrame) -> list[pl.DataFrame]:
    """Returned and exchanged goods come in, exchanged and missing ones go out once more."""
    sent = sales.select("line_id", *_PLACE, pl.col("posted_at").alias("sent_at"))
    asked = (
        after_sales.filter(pl.col("outcome") == "succeeded")
        .join(sent, on="line_id")
        .filter(pl.col("applied_at") >= pl.col("sent_at"))
    )
    back = asked.filter(pl.col("received_at").is_not_null())
    kinds = (
        ("return", "in", "TH", back, "returned_at", "received_at"),
        ("exchange", "in", "HR", back, "returned_at", "received_at"),
        ("exchange", "out", "HC", back, "received_at", "ended_at"),
        ("reissue", "out", "BF", asked, "handled_at", "ended_at"),
    )
    return [
        requests.filter(pl.col("type") == ("return_refund" if kind == "return" else kind)).select(
            pl.concat_str(pl.lit(prefix), "after_sale_id").alias("document_id"),
            pl.lit(kind).alias("kind"),
            pl.lit(direction).alias("direction"),
            *_PLACE,
            "quantity",
            pl.col(created).alias("created_at"),
            pl.col(posted).alias("posted_at"),
            pl.col("after_sale_id").alias("reference"),
            "line_id",
        )
        for kind, direction, prefix, requests, created, posted in kinds
    ]


def _transfers(catalogue: Catalogue, size: Size, draws: Draws) -> list[pl.DataFrame]:
    """Every few days some SKUs move from the first warehouse to the second."""
    is_thing = pl.Series(catalogue.product_is_course[catalogue.sku_product] == 0)
    codes = catalogue.frames["skus"]["merchant_code"].filter(is_thing).unique().sort()
    weeks = np.arange(size.days // 4)
    count = len(weeks) * 3
    number = np.repeat(weeks, 3)
    out_at = size.start + number * 4 * DAY + 9 * HOUR
    drawn = codes.gather(draws.whole(0, len(codes), count))
    name = "DB" + pl.Series(number + 1).cast(pl.String).str.zfill(5)
    quantity = draws.whole(1, 4, count) * _CARTON // 2
    took = draws.lag(DAY, len(weeks), 0.4, 3 * DAY)[number]
    moved = {"merchant_code": drawn, "quantity": quantity, "reference": name}
    return [
        pl.DataFrame(
            {
                **moved,
                "document_id": name + suffix,
                "kind": ["transfer"] * count,
                "direction": [direction] * count,
                "warehouse": [warehouse] * count,
                "created_at": times(out_at),
                "posted_at": times(posted),
            }
        ).unique(["document_id", "merchant_code"], maintain_order=True)
        for direction, suffix, warehouse, posted in (
            ("out", "-C", WAREHOUSES[0], out_at),
            ("in", "-R", WAREHOUSES[1], out_at + took),
        )
    ]


def _bought(given: pl.DataFrame, size: Size, draws: Draws) -> list[pl.DataFrame]:
    """Opening stock for the first week, and a purchase before each later one for what it takes."""
    start = pl.lit(size.start)
    week = (pl.col("posted_at").dt.epoch("s") - start) // _WEEK
    needed = (
        given.filter(pl.col("direction") == "out")
        .group_by(*_PLACE, week.alias("week"))
        .agg(pl.col("quantity").sum())
        .sort("week", *_PLACE)
    )
    later = needed.filter(pl.col("week") > 0)
    arrived = size.start + later["week"].to_numpy() * _WEEK
    weeks = int(later["week"].max() or 0) + 1  # type: ignore[arg-type]
    hours = draws.whole(1, 20, weeks)[later["week"].to_numpy()]
    ordered = draws.whole(4, 8, weeks)[later["week"].to_numpy()]
    purchases = later.select(
        *_PLACE,
        (-(-pl.col("quantity") // _CARTON) * _CARTON).alias("quantity"),
        pl.lit("purchase").alias("kind"),
        pl.lit("in").alias("direction"),
        pl.concat_str(
            pl.lit("CG"), pl.col("week").cast(pl.String).str.zfill(5), pl.col("warehouse")
        ).alias("document_id"),
        pl.concat_str(pl.lit("PO"), pl.col("week").cast(pl.String).str.zfill(5)).alias("reference"),
        times(arrived - hours * HOUR - ordered * DAY).alias("created_at"),
        times(arrived - hours * HOUR).alias("posted_at"),
    )
    first = needed.filter(pl.col("week") == 0).select(*_PLACE, "quantity")
    opening = (
        needed.select(_PLACE)
        .unique()
        .join(first, on=_PLACE, how="left")
        .sort(_PLACE)
        .select(
            *_PLACE,
            (pl.col("quantity").fill_null(0) + _SAFETY).alias("quantity"),
            pl.lit("opening").alias("kind"),
            pl.lit("in").alias("direction"),
            pl.concat_str(pl.lit("QC"), "warehouse").alias("document_id"),
            pl.lit("opening").alias("reference"),
            pl.from_epoch(start, time_unit="s")
            .dt.convert_time_zone("Asia/Shanghai")
            .alias("created_at"),
        )
        .with_columns(pl.col("created_at").alias("posted_at"))
    )
    return [opening, purchases]


def _at_cost(moves: pl.DataFrame, costs: pl.DataFrame) -> pl.DataFrame:
    """With the cost of the day of posting."""
    days = moves.select("merchant_code", pl.col("posted_at").dt.date().alias("day"))
    known = (
        days.unique()
        .sort("day", "merchant_code")
        .join_asof(
            costs.sort("valid_from"),
            left_on="day",
            right_on="valid_from",
            by="merchant_code",
            check_sortedness=False,  # sorted above; with groups it cannot be checked
        )
    )
    at_cost = days.join(known, on=("merchant_code", "day"), how="left", maintain_order="left")
    return moves.with_columns(at_cost["unit_cost_fen"])


def _numbered(part: pl.DataFrame) -> pl.DataFrame:
    """With the lines of each document numbered."""
    return part.with_columns(
        pl.col("created_at", "posted_at").cast(TIME),
        pl.int_range(1, pl.len() + 1).over("document_id").alias("line_number"),
    )
