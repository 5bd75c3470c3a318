"""Who sold what, in 小红书's words: bill.queryCpsSettle and businessdata.getKosData.

- A row of queryCpsSettle is one line that a 博主 sold; its goodsId is the product, so two SKUs of
  one product are two rows. carryingTotalAmount is what remains of the deal after refunds. What is
  given back after the settlement is a row of its own with a negative commission. Names of states
  beside WAIT_SETTLE are made up: none is known.
- The platform shows a row 48 hours after the order. Here it is there at once, as in
  ``xiaohongshu_money``.
- getKosData has the shop's own accounts alone, by the day of payment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.doudian_words import happened
from pipelines.sandbox.adapters.xiaohongshu_words import (
    hex_id,
    item_id,
    ms,
    order_id,
    return_id,
    sku_id,
    zero,
)  # fmt: skip


def cps_answers(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> dict[str, bytes]:
    """The data of bill.queryCpsSettle, by order."""
    known = _commissions(frames, shop, now)
    reversed_ = pl.col("settled_at").is_not_null() & pl.col("refunded_at").is_not_null()
    rows = pl.concat(
        [
            known.select("order_id", "line_id", _deal().alias("row")),
            known.filter(reversed_ & (pl.col("reversed_fen") > 0)).select(
                "order_id", "line_id", _reversal().alias("row")
            ),
        ]
    )
    rendered = (
        rows.sort("order_id", "line_id", maintain_order=True)
        .group_by("order_id", maintain_order=True)
        .agg(pl.col("row").alias("cpsUserSettleDetails"))
        .select(
            order_id().alias("orderId"),
            pl.struct("cpsUserSettleDetails").struct.json_encode().alias("record"),
        )
    )
    return {key: text.encode() for key, text in rendered.iter_rows()}


def _commissions(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    """Commissions that are owed, with line, product, author and what was given back so far."""
    back = (
        happened(frames["after_sales"].filter(pl.col("shop_id") == shop), now)
        .drop_nulls("refunded_at")
        .group_by("line_id", maintain_order=True)
        .agg(pl.col("refund_fen").sum().alias("back_fen"), return_id().alias("returnIds"))
    )
    seller = hex_id("5f", pl.col("platform_shop_id")).alias("sellerId")
    return (
        happened(frames["commissions"].filter(pl.col("shop_id") == shop), now)
        .drop_nulls("paid_at")
        .join(frames["shops"].select("shop_id", seller), on="shop_id")
        .join(frames["order_lines"].select("line_id", "product_id", "quantity"), on="line_id")
        .join(frames["products"].select("product_id", "name"), on="product_id")
        .join(frames["authors"].select("author_id", "nickname"), on="author_id")
        .join(frames["orders"].select("order_id", "created_at"), on="order_id")
        .join(back, on="line_id", how="left")
        .with_columns(
            pl.col("back_fen").fill_null(0),
            pl.col("returnIds").fill_null(pl.lit([], dtype=pl.List(pl.String))),
        )
    )


def _deal() -> pl.Expr:
    """The commission as it stands: estimated of what remains, then settled."""
    settled = pl.col("settled_at").is_not_null()
    dead = ~settled & pl.col("refunded_at").is_not_null()
    left = pl.max_horizontal(pl.col("base_fen") - pl.col("back_fen"), 0)
    carried = pl.when(settled).then("settled_base_fen").when(dead).then(0).otherwise(left)
    paid_out = pl.when(settled).then("settled_fen").otherwise(carried * pl.col("rate_bp") // 10_000)
    state = (
        pl.when(settled).then(pl.lit("SETTLED"))
        .when(dead).then(pl.lit("INVALID"))
        .otherwise(pl.lit("WAIT_SETTLE"))
    )  # fmt: skip
    return _row(
        pl.col("base_fen") - carried,
        carried,
        paid_out,
        state,
        ms("settled_at"),
    )


def _reversal() -> pl.Expr:
    """What was taken back of a settled one."""
    carried = pl.col("settled_base_fen")
    return _row(carried, -carried, -pl.col("reversed_fen"), pl.lit("SETTLED"), ms("refunded_at"))


def _row(
    returned: pl.Expr, carried: pl.Expr, paid_out: pl.Expr, state: pl.Expr, settled: pl.Expr
) -> pl.Expr:
    return pl.struct(
        order_id().alias("packageId"),
        "returnIds",
        item_id().alias("goodsId"),
        pl.col("name").alias("goodsName"),
        pl.col("quantity").alias("goodsTotal"),
        "sellerId",
        pl.col("author_id").alias("kolUserId"),
        pl.col("nickname").alias("kolUserName"),
        pl.col("base_fen").alias("dealTotalAmount"),
        returned.alias("returnTotalAmount"),
        *zero("taxTotalAmount"),
        carried.alias("carryingTotalAmount"),
        pl.col("rate_bp").alias("sellerRate"),
        pl.lit(10_000).alias("kolUserShareRatio"),
        pl.col("rate_bp").alias("kolUserRate"),
        paid_out.alias("kolUserCommissionAmount"),
        state.alias("settleStatus"),
        ms("created_at").alias("orderTime"),
        ms("confirmed_at").alias("finishTime"),
        ms("confirmed_at").alias("canSettleTime"),
        settled.alias("settleTime"),
    )


def kos_rows(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    """Rows of businessdata.getKosData: day (of payment), in its order, and record."""
    own = frames["authors"].drop_nulls("own_shop_id").select("author_id", "nickname")
    sold = (
        happened(frames["orders"].filter(pl.col("shop_id") == shop), now)
        .drop_nulls("paid_at")
        .join(own, on="author_id")
        .select("order_id", "paid_at", "created_at", "author_id", "nickname")
    )
    lines = (
        frames["order_lines"]
        .filter(~pl.col("is_gift"))
        .join(sold, on="order_id")
        .join(frames["products"].select("product_id", "name"), on="product_id")
        .join(frames["skus"].select("sku_id", "spec_value"), on="sku_id")
        .sort("paid_at", "line_id")
    )
    note = hex_id("65", pl.col("order_id").str.tail(12))
    record = pl.struct(
        order_id().alias("packageId"),
        sku_id().alias("skuId"),
        pl.concat_str("name", pl.lit(" "), "spec_value").alias("skuName"),
        item_id().alias("itemId"),
        pl.col("name").alias("itemName"),
        pl.col("paid_at").dt.strftime("%Y-%m-%d").alias("payDate"),
        pl.col("author_id").alias("accountUserId"),
        pl.col("nickname").alias("accountUserName"),
        pl.lit("KOS").alias("accountType"),
        pl.lit("笔记").alias("newCarrierNameGroup"),
        pl.lit("笔记商卡").alias("entranceChannel"),
        note.alias("carrierId"),
        pl.concat_str(pl.lit("笔记"), pl.col("order_id").str.tail(6)).alias("carrierName"),
        pl.col("created_at").dt.strftime("%Y-%m-%d 09:00:00").alias("carrierCreateTime"),
        pl.col("quantity").alias("goodsTotal"),
        ((pl.col("paid_fen") - pl.col("freight_fen")) / 100).alias("payGmv"),
        pl.col("author_id").str.replace("^5f", "62").alias("redAccountUserId"),
    )
    return lines.select(
        pl.col("paid_at").dt.date().alias("day"), record.struct.json_encode().alias("record")
    )
