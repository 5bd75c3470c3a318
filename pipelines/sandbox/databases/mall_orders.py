"""The mall's tables of selling: orders, their items and payments, after-sales, settlements.

Amounts are yuan. ``payable_amount`` is after all discounts but what the wallet takes off while
paying. Discounts: the shop's own (points among them), and coupons that the group or the shop bears.
"""

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

TERMINALS = {"pc": "PC", "app": "APP", "mini_program": "MINI"}
_ORDER_TYPES = {"normal": 1, "presale": 2, "sample": 3, "gift": 4}
_ENTRIES = {"live": "直播", "video": "内容", "card": "货架", "search": "搜索", "other": "其他"}
_AFTER_SALE_TYPES = {
    "pre_ship": 1, "refund_only": 2, "return_refund": 3, "exchange": 4, "reissue": 5,
    "price_protection": 6,
}  # fmt: skip
_SETTLE_TYPES = {"settled": 1, "refund_after_settle": 2, "bond_refund": 3, "other": 4}
_FEE_CODES = {
    "user_paid": "GOODS", "refund_before_settle": "REFUND", "platform_subsidy": "COUPON_SUBSIDY",
    "author_subsidy": "AUTHOR_SUBSIDY", "pay_subsidy": "PAY_SUBSIDY", "platform_fee": "SERVICE_FEE",
    "commission": "COMMISSION", "colonel_fee": "AGENT_FEE", "channel_fee": "PAY_CHANNEL_FEE",
    "freight_insurance": "FREIGHT_INSURANCE", "penalty": "PENALTY", "other": "OTHER",
}  # fmt: skip
_PAID, _CLOSED, _FINISHED, _DEPOSIT = (
    pl.col(name).is_not_null()
    for name in ("paid_at", "closed_at", "finished_at", "deposit_paid_at")
)
_WAITING = pl.when(~_PAID & _DEPOSIT).then(15).when(~_PAID).then(10)
_AMOUNTS = {
    "goods_amount": yuan("goods_fen"),
    "freight_amount": yuan("freight_fen"),
    "shop_discount_amount": yuan("shop_discount_fen"),
    "coupon_amount": yuan("platform_discount_fen"),
    "pay_discount_amount": yuan("pay_discount_fen"),
    "payable_amount": yuan("order_fen"),
}


def _orders(moment: Moment) -> pl.DataFrame:
    open_or_sent = pl.col("closed_at").is_null() | pl.col("shipped_at").is_not_null()
    told = (
        moment.stood("order_lines")
        .group_by("order_id")
        .agg(
            pl.col("shipped_at").count().alias("sent"),
            open_or_sent.sum().alias("to_send"),
            pl.max_horizontal(
                pl.col("shipped_at").max(), pl.col("closed_at").max(), pl.col("finished_at").max()
            ).alias("line_event_at"),
        )
    )
    members = moment.frames["members"].select("buyer_id", "member_id", "terminal")
    points = moment.frames["point_entries"].filter(pl.col("kind") == "spend")
    buyers = moment.frames["buyers"].drop("channel")
    return (
        moment.begun("orders", "created_at")
        .join(told, on="order_id", how="left")
        .join(members, on="buyer_id", how="left")
        .join(buyers, on="buyer_id", how="left")
        .join(points.select("order_id", "points"), on="order_id", how="left")
    )


def _order_status() -> pl.Expr:
    some = pl.col("sent") > 0
    return (
        pl.when(_CLOSED & _PAID).then(95)
        .when(_CLOSED).then(90)
        .when(_FINISHED).then(40)
        .when(~_PAID).then(_WAITING)
        .when(some & (pl.col("sent") < pl.col("to_send"))).then(25)
        .when(some).then(30)
        .otherwise(20)
    )  # fmt: skip


