"""World orders in 抖店's words: the record of order.searchList and order.orderDetail.

Amounts (doudian.md section 4): order_amount is before discounts (goods + freight), pay_amount after
those of shop, platform and talent and 0 while unpaid; what the buyer really paid is pay_amount -
promotion_pay_amount. Freight stands on the order alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.doudian_lines import line_records
from pipelines.sandbox.adapters.doudian_parts import common, mask_addr, states
from pipelines.sandbox.adapters.doudian_words import NOTHING, epoch, happened
from pipelines.sandbox.listing import Listing


def order_listing(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime, by: str) -> Listing:
    """A shop's orders as they stand, by the time of their update or creation."""
    orders = happened(frames["orders"].filter(pl.col("shop_id") == shop), now)
    orders = orders.drop_nulls("created_at")
    lines = happened(frames["order_lines"].filter(pl.col("shop_id") == shop), now)
    requests = happened(frames["after_sales"].filter(pl.col("shop_id") == shop), now)
    requests = requests.drop_nulls("applied_at")
    orders = _with_states(orders, lines, requests)
    orders = orders.join(frames["buyers"], on="buyer_id", how="left", suffix="_of_buyer")
    platform = frames["shops"].filter(pl.col("shop_id") == shop).row(0, named=True)
    rendered_lines = line_records(orders, lines, requests, frames)
    parcels = _parcels(lines, frames, shop, now)
    whole = (
        orders.join(rendered_lines, on="order_id", how="left")
        .join(parcels, on="order_id", how="left")
        .with_columns(pl.col("logistics_info").fill_null([]))
    )
    record = pl.struct(_order_fields(platform)).struct.json_encode().alias("record")
    return Listing.of(
        whole.select(epoch(by).alias("at"), "order_id", record),
        "at",
        "order_id",
        "record",
    )


def _with_states(orders: pl.DataFrame, lines: pl.DataFrame, requests: pl.DataFrame) -> pl.DataFrame:
    """Status and update time of each order, which follow from what has happened to its parts."""
    shipped = lines.group_by("order_id").agg(
        pl.col("shipped_at").min().alias("first_shipped_at"),
        pl.col("shipped_at").is_not_null().sum().alias("shipped_lines"),
        pl.max_horizontal(
            pl.col("shipped_at").max(), pl.col("signed_at").max(), pl.col("finished_at").max(),
            pl.col("closed_at").max(),
        ).alias("line_event_at"),
        (pl.col("closed_at").is_null() | pl.col("shipped_at").is_not_null()).sum().alias("to_ship"),
    )  # fmt: skip
    touched = requests.group_by("order_id").agg(
        pl.max_horizontal(
            pl.col("applied_at").max(), pl.col("handled_at").max(), pl.col("returned_at").max(),
            pl.col("received_at").max(), pl.col("refunded_at").max(), pl.col("ended_at").max(),
        ).alias("request_event_at")
    )  # fmt: skip
    joined = orders.join(shipped, on="order_id", how="left").join(
        touched, on="order_id", how="left"
    )
    paid = pl.col("paid_at").is_not_null()
    closed = pl.col("closed_at").is_not_null()
    any_shipped = pl.col("shipped_lines") > 0
    status = (
        pl.when(closed).then(4)
        .when(pl.col("finished_at").is_not_null()).then(5)
        .when(~paid).then(1)
        .when(any_shipped & (pl.col("shipped_lines") < pl.col("to_ship"))).then(101)
        .when(any_shipped).then(3)
        .otherwise(2)
    )  # fmt: skip
    main = (
        pl.when(closed & paid & ~any_shipped).then(21)
        .when(closed & paid & pl.col("finished_at").is_not_null()).then(39)
        .when(closed & paid).then(22)
        .when(~paid & ~closed & pl.col("deposit_paid_at").is_not_null()).then(103)
        .otherwise(status)
    )  # fmt: skip
    return joined.with_columns(
        status.alias("status"),
        main.alias("main"),
        pl.max_horizontal(
            "created_at", "paid_at", "deposit_paid_at", "closed_at", "finished_at", "line_event_at",
            "request_event_at",
        ).alias("updated_at"),
    )  # fmt: skip


