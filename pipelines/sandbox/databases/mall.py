"""The mall's other tables: members with points, coupons and carts, goods, shipments."""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.databases.mall_orders import ORDER_RELATIONS, TERMINALS
from pipelines.sandbox.databases.relation import (
    Moment,
    Relation,
    count,
    number,
    text,
    time,
    word,
    yuan,
)

_LEVELS = (1_000, 5_000, 20_000)  # points ever had for the second level and those above
_NODES = {
    "picked_up": "COLLECTED", "in_transit": "TRANSPORT", "out_for_delivery": "DELIVERING",
    "signed": "SIGNED", "exception": "ABNORMAL",
}  # fmt: skip
_CHANGES = {"spend": "SPEND", "return": "RETURN", "earn": "EARN"}


def _members(moment: Moment) -> pl.DataFrame:
    entries = moment.frames["point_entries"].filter(pl.col("at") < moment.now)
    sums = entries.group_by("member_id").agg(
        pl.col("points").sum(),
        pl.col("points").filter(pl.col("kind") == "earn").sum().alias("earned"),
        pl.col("at").max(),
    )
    return (
        moment.begun("members", "registered_at")
        .join(moment.frames["buyers"].drop("channel"), on="buyer_id", how="left")
        .join(sums, on="member_id", how="left")
        .with_columns(
            pl.col("opening_points").add(pl.col("points").fill_null(0)).alias("balance"),
            pl.col("opening_points").add(pl.col("earned").fill_null(0)).alias("ever"),
        )
    )


def _of_members(moment: Moment, name: str, begins: str) -> pl.DataFrame:
    owners = moment.frames["members"].join(moment.shops, on="shop_id")
    return moment.begun(name, begins).join(owners.select("member_id", "store_id"), on="member_id")


def _coupons(moment: Moment) -> pl.DataFrame:
    """An unused one is purged three days after it has expired."""
    used = pl.col("used_at").is_not_null()
    valid = moment.frames["coupons"].select("coupon_id", pl.col("expires_at").alias("valid_to"))
    return (
        _of_members(moment, "coupons", "issued_at")
        .join(valid, on="coupon_id")
        .with_columns(
            pl.when(~used).then("expires_at").alias("expired_at"),
            pl.when(used).then("order_id").alias("order_id"),
            pl.when(~used).then(pl.col("valid_to") + pl.duration(days=3)).alias("purged_at"),
        )
    )


def _products(moment: Moment) -> pl.DataFrame:
    return moment.begun("products", "created_at")


def _skus(moment: Moment) -> pl.DataFrame:
    return moment.begun("skus", "created_at")


def _parcels(moment: Moment) -> pl.DataFrame:
    return moment.begun("parcels", "shipped_at")


def _contents(moment: Moment) -> pl.DataFrame:
    lines = moment.frames["order_lines"].select("line_id", "order_id")
    sent = _parcels(moment).select("parcel_id", "store_id", "shipped_at")
    return moment.frames["parcel_lines"].join(sent, on="parcel_id").join(lines, on="line_id")


def _scans(moment: Moment) -> pl.DataFrame:
    sent = _parcels(moment).select("parcel_id", "store_id", "carrier", "tracking_number")
    return moment.begun("parcel_events", "at").join(sent, on="parcel_id")