def _items(moment: Moment) -> pl.DataFrame:
    orders = moment.begun("orders", "created_at").select(
        "order_id", "created_at", "paid_at", "deposit_paid_at"
    )
    skus = moment.frames["skus"].select("sku_id", "merchant_code", "spec_value")
    products = moment.frames["products"].select("product_id", "name", "kind")
    return (
        moment.stood("order_lines")
        .join(orders, on="order_id")
        .join(skus, on="sku_id", how="left")
        .join(products, on="product_id", how="left")
    )


def _item_status() -> pl.Expr:
    return (
        pl.when(_CLOSED & _PAID).then(95)
        .when(_CLOSED).then(90)
        .when(_FINISHED).then(40)
        .when(~_PAID).then(_WAITING)
        .when(pl.col("shipped_at").is_not_null()).then(30)
        .otherwise(20)
    )  # fmt: skip


def _payments(moment: Moment) -> pl.DataFrame:
    """The deposit and the balance of a pre-sale, or all at once."""
    orders = moment.begun("orders", "created_at")
    staged = pl.col("deposit_paid_at").is_not_null()
    balance = orders.drop_nulls("paid_at").with_columns(
        pl.when(staged).then(3).otherwise(1).alias("stage"),
        (pl.col("paid_fen") - pl.when(staged).then("deposit_fen").otherwise(0)).alias("fen"),
        pl.col("paid_at").alias("at"),
    )
    deposit = orders.drop_nulls("deposit_paid_at").with_columns(
        pl.lit(2, pl.Int32).alias("stage"),
        pl.col("deposit_fen").alias("fen"),
        pl.col("deposit_paid_at").alias("at"),
    )
    return pl.concat([balance, deposit])


def _after_sales(moment: Moment) -> pl.DataFrame:
    return moment.begun("after_sales", "applied_at")


def _after_sale_status() -> pl.Expr:
    ended = pl.col("ended_at").is_not_null()
    goes_back = pl.col("type").is_in(["return_refund", "exchange"])
    return (
        pl.when(ended & (pl.col("outcome") == "succeeded")).then(50)
        .when(ended & (pl.col("outcome") == "refused")).then(60)
        .when(ended).then(70)
        .when(pl.col("handled_at").is_null()).then(10)
        .when(goes_back & pl.col("returned_at").is_null()).then(20)
        .when(goes_back & pl.col("received_at").is_null()).then(30)
        .otherwise(40)
    )  # fmt: skip


def _settlements(moment: Moment) -> pl.DataFrame:
    return moment.begun("bills", "settled_at").join(moment.frames["bill_items"], on="bill_id")


