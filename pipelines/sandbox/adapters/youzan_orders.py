"""World orders in 有赞's words: full_order_info of youzan.trades.sold.get and youzan.trade.get.

Amounts (platform notes youzan.md, section 4): payment is what is due after discounts, with freight,
of lines and trade alike; real_payment is what was paid once the wallet has taken its part off.
A sample is a trade of type 89, a gift a line with is_present and no price.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines.sandbox.adapters.youzan_words import (
    COURSE,
    NOTHING,
    PAY_TYPES,
    STATUS_WORDS,
    THING,
    cipher,
    epoch,
    wall,
    yuan,
)  # fmt: skip

_TYPES = {"normal": 0, "presale": 0, "sample": 89, "gift": 4}
_ENTRANCES = {
    "video": ("wx", "wx_gzh"), "card": ("wx", "merchant_xcx"), "search": ("wx", "direct_buy"),
    "other": ("browser", ""), "live": ("wx", "yzdh_xcx"),
}  # fmt: skip
_PAID = pl.col("paid_at").is_not_null()
_PRESALE = pl.col("trade_type") == "presale"


def full_orders(
    trades: pl.DataFrame, lines: pl.DataFrame, shop: Mapping[str, object]
) -> pl.DataFrame:
    """tid, the times that lists go by, and the record as JSON text."""
    of_trade = trades.select("tid", "trade_type", "promise_ship_at", "paid_at")
    rendered = (
        lines.join(of_trade, on="tid")
        .select("tid", pl.struct(_line_fields()).alias("orders"))
        .group_by("tid", maintain_order=True)
        .agg("orders")
    )
    record = pl.struct(
        pl.struct(_order_info(int(str(shop["platform_shop_id"])))).alias("order_info"),
        _buyer_info(),
        _address_info(),
        _pay_info(),
        pl.col("orders"),
        pl.struct(
            pl.col("buyer_remark").fill_null("").alias("buyer_message"),
            pl.col("seller_remark").fill_null("").alias("trade_memo"),
            pl.col("seller_stars").clip(0).alias("star"),
        ).alias("remark_info"),
        _source_info(),
        pl.struct(
            pl.lit("").alias("gift_no"),
            pl.lit("").alias("gift_sign"),
            NOTHING.alias("child_orders"),
        ).alias("child_info"),
    )
    return trades.join(rendered, on="tid").select(
        "tid",
        "created_at",
        "updated_at",
        "paid_at",
        "finished_at",
        record.struct.json_encode().alias("full_order_info"),
    )


def _order_info(kdt_id: int) -> list[pl.Expr]:
    pay_type, pay_words = (
        pl.col("pay_method").replace_strict(
            {method: said[part] for method, said in PAY_TYPES.items()}, return_dtype=kind
        )
        for part, kind in ((0, pl.Int64), (1, pl.String))
    )
    closed, refunded = pl.col("closed_at").is_not_null(), pl.col("is_refunded")
    return [
        pl.col("tid"),
        pl.col("status"),
        pl.col("status").replace_strict(STATUS_WORDS, return_dtype=pl.String).alias("status_str"),
        pl.col("trade_type").replace_strict(_TYPES, return_dtype=pl.Int64).alias("type"),
        pl.lit(0).alias("team_type"),
        pl.when(_PAID).then(pay_type).otherwise(0).alias("pay_type"),
        pl.when(_PAID).then(pay_words).otherwise(pl.lit("DEFAULT")).alias("pay_type_str"),
        wall("created_at").alias("created"),
        wall("updated_at").alias("update_time"),
        (pl.col("created_at") + pl.duration(hours=2))
        .dt.strftime("%Y-%m-%d %H:%M:%S")
        .alias("expired_time"),
        wall("paid_at").alias("pay_time"),
        wall("consigned_at").alias("consign_time"),
        pl.lit("").alias("confirm_time"),
        wall("finished_at").alias("success_time"),
        pl.when("is_virtual").then(9).otherwise(0).alias("express_type"),
        pl.when(closed & refunded).then(2).when(closed).then(1).otherwise(0).alias("close_type"),
        pl.when(closed & refunded)
        .then(12)
        .when(refunded)
        .then(2)
        .otherwise(0)
        .alias("refund_state"),
        pl.lit(value=False).alias("is_retail_order"),
        pl.lit(0).alias("offline_id"),
        pl.lit("").alias("shop_name"),
        pl.lit(kdt_id).alias("node_kdt_id"),
        pl.lit(kdt_id).alias("root_kdt_id"),
        pl.lit(1).alias("activity_type"),
        pl.struct(_tags()).alias("order_tags"),
        pl.struct(_extra()).alias("order_extra"),
    ]


def _tags() -> list[pl.Expr]:
    never = (
        "is_purchase_order", "is_fenxiao_order", "is_preorder", "is_offline_order",
        "is_multi_store",
    )  # fmt: skip
    return [
        pl.col("is_virtual"),
        *(pl.lit(value=False).alias(name) for name in never),
        pl.lit(value=True).alias("is_member"),
        pl.col("finished_at").is_not_null().alias("is_settle"),
        _PAID.alias("is_payed"),
        pl.lit(value=True).alias("is_secured_transactions"),
        (pl.col("freight_fen") == 0).alias("is_postage_free"),
        pl.col("is_disputed").alias("is_feedback"),
        pl.col("is_refunded").alias("is_refund"),
        _PRESALE.alias("is_down_payment_pre"),
    ]


def _extra() -> list[pl.Expr]:
    """All texts; the wallet's discount is a JSON text in it."""
    nothing = ("cash", "t_cash", "tm_cash")
    off = pl.col("pay_discount_fen")
    told = pl.struct(
        pl.col("tid").str.tail(18).alias("tradeNo"),
        off.alias("discountMoney"),
        off.alias("discountAccountMoney"),
        pl.lit(4).alias("type"),
    ).struct.json_encode()
    return [
        pl.lit("false").alias("is_from_cart"),
        pl.lit("true").alias("is_member"),
        pl.lit("").alias("buyer_name"),
        *(pl.lit("0").alias(name) for name in nothing),
        pl.col("combine_id").alias("orders_combine_id"),
        pl.col("combine_id").alias("kdt_dimension_combine_id"),
        pl.when(_PAID & (off > 0))
        .then(pl.concat_str(pl.lit("["), told, pl.lit("]")))
        .otherwise(pl.lit(""))
        .alias("pay_ump_detail"),
    ]