MALL_RELATIONS = (
    Relation(
        "member",
        "会员。注销即删除。",
        ("member_id",),
        _members,
        {
            "member_id": text("member_id"),
            "store_id": text("store_id"),
            "real_name": text("name"),
            "mobile": text("phone"),
            "province": text("province"),
            "city": text("city"),
            "address": text("address"),
            "level": number(1 + pl.sum_horizontal(pl.col("ever") >= each for each in _LEVELS)),
            "points": count("balance"),
            "source": word(pl.col("terminal"), TERMINALS),
            "register_time": time("registered_at"),
        },
        ("registered_at", "at"),
        gone=pl.col("left_at"),
    ),
    Relation(
        "point_log",
        "积分流水；一积分抵一分钱。",
        ("log_id",),
        lambda moment: _of_members(moment, "point_entries", "at"),
        {
            "log_id": text("entry_id"),
            "member_id": text("member_id"),
            "store_id": text("store_id"),
            "change_type": word(pl.col("kind"), _CHANGES),
            "points": count("points"),
            "order_no": text("order_id"),
            "create_time": time("at"),
        },
        ("at",),
    ),
    Relation(
        "coupon",
        "优惠券：发到会员的一张券。过期三天未用即删除。",
        ("coupon_id",),
        _coupons,
        {
            "coupon_id": text("coupon_id"),
            "member_id": text("member_id"),
            "store_id": text("store_id"),
            "coupon_name": text("name"),
            "amount": yuan("discount_fen"),
            "coupon_status": number(
                pl.when(pl.col("used_at").is_not_null())
                .then(1)
                .when(pl.col("expired_at").is_not_null())
                .then(2)
                .otherwise(0)
            ),
            "order_no": text("order_id"),
            "issue_time": time("issued_at"),
            "expire_time": time("valid_to"),
            "use_time": time("used_at"),
        },
        ("issued_at", "used_at", "expired_at"),
        gone=pl.col("purged_at"),
    ),
    Relation(
        "cart_item",
        "购物车。下单或清理后即删除。",
        ("cart_item_id",),
        lambda moment: _of_members(moment, "cart_items", "added_at"),
        {
            "cart_item_id": text("cart_item_id"),
            "member_id": text("member_id"),
            "store_id": text("store_id"),
            "sku_id": text("sku_id"),
            "quantity": count("quantity"),
            "add_time": time("added_at"),
        },
        ("added_at",),
        gone=pl.col("removed_at"),
    ),
    Relation(
        "product",
        "商品。",
        ("product_id",),
        _products,
        {
            "product_id": text("product_id"),
            "store_id": text("store_id"),
            "spu_code": text("spu_code"),
            "product_name": text("name"),
            "first_category": text("first_category"),
            "second_category": text("second_category"),
            "is_on_shelf": number(pl.col("off_shelf_at").is_null()),
            "create_time": time("created_at"),
        },
        ("created_at", "updated_at", "off_shelf_at"),
    ),
    Relation(
        "sku",
        "商品规格。",
        ("sku_id",),
        _skus,
        {
            "sku_id": text("sku_id"),
            "product_id": text("product_id"),
            "store_id": text("store_id"),
            "sku_code": text("merchant_code"),
            "spec_text": text("spec_value"),
            "list_price": yuan("list_price_fen"),
            "price": yuan("price_fen"),
            "stock": count("stock_quantity"),
        },
        ("created_at",),
    ),
    Relation(
        "shipment",
        "发货单：一个运单。",
        ("shipment_no",),
        _parcels,
        {
            "shipment_no": text("parcel_id"),
            "store_id": text("store_id"),
            "carrier_code": text("carrier"),
            "carrier_name": text("carrier_name"),
            "tracking_no": text("tracking_number"),
            "ship_time": time("shipped_at"),
            "sign_time": time("signed_at"),
        },
        ("shipped_at", "signed_at"),
    ),
    Relation(
        "shipment_item",
        "发货明细：运单里的订单明细。",
        ("shipment_no", "item_id"),
        _contents,
        {
            "shipment_no": text("parcel_id"),
            "item_id": text("line_id"),
            "order_no": text("order_id"),
            "store_id": text("store_id"),
            "quantity": count("quantity"),
        },
        ("shipped_at",),
    ),
    Relation(
        "shipment_trace",
        "物流轨迹：运单的一次扫描。",
        ("shipment_no", "node_code", "node_time"),
        _scans,
        {
            "shipment_no": text("parcel_id"),
            "node_code": word(pl.col("event"), _NODES),
            "node_time": time("at"),
            "store_id": text("store_id"),
            "place": text("place"),
        },
        ("at",),
    ),
)
RELATIONS = (*ORDER_RELATIONS, *MALL_RELATIONS)
