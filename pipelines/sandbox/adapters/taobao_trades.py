"""World orders in TOP's words: the trades of trades.sold.* and trade.fullinfo.get.

Amounts: ``payment`` is the order's due amount (after the discounts of shop and platform, with
postage) from the moment of placing; what the wallet takes off while paying stands in
``alipay_point`` (fen, 集分宝). Who gave a discount is told by ``promotion_details``, what the
platform bears by ``platform_subsidy_fee``. TOP knows no author's discount and the world has none.
No field says when a deposit was paid: its Alipay number in ``step_pay_details`` begins with the
day. TOP has no word for a sample; the shop notes 寄样 on it. Source: platform notes taobao.md
section 4, fields of the deposit from TOP's metadata.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipelines.sandbox.adapter import Outside
from pipelines.sandbox.adapters.taobao_lines import line_records
from pipelines.sandbox.adapters.taobao_views import alipay_number, lines, shop_of, trades
from pipelines.sandbox.adapters.taobao_words import coded, listing, masked, wall, wrapped, yuan
from pipelines.sandbox.listing import Listing

# What the list methods do not give: only trade.fullinfo.get has it.
DETAIL_ONLY = frozenset({
    "seller_memo", "buyer_message", "promotion_details", "alipay_no", "buyer_alipay_no",
    "alipay_point", "pcc_af", "coupon_fee", "point_fee", "real_point_fee",
    "buyer_obtain_point_fee", "commission_fee", "trade_from", "available_confirm_fee",
    "has_post_fee", "platform_subsidy_fee", "step_pay_details",
})  # fmt: skip
TYPES = {"normal": "fixed", "presale": "step", "sample": "fixed", "gift": "fixed"}
# The names of the list methods' filter for the types that rows have.
_KINDS = {"guarantee_trade": ("fixed", "auction")}
_FLAGS = {-1: 0, 0: 0, 1: 5, 2: 4, 3: 3, 4: 2, 5: 1}
SAMPLE = "寄样"


@dataclass(frozen=True)
class Asked:
    """What a list is asked for: by which time, which fields, and of which status and types."""

    names: frozenset[str]
    by: str = "modified_at"
    status: str = ""
    types: str = ""


def trade_listing(outside: Outside, shop: str, asked: Asked) -> Listing:
    """A shop's trades with the fields that were asked for, by a time of theirs."""
    whole = _with_parts(outside, shop)
    if asked.status:
        whole = whole.filter(pl.col("status") == asked.status)
    if asked.types:
        kinds = [kind for each in asked.types.split(",") for kind in _KINDS.get(each, (each,))]
        whole = whole.filter(pl.col("top_type").is_in(kinds))
    return listing(whole, asked.by, "order_id", _fields(outside, shop), asked.names)


def trade_details(outside: Outside, shop: str, names: frozenset[str]) -> dict[str, bytes]:
    """The same by tid, with all that fullinfo has."""

    def make() -> dict[str, bytes]:
        whole = trade_listing(outside, shop, Asked(names))
        return dict(zip(whole.ids, whole.records, strict=True))

    return outside.rendered(("taobao details", shop, names), make)


def _with_parts(outside: Outside, shop: str) -> pl.DataFrame:
    def make() -> pl.DataFrame:
        return (
            trades(outside, shop)
            .join(outside.frames["buyers"].drop("channel"), on="buyer_id")
            .join(line_records(outside, shop), on="order_id")
            .join(_page_discounts(outside, shop), on="order_id", how="left")
            .with_columns(coded("trade_type", TYPES).alias("top_type"))
        )

    return outside.rendered(("taobao whole trades", shop), make)


def _page_discounts(outside: Outside, shop: str) -> pl.DataFrame:
    """What pages take off list prices, as promotions of lines."""
    reduced = lines(outside, shop).with_columns(
        (pl.col("list_fen") - pl.col("goods_fen")).alias("off_fen")
    )
    detail = _promotion(
        pl.col("line_id"), "Tmall$commonItemPromotion", "限时折扣", pl.col("off_fen")
    )
    return reduced.filter(pl.col("off_fen") > 0).group_by("order_id").agg(detail.alias("of_lines"))


