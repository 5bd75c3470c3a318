"""World orders in 抖店's words: the record of order.searchList and order.orderDetail.

Amounts (doudian.md section 4): order_amount is before discounts (goods + freight), pay_amount after
those of shop, platform and talent and 0 while unpaid; what the buyer really paid is pay_amount -
promotion_pay_amount. Freight stands on the order alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.doudian_words import (
    AFTER_SALE_TYPES, NOTHING, ORDER_WORDS, PAY_TYPES, TRADE_TYPES, cipher, epoch, happened, words,
)  # fmt: skip
from pipelines.sandbox.listing import Listing


def order_listing(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> Listing:
    """A shop's orders as they stand, by update time."""
    orders = happened(frames["orders"].filter(pl.col("shop_id") == shop), now)
    orders = orders.drop_nulls("created_at")
    lines = happened(frames["order_lines"].filter(pl.col("shop_id") == shop), now)
    requests = happened(frames["after_sales"].filter(pl.col("shop_id") == shop), now)
    requests = requests.drop_nulls("applied_at")
    orders = _with_states(orders, lines, requests)
    orders = orders.join(frames["buyers"], on="buyer_id", how="left", suffix="_of_buyer")
    platform = frames["shops"].filter(pl.col("shop_id") == shop).row(0, named=True)
    rendered_lines = _lines(orders, lines, requests, frames)
    parcels = _parcels(lines, frames, shop, now)
    whole = (
        orders.join(rendered_lines, on="order_id", how="left")
        .join(parcels, on="order_id", how="left")
        .with_columns(pl.col("logistics_info").fill_null([]))
    )
    record = pl.struct(_order_fields(platform)).struct.json_encode().alias("record")
    return Listing.of(
        whole.select(epoch("updated_at").alias("at"), "order_id", record),
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


def _states(status: pl.Expr, main: pl.Expr) -> list[pl.Expr]:
    return [
        status.alias("order_status"),
        words(ORDER_WORDS, status).alias("order_status_desc"),
        main.alias("main_status"),
        words(ORDER_WORDS, main).alias("main_status_desc"),
    ]


def _receiver() -> list[pl.Expr]:
    """Cipher text, masks and places; nothing of the buyer in clear."""
    place = [
        pl.struct(pl.col(f"{part}").alias("name"), pl.col(f"{part}_id").alias("id")).alias(part)
        for part in ("province", "city", "town")
    ]
    street = pl.struct(pl.lit("").alias("name"), pl.lit("0").alias("id")).alias("street")
    detail = cipher("##", "index*1#1##", pl.col("order_id"), pl.col("address"))
    return [
        pl.lit("").alias("post_tel"),
        pl.lit("").alias("post_receiver"),
        cipher("$$", "*1*1$$", pl.col("order_id"), pl.col("phone")).alias("encrypt_post_tel"),
        cipher("##", "*1#1##", pl.col("order_id"), pl.col("name")).alias("encrypt_post_receiver"),
        (pl.col("phone").str.head(1) + "********" + pl.col("phone").str.tail(2)).alias(
            "mask_post_tel"
        ),
        (pl.col("name").str.head(1) + "*").alias("mask_post_receiver"),
        pl.struct(*place, street, detail.alias("encrypt_detail")).alias("post_addr"),
    ]


def _mask_addr() -> pl.Expr:
    place = [
        pl.struct(pl.col(part).alias("name"), pl.col(f"{part}_id").alias("id")).alias(part)
        for part in ("province", "city", "town")
    ]
    street = pl.struct(pl.lit("").alias("name"), pl.lit("0").alias("id")).alias("street")
    return pl.struct(*place, street, pl.lit("***").alias("detail")).alias("mask_post_addr")


def _promotions() -> list[pl.Expr]:
    given = (
        pl.col("shop_discount_fen")
        + pl.col("platform_discount_fen")
        + pl.col("author_discount_fen")
    )
    return [
        given.alias("promotion_amount"),
        pl.col("shop_discount_fen").alias("promotion_shop_amount"),
        pl.col("platform_discount_fen").alias("promotion_platform_amount"),
        pl.col("merchant_borne_fen").alias("shop_cost_amount"),
        (pl.col("platform_borne_fen") + pl.col("author_borne_fen")).alias("platform_cost_amount"),
        pl.col("platform_borne_fen").alias("only_platform_cost_amount"),
        pl.col("author_borne_fen").alias("author_cost_amount"),
        pl.col("author_discount_fen").alias("promotion_talent_amount"),
        pl.when(pl.col("paid_at").is_not_null())
        .then("pay_discount_fen")
        .otherwise(0)
        .alias("promotion_pay_amount"),
    ]


def _common() -> list[pl.Expr]:
    """What the main record and its lines both say."""
    trade = pl.col("trade_type")
    return [
        pl.lit(2).alias("biz"),
        pl.lit("小店").alias("biz_desc"),
        pl.lit(0).alias("order_type"),
        pl.lit("普通订单").alias("order_type_desc"),
        trade.replace_strict(
            {k: v[0] for k, v in TRADE_TYPES.items()}, return_dtype=pl.Int64
        ).alias("trade_type"),
        trade.replace_strict(
            {k: v[1] for k, v in TRADE_TYPES.items()}, return_dtype=pl.String
        ).alias("trade_type_desc"),
        epoch("paid_at").alias("pay_time"),
        pl.lit(7200).alias("order_expire_time"),
        epoch("finished_at").alias("finish_time"),
        epoch("created_at").alias("create_time"),
        epoch("updated_at").alias("update_time"),
        pl.when(pl.col("closed_at").is_not_null())
        .then("cancel_reason")
        .fill_null("")
        .alias("cancel_reason"),
        pl.lit(2).alias("b_type"),
        pl.lit("抖音").alias("b_type_desc"),
        pl.lit(1).alias("sub_b_type"),
        pl.lit("app内-原生").alias("sub_b_type_desc"),
        pl.lit(0).alias("app_id"),
        pl.when(pl.col("paid_at").is_not_null())
        .then(pl.col("pay_method").replace_strict(PAY_TYPES, return_dtype=pl.Int64))
        .otherwise(0)
        .alias("pay_type"),
        pl.concat_str(pl.lit("PN"), pl.col("order_id").str.tail(10)).alias("channel_payment_no"),
        pl.lit(0).alias("post_insurance_amount"),
        pl.lit(0).alias("modify_amount"),
        pl.lit(0).alias("modify_post_amount"),
        *_promotions(),
        *_receiver(),
        pl.when(pl.col("paid_at").is_not_null())
        .then(epoch("promise_ship_at"))
        .otherwise(0)
        .alias("exp_ship_time"),
    ]


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
        *_states(pl.col("status"), pl.col("main")),
        *_common(),
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
        _mask_addr(),
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


def _lines(
    orders: pl.DataFrame,
    lines: pl.DataFrame,
    requests: pl.DataFrame,
    frames: Mapping[str, pl.DataFrame],
) -> pl.DataFrame:
    """order_id and sku_order_list."""
    of_order = orders.select(
        "order_id", "created_at", "paid_at", "updated_at", "main", "trade_type", "pay_method", "traffic",
        "session_id", "author_id", "cancel_reason", "promise_ship_at", "phone", "name", "address", "province",
        "province_id", "city", "city_id", "town", "town_id",
    )  # fmt: skip
    latest = (
        requests.sort("applied_at")
        .group_by("line_id")
        .last()
        .select(
            "line_id",
            pl.col("type")
            .replace_strict({k: v[0] for k, v in AFTER_SALE_TYPES.items()}, return_dtype=pl.Int64)
            .alias("request_type"),
            pl.when(pl.col("refunded_at").is_not_null())
            .then(12)
            .when(pl.col("ended_at").is_not_null())
            .then(28)
            .otherwise(6)
            .alias("request_status"),
            pl.when(pl.col("refunded_at").is_not_null())
            .then(3)
            .otherwise(1)
            .alias("request_refund"),
        )
    )
    joined = (
        lines.join(of_order, on="order_id", how="inner")
        .join(
            frames["products"].select(
                "product_id",
                pl.col("name").alias("product_name"),
                "first_category_id",
                "second_category_id",
            ),
            on="product_id",
            how="left",
        )
        .join(
            frames["skus"].select("sku_id", "merchant_code", "spec_name", "spec_value"),
            on="sku_id",
            how="left",
        )
        .join(
            frames["authors"].select("author_id", "nickname", "own_shop_id"),
            on="author_id",
            how="left",
        )
        .join(latest, on="line_id", how="left")
        .with_columns(_line_status().alias("line_status"))
        .with_columns(_line_main().alias("line_main"))
        .sort("order_id", "line_number")
    )
    record = pl.struct(_line_fields()).alias("sku_order_list")
    return (
        joined.select("order_id", record)
        .group_by("order_id", maintain_order=True)
        .agg("sku_order_list")
    )


def _line_status() -> pl.Expr:
    paid = pl.col("paid_at").is_not_null()
    return (
        pl.when(pl.col("closed_at").is_not_null()).then(4)
        .when(pl.col("finished_at").is_not_null()).then(5)
        .when(~paid).then(1)
        .when(pl.col("shipped_at").is_not_null()).then(3)
        .otherwise(2)
    )  # fmt: skip


def _line_main() -> pl.Expr:
    refunded = (pl.col("line_status") == 4) & pl.col("paid_at").is_not_null()
    return (
        pl.when(refunded & pl.col("shipped_at").is_null()).then(21)
        .when(refunded & pl.col("finished_at").is_not_null()).then(39)
        .when(refunded).then(22)
        .when(pl.col("main") == 103).then(103)
        .otherwise(pl.col("line_status"))
    )  # fmt: skip


def _line_fields() -> list[pl.Expr]:
    live = pl.col("session_id").is_not_null()
    affiliate = pl.col("author_id").is_not_null() & pl.col("own_shop_id").is_null()
    room = pl.col("session_id").cast(pl.Int64).fill_null(0)
    product = pl.col("product_id").cast(pl.Int64)
    spec = pl.concat_list(
        pl.struct(pl.col("spec_name").alias("name"), pl.col("spec_value").alias("value"))
    )
    price = pl.when(pl.col("is_gift")).then(0).otherwise("price_fen")
    return [
        pl.col("line_id").alias("order_id"),
        pl.col("order_id").alias("parent_order_id"),
        pl.lit(3).alias("order_level"),
        *_states(pl.col("line_status"), pl.col("line_main")),
        *_common(),
        pl.lit(0).alias("send_pay"),
        pl.lit("").alias("send_pay_desc"),
        pl.col("author_id").cast(pl.Int64).fill_null(0).alias("author_id"),
        pl.col("nickname").fill_null("").alias("author_name"),
        pl.when(live).then(pl.lit("1")).otherwise(pl.lit("0")).alias("theme_type"),
        pl.when(live).then(pl.lit("直播间")).otherwise(pl.lit("其他")).alias("theme_type_desc"),
        room.alias("room_id"),
        pl.col("session_id").fill_null("").alias("room_id_str"),
        pl.lit("0").alias("content_id"),
        pl.when(pl.col("traffic") == "video").then(pl.concat_str(pl.lit("75"), pl.col("order_id").str.tail(12))).otherwise(pl.lit("")).alias("video_id"),
        pl.lit("").alias("origin_id"),
        pl.lit(0).alias("cid"),
        pl.when(affiliate).then(2).otherwise(8).alias("c_biz"),
        pl.when(affiliate).then(pl.lit("精选联盟")).otherwise(pl.lit("小店自卖")).alias("c_biz_desc"),
        pl.lit(0).alias("page_id"),
        pl.col("goods_fen").alias("order_amount"),
        pl.when(pl.col("paid_at").is_not_null()).then(pl.col("order_fen") - pl.col("freight_fen")).otherwise(0).alias("pay_amount"),
        pl.col("merchant_code").alias("code"),
        epoch("shipped_at").alias("ship_time"),
        epoch("signed_at").alias("logistics_receipt_time"),
        epoch("finished_at").alias("confirm_receipt_time"),
        pl.lit(0).alias("goods_type"),
        product.alias("product_id"),
        pl.col("product_id").alias("product_id_str"),
        pl.col("sku_id").cast(pl.Int64).alias("sku_id"),
        spec.alias("spec"),
        pl.col("first_category_id").cast(pl.Int64).alias("first_cid"),
        pl.col("second_category_id").cast(pl.Int64).alias("second_cid"),
        pl.lit(0).alias("third_cid"),
        pl.lit(0).alias("fourth_cid"),
        pl.lit("").alias("out_sku_id"),
        pl.lit("").alias("supplier_id"),
        pl.lit("").alias("out_product_id"),
        pl.lit("普通库存").alias("inventory_type"),
        pl.lit("").alias("inventory_type_desc"),
        pl.lit(1).alias("reduce_stock_type"),
        pl.lit("下单减库存").alias("reduce_stock_type_desc"),
        price.alias("origin_amount"),
        pl.when(pl.col("is_gift")).then(0).otherwise("list_price_fen").alias("goods_price"),
        pl.lit(False).alias("has_tax"),
        pl.col("quantity").alias("item_num"),
        pl.col("goods_fen").alias("sum_amount"),
        pl.lit("").alias("source_platform"),
        pl.col("product_name"),
        pl.concat_str(pl.lit("https://example.invalid/img/"), pl.col("product_id"), pl.lit(".jpg")).alias("product_pic"),
        pl.lit(0).alias("is_comment"),
        pl.when(pl.col("trade_type") == "presale").then(2).otherwise(0).alias("pre_sale_type"),
        pl.struct(
            pl.col("request_status").fill_null(0).alias("after_sale_status"),
            pl.col("request_type").fill_null(0).alias("after_sale_type"),
            pl.col("request_refund").fill_null(0).alias("refund_status"),
        ).alias("after_sale_info"),
        pl.when(pl.col("is_gift")).then(pl.lit("FREE")).otherwise(pl.lit("")).alias("given_product_type"),
        pl.when(live).then(pl.lit("live")).when(pl.col("traffic") == "video").then(pl.lit("video")).otherwise(pl.lit("")).alias("ad_env_type"),
        *(
            NOTHING.alias(name)
            for name in (
                "warehouse_ids", "out_warehouse_ids", "inventory_list", "given_product_activity_info",
                "master_sku_order_id_list", "sku_order_tag_ui",
            )
        ),
    ]  # fmt: skip


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
