"""World orders in 微信小店's words: the ids of order/list/get and the record of order/get.

order_price is what the buyer pays, freight included; the amounts of discounts are in
``weixin_shop_lines``. The platform knows no samples: such an order says 寄样 in the shop's notes.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.doudian_words import epoch
from pipelines.sandbox.adapters.weixin_shop_lines import (
    commission_infos,
    discounts,
    due,
    product_infos,
    source_infos,
    taken_off,
)
from pipelines.sandbox.adapters.weixin_shop_words import (
    CARRIERS,
    NOTHING,
    OLD_STATES,
    SCENES,
    Frames,
    of_shop,
    open_id,
    records,
    requests,
)
from pipelines.sandbox.listing import Listing


def order_ids(frames: Frames, shop: str, now: datetime, by: str) -> Listing:
    """A shop's orders as the list has them, by the time of their update or creation."""
    orders = _orders(frames, shop, now)
    return Listing.of(
        orders.select(epoch(by).alias("at"), "order_id", pl.format('"{}"', "order_id").alias("id")),
        "at", "order_id", "id",
    )  # fmt: skip


def order_records(frames: Frames, shop: str, now: datetime) -> dict[str, bytes]:
    """The records of order/get, by id."""
    orders = _orders(frames, shop, now)
    whose = orders.select(
        "order_id", "paid_at", "promise_ship_at", "trade_type", "author_id", "session_id"
    )
    lines = of_shop(frames, "order_lines", shop, now, "line_id").join(whose, on="order_id")
    asked = requests(frames, shop, now)
    parts = (
        product_infos(lines, asked, frames),
        source_infos(lines, frames),
        commission_infos(lines, frames, shop, now),
        _parcels(lines, frames, shop, now),
        _after_sales(asked),
    )
    for part in parts:
        name = part.columns[1]
        orders = orders.join(part, on="order_id", how="left").with_columns(
            pl.col(name).fill_null([])
        )
    orders = orders.join(frames["buyers"], on="buyer_id", how="left", suffix="_of_buyer")
    return records(orders, "order_id", pl.struct(_fields()))


def _orders(frames: Frames, shop: str, now: datetime) -> pl.DataFrame:
    """Orders with what has happened to their parts: status, receipt, settlement, update."""
    orders = of_shop(frames, "orders", shop, now, "created_at").drop("finished_at")
    lines = of_shop(frames, "order_lines", shop, now, "line_id")
    sent = pl.col("shipped_at").is_not_null()
    parts = lines.group_by("order_id").agg(
        sent.sum().alias("sent"),
        (pl.col("closed_at").is_null() | sent).sum().alias("to_send"),
        pl.col("shipped_at").max().alias("last_sent_at"),
        pl.col("finished_at").max().alias("received_at"),
        pl.max_horizontal(pl.col("shipped_at", "finished_at", "closed_at").max()).alias("moved_at"),
    )
    asked = requests(frames, shop, now).group_by("order_id").agg(
        pl.col("updated_at").max().alias("asked_at")
    )  # fmt: skip
    bills = of_shop(frames, "bills", shop, now, "settled_at")
    fees = frames["bill_items"].filter(pl.col("fee_type") == "platform_fee")
    settled = (
        bills.join(fees, on="bill_id", how="left")
        .group_by("order_id")
        .agg(
            pl.col("settled_at").max(),
            -pl.col("amount_fen").sum().alias("service_fen"),
        )
    )
    paid_out = of_shop(frames, "commissions", shop, now, "settled_at").group_by("order_id").agg(
        pl.col("settled_at").max().alias("paid_out_at")
    )  # fmt: skip
    for part in (parts, asked, settled, paid_out):
        orders = orders.join(part, on="order_id", how="left")
    paid, closed = pl.col("paid_at").is_not_null(), pl.col("closed_at").is_not_null()
    status = (
        pl.when(closed & paid).then(200)
        .when(closed).then(250)
        .when(pl.col("received_at").is_not_null()).then(100)
        .when(~paid).then(10)
        .when((pl.col("sent") > 0) & (pl.col("sent") < pl.col("to_send"))).then(21)
        .when(pl.col("sent") > 0).then(30)
        .otherwise(20)
    )  # fmt: skip
    return orders.with_columns(
        status.alias("status"),
        pl.max_horizontal(
            "created_at", "paid_at", "closed_at", "moved_at", "asked_at", "settled_at",
            "paid_out_at",
        ).alias("updated_at"),
    )  # fmt: skip


