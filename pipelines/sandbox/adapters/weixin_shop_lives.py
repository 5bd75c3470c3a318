"""World live sessions in 微信小店's words: rooms by day and seller, and the figures of a room.

Counts of viewers grow evenly while a room is on. The parts of a room's figures are JSON in texts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
import polars as pl

from pipelines.sandbox.adapters.doudian_words import epoch
from pipelines.sandbox.adapters.weixin_shop_words import Frames

_GROWING = (
    "exposure_uv", "view_uv", "view_pv", "watch_seconds", "comment_count", "share_count",
    "follow_count", "fan_club_count", "item_exposure_uv", "item_click_uv", "item_click_pv",
)  # fmt: skip


def rooms(frames: Frames, shop: str, now: datetime) -> pl.DataFrame:
    """A shop's rooms that have opened, as they stand."""
    length = (pl.col("ended_at") - pl.col("started_at")).dt.total_seconds()
    so_far = pl.min_horizontal((now - pl.col("started_at")).dt.total_seconds(), length)
    opened = frames["live_sessions"].filter(
        (pl.col("shop_id") == shop) & (pl.col("started_at") < now)
    )
    return (
        opened.join(frames["authors"].select("author_id", "nickname"), on="author_id")
        .join(_sold(frames, opened, now), on="session_id", how="left")
        .with_columns(
            pl.col("paid", "paid_uv", "paid_fen", "placed", "placed_uv").fill_null(0),
            so_far.alias("seconds"),
            (pl.col("ended_at") >= now).alias("is_on"),
            *((pl.col(name) * so_far // length).alias(name) for name in _GROWING),
        )
        .sort("started_at", "session_id")
    )


def _sold(frames: Frames, opened: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """What was placed and paid in each room while it was on."""
    orders = frames["orders"].join(
        opened.select("session_id", "started_at", "ended_at"), on="session_id"
    )

    def inside(name: str) -> pl.Expr:
        at = pl.col(name)
        within = at.is_between(pl.col("started_at"), pl.col("ended_at"))
        return (within & (at < now)).fill_null(value=False)

    return (
        orders.with_columns(inside("created_at").alias("in_placed"), inside("paid_at").alias("in"))
        .group_by("session_id")
        .agg(
            pl.col("in").sum().cast(pl.Int64).alias("paid"),
            pl.col("buyer_id").filter("in").n_unique().cast(pl.Int64).alias("paid_uv"),
            pl.col("paid_fen").filter("in").sum(),
            pl.col("in_placed").sum().cast(pl.Int64).alias("placed"),
            pl.col("buyer_id").filter("in_placed").n_unique().cast(pl.Int64).alias("placed_uv"),
        )
    )


def live_list(held: pl.DataFrame, finder: str, ds: str) -> bytes:
    """The rooms that a seller opened on a day."""
    shown = held.filter(
        (pl.col("author_id") == finder) & (pl.col("started_at").dt.strftime("%Y%m%d") == ds)
    )
    record = pl.struct(
        pl.col("session_id").alias("live_id"),
        pl.col("title").alias("live_title"),
        epoch("started_at").cast(pl.String).alias("live_time"),
        pl.col("seconds").cast(pl.String).alias("live_duration"),
        pl.lit("https://example.invalid/img.jpg").alias("live_cover_img_url"),
    )
    told = shown.select(record.struct.json_encode().alias("record"))["record"]
    return ",".join(told).encode()


def finder_list(frames: Frames, held: pl.DataFrame, shop: str, now: datetime, ds: str) -> bytes:
    """Who sold for the shop on a day, in a room or elsewhere."""
    is_day = pl.col("paid_at").dt.strftime("%Y%m%d") == ds
    paid = frames["orders"].filter(
        (pl.col("shop_id") == shop) & (pl.col("paid_at") < now) & is_day
    ).drop_nulls("author_id")  # fmt: skip
    sold = paid.group_by("author_id").agg(
        pl.col("paid_fen").sum(), pl.col("buyer_id").n_unique().alias("uv")
    )
    on_air = held.filter(pl.col("started_at").dt.strftime("%Y%m%d") == ds).select("author_id")
    everybody = pl.concat([sold.select("author_id"), on_air]).unique()
    rows = (
        everybody.join(sold, on="author_id", how="left")
        .join(frames["authors"].select("author_id", "nickname"), on="author_id")
        .with_columns(pl.col("paid_fen", "uv").fill_null(0))
        .sort("author_id")
    )
    told = [
        {
            "finder_id": row["author_id"],
            "finder_nickname": row["nickname"],
            "data": {
                "pay_gmv": str(row["paid_fen"]), "pay_product_id_cnt": "0",
                "pay_uv": str(row["uv"]), "refund_gmv": "0", "pay_refund_gmv": "0",
            },
        }
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip
    return orjson.dumps(told)[1:-1]


def live_data(room: dict[str, Any]) -> bytes:
    """The figures of a room, each part JSON in a text."""
    viewers, watched = room["view_uv"], room["watch_seconds"]
    average = watched // viewers if viewers else 0
    summary = {
        "new_watch_uv": viewers, "max_online_watch_uv": room["peak_online"],
        "impression_uv": room["exposure_uv"], "average_watch_seconds_per_audience": average,
        "new_follow_uv": room["follow_count"], "new_fans_club_uv": room["fan_club_count"],
        "comment_uv": room["comment_count"], "sharing_uv": room["share_count"],
    }  # fmt: skip
    parts = {
        "live_dashboard_data": {
            "live_duration": room["seconds"],
            "start_time": int(room["started_at"].timestamp()),
            "live_dashboard_data": {"summary": summary},
        },
        "live_comparison_index": {"is_living": room["is_on"], "ended": {}},
        "live_ec_data_summary": _trade(room, average),
        "live_ec_conversion_metric": {},
        "live_ec_profile": {},
        "live_distribution_channel": {
            "audience_count": viewers,
            "total_joinlive_count": room["view_pv"],
            "live_dist_channel_source_by_scene_stats": [],
            "live_dist_channel_source_stats": [],
            "data_key": [],
        },
        "single_live_ec_spu_data_page_v2": {"spu_data_list": []},
    }
    return orjson.dumps({name: orjson.dumps(part).decode() for name, part in parts.items()})[1:-1]


def _trade(room: dict[str, Any], average: int) -> dict[str, int]:
    viewers = room["view_uv"]
    return {
        "total_gmv": room["paid_fen"], "total_pay_pv": room["paid"],
        "total_pay_uv": room["paid_uv"], "total_create_pv": room["placed"],
        "total_create_uv": room["placed_uv"], "total_clk_pv": room["item_click_pv"],
        "total_clk_uv": room["item_click_uv"], "total_exp_uv": room["item_exposure_uv"],
        "online_audience_count": 0, "cumulative_audience_count": viewers,
        "average_watch_seconds_per_audience": average, "new_follow_count": room["follow_count"],
        "new_comment_count": room["comment_count"],
        "share_live_audience_count": room["share_count"],
        "new_fans_club_count": room["fan_club_count"],
    }  # fmt: skip
