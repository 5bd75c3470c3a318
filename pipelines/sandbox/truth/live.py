"""Section E: broadcasts, what they sold, and what was spent on them.

- A session belongs whole to the day on which it began, also what it sells after midnight or weeks
  later, and to the shop that it was held for.
- Hours are those of sessions that are over; one that is on has none yet, though it sells already.
  Viewers grow evenly while it is on, whole persons only.
- Sold in the session is what names it and was paid while it was on, its first and last second
  included. Sold by the session is what names it and was paid from its start until 30 times 24
  hours after its end. Money paid before it began names it by mistake and is in neither.
- Refunds of a session are all that its lines gave back so far, however late; a line that was
  refunded twice gave back both sums. A line that was paid too late to count has no refunds here.
- A session is the company's own (自播) if the account that broadcasts is, whichever of its shops
  that account belongs to.
- Ads count under the session that they were bought for, with all they cost, also in an hour that
  began before the session did; once the session has begun, not sooner.
"""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.truth.advertising import spent_hours
from pipelines.sandbox.truth.books import HOUR, Books, Figures, count, figures, ratio, total


def live_figures(books: Books) -> Figures:
    """All figures of sessions, by the day of their start."""
    sessions = _sessions(books)
    known = sessions.select("session_id", "shop_id", "started_at")
    held = figures(
        sessions,
        "started_at",
        live_session_cnt=count(),
        live_dur_h=pl.col("seconds_held").sum(),
        live_view_pv=pl.col("views").sum(),
    )
    seconds = held["live_dur_h"]
    sold = _sold(books, sessions)
    spent = spent_hours(books).join(known, on="session_id")
    hours = seconds.with_columns(pl.col("value") / HOUR)
    return (
        held
        | sold
        | figures(spent, "started_at", live_ad_spend_amt=total("spend_fen"))
        | {
            "live_dur_h": hours,
            "live_hour_amt": ratio(sold["live_pay_amt"], seconds, times=HOUR),
        }
    )


def _sessions(books: Books) -> pl.DataFrame:
    """The sessions that have begun; their planned end is needed while they are on."""
    began, ends = pl.col("started_at"), pl.col("ended_at")
    length = (ends - began).dt.total_seconds()
    so_far = (pl.lit(books.now) - began).dt.total_seconds()
    is_over = ends < books.now
    return (
        books.frames["live_sessions"]
        .filter(began < books.now)
        .with_columns(
            pl.when(is_over).then(length).alias("seconds_held"),
            pl.when(is_over)
            .then("view_pv")
            .otherwise(pl.col("view_pv") * so_far // length)
            .alias("views"),
            pl.col("author_id").is_in(books.own_authors.implode()).alias("is_own"),
        )
    )


def _sold(books: Books, sessions: pl.DataFrame) -> Figures:
    back = books.refunds.group_by("line_id").agg(pl.col("refund_fen").sum())
    lines = (
        books.lines.select("line_id", "session_id", "paid_at", "paid_fen")
        .join(sessions, on="session_id")
        .filter(
            pl.col("paid_at").is_between(
                pl.col("started_at"), pl.col("ended_at") + pl.duration(days=30)
            )
        )
        .join(back, on="line_id", how="left")
    )
    return figures(
        lines,
        "started_at",
        live_pay_amt=total("paid_fen", pl.col("paid_at") <= pl.col("ended_at")),
        live_pay_amt_w30=total("paid_fen"),
        live_self_pay_amt=total("paid_fen", pl.col("is_own")),
        live_refund_amt=total("refund_fen"),
    )