def _fields() -> list[pl.Expr]:
    detail = pl.struct(
        "product_infos", _pay_info(), _price_info(), _delivery_info(),
        pl.struct(pl.lit("").alias("user_coupon_id")).alias("coupon_info"),
        _ext_info(), "commission_infos", _settle_info(), NOTHING.alias("sku_sharer_infos"),
        "source_infos", pl.struct(pl.lit(0).alias("refund_freight")).alias("refund_info"),
    )  # fmt: skip
    is_open = pl.element().struct.field("status").is_in([1, 7, 13, 14, 24]).not_()
    after_sales = pl.struct(
        pl.col("aftersale_order_list").list.eval(is_open).list.sum().alias(
            "on_aftersale_order_cnt"
        ),
        "aftersale_order_list",
    )  # fmt: skip
    return [
        pl.col("order_id"),
        pl.col("status"),
        epoch("created_at").alias("create_time"),
        epoch("updated_at").alias("update_time"),
        open_id("buyer_id").alias("openid"),
        pl.lit("").alias("unionid"),
        pl.lit(False).alias("is_present"),
        detail.alias("order_detail"),
        after_sales.alias("aftersale_detail"),
    ]


def _pay_info() -> pl.Expr:
    paid = pl.col("paid_at").is_not_null()
    later = pl.col("pay_method") == "later"
    return pl.struct(
        pl.concat_str(pl.lit("wx"), pl.col("order_id").str.tail(12)).alias("prepay_id"),
        epoch("created_at").alias("prepay_time"),
        epoch("paid_at").alias("pay_time"),
        pl.when(paid)
        .then(pl.concat_str(pl.lit("42000000"), pl.col("order_id")))
        .otherwise(pl.lit(""))
        .alias("transaction_id"),
        pl.when(later).then(2).otherwise(1).alias("payment_method"),
    ).alias("pay_info")


def _price_info() -> pl.Expr:
    whole = pl.col("goods_fen") + pl.col("freight_fen")
    return pl.struct(
        pl.col("goods_fen").alias("product_price"),
        due().alias("order_price"),
        pl.col("freight_fen").alias("freight"),
        pl.col("shop_discount_fen").alias("discounted_price"),
        (discounts() > 0).alias("is_discounted"),
        whole.alias("original_order_price"),
        (pl.col("goods_fen") - discounts()).alias("estimate_product_price"),
        pl.lit(0).alias("change_down_price"),
        pl.lit(0).alias("change_freight"),
        pl.lit(False).alias("is_change_freight"),
        (whole - pl.col("shop_discount_fen")).alias("merchant_receieve_price"),
        *taken_off(),
    ).alias("price_info")


def _delivery_info() -> pl.Expr:
    phone = pl.col("phone")
    address = pl.struct(
        (pl.col("name").str.head(1) + "**").alias("user_name"),
        pl.lit("000000").alias("postal_code"),
        pl.col("province").alias("province_name"),
        pl.col("city").alias("city_name"),
        pl.col("town").alias("county_name"),
        pl.lit("***").alias("detail_info"),
        pl.col("town_id").alias("national_code"),
        (phone.str.head(3) + "****" + phone.str.tail(4)).alias("tel_number"),
        pl.concat_str("phone", "address").hash(7).cast(pl.String).alias("hash_code"),
    )
    goods = pl.col("delivery_product_info").list.eval(
        pl.element().struct.field("deliver_type") == 1
    )
    is_sent = (pl.col("sent") > 0) & (pl.col("sent") >= pl.col("to_send"))
    return pl.struct(
        address.alias("address_info"),
        "delivery_product_info",
        pl.when(is_sent).then(epoch("last_sent_at")).otherwise(0).alias("ship_done_time"),
        # Nothing but courses was sent.
        (is_sent & ~goods.list.any()).cast(pl.Int64).alias("deliver_method"),
    ).alias("delivery_info")


