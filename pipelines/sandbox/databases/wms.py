"""The warehouse's tables: stock documents and what lies there, parcels with their scans."""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.databases.relation import (
    Moment,
    Relation,
    code,
    count,
    number,
    text,
    time,
    word,
    yuan,
)

# 期初, 采购, 销售, 退货, 调拨, 换货, 补发
_DOCUMENTS = {
    "opening": "QC", "purchase": "CG", "sale": "XS", "return": "TH", "transfer": "DB",
    "exchange": "HH", "reissue": "BF",
}  # fmt: skip
_DIRECTIONS = {"in": 1, "out": 2}
_NODES = {
    "picked_up": "GOT", "in_transit": "TRANS", "out_for_delivery": "SENDING", "signed": "SIGNED",
    "exception": "PROBLEM",
}  # fmt: skip
_PLACE = ("warehouse", "merchant_code")


def _moves(moment: Moment) -> pl.DataFrame:
    """The lines of documents that were raised, with the shop that they are for."""
    lines = moment.frames["order_lines"].select("line_id", "order_id", "shop_id")
    return moment.begun("stock_moves", "created_at").join(lines, on="line_id", how="left")


def _documents(moment: Moment) -> pl.DataFrame:
    return (
        _moves(moment)
        .sort("document_id", "line_number")
        .group_by("document_id", maintain_order=True)
        .first()
    )


def _stock(moment: Moment) -> pl.DataFrame:
    """What lies there, what was ordered, and what is on its way to buyers."""
    parcels = moment.stood("parcels").select("parcel_id", "signed_at")
    posted, quantity = pl.col("posted_at").is_not_null(), pl.col("quantity")
    comes_in = pl.col("direction") == "in"
    on_the_way = posted & (pl.col("kind") == "sale") & pl.col("signed_at").is_null()
    return (
        moment.begun("stock_moves", "created_at")
        .join(parcels, on="parcel_id", how="left")
        .group_by(_PLACE)
        .agg(
            pl.when(comes_in)
            .then(quantity)
            .otherwise(-quantity)
            .filter(posted)
            .sum()
            .alias("there"),
            quantity.filter((pl.col("kind") == "purchase") & ~posted).sum().alias("ordered"),
            quantity.filter(on_the_way).sum().alias("sent"),
            pl.max_horizontal(
                pl.col("created_at").max(), pl.col("posted_at").max(), pl.col("signed_at").max()
            ).alias("at"),
        )
    )


def _parcels(moment: Moment) -> pl.DataFrame:
    """Parcels that left, with whom they go to."""
    scans = moment.begun("parcel_events", "at")
    wrong = scans.filter(pl.col("event") == "exception").group_by("parcel_id").agg(
        pl.col("at").min().alias("wrong_at")
    )  # fmt: skip
    buyers = moment.frames["buyers"].drop("channel")
    receivers = (
        moment.frames["parcel_lines"]
        .unique("parcel_id", keep="first", maintain_order=True)
        .join(moment.frames["order_lines"].select("line_id", "order_id"), on="line_id")
        .join(moment.frames["orders"].select("order_id", "buyer_id"), on="order_id")
        .join(buyers, on="buyer_id")
        .select("parcel_id", "name", "phone", "province", "city", "address")
    )
    return (
        moment.begun("parcels", "shipped_at")
        .join(wrong, on="parcel_id", how="left")
        .join(receivers, on="parcel_id", how="left")
    )


def _contents(moment: Moment) -> pl.DataFrame:
    sales = pl.col("parcel_id").is_not_null() & pl.col("posted_at").is_not_null()
    return _moves(moment).filter(sales)


def _scans(moment: Moment) -> pl.DataFrame:
    return moment.begun("parcel_events", "at")


RELATIONS = (
    Relation(
        "stock_document",
        "出入库单。CG 采购 XS 销售 TH 退货 DB 调拨 HH 换货 BF 补发 QC 期初。",
        ("doc_no",),
        _documents,
        {
            "doc_no": text("document_id"),
            "doc_type": word(pl.col("kind"), _DOCUMENTS),
            "direction": code(pl.col("direction"), _DIRECTIONS),
            "warehouse_code": text("warehouse"),
            "shop_code": text("shop_id"),
            "source_no": text("reference"),
            "doc_status": number(pl.when(pl.col("posted_at").is_not_null()).then(2).otherwise(1)),
            "create_time": time("created_at"),
            "post_time": time("posted_at"),
        },
        ("created_at", "posted_at"),
    ),
    Relation(
        "stock_document_line",
        "出入库单明细。",
        ("doc_no", "line_no"),
        _moves,
        {
            "doc_no": text("document_id"),
            "line_no": count("line_number"),
            "sku_code": text("merchant_code"),
            "quantity": count("quantity"),
            "unit_cost": yuan("unit_cost_fen"),
            "order_no": text("order_id"),
            "order_line_no": text("line_id"),
        },
        ("created_at", "posted_at"),
    ),
    Relation(
        "stock",
        "现存量：在库、采购在途、销售在途。",
        ("warehouse_code", "sku_code"),
        _stock,
        {
            "warehouse_code": text("warehouse"),
            "sku_code": text("merchant_code"),
            "on_hand": count("there"),
            "purchase_in_transit": count("ordered"),
            "sale_in_transit": count("sent"),
        },
        ("at",),
    ),
    Relation(
        "parcel",
        "包裹。parcel_status：1 已出库 2 已签收 9 异常。",
        ("parcel_no",),
        _parcels,
        {
            "parcel_no": text("parcel_id"),
            "shop_code": text("shop_id"),
            "warehouse_code": text("warehouse"),
            "carrier_code": text("carrier"),
            "carrier_name": text("carrier_name"),
            "tracking_no": text("tracking_number"),
            "receiver_name": text("name"),
            "receiver_phone": text("phone"),
            "receiver_province": text("province"),
            "receiver_city": text("city"),
            "receiver_address": text("address"),
            "freight_cost": yuan("freight_cost_fen"),
            "parcel_status": number(
                pl.when(pl.col("signed_at").is_not_null())
                .then(2)
                .when(pl.col("wrong_at").is_not_null())
                .then(9)
                .otherwise(1)
            ),
            "ship_time": time("shipped_at"),
            "sign_time": time("signed_at"),
        },
        ("shipped_at", "signed_at", "wrong_at"),
    ),
    Relation(
        "parcel_item",
        "包裹内的货品。",
        ("parcel_no", "order_line_no"),
        _contents,
        {
            "parcel_no": text("parcel_id"),
            "order_line_no": text("line_id"),
            "order_no": text("order_id"),
            "sku_code": text("merchant_code"),
            "quantity": count("quantity"),
        },
        ("posted_at",),
    ),
    Relation(
        "parcel_track",
        "包裹轨迹：一次扫描。",
        ("parcel_no", "node_code", "node_time"),
        _scans,
        {
            "parcel_no": text("parcel_id"),
            "node_code": word(pl.col("event"), _NODES),
            "node_time": time("at"),
            "place": text("place"),
        },
        ("at",),
    ),
)
