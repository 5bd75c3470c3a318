"""Section F: what authors (达人) sell, and what the company owes them for it.

- What an author sold is of orders that count, on the day of payment, refunds not taken off. The
  company's own accounts are no 达人, whichever of its shops they belong to; among those who sell
  (动销达人) they are counted.
- Commissions are of every order, test or not: that money is owed. The estimate stands on the day
  of payment and is never lowered. What was settled stands on the day of each partial settlement,
  whole or in phases; a reversal after a refund is negative, on its own day.
- The base of a commission stands on the day of its last settlement, with what was left of the
  goods then. One that was refunded by then has none; a later reversal takes no base back. So a
  rate of a day with phases or reversals of other days' bases can be odd; over weeks it is right.
"""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.truth.books import Books, Figures, figures, total


def commission_figures(books: Books) -> Figures:
    """Sales of authors, estimates, settlements."""
    author = pl.col("author_id")
    by_affiliate = author.is_not_null() & ~author.is_in(books.own_authors.implode())
    owed = books.table("commissions", "paid_at")
    phases = books.table("commission_phases", "settled_at").join(
        books.frames["commissions"].select("line_id", "shop_id"), on="line_id"
    )
    was_refunded = (pl.col("refunded_at") <= pl.col("settled_at")).fill_null(value=False)
    return (
        figures(
            books.lines,
            "paid_at",
            affiliate_pay_amt=total("paid_fen", by_affiliate),
            author_active_cnt=author.drop_nulls().n_unique(),
        )
        | figures(owed, "paid_at", commission_est_amt=total("estimated_fen"))
        | figures(owed, "settled_at", commission_base_amt=total("settled_base_fen", ~was_refunded))
        | figures(
            phases,
            "settled_at",
            commission_settled_amt=total("commission_fen"),
            colonel_fee_amt=total("colonel_fen"),
        )
    )
