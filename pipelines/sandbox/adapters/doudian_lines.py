"""World order lines in 抖店's words: the records of ``sku_order_list``."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines.sandbox.adapters.doudian_parts import common, states
from pipelines.sandbox.adapters.doudian_words import AFTER_SALE_TYPES, NOTHING, epoch


def line_records(
    orders: pl.DataFrame,
    lines: pl.DataFrame,
    requests: pl.DataFrame,
    frames: Mapping[str, pl.DataFrame],
) -> pl.DataFrame:
    """order_id and sku_order_list."""
    of_order = orders.select(
        "order_id", "created_at", "paid_at", "updated_at", "main", "trade_type", "pay_method",
        "traffic", "session_id", "author_id", "cancel_reason", "promise_ship_at", "phone", "name",
        "address", "province", "province_id", "city", "city_id", "town", "town_id",
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
                pl.col("kind").alias("product_kind"),
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
        *states(pl.col("line_status"), pl.col("line_main")),
        *common(),
        pl.lit(0).alias("send_pay"),
        pl.lit("").alias("send_pay_desc"),
        pl.col("author_id").cast(pl.Int64).fill_null(0).alias("author_id"),
        pl.col("nickname").fill_null("").alias("author_name"),
        pl.when(live).then(pl.lit("1")).otherwise(pl.lit("0")).alias("theme_type"),
        pl.when(live).then(pl.lit("直播间")).otherwise(pl.lit("其他")).alias("theme_type_desc"),
        room.alias("room_id"),
        pl.col("session_id").fill_null("").alias("room_id_str"),
        pl.lit("0").alias("content_id"),
        pl.when(pl.col("traffic") == "video")
        .then(pl.concat_str(pl.lit("75"), pl.col("order_id").str.tail(12)))
        .otherwise(pl.lit(""))
        .alias("video_id"),
        pl.lit("").alias("origin_id"),
        pl.lit(0).alias("cid"),
        pl.when(affiliate).then(2).otherwise(8).alias("c_biz"),
        pl.when(affiliate)
        .then(pl.lit("精选联盟"))
        .otherwise(pl.lit("小店自卖"))
        .alias("c_biz_desc"),
        pl.lit(0).alias("page_id"),
        pl.col("goods_fen").alias("order_amount"),
        pl.when(pl.col("paid_at").is_not_null())
        .then(pl.col("order_fen") - pl.col("freight_fen"))
        .otherwise(0)
        .alias("pay_amount"),
        pl.col("merchant_code").alias("code"),
        epoch("shipped_at").alias("ship_time"),
        epoch("signed_at").alias("logistics_receipt_time"),
        epoch("finished_at").alias("confirm_receipt_time"),
        (pl.col("product_kind") == "course").cast(pl.Int64).alias("goods_type"),
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
        pl.concat_str(
            pl.lit("https://example.invalid/img/"), pl.col("product_id"), pl.lit(".jpg")
        ).alias("product_pic"),
        pl.lit(0).alias("is_comment"),
        pl.when(pl.col("trade_type") == "presale").then(2).otherwise(0).alias("pre_sale_type"),
        pl.struct(
            pl.col("request_status").fill_null(0).alias("after_sale_status"),
            pl.col("request_type").fill_null(0).alias("after_sale_type"),
            pl.col("request_refund").fill_null(0).alias("refund_status"),
        ).alias("after_sale_info"),
        pl.when(pl.col("is_gift"))
        .then(pl.lit("FREE"))
        .otherwise(pl.lit(""))
        .alias("given_product_type"),
        pl.when(live)
        .then(pl.lit("live"))
        .when(pl.col("traffic") == "video")
        .then(pl.lit("video"))
        .otherwise(pl.lit(""))
        .alias("ad_env_type"),
        *(
            NOTHING.alias(name)
            for name in (
                "warehouse_ids",
                "out_warehouse_ids",
                "inventory_list",
                "given_product_activity_info",
                "master_sku_order_id_list",
                "sku_order_tag_ui",
            )
        ),
    ]