ORDER_RELATIONS = (
    Relation(
        "orders",
        "订单：买家一次支付的整单。",
        ("order_no",),
        _orders,
        {
            "order_no": text("order_id"),
            "store_id": text("store_id"),
            "member_id": text("member_id"),
            "terminal": word(pl.col("terminal"), TERMINALS),
            "entry": word(pl.col("traffic"), _ENTRIES),
            "order_type": code(pl.col("trade_type"), _ORDER_TYPES),
            "order_status": number(_order_status()),
            **_AMOUNTS,
            "points_used": count(-pl.col("points")),
            "points_amount": yuan(-pl.col("points")),
            "deposit_amount": yuan("deposit_fen"),
            "deposit_time": time("deposit_paid_at"),
            "pay_time": time("paid_at"),
            "promise_ship_time": time("promise_ship_at"),
            "finish_time": time("finished_at"),
            "close_time": time("closed_at"),
            "close_reason": ("varchar", pl.when(_CLOSED).then("cancel_reason")),
            "buyer_message": text("buyer_remark"),
            "seller_memo": text("seller_remark"),
            "receiver_name": text("name"),
            "receiver_mobile": text("phone"),
            "receiver_province": text("province"),
            "receiver_city": text("city"),
            "receiver_district": text("town"),
            "receiver_address": text("address"),
            "create_time": time("created_at"),
        },
        ("created_at", "deposit_paid_at", "paid_at", "closed_at", "finished_at", "line_event_at"),
    ),
    Relation(
        "order_item",
        "订单明细：一个订单的一个 SKU；整单金额已分摊到分。",
        ("item_id",),
        _items,
        {
            "item_id": text("line_id"),
            "order_no": text("order_id"),
            "store_id": text("store_id"),
            "product_id": text("product_id"),
            "product_name": text("name"),
            "sku_id": text("sku_id"),
            "sku_code": text("merchant_code"),
            "spec_text": text("spec_value"),
            "is_gift": number(pl.col("is_gift")),
            "is_virtual": number(pl.col("kind") == "course"),
            "item_status": number(_item_status()),
            "quantity": count("quantity"),
            "list_amount": yuan("list_fen"),
            **_AMOUNTS,
            "coupon_group_amount": yuan("platform_borne_fen"),
            "coupon_shop_amount": yuan(pl.col("merchant_borne_fen") - pl.col("shop_discount_fen")),
            "ship_time": time("shipped_at"),
            "sign_time": time("signed_at"),
            "finish_time": time("finished_at"),
            "close_time": time("closed_at"),
        },
        (
            "created_at",
            "deposit_paid_at",
            "paid_at",
            "shipped_at",
            "signed_at",
            "finished_at",
            "closed_at",
        ),
    ),
    Relation(
        "payment",
        "支付流水：全款、定金或尾款，一次一行。",
        ("payment_no",),
        _payments,
        {
            "payment_no": (
                "varchar",
                pl.concat_str(pl.lit("ZF"), "order_id", pl.col("stage").cast(pl.String)),
            ),
            "order_no": text("order_id"),
            "store_id": text("store_id"),
            "stage": number(pl.col("stage")),
            "pay_method": text("pay_method"),
            "amount": yuan("fen"),
            "pay_time": time("at"),
        },
        ("at",),
    ),
    Relation(
        "after_sale",
        "售后单：针对一条订单明细。",
        ("after_sale_no",),
        _after_sales,
        {
            "after_sale_no": text("after_sale_id"),
            "order_no": text("order_id"),
            "item_id": text("line_id"),
            "store_id": text("store_id"),
            "after_sale_type": code(pl.col("type"), _AFTER_SALE_TYPES),
            "after_sale_status": number(_after_sale_status()),
            "reason": text("reason"),
            "quantity": count("quantity"),
            "apply_amount": yuan("apply_fen"),
            "refund_amount": yuan(pl.when(pl.col("refunded_at").is_not_null()).then("refund_fen")),
            "refund_freight_amount": yuan(
                pl.when(pl.col("refunded_at").is_not_null()).then("refund_freight_fen")
            ),
            "apply_time": time("applied_at"),
            "handle_time": time("handled_at"),
            "deadline_time": (
                "timestamp",
                pl.when(pl.col("ended_at").is_null())
                .then(pl.col("deadline_at"))
                .dt.replace_time_zone(None),
            ),
            "return_time": time("returned_at"),
            "receive_time": time("received_at"),
            "refund_time": time("refunded_at"),
            "finish_time": time("ended_at"),
        },
        ("applied_at", "handled_at", "returned_at", "received_at", "refunded_at", "ended_at"),
    ),
    Relation(
        "settlement",
        "清分明细：集团与店铺结算的一笔金额，收入为正，扣款为负。",
        ("settle_no", "fee_code"),
        _settlements,
        {
            "settle_no": text("bill_id"),
            "fee_code": word(pl.col("fee_type"), _FEE_CODES),
            "store_id": text("store_id"),
            "order_no": text("order_id"),
            "item_id": text("line_id"),
            "settle_type": code(pl.col("type"), _SETTLE_TYPES),
            "amount": yuan("amount_fen"),
            "net_amount": yuan("net_fen"),
            "settle_time": time("settled_at"),
        },
        ("settled_at",),
    ),
)
