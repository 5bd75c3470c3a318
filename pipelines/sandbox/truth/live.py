"""What live sessions sold. A session belongs whole to the day on which it began.

Counting rules: a sale counts for its session by the order's own word; during it, or until 30 days
after its end. Refunds are those of the lines that count. Hours are those of sessions that ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from pipelines.sandbox.truth.books import YUAN, figure, less, orders_of, ratio, yuan


def live_figures(
    frames: Mapping[str, pl.DataFrame], now: datetime, shops: pl.Series
) -> list[pl.DataFrame]:
    """The figures of section E that 千川 and the orders can answer."""
    sessions = (
        frames["live_sessions"]
        .filter(pl.col("shop_id").is_in(shops.implode()) & (pl.col("started_at") < now))
        .with_columns(pl.col("started_at").dt.date().alias("session_day"))
    )
    own = frames["authors"].drop_nulls("own_shop_id")["author_id"]
    paid = (
        orders_of(frames, now, shops)
        .filter(pl.col("counts") & pl.col("pay_day").is_not_null())
        .join(
            sessions.select(
                "session_id", "started_at", "ended_at", "session_day",
                pl.col("author_id").is_in(own.implode()).alias("is_own"),
            ),
            on="session_id",
        )
    )  # fmt: skip
    late = paid.filter(
        (pl.col("paid_at") >= pl.col("started_at"))
        & (pl.col("paid_at") <= pl.col("ended_at") + timedelta(days=30))
    )
    during = late.filter((pl.col("paid_at") <= pl.col("ended_at")) & (pl.col("ended_at") < now))
    refunded = (
        frames["after_sales"]
        .filter(pl.col("refunded_at") < now)
        .join(late.select("order_id", "session_day"), on="order_id")
    )
    money = yuan(pl.col("paid_fen").sum())
    pay = figure(during, "live_pay_amt", "session_day", money)
    whole = figure(late, "live_pay_amt_w30", "session_day", money)
    refunds = figure(refunded, "live_refund_amt", "session_day", yuan(pl.col("refund_fen").sum()))
    by_own = figure(late.filter("is_own"), "live_self_pay_amt", "session_day", money)
    ended = sessions.filter(pl.col("ended_at") < now)
    seconds = (pl.col("ended_at") - pl.col("started_at")).dt.total_seconds().sum()
    return [
        figure(sessions, "live_session_cnt", "session_day", pl.len()),
        figure(ended, "live_dur_h", "session_day", seconds.cast(YUAN) / pl.lit(3600)),
        pay,
        whole,
        refunds,
        less("live_net_pay_amt", whole, refunds),
        ratio("live_refund_rate", refunds, whole),
        by_own,
        ratio("live_self_share", by_own, whole),
    ]