def _promotion(whose: pl.Expr, tool: str, name: str, fen: pl.Expr) -> pl.Expr:
    """A promotion: its id is made of the tool's, the activity's and the detail's."""
    tail = whose.str.tail(6)
    return pl.struct(
        whose.cast(pl.Int64).alias("id"),
        pl.concat_str(pl.lit(f"{tool}-"), tail, pl.lit("_"), tail).alias("promotion_id"),
        pl.lit(name).alias("promotion_name"),
        pl.concat_str(pl.lit(f"{name}:省"), yuan(fen), pl.lit("元")).alias("promotion_desc"),
        yuan(fen).alias("discount_fee"),
    )


def _promotions() -> pl.Expr:
    """All promotions of a trade; those of the platform have a tool of their own (unconfirmed)."""
    of_order = [
        pl.when(pl.col(fen) > 0).then(_promotion(pl.col("order_id"), tool, name, pl.col(fen)))
        for tool, name, fen in (
            ("shopbonus", "店铺优惠券", "shop_discount_fen"),
            ("Tmall$platformCoupon", "平台优惠券", "platform_discount_fen"),
        )
    ]
    there = pl.concat_list(*of_order).list.drop_nulls()
    return wrapped(pl.concat_list(there, pl.col("of_lines").fill_null([])), "promotion_detail")


def _steps() -> pl.Expr:
    """The payments of a pre-sale: its deposit and, once it came, the balance."""

    def step(number: int, moment: str, fen: pl.Expr) -> pl.Expr:
        detail = pl.struct(
            pl.col("order_id").str.tail(8).cast(pl.Int64).alias("id"),
            pl.lit(2).alias("pay_status"),
            pl.lit(number).alias("step_no"),
            alipay_number(moment, "order_id").alias("step_channel_no"),
            yuan(fen).alias("step_actual_pay_fee"),
        )
        return pl.when(pl.col(moment).is_not_null()).then(detail)

    deposit = pl.col("deposit_fen")
    steps = pl.concat_list(
        step(1, "deposit_paid_at", deposit),
        step(2, "paid_at", pl.col("paid_fen") - deposit),
    ).list.drop_nulls()
    return wrapped(pl.when(pl.col("trade_type") == "presale").then(steps), "step_pay_detail")


def _memo() -> pl.Expr:
    sample = pl.when(pl.col("trade_type") == "sample").then(pl.lit(SAMPLE))
    both = pl.concat_str(pl.col("seller_remark"), sample, separator=" ", ignore_nulls=True)
    return pl.when(both != "").then(both)


def _step_status() -> pl.Expr:
    status = (
        pl.when(pl.col("paid_at").is_not_null()).then(pl.lit("FRONT_PAID_FINAL_PAID"))
        .when(pl.col("deposit_paid_at").is_not_null()).then(pl.lit("FRONT_PAID_FINAL_NOPAID"))
        .otherwise(pl.lit("FRONT_NOPAID_FINAL_NOPAID"))
    )  # fmt: skip
    return pl.when(pl.col("trade_type") == "presale").then(status)


def _step_paid() -> pl.Expr:
    paid = pl.col("paid_at").is_not_null()
    deposit = pl.when(pl.col("deposit_paid_at").is_not_null()).then("deposit_fen").otherwise(0)
    sofar = pl.when(paid).then("order_fen").otherwise(deposit)
    return yuan(pl.when(pl.col("trade_type") == "presale").then(sofar))


