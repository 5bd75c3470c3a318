"""World bills in 快手's words: settled orders, and refunds after the settlement.

A settled bill's amounts are text in fen; deductions are positive. actualPayAmount is what the buyer
paid at first, freight included. What was refunded later is a list of its own (超售后期), by the
refund; what the shop gets back of its fees stands there too, and is nothing in the world's bills.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.kuaishou_words import constants, ms, number, seconds
from pipelines.sandbox.listing import Listing

_ITEMS = (
    "user_paid", "platform_subsidy", "author_subsidy", "pay_subsidy", "refund_before_settle",
    "platform_fee", "commission", "colonel_fee",
)  # fmt: skip


def bill_listing(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> Listing:
    """The rows of open.funds.financial.settled.bill.detail, by settlement time."""
    bills = _of_type(frames, shop, now, "settled")
    items = frames["bill_items"].join(bills.select("bill_id"), on="bill_id", how="semi")
    wide = items.pivot("fee_type", index="bill_id", values="amount_fen", aggregate_function="sum")
    missing = [pl.lit(0, pl.Int64).alias(name) for name in _ITEMS if name not in wide.columns]
    whole = (
        bills.join(wide.with_columns(missing), on="bill_id", how="left")
        .with_columns(pl.col(name).fill_null(0) for name in _ITEMS)
        .join(_sold(frames), on="line_id", how="left")
        .join(
            frames["commissions"].select("line_id", "author_id", "colonel_id"),
            on="line_id",
            how="left",
        )
        .join(frames["authors"].select("author_id", "institution_id"), on="author_id", how="left")
    )
    record = pl.struct(_fields()).struct.json_encode().alias("record")
    return Listing.of(
        whole.select(seconds("settled_at").alias("at"), "line_id", record),
        "at",
        "line_id",
        "record",
    )


def _of_type(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime, kind: str
) -> pl.DataFrame:
    mine = (pl.col("shop_id") == shop) & (pl.col("settled_at") < now) & (pl.col("type") == kind)
    return frames["bills"].filter(mine)


def _sold(frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    lines = frames["order_lines"].select("line_id", "order_id", "product_id", "quantity")
    orders = frames["orders"].select("order_id", "created_at", "pay_method")
    products = frames["products"].select("product_id", pl.col("name").alias("product_name"))
    return lines.join(orders, on="order_id").drop("order_id").join(products, on="product_id")


def _text(amount: pl.Expr, name: str) -> pl.Expr:
    return amount.cast(pl.String).alias(name)


def _fields() -> list[pl.Expr]:
    fen = pl.col
    outgoing = -(fen("platform_fee") + fen("commission") + fen("colonel_fee"))
    income = fen("user_paid") + fen("platform_subsidy") + fen("author_subsidy")
    is_alipay = fen("pay_method") == "alipay"
    return [
        number("line_id").alias("orderNo"),
        fen("product_id").alias("productId"),
        fen("product_name").alias("productName"),
        _text(fen("quantity"), "productNum"),
        _text(ms("created_at"), "orderCreateTime"),
        _text(fen("user_paid"), "actualPayAmount"),
        _text(fen("platform_subsidy"), "platformAllowanceAmount"),
        _text(fen("author_subsidy"), "anchorHongBaoAmount"),
        pl.lit("").alias("hongbaoDetail"),
        _text(income, "totalIncome"),
        _text(-fen("refund_before_settle"), "totalRefundAmount"),
        _text(-fen("platform_fee"), "platformCommissionAmount"),
        fen("author_id").fill_null("").alias("distributorId"),
        _text(-fen("commission"), "distributorCommissionAmount"),
        fen("colonel_id").fill_null("").alias("activityUserId"),
        _text(-fen("colonel_fee"), "activityUserCommissionAmount"),
        *constants(
            collectMode="", kzkId="", kzkCommissionAmount="0", serviceUserId="", serviceAmount="0",
            serviceCommissionRole="",
        ),
        _text(outgoing, "totalOutgoingAmount"),
        pl.lit("2").alias("settlementStatus"),
        _text(fen("net_fen"), "settlementAmount"),
        _text(ms("settled_at"), "settlementTime"),
        pl.lit("确认收货后结算").alias("settlementRule"),
        pl.when(is_alipay).then(pl.lit("支付宝")).otherwise(pl.lit("微信")).alias("accountChannel"),
        *constants(accountName="", merchantId="1600000000", orderRemark="", czjAmount="0"),
        pl.lit([], dtype=pl.List(pl.String)).alias("refundInfo"),
        *constants(otherAmount=0, otherAmountDetail="", otherAmountDesc="0.00"),
        fen("institution_id").fill_null("").alias("mcnId"),
        _text(fen("pay_subsidy"), "platformPayMarketAllowanceAmount"),
        *constants(governmentSubsidyAmount="0", presellSettleAmount="0", huabeiAmount="0"),
    ]  # fmt: skip


def late_refund_listing(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> Listing:
    """The records of open.funds.financial.bill.post.sales.list, by when the refund was done."""
    requests = frames["after_sales"].select(
        "line_id", "after_sale_id", "applied_at", "refund_freight_fen",
        pl.col("refunded_at").alias("settled_at"), (-pl.col("refund_fen")).alias("amount_fen"),
    )  # fmt: skip
    amounts = frames["bill_items"].filter(pl.col("fee_type") == "user_paid")
    bills = (
        _of_type(frames, shop, now, "refund_after_settle")
        .join(amounts.select("bill_id", "amount_fen"), on="bill_id")
        .join(requests, on=["line_id", "settled_at", "amount_fen"], how="left")
        .join(
            frames["order_lines"].select("line_id", "paid_fen", "finished_at"),
            on="line_id",
            how="left",
        )
    )
    freight = pl.col("refund_freight_fen")
    record = pl.struct(
        pl.col("after_sale_id").alias("refundNo"),
        number("line_id").alias("orderId"),
        ms("applied_at").alias("refundApplyTime"),
        ms("settled_at").alias("refundFinishTime"),
        ms("finished_at").alias("tradeSuccessTime"),
        (-pl.col("amount_fen") - freight).alias("refundAmount"),
        freight.alias("freightRefundAmount"),
        pl.col("paid_fen").alias("actualPayAmount"),
        *constants(
            platformAllowanceAmount=0, platformAllowanceRefundAmount=0, anchorHongBaoAmount=0,
            sellerPlatformCommissionAmount=0, recover=False, noRecoverReason="无需追回",
            platformAmount=0, platformTime=0, distributorAmount=0, distributorCompleteTime=0,
            activityUserAmount=0, activityUserCompleteTime=0, kzkAmount=0, kzkCompleteTime=0,
            serviceAmount=0, serviceCompleteTime=0, mcnId="",
        ),
    ).struct.json_encode().alias("record")  # fmt: skip
    return Listing.of(
        bills.select(seconds("settled_at").alias("at"), "after_sale_id", record),
        "at",
        "after_sale_id",
        "record",
    )
