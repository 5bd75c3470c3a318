"""World parcels in TOP's words: logistics.orders.get and logistics.trace.search.

A parcel of several trades is a logistics order of each. Shops here send by themselves (自己联系),
whose logistics orders say ACCEPTED_BY_RECEIVER as soon as they are sent: the traces alone say what
happens then. The notes sample two actions of a trace (GOT, SIGNED); the others are unconfirmed.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines.sandbox.adapter import Outside
from pipelines.sandbox.adapters.taobao_views import lines, shop_of, trades
from pipelines.sandbox.adapters.taobao_words import (
    coded,
    listing,
    masked,
    rendered,
    wall,
    wrapped,
)
from pipelines.sandbox.listing import Listing

_ACTIONS = {
    "picked_up": "GOT", "in_transit": "DEPARTURE", "out_for_delivery": "SENT_SCAN",
    "signed": "SIGNED", "exception": "FAILED",
}  # fmt: skip
_WORDS = {
    "picked_up": "已揽收", "in_transit": "运输中", "out_for_delivery": "派送中",
    "signed": "已签收", "exception": "派送异常",
}  # fmt: skip


def _sent(outside: Outside, shop: str) -> pl.DataFrame:
    """Parcels that have left, once for each trade in them, with the lines that they hold."""

    def make() -> pl.DataFrame:
        parcels = outside.frames["parcels"].filter(
            (pl.col("shop_id") == shop) & (pl.col("shipped_at") < outside.now())
        )
        inside = outside.frames["parcel_lines"].join(
            lines(outside, shop).select("line_id", "order_id", "title"), on="line_id"
        )
        together = inside.sort("line_id").group_by("parcel_id", "order_id", maintain_order=True)
        whole = together.agg(
            pl.col("line_id").cast(pl.Int64).alias("oids"), pl.col("title").first()
        )
        split = pl.col("parcel_id").n_unique().over("order_id") > 1
        return whole.with_columns(split.alias("is_split")).join(
            parcels.drop("shop_id"), on="parcel_id"
        )

    return outside.rendered(("taobao sent", shop), make)


def shipping_listing(outside: Outside, shop: str, names: frozenset[str]) -> Listing:
    """A shop's logistics orders by the time of their creation."""
    seller = pl.lit(shop_of(outside, shop)["name"])
    whole = (
        _sent(outside, shop)
        .join(trades(outside, shop).select("order_id", "buyer_id", "freight_fen"), on="order_id")
        .join(outside.frames["buyers"].select("buyer_id", "name"), on="buyer_id")
        .with_columns(
            pl.concat_str(
                pl.lit("LP"), pl.col("parcel_id").str.tail(-2), pl.col("order_id").str.tail(9)
            ).alias("order_code")
        )
    )
    free = pl.col("freight_fen") == 0
    fields = [
        pl.col("order_id").cast(pl.Int64).alias("tid"),
        pl.col("order_code"),
        seller.alias("seller_nick"),
        masked("name").alias("buyer_nick"),
        pl.col("tracking_number").alias("out_sid"),
        pl.col("carrier_name").alias("company_name"),
        pl.col("title").alias("item_title"),
        pl.lit("ACCEPTED_BY_RECEIVER").alias("status"),
        pl.lit("express").alias("type"),
        pl.when(free).then(pl.lit("seller")).otherwise(pl.lit("buyer")).alias("freight_payer"),
        pl.lit("yes").alias("seller_confirm"),
        pl.col("is_split").cast(pl.Int64),
        pl.when(pl.col("is_split")).then(wrapped("oids", "number")).alias("sub_tids"),
        wall("shipped_at").alias("created"),
        wall("shipped_at").alias("modified"),
        masked("name").alias("receiver_name"),
    ]
    return listing(whole, "shipped_at", "order_code", fields, names)


def trace_answers(outside: Outside, shop: str) -> Mapping[str, bytes]:
    """What trace.search says, by tid, and by oid where a trade is split."""

    def make() -> dict[str, bytes]:
        scans = outside.frames["parcel_events"].filter(pl.col("at") < outside.now())
        step = pl.struct(
            coded("event", _ACTIONS).alias("action"),
            pl.concat_str(
                pl.lit("【"), pl.col("place"), pl.lit("】"), coded("event", _WORDS)
            ).alias("status_desc"),
            wall("at").alias("status_time"),
        )
        steps = scans.sort("at").group_by("parcel_id", maintain_order=True).agg(step.alias("steps"))
        told = _sent(outside, shop).join(steps, on="parcel_id", how="left").select(
            "order_id", "oids", "is_split",
            rendered(
                [
                    pl.col("order_id").cast(pl.Int64).alias("tid"),
                    pl.col("tracking_number").alias("out_sid"),
                    pl.col("carrier_name").alias("company_name"),
                    pl.lit("运输中").alias("status"),
                    wrapped("steps", "transit_step_info").alias("trace_list"),
                ]
            ),
        )  # fmt: skip
        answers: dict[str, bytes] = {}
        for order, oids, is_split, text in told.iter_rows():
            keys = [str(each) for each in oids] if is_split else [order]
            answers |= dict.fromkeys(keys, text[1:-1].encode())
        return answers

    return outside.rendered(("taobao traces", shop), make)
