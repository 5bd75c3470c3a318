"""Section A, L, M: orders, lines, buyers, and the money that was paid.

- An order or line is paid on the day when the last of its money came (pre-sale: the balance).
  Refunds are never taken off here; orders that break the amount identity count as they are.
- Amounts are those of the lines; a free gift has none, is no unit sold, but its SKU has sold.
- A finished line counts with all that was paid for it, also where it is refunded later.
- A deposit counts on the day when it was paid, whatever becomes of the order. A pre-sale order
  whose balance came is counted on that same day of its deposit: the two make the balance rate.
- A buyer is new on the first day ever on which an order of theirs that counts was paid in that
  shop, with all they paid that day, however often; a first order that was refunded is a first
  order, a test order is not. From the next day on they are an old buyer, also in the same week.
  The same person in two shops is new once in each.
"""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.truth.books import Books, Figures, count, figures, less, ratio, total, yuan

_DISCOUNTS = (
    pl.col("shop_discount_fen") + pl.col("platform_discount_fen") + pl.col("author_discount_fen")
)


def transaction_figures(books: Books) -> Figures:
    """What was placed, paid, finished, and who paid it."""
    return _placed(books) | _paid_orders(books) | _paid_lines(books) | _presale(books)


def _placed(books: Books) -> Figures:
    # An identity_breaker says so by its parts; test orders and the like are looked at too.
    breaks = pl.col("goods_fen") + pl.col("freight_fen") - _DISCOUNTS != pl.col("order_fen")
    return (
        figures(
            books.orders,
            "created_at",
            order_cnt=count(),
            order_amt=total("order_fen"),
            order_pay_cnt=pl.col("paid_at").count(),
        )
        | figures(books.lines, "created_at", order_line_cnt=count())
        | figures(books.all_orders, "created_at", exception_order_cnt=breaks.sum())
    )


def _paid_orders(books: Books) -> Figures:
    paid_day = pl.col("paid_at").dt.date()
    is_first_day = paid_day == paid_day.min().over("shop_id", "buyer_id")
    return figures(
        books.orders.drop_nulls("paid_at").with_columns(is_first_day.alias("is_first_day")),
        "paid_at",
        pay_amt=total("paid_fen"),
        pay_order_cnt=count(),
        pay_buyer_uv=pl.col("buyer_id").n_unique(),
        new_buyer_uv=pl.col("buyer_id").filter("is_first_day").n_unique(),
        new_buyer_pay_amt=total("paid_fen", pl.col("is_first_day")),
        shop_active_cnt=pl.col("shop_id").n_unique(),
    )


def _paid_lines(books: Books) -> Figures:
    fen = pl.col
    codes = books.frames["skus"].select("sku_id", "merchant_code")
    booked = figures(
        books.lines.join(codes, on="sku_id", how="left"),
        "paid_at",
        pay_line_cnt=count(),
        pay_qty=pl.col("quantity").filter(~pl.col("is_gift")).sum(),
        list_amt=total("list_fen"),
        pay_goods_amt=yuan((fen("paid_fen") - fen("freight_fen")).sum()),
        receivable_amt=yuan(
            (
                fen("paid_fen")
                + fen("pay_discount_fen")
                + fen("platform_borne_fen")
                + fen("author_borne_fen")
            ).sum()
        ),
        shop_disc_amt=total("shop_discount_fen"),
        merchant_borne_amt=total("merchant_borne_fen"),
        plat_borne_amt=yuan((fen("platform_borne_fen") + fen("author_borne_fen")).sum()),
        freight_income_amt=total("freight_fen"),
        active_sku_cnt=pl.col("merchant_code").n_unique(),
    )
    given_off = less(booked["list_amt"], booked["pay_goods_amt"])
    return (
        booked
        | {"discount_rate": ratio(given_off, booked["list_amt"])}
        | figures(books.lines, "finished_at", finish_amt=total("paid_fen"))
    )


def _presale(books: Books) -> Figures:
    return figures(
        books.orders.filter(pl.col("trade_type") == "presale"),
        "deposit_paid_at",
        presale_deposit_amt=total("deposit_fen"),
        presale_deposit_order_cnt=count(),
        presale_tail_order_cnt=pl.col("paid_at").count(),
    )
