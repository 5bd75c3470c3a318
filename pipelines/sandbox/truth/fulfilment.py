"""Section I: what was sent, and whether in time.

- An order is shipped on the day when its first line went out, once, however many lines follow. A
  course is shipped when it is handed over.
- A parcel counts on the day when it was posted, under its own shop, whatever lies in it: orders
  that share one are one parcel, an order in two is two.
- The way from payment to shipping is measured line by line, gifts and courses included.
- An order is due 48 hours after payment, pre-sales never. What was refunded in full before that
  need not be shipped; an order counts if a thing remains that must be, and is in time if all of
  those things were shipped by that second. Courses are no things, gifts are; when all the money
  of an order went back, its gifts stay too. What is refunded later should have been shipped.
"""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.truth.books import HOUR, Books, Figures, average_time, count, figures


def fulfilment_figures(books: Books) -> Figures:
    """Orders by their first shipping, parcels by theirs, due orders by their payment."""
    first_shipped = books.lines.group_by("shop_id", "order_id").agg(pl.col("shipped_at").min())
    return (
        figures(first_shipped, "shipped_at", ship_order_cnt=count())
        | figures(books.table("parcels", "shipped_at"), "shipped_at", package_cnt=count())
        | {"pay_to_ship_h": average_time(books.lines, "shipped_at", "paid_at", "shipped_at", HOUR)}
        | figures(
            _due_orders(books),
            "paid_at",
            ship_due_order_cnt=count(),
            ship_48h_order_cnt=pl.col("in_time").sum(),
        )
    )


def _due_orders(books: Books) -> pl.DataFrame:
    """Orders that had to be shipped by now, and whether all their things were, in time."""
    due = pl.col("paid_at") + pl.duration(hours=48)
    products = books.frames["products"].select("product_id", "kind")
    lines = books.lines.filter((pl.col("trade_type") != "presale") & (due <= books.now)).join(
        products, on="product_id"
    )
    back = (
        books.refunds.join(lines.select("line_id", "paid_at"), on="line_id")
        .filter(pl.col("refunded_at") < due)
        .group_by("line_id")
        .agg(pl.col("refund_fen").sum().alias("back_fen"))
    )
    paid, given = pl.col("paid_fen"), pl.col("back_fen")
    must_go = (
        (pl.col("kind") == "hardware")
        & _remains(paid, given)
        & _remains(paid.sum().over("order_id"), given.sum().over("order_id"))
    )
    return (
        lines.join(back, on="line_id", how="left")
        .with_columns(given.fill_null(0))
        .filter(must_go)
        .group_by("shop_id", "order_id", "paid_at")
        .agg((pl.col("shipped_at") <= due).fill_null(value=False).all().alias("in_time"))
    )


def _remains(paid: pl.Expr, given: pl.Expr) -> pl.Expr:
    """Not refunded in full; what cost nothing never was."""
    return (given == 0) | (given < paid)