def _order_fields(shop: Mapping[str, object]) -> list[pl.Expr]:
    paid = pl.col("paid_at").is_not_null()
    presale = pl.col("deposit_fen") > 0
    phase = pl.struct(
        pl.concat_str(pl.col("order_id"), pl.lit("1")).alias("phase_order_id"),
        pl.lit(1).alias("current_phase"),
        pl.when(pl.col("deposit_paid_at").is_not_null())
        .then("deposit_fen")
        .otherwise(0)
        .alias("phase_pay_amount"),
        epoch("deposit_paid_at").alias("pay_time"),
    )
    return [
        pl.lit(int(str(shop["platform_shop_id"]))).alias("shop_id"),
        pl.lit(str(shop["name"])).alias("shop_name"),
        pl.lit("").alias("open_id"),
        pl.col("order_id"),
        pl.lit(2).alias("order_level"),
        *states(pl.col("status"), pl.col("main")),
        *common(),
        pl.col("buyer_remark").fill_null("").alias("buyer_words"),
        pl.col("seller_remark").fill_null("").alias("seller_words"),
        pl.col("seller_stars").alias("seller_remark_stars"),
        (pl.col("goods_fen") + pl.col("freight_fen")).alias("order_amount"),
        pl.when(paid).then("order_fen").otherwise(0).alias("pay_amount"),
        pl.col("freight_fen").alias("post_amount"),
        (
            pl.col("shop_discount_fen")
            + pl.col("platform_discount_fen")
            + pl.col("author_discount_fen")
        ).alias("total_promotion_amount"),
        pl.lit(0).alias("post_promotion_amount"),
        pl.col("freight_fen").alias("post_origin_amount"),
        pl.lit(0).alias("tax_amount"),
        pl.lit(0).alias("packing_amount"),
        mask_addr(),
        epoch("first_shipped_at").alias("ship_time"),
        pl.col("logistics_info"),
        pl.col("sku_order_list"),
        pl.when(presale)
        .then(pl.concat_list(phase))
        .otherwise(pl.lit([], dtype=pl.List(_PHASE)))
        .alias("order_phase_list"),
        pl.concat_str(pl.lit("1@#"), pl.col("buyer_id")).alias("doudian_open_id"),
        pl.concat_str(pl.lit("ADDR"), pl.col("order_id").str.tail(10)).alias("open_address_id"),
        *(
            NOTHING.alias(name)
            for name in ("serial_number_list", "shop_order_tag_ui", "user_tag_ui")
        ),
    ]


_PHASE = pl.Struct(
    {
        "phase_order_id": pl.String,
        "current_phase": pl.Int32,
        "phase_pay_amount": pl.Int64,
        "pay_time": pl.Int64,
    }
)


def _parcels(
    lines: pl.DataFrame, frames: Mapping[str, pl.DataFrame], shop: str, now: datetime
) -> pl.DataFrame:
    """order_id and logistics_info: the parcels that have left."""
    left = frames["parcels"].filter((pl.col("shop_id") == shop) & (pl.col("shipped_at") < now))
    inside = (
        frames["parcel_lines"]
        .join(left.drop("shop_id"), on="parcel_id", how="inner")
        .join(
            lines.select("line_id", "order_id", "product_id", "sku_id", "price_fen"),
            on="line_id",
            how="inner",
        )
        .join(frames["skus"].select("sku_id", "merchant_code"), on="sku_id", how="left")
    )
    item = pl.struct(
        pl.col("price_fen").alias("price"),
        pl.col("merchant_code").alias("outer_sku_id"),
        pl.col("sku_id").cast(pl.Int64),
        pl.col("quantity").alias("product_count"),
        pl.col("product_id").cast(pl.Int64),
        pl.col("line_id").alias("sku_order_id"),
        pl.col("product_id").alias("product_id_str"),
    )
    parcel = pl.struct(
        pl.col("tracking_number").alias("tracking_no"),
        pl.col("carrier").alias("company"),
        pl.col("carrier_name").alias("company_name"),
        pl.col("shipped_at").dt.epoch("s").alias("ship_time"),
        pl.concat_str(pl.lit("7571"), pl.col("parcel_id").str.tail(-2)).alias("delivery_id"),
        pl.col("product_info"),
    )
    return (
        inside.group_by(
            "order_id", "parcel_id", "tracking_number", "carrier", "carrier_name", "shipped_at"
        )
        .agg(item.alias("product_info"))
        .sort("order_id", "parcel_id")
        .group_by("order_id", maintain_order=True)
        .agg(parcel.alias("logistics_info"))
    )