def _buyer_info() -> pl.Expr:
    return pl.struct(
        pl.concat_str(pl.lit("yz"), pl.col("buyer_id")).alias("yz_open_id"),
        pl.lit(0).alias("buyer_id"),
        cipher("$", pl.col("phone")).alias("buyer_phone"),
        pl.lit("").alias("outer_user_id"),
        pl.lit(0).alias("fans_id"),
        pl.lit(0).alias("fans_type"),
        pl.lit("").alias("fans_nickname"),
    ).alias("buyer_info")


def _address_info() -> pl.Expr:
    area = pl.struct(
        pl.col("town_id").alias("areaCode"), pl.lit(0).alias("lon"), pl.lit(0).alias("lat")
    )
    return pl.struct(
        cipher("~", pl.col("name")).alias("receiver_name"),
        cipher("$", pl.col("phone"), pl.col("tid")).alias("receiver_tel"),
        pl.col("province").alias("delivery_province"),
        pl.col("city").alias("delivery_city"),
        pl.col("town").alias("delivery_district"),
        cipher("#", pl.col("address")).alias("delivery_address"),
        pl.lit("000000").alias("delivery_postal_code"),
        pl.lit("").alias("self_fetch_info"),
        pl.lit("").alias("delivery_start_time"),
        pl.lit("").alias("delivery_end_time"),
        area.struct.json_encode().alias("address_extra"),
    ).alias("address_info")


