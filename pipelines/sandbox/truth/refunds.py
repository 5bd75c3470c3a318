"""Section B: what was asked back, what was given back, and how long it took.

- A refund is money: what an after-sale of whatever money type really gave back. Exchanges and
  reissues are none. A line that is refunded twice gave back both sums; two refunds in one second
  are two refunds, told apart by their after-sale, never by their time.
- Refunds stand on the day when the money left. ``_by_pay`` dates the same money by the payment of
  its line; an order counts once there, however many refunds it has.
- Before shipping is what the platform calls so: the buyer asked for the money before the goods
  went out. After shipping is said by the clock: money that left in the second of shipping or
  later. Asked before and given after counts in both, for they answer two questions.
- Rates on the day of shipping are of the lines that went out then, gifts and courses included. A
  line that came back, or was refunded without coming back, counts once, however often it was
  refunded, whether in whole or in part.
- An exchange counts on the day when it ended well, not when it was asked for.
- The first answer is dated by the asking and leaves out what has no answer yet; the whole time is
  dated by the end, whichever it was (money, refusal, withdrawal). Nights and holidays count.
"""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.truth.books import HOUR, Books, Figures, average_time, count, figures, total


def refund_figures(books: Books) -> Figures:
    """After-sales of the orders that count."""
    lines = books.lines.select("line_id", "paid_at", "shipped_at")
    requests = books.table("after_sales", "applied_at").join(lines, on="line_id")
    given = requests.drop_nulls("refunded_at")
    exchanged = (pl.col("type") == "exchange") & (pl.col("outcome") == "succeeded")
    return (
        figures(requests, "applied_at", refund_apply_cnt=count())
        | figures(given, "refunded_at", refund_cnt=count(), refund_amt=total("refund_fen"))
        | figures(
            given,
            "paid_at",
            refund_amt_by_pay=total("refund_fen"),
            refund_pre_ship_amt_by_pay=total("refund_fen", pl.col("type") == "pre_ship"),
            refund_order_cnt_by_pay=pl.col("order_id").n_unique(),
        )
        | _of_shipped(books, given)
        | figures(requests.filter(exchanged), "ended_at", exchange_cnt=count())
        | {
            "aftersale_first_h": average_time(
                requests, "applied_at", "applied_at", "handled_at", HOUR
            ),
            "aftersale_done_h": average_time(requests, "ended_at", "applied_at", "ended_at", HOUR),
        }
    )


def _of_shipped(books: Books, given: pl.DataFrame) -> Figures:
    after = given.filter(pl.col("refunded_at") >= pl.col("shipped_at"))

    def lines_refunded_as(kind: str) -> pl.Expr:
        return pl.col("line_id").filter(pl.col("type") == kind).n_unique()

    return figures(
        books.lines, "shipped_at", ship_line_cnt=count(), ship_paid_amt=total("paid_fen")
    ) | figures(
        after,
        "shipped_at",
        refund_post_ship_amt=total("refund_fen"),
        return_line_cnt=lines_refunded_as("return_refund"),
        refund_only_line_cnt=lines_refunded_as("refund_only"),
    )
