"""World discounts in 快手's words: the data of open.seller.order.fee.detail.

Each discount is one entry by who gives it (商家券, 平台补贴, 主播红包), with who bears what of it;
a coupon of the platform can be borne by the shop in part. buyerPay follows the documented formula,
which does not take off what the anchor bears.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.kuaishou_lines import order_lines
from pipelines.sandbox.adapters.kuaishou_words import by_id, number

_COUPON, _SHOP, _PLATFORM, _ANCHOR = 1000, 1001, 1002, 1003
_BY_SHOP, _BY_PLATFORM, _BY_ANCHOR = 1, 2, 3


def fee_details(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> dict[str, bytes]:
    """By order."""
    lines = order_lines(frames, shop, now).filter(~pl.col("is_gift"))
    seller = frames["shops"].filter(pl.col("shop_id") == shop)["platform_shop_id"][0]
    shop_part = pl.col("merchant_borne_fen") - pl.col("shop_discount_fen")
    offers = _there(
        _offer(_SHOP, pl.col("shop_discount_fen"), (_BY_SHOP, pl.col("shop_discount_fen"))),
        _offer(
            _PLATFORM,
            pl.col("platform_discount_fen"),
            (_BY_SHOP, shop_part),
            (_BY_PLATFORM, pl.col("platform_borne_fen")),
        ),
        _offer(_ANCHOR, pl.col("author_discount_fen"), (_BY_ANCHOR, pl.col("author_borne_fen"))),
    )
    total = (
        pl.col("order_fen") - pl.col("freight_fen") + pl.col("platform_borne_fen")
        + pl.col("author_borne_fen")
    )  # fmt: skip
    product = pl.struct(
        number("line_id").alias("id"),
        number("line_id").alias("oid"),
        number("sku_id").alias("skuId"),
        pl.col("list_price_fen").alias("originalPrice"),
        pl.col("price_fen").alias("price"),
        pl.col("quantity").alias("num"),
        pl.col("discount_fen").alias("discountFee"),
        offers.alias("productMarketingInfoOuters"),
    )
    record = pl.struct(
        number("line_id").alias("oid"),
        pl.lit(int(seller)).alias("sellerId"),
        total.alias("totalFee"),
        pl.col("discount_fen").alias("discountFee"),
        pl.col("freight_fen").alias("expressFee"),
        (pl.col("platform_borne_fen") + pl.col("merchant_borne_fen")).alias("platformAllowance"),
        pl.col("platform_borne_fen").alias("platformBearAmount"),
        pl.col("merchant_borne_fen").alias("merchantBearAmount"),
        (total + pl.col("freight_fen")).alias("sellerRecv"),
        (total + pl.col("freight_fen") - pl.col("platform_borne_fen")).alias("buyerPay"),
        offers.alias("marketingInfoOuters"),
        pl.concat_list(product).alias("productFeeInfoOuters"),
    )
    return by_id(lines.select("line_id", record.struct.json_encode().alias("record")), "line_id")


def _offer(sub_type: int, given: pl.Expr, *borne: tuple[int, pl.Expr]) -> pl.Expr:
    parts = [
        pl.struct(
            pl.lit(bearer).alias("bearer"), amount.alias("bearAmount"), pl.lit(1).alias("hasFund")
        )
        for bearer, amount in borne
    ]
    bearers = pl.concat_list(parts)
    return pl.struct(
        pl.lit(_COUPON).alias("type"),
        pl.lit(sub_type).alias("subType"),
        given.alias("discountFee"),
        bearers.list.filter(pl.element().struct.field("bearAmount") > 0).alias("bearInfoList"),
        pl.lit(0).alias("template"),
    )


def _there(*offers: pl.Expr) -> pl.Expr:
    """Those that take something off."""
    return pl.concat_list(offers).list.filter(pl.element().struct.field("discountFee") > 0)
