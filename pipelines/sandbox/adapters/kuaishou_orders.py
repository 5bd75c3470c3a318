"""World order lines in 快手's words: one order is one SKU, with the gifts that came along.

What a buyer pays at once for several SKUs is several orders with the same 活动订单编号
(multiplePiecesNo), the only thing by which the platform lets them be told to belong together.
Amounts: totalFee is the price less what the shop bears, without freight; the list says all
discounts in one sum, the fee detail (``kuaishou_fees``) who gives and who bears them;
payChannelDiscount (支付优惠) comes off on top. An order that contradicts itself has another
totalFee than its parts. Samples are 买样后返 (activity 12), the nearest there is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from pipelines.sandbox.adapters.kuaishou_gateway import open_id
from pipelines.sandbox.adapters.kuaishou_lines import TRUSTED_FOR, order_lines
from pipelines.sandbox.adapters.kuaishou_words import (
    PAY_CHANNELS,
    PAY_TYPES,
    address,
    by_id,
    constants,
    empty,
    item,
    ms,
    number,
    seconds,
)  # fmt: skip
from pipelines.sandbox.listing import Listing

_CHANNELS = {
    "live": "live", "video": "shortVideo", "card": "itemCard", "search": "itemCard",
    "other": "other",
}  # fmt: skip
_CARRIER_TYPES = {"live": 2, "video": 1, "card": 3, "search": 10008, "other": 478}
_ALONE, _STEPS, _SAMPLE, _TOGETHER, _WITH_GIFT = 1, 6, 12, 14, 18


def order_listing(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime, by: str, status: int | None = None
) -> Listing:
    """The records of open.order.cursor.list, by the time of their update or creation."""
    rendered = _rendered(frames, shop, now)
    if status is not None:
        rendered = rendered.filter(pl.col("status") == status)
    return Listing.of(
        rendered.select(seconds(by).alias("at"), "line_id", "record"), "at", "line_id", "record"
    )


def order_details(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> dict[str, bytes]:
    """The data of open.order.detail by order: only here the room or video stands."""
    video = pl.format("75{}", pl.col("order_id").str.tail(12)).cast(pl.Int64)
    came_from = [
        pl.col("traffic")
        .replace_strict(_CARRIER_TYPES, return_dtype=pl.Int64)
        .alias("carrierType"),
        pl.when(pl.col("session_id").is_not_null())
        .then(number("session_id"))
        .when(pl.col("traffic") == "video")
        .then(video)
        .otherwise(0)
        .alias("carrierId"),
    ]
    return by_id(_rendered(frames, shop, now, came_from), "line_id")


def _rendered(
    frames: Mapping[str, pl.DataFrame], shop: str, now: datetime, more: Sequence[pl.Expr] = ()
) -> pl.DataFrame:
    """line_id, times, status and record of every order."""
    lines = order_lines(frames, shop, now)
    gifts = lines.filter("is_gift")
    orders = (
        lines.filter(~pl.col("is_gift"))
        .join(_commissions(frames, shop, now), on="line_id", how="left")
        .join(_given(gifts), left_on="line_id", right_on="order_id", how="left")
        .with_columns(
            pl.col("gifts").fill_null([]),
            (pl.len().over("order_id") > 1).alias("is_together"),
            _updated(now),
        )
    )
    seller = frames["shops"].filter(pl.col("shop_id") == shop).row(0, named=True)
    base = pl.struct(*_base_fields(seller), *more).alias("orderBaseInfo")
    record = pl.struct(base, *_order_fields())
    return orders.select(
        "line_id", "created_at", "updated_at", "status", record.struct.json_encode().alias("record")
    )


def _given(gifts: pl.DataFrame) -> pl.DataFrame:
    """order_id, gifts (subOrderInfo) and when one last changed; they hang on the first SKU."""
    parts = pl.struct(
        pl.struct(
            number("line_id").alias("oid"),
            "status",
            ms("shipped_at").alias("sendTime"),
            ms("gift_updated_at").alias("updateTime"),
            ms("finished_at").alias("recvTime"),
        ).alias("subOrderBaseInfo"),
        item(is_gift=True).alias("subOrderItemInfo"),
        pl.col("parcels").alias("subOrderLogisticsInfo"),
        pl.struct(
            pl.when(pl.col("shipped_at").is_not_null())
            .then("quantity")
            .otherwise(0)
            .alias("deliveryNum"),
            pl.col("parcels").list.len().cast(pl.Int64).alias("packageNum"),
        ).alias("subOrderDeliveryInfo"),
        pl.lit(2).alias("subOrderType"),
    )
    changed = pl.max_horizontal("created_at", "paid_at", "shipped_at", "finished_at", "closed_at")
    return (
        gifts.with_columns(changed.alias("gift_updated_at"))
        .sort("line_id")
        .group_by("order_id")
        .agg(parts.alias("gifts"), pl.col("gift_updated_at").max())
    )


def _commissions(frames: Mapping[str, pl.DataFrame], shop: str, now: datetime) -> pl.DataFrame:
    """line_id and the 团长 of each commissioned line."""
    owed = (pl.col("shop_id") == shop) & (pl.col("paid_at") < now)
    return frames["commissions"].filter(owed).select("line_id", "colonel_id", "colonel_name")


def _updated(now: datetime) -> pl.Expr:
    trusted = pl.col("finished_at") + TRUSTED_FOR
    return pl.max_horizontal(
        "created_at", "paid_at", "deposit_paid_at", "shipped_at", "finished_at", "closed_at",
        "request_changed_at", "gift_updated_at", pl.when(trusted < now).then(trusted),
    ).alias("updated_at")  # fmt: skip


def _base_fields(seller: Mapping[str, str]) -> list[pl.Expr]:
    paid = pl.col("paid_at").is_not_null()
    activity = (
        pl.when(pl.col("trade_type") == "presale").then(_STEPS)
        .when(pl.col("trade_type") == "sample").then(_SAMPLE)
        .when("is_together").then(_TOGETHER)
        .when(pl.col("gifts").list.len() > 0).then(_WITH_GIFT)
        .otherwise(_ALONE)
    )  # fmt: skip
    # A sample bought with others is of both activities.
    also = pl.when("is_together").then(_TOGETHER).otherwise(activity)
    affiliate = pl.col("author_id").is_not_null() & pl.col("own_shop_id").is_null()
    role = (
        pl.when(affiliate).then(2).when(pl.col("author_id").is_not_null()).then(3).otherwise(0)
    )  # fmt: skip
    return [
        number("line_id").alias("oid"),
        pl.col("status"),
        ms("created_at").alias("createTime"),
        ms("paid_at").alias("payTime"),
        ms("updated_at").alias("updateTime"),
        ms("shipped_at").alias("sendTime"),
        ms("finished_at").alias("recvTime"),
        pl.lit(0).alias("refundTime"),
        pl.col("buyer_id").alias("buyerOpenId"),
        (pl.col("name").str.head(1) + "**").alias("buyerNick"),
        *constants(
            buyerImage="",
            sellerOpenId=open_id("seller", seller["shop_id"]),
            sellerNick=seller["name"],
        ),
        (
            pl.col("order_fen")
            - pl.col("freight_fen")
            + pl.col("platform_borne_fen")
            + pl.col("author_borne_fen")
        ).alias("totalFee"),
        pl.col("discount_fen").alias("discountFee"),
        pl.col("freight_fen").alias("expressFee"),
        pl.col("buyer_remark").fill_null("").alias("remark"),
        pl.when(paid)
        .then(pl.col("pay_method").replace_strict(PAY_TYPES, return_dtype=pl.Int64))
        .otherwise(0)
        .alias("payType"),
        pl.when(paid)
        .then(pl.col("pay_method").replace_strict(PAY_CHANNELS, return_dtype=pl.String))
        .otherwise(pl.lit(""))
        .alias("payChannel"),
        pl.col("traffic").replace_strict(_CHANNELS, return_dtype=pl.String).alias("channel"),
        pl.when(affiliate).then(2).otherwise(1).alias("cpsType"),
        activity.alias("activityType"),
        pl.concat_list(activity, also).list.unique(maintain_order=True).alias("allActivityType"),
        *constants(preSale=0, coType=0, commentStatus=0, riskCode=0),
        empty().alias("orderRiskEventInfo"),
        pl.lit(0).alias("theDayOfDeliverGoodsTime"),
        *(
            pl.when(paid).then(ms("promise_ship_at")).otherwise(0).alias(name)
            for name in ("promiseTimeStampOfDelivery", "validPromiseShipmentTimeStamp")
        ),
        *constants(sellerDelayPromiseTimeStamp=0, remindShipmentSign=0, remindShipmentTime=0),
        pl.when("is_together").then(number("order_id") - 1).otherwise(0).alias("multiplePiecesNo"),
        *constants(orderDomainCode="", expressCode="", enableSplitDeliveryOrder=False),
        pl.lit(0).alias("governmentDiscount"),
        empty().alias("disableDeliveryReasonCode"),
        *constants(tradeInPayAfterPromoAmount=0, allowanceExpressFee=0),
        pl.when(paid).then("pay_discount_fen").otherwise(0).alias("payChannelDiscount"),
        pl.lit(False).alias("priorityDelivery"),
        pl.struct(
            pl.when(role > 0).then(number("author_id")).otherwise(0).alias("roleId"),
            pl.col("nickname").fill_null("").alias("roleName"),
            role.alias("roleType"),
        ).alias("orderSellerRoleInfo"),
    ]


def _order_fields() -> list[pl.Expr]:
    shipped = pl.col("shipped_at").is_not_null()
    affiliate = pl.col("author_id").is_not_null() & pl.col("own_shop_id").is_null()
    note = pl.struct(
        ms("created_at").alias("createTime"),
        pl.col("seller_remark").alias("note"),
        *constants(flagTagCode="grey_flag_tag_order", operatorName="店长"),
    )
    return [
        item().alias("orderItemInfo"),
        pl.col("refunds").alias("orderRefundList"),
        pl.col("parcels").alias("orderLogisticsInfo"),
        address(),
        pl.struct(
            *constants(splitDeliveryOrder=False, mergeDeliveryType=0),
            pl.when(shipped).then("quantity").otherwise(0).alias("deliveryNum"),
            *constants(enableAppendPackage=True),
            pl.col("parcels").list.len().cast(pl.Int64).alias("totalPackageNum"),
            pl.format("addr{}", pl.col("line_id").str.tail(10)).alias("openAddressId"),
            pl.lit(10).alias("maxPackageNum"),
            pl.when(shipped).then(40).otherwise(0).alias("deliveryStatus"),
            pl.col("parcels").list.len().cast(pl.Int64).alias("packageNum"),
        ).alias("orderDeliveryInfo"),
        pl.struct(
            pl.when(pl.col("seller_remark").is_not_null())
            .then(pl.concat_list(note))
            .otherwise(pl.concat_list(note).list.head(0))
            .alias("orderNoteInfo")
        ).alias("orderNote"),
        _steps(),
        pl.struct(
            pl.when(affiliate).then(number("author_id")).otherwise(0).alias("distributorId"),
            pl.when(affiliate).then("nickname").otherwise(pl.lit("")).alias("distributorName"),
            number("colonel_id").alias("activityUserId"),
            pl.col("colonel_name").fill_null("").alias("activityUserNickName"),
            *constants(kwaiMoneyUserId=0, kwaiMoneyUserNickName=""),
        ).alias("orderCpsInfo"),
        pl.col("gifts").alias("subOrderInfo"),
    ]


def _steps() -> pl.Expr:
    """The deposit and the balance of a staged pre-sale."""
    staged = pl.col("trade_type") == "presale"

    def step(no: int, name: str, fee: pl.Expr, at: str) -> pl.Expr:
        paid = pl.col(at).is_not_null()
        return pl.struct(
            pl.lit(no).alias("payStepNo"),
            pl.lit(name).alias("payStepName"),
            pl.when(paid).then(30).otherwise(10).alias("payStepStatus"),
            fee.alias("stepPrice"),
            pl.col("quantity").alias("skuNum"),
            fee.alias("stepTotalPrice"),
            *constants(discountFee=0, expressFee=0),
            pl.when(paid).then(fee).otherwise(0).alias("paymentFee"),
            ms(at).alias("payTime"),
            *constants(startPayTime=0, endPayTime=0),
        )

    steps = pl.concat_list(
        step(1, "定金", pl.col("deposit_fen"), "deposit_paid_at"),
        step(2, "尾款", pl.col("paid_fen") - pl.col("deposit_fen"), "paid_at"),
    )
    return pl.struct(
        pl.struct(
            staged.cast(pl.Int64).alias("payStepType"), pl.lit(0).alias("orderPayStatus")
        ).alias("orderPaymentStatus"),
        pl.when(staged).then(steps).otherwise(steps.list.head(0)).alias("orderPaymentSteps"),
    ).alias("orderStepInfo")
