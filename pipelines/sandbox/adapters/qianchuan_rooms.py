"""World live sessions as 千川 shows rooms to an advertiser: today_live/room/get, and their authors.

``live_*`` is the whole room, ``luban_live_*`` what ads are credited with. Counts of viewers grow
evenly while the room is on; amounts are in 1/100,000 yuan. Source: qianchuan.md section 4.
"""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.adapter import Outside
from pipelines.sandbox.adapters.qianchuan_asked import Asked
from pipelines.sandbox.adapters.qianchuan_figures import credited_orders, visible_hours
from pipelines.sandbox.adapters.qianchuan_words import Metrics, micro, part, records, wall

_GROWING = {
    "view_pv": "total_live_watch_cnt",
    "follow_count": "total_live_follow_cnt",
    "comment_count": "total_live_comment_cnt",
    "share_count": "total_live_share_cnt",
    "fan_club_count": "total_live_fans_club_join_cnt",
    "item_click_pv": "live_click_product_count_alias",
}
_COST, _PAID, _BY_ADS = pl.col("cost"), pl.col("paid_fen"), pl.col("ad_fen")
_ROOM: Metrics = {
    "room_id": pl.col("session_id").cast(pl.Int64),
    "room_title": pl.col("title"),
    "room_cover": pl.concat_list(pl.lit("https://example.invalid/cover.jpg")),
    "room_status": pl.col("status"),
    "room_delivery": (_COST > 0).cast(pl.Int64),
    "aweme_id": pl.col("author_id").cast(pl.Int64),
    "aweme_name": pl.col("nickname"),
    "aweme_avatar": pl.concat_list(pl.lit("https://example.invalid/a.jpg")),
    "start_time": wall("started_at"),
    "end_time": pl.when(pl.col("status") == "FINISH").then(wall("ended_at")).otherwise(pl.lit("")),
}
_METRICS: Metrics = {
    "stat_cost": micro(_COST),
    **{theirs: pl.col(theirs) for theirs in _GROWING.values()},
    "live_create_order_count_alias": pl.col("created"),
    "live_pay_order_count_alias": pl.col("paid"),
    "live_pay_order_gmv_alias": micro(_PAID),
    "live_pay_order_gmv_roi": part(_PAID, _COST),
    "luban_live_pay_order_count": pl.col("ad_orders"),
    "luban_live_pay_order_gmv": micro(_BY_ADS),
    "ad_live_prepay_and_pay_order_gmv_roi": part(_BY_ADS, _COST),
}
_DELIVERY = ("ALL", "DELIVERY_OK", "NO_DELIVERY")


def live_rooms(asked: Asked, outside: Outside) -> list[bytes]:
    """today_live/room/get: the rooms that an author opened on a day."""
    account, author, day = asked.advertiser(), asked.text("aweme_id"), asked.day("date_time")
    status = asked.one_of("room_status", ("ALL", "LIVING", "FINISH"))
    delivery = asked.one_of("ad_status", _DELIVERY)
    metrics = asked.metrics(_METRICS)
    shown = _rooms(outside).filter(
        (pl.col("account_id") == account)
        & (pl.col("author_id") == author)
        & (pl.col("started_at").dt.date() == day)
        & (pl.lit(status == "ALL") | (pl.col("status") == status))
        & (pl.lit(delivery == "ALL") | ((_COST > 0) == (delivery == "DELIVERY_OK")))
    )
    return records(shown, {**_ROOM, **metrics})


def authors(asked: Asked, outside: Outside) -> list[bytes]:
    """aweme/authorized/get: the shop's own account, and guests who have broadcast for it."""
    account = asked.advertiser()
    guests = _rooms(outside).filter(pl.col("account_id") == account)["author_id"].implode()
    known = outside.frames["authors"].filter(
        (pl.col("own_shop_id") == asked.owner.shop) | pl.col("author_id").is_in(guests)
    )
    words = {
        "aweme_id": pl.col("author_id").cast(pl.Int64),
        "aweme_name": pl.col("nickname"),
        "aweme_show_id": pl.col("short_id"),
        "aweme_avatar": pl.lit("https://example.invalid/a.jpg"),
        "aweme_has_live_permission": pl.lit(True),
    }
    return records(known.sort("author_id"), words)


def _rooms(outside: Outside) -> pl.DataFrame:
    return outside.rendered(("qianchuan rooms",), lambda: _whole(outside))


def _whole(outside: Outside) -> pl.DataFrame:
    """Every room that has opened, once an account that may see it."""
    now = pl.lit(outside.now())
    rooms = (
        outside.frames["live_sessions"]
        .filter(pl.col("started_at") < now)
        .join(outside.frames["ad_accounts"].select("account_id", "shop_id"), on="shop_id")
        .join(outside.frames["authors"].select("author_id", "nickname"), on="author_id")
    )
    for figures in (_sold(outside), _sold_by_ads(outside), _spent(outside)):
        by = [name for name in ("account_id", "session_id") if name in figures.columns]
        rooms = rooms.join(figures, on=by, how="left")
    length = (pl.col("ended_at") - pl.col("started_at")).dt.total_seconds()
    passed = pl.min_horizontal((now - pl.col("started_at")).dt.total_seconds(), length)
    is_over = pl.col("ended_at") < now
    return rooms.with_columns(
        pl.col("created", "paid", "paid_fen", "ad_orders", "ad_fen", "cost").fill_null(0),
        pl.when(is_over).then(pl.lit("FINISH")).otherwise(pl.lit("LIVING")).alias("status"),
        *((pl.col(ours) * passed // length).alias(theirs) for ours, theirs in _GROWING.items()),
    ).sort("started_at", "session_id")


def _orders(outside: Outside) -> pl.DataFrame:
    """Orders of a session, with whether each was placed and paid while it was on."""
    now = outside.now()
    sessions = outside.frames["live_sessions"].select("session_id", "started_at", "ended_at")

    def inside(moment: str) -> pl.Expr:
        at = pl.col(moment)
        return (at < now) & at.is_between(pl.col("started_at"), pl.col("ended_at"))

    return (
        outside.frames["orders"]
        .join(sessions, on="session_id")
        .with_columns(
            inside("created_at").alias("is_created"),
            inside("paid_at").fill_null(value=False).alias("is_paid"),
        )
    )


def _sold(outside: Outside) -> pl.DataFrame:
    return _orders(outside).group_by("session_id").agg(
        pl.col("is_created").sum().cast(pl.Int64).alias("created"),
        pl.col("is_paid").sum().cast(pl.Int64).alias("paid"),
        pl.col("paid_fen").filter("is_paid").sum(),
    )  # fmt: skip


def _sold_by_ads(outside: Outside) -> pl.DataFrame:
    plans = outside.frames["ad_plans"].select("plan_id", "account_id")
    credited = credited_orders(outside).join(plans, on="plan_id")
    return (
        _orders(outside)
        .filter("is_paid")
        .join(credited.select("order_id", "account_id").unique(), on="order_id")
        .group_by("account_id", "session_id")
        .agg(pl.len().cast(pl.Int64).alias("ad_orders"), pl.col("paid_fen").sum().alias("ad_fen"))
    )


def _spent(outside: Outside) -> pl.DataFrame:
    plans = outside.frames["ad_plans"].select("plan_id", "account_id")
    hours = visible_hours(outside).drop_nulls("session_id").join(plans, on="plan_id")
    return hours.group_by("account_id", "session_id").agg(pl.col("cost").sum())
