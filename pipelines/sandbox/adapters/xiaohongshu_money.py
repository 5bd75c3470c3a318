"""World bills in 小红书's words: finance.pageQueryTransaction and finance.pageQueryExpense.

- A transaction is one line of an order. Received lines that are not settled yet have one too, as
  far as the order tells it; canSettleTime is the receipt in both.
- payAmount is the buyer's money less what was given back before the settlement; what goods and
  freight come to beyond it was paid by the wallet. amount = goods + freight + platform's part +
  fees, which are negative.
- The platform has all of it ready a day later. Here it is there at once, as on every channel: the
  books know only when something happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.doudian_words import happened
from pipelines.sandbox.adapters.xiaohongshu_words import (
    blank,
    ms,
    order_id,
    return_id,
    serial,
    sku_id,
    yuan_text,
    zero,
)  # fmt: skip
from pipelines.sandbox.listing import Listing

_EARNED = ("user_paid", "platform_subsidy", "pay_subsidy")
_CHARGED = ("refund_before_settle", "platform_fee", "commission", "channel_fee", "penalty")
_NOT_CHARGED = (
    "noFreightReason", "noTaxReason", "noFreightTaxReason", "noPayChannelReason",
    "noInstallmentReason", "noExtraReason",
)  # fmt: skip


def transaction_listing(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime, business: int, settled: int
) -> Listing:
    """Rows of one kind: income (0) or refund (1), waiting (0) by receipt or settled (1) by it."""
    rows = _bills(frames, shop, now).filter(
        pl.col("type") == ("refund_after_settle" if business else "settled"),
        pl.col("is_settled") == bool(settled),
    )
    by = pl.col("settled_at" if settled else "finished_at").dt.epoch("s").alias("at")
    rendered = rows.select(
        by,
        "bill_id",
        pl.struct(_transaction(business)).struct.json_encode().alias("record"),
    )
    return Listing.of(rendered.drop_nulls("at"), "at", "bill_id", "record")


def expense_listing(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> Listing:
    """Fines for late shipping, by settlement time."""
    record = pl.struct(
        serial().alias("expenseId"),
        pl.lit("3").alias("baseBizType"),
        order_id().alias("packageId"),
        pl.col("bill_id").alias("bizNo"),
        ms("settled_at").alias("settledTime"),
        pl.lit(1).alias("erqingType"),
        pl.lit(1).alias("settleBizType"),
        pl.lit(4).alias("transactionSettleStatus"),
        pl.lit(1).alias("commonSettleStatus"),
        yuan_text(pl.col("penalty")).alias("amount"),
    )
    rendered = (
        _bills(frames, shop, now)
        .filter((pl.col("type") == "other") & pl.col("is_settled"))
        .select(
            pl.col("settled_at").dt.epoch("s").alias("at"),
            "bill_id",
            record.struct.json_encode().alias("record"),
        )
    )
    return Listing.of(rendered, "at", "bill_id", "record")


def _bills(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    """A shop's bill rows with an amount a column, and the line and refund that they are of."""
    bills = frames["bills"].filter(pl.col("shop_id") == shop)
    items = frames["bill_items"].join(bills.select("bill_id"), on="bill_id", how="semi")
    wide = items.group_by("bill_id").agg(
        pl.col("amount_fen").filter(pl.col("fee_type") == name).sum().alias(name)
        for name in (*_EARNED, *_CHARGED)
    )
    lines = happened(frames["order_lines"].filter(pl.col("shop_id") == shop), now).select(
        "line_id", "sku_id", "quantity", "goods_fen", "freight_fen", "shop_discount_fen",
        "finished_at",
    )  # fmt: skip
    refunds = (
        frames["after_sales"]
        .drop_nulls("refunded_at")
        .select(
            "line_id",
            pl.col("refunded_at").alias("settled_at"),
            "after_sale_id",
            "type",
            "refund_freight_fen",
        )
    )
    is_settled = pl.col("settled_at") < now
    return (
        bills.join(wide, on="bill_id", how="left")
        .join(lines, on="line_id", how="left")
        .join(
            frames["orders"].select("order_id", "created_at", "paid_at"), on="order_id", how="left"
        )
        .join(
            refunds.unique(["line_id", "settled_at"], keep="first", maintain_order=True).rename(
                {"type": "request"}
            ),
            on=["line_id", "settled_at"],
            how="left",
        )
        .with_columns(is_settled.alias("is_settled"))
        # What is charged, and what will be given back until then, is known with the settlement.
        .with_columns(
            pl.when(is_settled | pl.lit(name in _EARNED)).then(name).fill_null(0).alias(name)
            for name in (*_EARNED, *_CHARGED)
        )
    )