def _fields(outside: Outside, shop: str) -> list[pl.Expr]:
    """Everything that a trade can be asked for."""
    name = pl.lit(shop_of(outside, shop)["name"])
    paid = pl.col("paid_at").is_not_null()
    discounts = pl.col("shop_discount_fen") + pl.col("platform_discount_fen")
    by_card = paid & (pl.col("pay_method") == "card")
    return [
        pl.col("order_id").cast(pl.Int64).alias("tid"),
        pl.col("order_id").alias("tid_str"),
        pl.col("top_type").alias("type"),
        pl.col("status"),
        name.alias("title"),
        name.alias("seller_nick"),
        wall("created_at").alias("created"),
        wall("paid_at").alias("pay_time"),
        wall("shipped_at").alias("consign_time"),
        wall(pl.coalesce("finished_at", "closed_at")).alias("end_time"),
        wall("modified_at").alias("modified"),
        # Of several lines the number says nothing and is 0.
        pl.when(pl.col("line_count") == 1).then("quantity").otherwise(0).alias("num"),
        pl.col("product_id").cast(pl.Int64).alias("num_iid"),
        yuan(pl.when(pl.col("line_count") == 1).then("list_price_fen").otherwise(0)).alias("price"),
        yuan("list_fen").alias("total_fee"),
        yuan(discounts).alias("discount_fee"),
        pl.lit("0.00").alias("adjust_fee"),
        yuan("freight_fen").alias("post_fee"),
        yuan("order_fen").alias("payment"),
        yuan("received_fen").alias("received_payment"),
        yuan(pl.when(by_card).then("paid_fen").otherwise(0)).alias("credit_card_fee"),
        pl.when(pl.col("is_virtual")).then(pl.lit("virtual")).otherwise(pl.lit("express")).alias(
            "shipping_type"
        ),
        pl.col("seller_stars").replace_strict(_FLAGS, return_dtype=pl.Int64).alias("seller_flag"),
        pl.col("buyer_remark").is_not_null().alias("has_buyer_message"),
        pl.lit(value=False).alias("buyer_rate"),
        pl.lit(value=False).alias("seller_rate"),
        _step_status().alias("step_trade_status"),
        _step_paid().alias("step_paid_fee"),
        wrapped("orders", "order").alias("orders"),
        *_buyer(),
        *_detail_only(paid),
    ]  # fmt: skip


def _buyer() -> list[pl.Expr]:
    """Who buys: masks, the place, and ids that mean nothing outside the app."""
    return [
        masked("name").alias("buyer_nick"),
        pl.concat_str(pl.lit("AA"), pl.col("buyer_id")).alias("buyer_open_uid"),
        pl.col("province").alias("receiver_state"),
        pl.col("city").alias("receiver_city"),
        pl.col("town").alias("receiver_district"),
        masked("address").alias("receiver_address"),
        masked("name").alias("receiver_name"),
        pl.concat_str(pl.lit("*******"), pl.col("phone").str.tail(4)).alias("receiver_mobile"),
        pl.lit("000000").alias("receiver_zip"),
        pl.concat_str("phone", "order_id").hash(7).cast(pl.String).alias("oaid"),
    ]


def _detail_only(paid: pl.Expr) -> list[pl.Expr]:
    return [
        _memo().alias("seller_memo"),
        pl.col("buyer_remark").alias("buyer_message"),
        _promotions().alias("promotion_details"),
        _steps().alias("step_pay_details"),
        alipay_number("paid_at", "order_id").alias("alipay_no"),
        pl.when(paid).then(pl.lit("t***@example.invalid")).alias("buyer_alipay_no"),
        pl.when(paid).then("pay_discount_fen").otherwise(0).alias("alipay_point"),
        *(
            pl.lit(0).alias(each)
            for each in ("pcc_af", "coupon_fee", "point_fee", "real_point_fee")
        ),
        pl.lit(0).alias("buyer_obtain_point_fee"),
        pl.lit("0.00").alias("commission_fee"),
        yuan(pl.when(paid).then("open_fen").otherwise("order_fen")).alias("available_confirm_fee"),
        (pl.col("freight_fen") > 0).alias("has_post_fee"),
        yuan("platform_borne_fen").alias("platform_subsidy_fee"),
        pl.lit("WAP,WAP").alias("trade_from"),
    ]
