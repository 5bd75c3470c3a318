"""Section H: the platforms' bills, as they came.

- Every row that was settled counts, whoever's order it names, on its day of settlement. Amounts
  keep the bill's signs; what the shop pays is told as a positive number.
- Income is what a settled row credits: the buyer's money less refunds before settlement, and what
  platform, author and wallet add. Fees are of all rows, so a fee that is given back lowers them.
- Taken back after settlement is the sum of those rows, a fee given back in them included: what
  really left the shop. Where there is such a fee, income less fees less this is not the net.
- The way from the buyer's receipt to the settlement is measured on settled rows whose line is
  known and was received; each row counts once, whatever its amount.
- A billed order that no order of ours has is one, however many rows name it that day. A row that
  names no order (a bond) is none.
"""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.truth.books import DAY, Books, Figures, average_time, figures, total, yuan

_SUBSIDIES = ("platform_subsidy", "author_subsidy", "pay_subsidy")
_INCOME = ("user_paid", "refund_before_settle", *_SUBSIDIES)
_FEES = (
    "platform_fee", "commission", "colonel_fee", "channel_fee", "freight_insurance", "penalty",
    "other",
)  # fmt: skip


def settlement_figures(books: Books) -> Figures:
    """The bills by their items, the time they took, and what they name in vain."""
    bills = books.table("bills", "settled_at")
    settled = bills.filter(pl.col("type") == "settled")
    received = books.frames["order_lines"].select("line_id", "finished_at")
    strangers = bills.filter(pl.col("order_id") != "").join(
        books.all_orders, on="order_id", how="anti"
    )
    cycle = average_time(
        settled.join(received, on="line_id").filter(pl.col("finished_at") < books.now),
        "settled_at",
        "finished_at",
        "settled_at",
        DAY,
    )
    return (
        _amounts(books.frames["bill_items"].join(bills, on="bill_id"))
        | figures(strangers, "settled_at", recon_bill_only_cnt=pl.col("order_id").n_unique())
        | {"settle_cycle_d": cycle}
    )


def _amounts(items: pl.DataFrame) -> Figures:
    def paid(where: pl.Expr) -> pl.Expr:
        return yuan(-pl.col("amount_fen").filter(where).sum())

    what, kind = pl.col("fee_type"), pl.col("type")
    return figures(
        items,
        "settled_at",
        settle_income_amt=total("amount_fen", (kind == "settled") & what.is_in(_INCOME)),
        settle_fee_amt=paid(what.is_in(_FEES)),
        settle_amt=total("amount_fen"),
        subsidy_in_amt=total("amount_fen", what.is_in(_SUBSIDIES)),
        post_settle_refund_amt=paid(kind == "refund_after_settle"),
        platform_fee_amt=paid(what == "platform_fee"),
    )