def _transaction(business: int) -> list[pl.Expr]:
    """One row; business 1 is a refund after the settlement."""
    paid = pl.col("user_paid") + pl.col("refund_before_settle")
    freight = -pl.col("refund_freight_fen").fill_null(0) if business else pl.col("freight_fen")
    goods = paid + pl.col("pay_subsidy") - freight
    fees = pl.col("platform_fee") + pl.col("commission") + pl.col("channel_fee")
    net = paid + pl.col("pay_subsidy") + pl.col("platform_subsidy") + fees
    number, settled = serial(), pl.col("is_settled")
    digits = pl.col("order_id").fill_null("")
    goods_detail = pl.struct(
        number.alias("transactionId"),
        sku_id().fill_null("").alias("newSkuId"),
        pl.col("quantity").fill_null(1).alias("newSkuQuantity"),
        yuan_text(pl.col("goods_fen")).alias("rawAmount"),
        yuan_text(paid).alias("payAmount"),
        yuan_text(pl.col("shop_discount_fen")).alias("sellerPromotion"),
        yuan_text(pl.col("platform_subsidy")).alias("appPromotion"),
        yuan_text(goods).alias("goodsAmount"),
        *_cents("taxAmount", "redCommissionAmount", "commissionReturnAmount"),
        yuan_text(pl.col("platform_fee")).alias("commissionAmount"),
        yuan_text(pl.col("platform_fee")).alias("serviceCommissionAmount"),
        yuan_text(pl.col("commission")).alias("cpsAmount"),
        *blank("noGoodsReason", "noTaxReason", "noCommissionReason", "noCpsReason"),
        *blank("noCommissionReturnReason"),
    )
    returned = return_id().fill_null("") if business else pl.lit("")
    came_back = pl.when(pl.col("request") == "return_refund").then(1).otherwise(3)
    return [
        number.alias("transactionId"),
        order_id().alias("packageId"),
        *zero("statementType"),
        (came_back if business else pl.lit(0)).alias("transactionBizType"),
        pl.lit(business).alias("settleBizType"),
        pl.concat_str(pl.lit("D"), digits).alias("deliveryId"),
        (returned if business else pl.concat_str(pl.lit("P"), digits)).alias("transactionBizNo"),
        returned.alias("returnId"),
        ms("created_at").alias("orderTime"),
        ms("finished_at").alias("canSettleTime"),
        ms(pl.when(settled).then("settled_at")).alias("settledTime"),
        *blank("predictableSettleTime"),
        pl.lit(1).alias("erqingType"),
        pl.when(settled).then(4).otherwise(2).alias("transactionSettleStatus"),
        settled.cast(pl.Int64).alias("commonSettleStatus"),
        yuan_text(net).alias("amount"),
        yuan_text(goods).alias("goodsAmount"),
        yuan_text(paid).alias("payAmount"),
        yuan_text(pl.col("platform_subsidy")).alias("appPromotion"),
        yuan_text(freight).alias("freightAmount"),
        *_cents("freightAppPromotion", "taxAmount", "freightTaxAmount"),
        *_cents("installmentAmount", "extraAmount"),
        yuan_text(pl.col("platform_fee")).alias("commissionAmount"),
        yuan_text(pl.col("channel_fee")).alias("payChannelAmount"),
        yuan_text(pl.col("commission")).alias("cpsAmount"),
        *blank(*_NOT_CHARGED, "calculateRemark"),
        pl.concat_list(goods_detail).alias("goodsDetails"),
    ]


def _cents(*names: str) -> list[pl.Expr]:
    """Amounts that are nothing here."""
    return [pl.lit("0.00").alias(name) for name in names]
