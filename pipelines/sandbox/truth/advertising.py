"""Section D: what was spent on ads, and what the ad platform credits them with.

- All is as the ad platform books it: under the shop that the account buys for, test orders and
  all, for the platform bills and credits them.
- Spend is cash and grants, on the business day on which it was spent, hour by hour as the hours
  begin. Shows, clicks and conversions are those of all plans but 全域, whose reports have none, so
  the spend that they are held against leaves it out; hours with no show are included.
- Standard promotion is 千川's, all that is said of it alone. 拼多多 says what was spent, shown and
  clicked, and one figure of its own: the orders that a plan is credited with, which it calls its
  conversions (cvr, transactionCost) where 千川 counts persons.
- An order that is paid is credited to the day of the click, so old days grow. It counts with what
  was paid, refunds not taken off; 全域 adds the coupon that the plan paid (整体成交金额).
- Refunds of a credited order count that were given back within N times 24 hours of its payment,
  the last second included. An order is settled that was finished by then, with what was paid less
  those refunds: one that is refunded after it was finished, but in time, counts less; one that is
  refunded later still counts in full.
"""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.truth.books import Books, Figures, figures, less, ratio, total, yuan

_ON_PDD, _UNI = pl.col("platform") == "pdd", pl.col("scope") == "uni"
_STANDARD = (pl.col("scope") == "standard") & ~_ON_PDD
_WINDOWS = (7, 14)  # days


def advertising_figures(books: Books) -> Figures:
    """Spend by its day, credits by the day of the click."""
    accounts = books.frames["ad_accounts"].select("account_id", "shop_id", "platform")
    plans = (
        books.frames["ad_plans"]
        .select("plan_id", "account_id", "scope")
        .join(accounts, on="account_id")
    )
    hours = spent_hours(books).join(plans, on="plan_id")
    credited = _credits(books).join(plans, on="plan_id")
    booked = _spent(hours) | _converted(hours, credited) | _credited(credited)
    kept = less(booked["ad_all_pay_amt_w7"], booked["ad_refund_amt_w7"])
    return booked | {"ad_net_roi": ratio(kept, booked["ad_std_spend_amt"])}


def spent_hours(books: Books) -> pl.DataFrame:
    """The hours that have begun, of every plan; ``spend_fen`` is cash and grants."""
    begins = pl.col("stat_date").cast(pl.Datetime("us")) + pl.duration(hours="hour")
    return (
        books.frames["ad_hours"]
        .filter(begins.dt.replace_time_zone("Asia/Shanghai") < books.now)
        .with_columns((pl.col("cash_fen") + pl.col("grant_fen")).alias("spend_fen"))
    )


def _spent(hours: pl.DataFrame) -> Figures:
    return figures(
        hours,
        "stat_date",
        ad_spend_amt=total("spend_fen"),
        ad_cash_spend_amt=total("cash_fen"),
        ad_uni_spend_amt=total("spend_fen", _UNI),
        ad_std_spend_amt=total("spend_fen", _STANDARD),
        ad_imp_spend_amt=total("spend_fen", ~_UNI),
        ad_imp_pv=pl.col("impressions").filter(~_UNI).sum(),
        ad_click_cnt=pl.col("clicks").filter(~_UNI).sum(),
    )


def _converted(hours: pl.DataFrame, credited: pl.DataFrame) -> Figures:
    """Persons on the day of their hour, on 拼多多 orders on the day of their click."""
    persons = hours.filter(_STANDARD).select(
        "shop_id", pl.col("stat_date").alias("day"), pl.col("conversions").alias("count")
    )
    orders = credited.filter(_ON_PDD).select(
        "shop_id", pl.col("clicked_at").dt.date().alias("day"), pl.lit(1, pl.Int64).alias("count")
    )
    return figures(pl.concat([persons, orders]), "day", ad_conv_cnt=pl.col("count").sum())


def _credits(books: Books) -> pl.DataFrame:
    """Credited orders that are paid, with what was refunded and settled within each window."""
    orders = books.all_orders.drop_nulls("paid_at").select("order_id", "paid_at", "finished_at")
    credited = books.frames["ad_conversions"].join(orders, on="order_id")
    refunds = books.refunds.join(orders, on="order_id")
    for days in _WINDOWS:
        ends = pl.col("paid_at") + pl.duration(days=days)
        back = (
            refunds.filter(pl.col("refunded_at") <= ends)
            .group_by("order_id")
            .agg(pl.col("refund_fen").sum().alias(f"refund_{days}_fen"))
        )
        kept = pl.col("pay_fen") - pl.col(f"refund_{days}_fen")
        credited = (
            credited.join(back, on="order_id", how="left")
            .with_columns(pl.col(f"refund_{days}_fen").fill_null(0))
            .with_columns(
                pl.when(pl.col("finished_at") <= ends).then(kept).alias(f"settled_{days}_fen")
            )
        )
    return credited


def _credited(credited: pl.DataFrame) -> Figures:
    direct = pl.col("kind") == "direct"
    return figures(
        credited,
        "clicked_at",
        ad_uni_order_cnt=pl.col("order_id").filter(_UNI).count(),
        ad_uni_pay_amt=yuan((pl.col("pay_fen") + pl.col("coupon_fen")).filter(_UNI).sum()),
        ad_direct_pay_amt=total("pay_fen", _STANDARD & direct),
        ad_indirect_pay_amt_w7=total("pay_fen", _STANDARD & ~direct),
        ad_all_pay_amt_w7=total("pay_fen", _STANDARD),
        ad_refund_amt_w7=total("refund_7_fen", _STANDARD),
        ad_settle_amt_w7=total("settled_7_fen", _STANDARD),
        ad_settle_amt_w14=total("settled_14_fen", _STANDARD),
        ad_coupon_amt=total("coupon_fen"),
    )