def _pay_info() -> pl.Expr:
    staged = _PRESALE & (pl.col("deposit_fen") > 0)
    deposited = pl.col("deposit_paid_at").is_not_null()
    phases = pl.concat_list(
        _phase(1, "deposit_paid_at", pl.col("deposit_fen")),
        _phase(2, "paid_at", pl.col("paid_fen") - pl.col("deposit_fen")),
    )
    received = (
        pl.when(_PAID).then("paid_fen").when(staged & deposited).then("deposit_fen").otherwise(0)
    )
    number = pl.concat_list(pl.concat_str(pl.lit("26"), pl.col("tid").str.tail(16)))
    return pl.struct(
        yuan(pl.col("goods_fen")).alias("total_fee"),
        yuan(pl.col("freight_fen")).alias("post_fee"),
        yuan(pl.col("order_fen")).alias("payment"),
        yuan(received).alias("real_payment"),
        pl.lit(0).alias("deduction_pay"),
        pl.lit(0).alias("deduction_real_pay"),
        pl.when(_PAID).then(number).otherwise(NOTHING).alias("transaction"),
        pl.when(_PAID).then(number).otherwise(NOTHING).alias("outer_transactions"),
        pl.when(staged).then(phases).otherwise(phases.list.head(0)).alias("phase_payments"),
    ).alias("pay_info")


def _phase(number: int, at: str, fen: pl.Expr) -> pl.Expr:
    return pl.struct(
        pl.lit(number).alias("phase"),
        wall("created_at").alias("pay_start_time"),
        pl.lit("").alias("pay_end_time"),
        wall(at).alias("pay_time"),
        yuan(fen).alias("real_price"),
        pl.lit("").alias("outer_transaction_no"),
        pl.lit("").alias("inner_transaction_no"),
    )


def _source_info() -> pl.Expr:
    platform, entrance = (
        pl.col("traffic").replace_strict(
            {traffic: said[part] for traffic, said in _ENTRANCES.items()}, return_dtype=pl.String
        )
        for part in (0, 1)
    )
    return pl.struct(
        pl.lit(value=False).alias("is_offline_order"),
        pl.lit("").alias("order_mark"),
        pl.concat_str(pl.lit("book"), pl.col("order_id").str.tail(12)).alias("book_key"),
        pl.struct(platform.alias("platform"), entrance.alias("wx_entrance")).alias("source"),
    ).alias("source_info")


def _line_fields() -> list[pl.Expr]:
    unset = ("buyer_messages", "is_cross_border", "customs_code", "cross_border_trade_mode")
    price = yuan(pl.when(pl.col("is_gift")).then(0).otherwise("price_fen"))
    spec = pl.struct(
        pl.col("spec_name").alias("k"),
        pl.lit(1).alias("k_id"),
        pl.col("spec_value").alias("v"),
        pl.lit(2).alias("v_id"),
    ).struct.json_encode()
    presale = pl.when(_PRESALE).then(pl.lit("1")).otherwise(pl.lit(""))
    return [
        pl.col("line_id").alias("oid"),
        pl.col("product_id").cast(pl.Int64).alias("item_id"),
        pl.col("sku_id").cast(pl.Int64),
        pl.col("name").alias("title"),
        pl.col("quantity").alias("num"),
        price.alias("price"),
        price.alias("discount_price"),
        yuan(pl.col("goods_fen")).alias("total_fee"),
        yuan(pl.col("order_fen")).alias("payment"),
        # 非现金抵扣金额: the line's part of what the wallet takes off.
        yuan(pl.when(_PAID).then("pay_discount_fen").otherwise(0)).alias("discount"),
        pl.col("spu_code").alias("outer_item_id"),
        pl.col("merchant_code").alias("outer_sku_id"),
        pl.concat_str(pl.lit("["), spec, pl.lit("]")).alias("sku_properties_name"),
        pl.lit("").alias("sku_unique_code"),
        pl.lit("https://example.invalid/p.jpg").alias("pic_path"),
        pl.lit("https://shop.example.invalid/goods").alias("goods_url"),
        pl.concat_str(pl.lit("3kj"), pl.col("product_id").str.tail(9)).alias("alias"),
        pl.when(pl.col("kind") == "course").then(COURSE).otherwise(THING).alias("item_type"),
        pl.col("is_gift").alias("is_present"),
        presale.alias("is_pre_sale"),
        presale.alias("pre_sale_type"),  # 1: with a deposit
        pl.when(_PRESALE).then(epoch("promise_ship_at")).alias("expect_delivery_time"),
        pl.lit("0").alias("points_price"),
        pl.lit("0").alias("tax_total"),
        *(pl.lit("").alias(name) for name in unset),
    ]