def _ext_info() -> pl.Expr:
    sample = pl.when(pl.col("trade_type") == "sample").then(pl.lit("寄样"))
    return pl.struct(
        pl.col("buyer_remark").fill_null("").alias("customer_notes"),
        pl.concat_str("seller_remark", sample, separator=" ", ignore_nulls=True).alias(
            "merchant_notes"
        ),
        epoch("received_at").alias("confirm_receipt_time"),
        pl.col("author_id").fill_null("").alias("finder_id"),
        pl.col("session_id").fill_null("").alias("live_id"),
        pl.col("traffic").replace_strict(SCENES, return_dtype=pl.Int64).alias("order_scene"),
    ).alias("ext_info")


def _settle_info() -> pl.Expr:
    return pl.struct(
        (pl.col("order_fen") * 2 // 100).alias("predict_commission_fee"),
        pl.col("service_fen").fill_null(0).alias("commission_fee"),
        pl.lit(0).alias("predict_wecoin_commission"),
        pl.lit(0).alias("wecoin_commission"),
        epoch("settled_at").alias("settle_time"),
    ).alias("settle_info")


def _after_sales(asked: pl.DataFrame) -> pl.DataFrame:
    """order_id and aftersale_order_list."""
    record = pl.struct(
        pl.col("after_sale_id").alias("aftersale_order_id"),
        pl.col("state").replace_strict(OLD_STATES, return_dtype=pl.Int64).alias("status"),
    ).alias("aftersale_order_list")
    return (
        asked.sort("after_sale_id")
        .select("order_id", record)
        .group_by("order_id", maintain_order=True)
        .agg("aftersale_order_list")
    )


def _parcels(lines: pl.DataFrame, frames: Frames, shop: str, now: datetime) -> pl.DataFrame:
    """order_id and delivery_product_info: parcels that have left, and courses handed over."""
    what = ("line_id", "order_id", "product_id", "sku_id", "quantity", "shipped_at")
    left = of_shop(frames, "parcels", shop, now, "shipped_at").select(
        "parcel_id", "tracking_number", "carrier", "carrier_name", "shipped_at"
    )
    things = (
        frames["parcel_lines"]
        .join(left, on="parcel_id")
        .join(lines.select(what).drop("quantity", "shipped_at"), on="line_id")
        .select(
            "order_id", pl.col("tracking_number").alias("waybill_id"),
            pl.col("carrier").replace_strict(CARRIERS, return_dtype=pl.String).alias("delivery_id"),
            pl.col("carrier_name").alias("delivery_name"), "shipped_at",
            pl.lit(1).alias("deliver_type"), "product_id", "sku_id", "quantity",
        )
    )  # fmt: skip
    courses = (
        lines.select(what)
        .drop_nulls("shipped_at")
        .join(frames["parcel_lines"], on="line_id", how="anti")
        .select(
            "order_id", pl.lit("").alias("waybill_id"), pl.lit("").alias("delivery_id"),
            pl.lit("").alias("delivery_name"), "shipped_at", pl.lit(3).alias("deliver_type"),
            "product_id", "sku_id", "quantity",
        )
    )  # fmt: skip
    item = pl.struct("product_id", "sku_id", pl.col("quantity").alias("product_cnt"))
    of_parcel = ("waybill_id", "delivery_id", "delivery_name", "shipped_at", "deliver_type")
    parcel = pl.struct(
        "waybill_id", "delivery_id", "delivery_name", epoch("shipped_at").alias("delivery_time"),
        "deliver_type", "product_infos",
    )  # fmt: skip
    return (
        pl.concat([things, courses])
        .group_by("order_id", *of_parcel)
        .agg(item.alias("product_infos"))
        .sort("order_id", "shipped_at", "waybill_id")
        .group_by("order_id", maintain_order=True)
        .agg(parcel.alias("delivery_product_info"))
    )
