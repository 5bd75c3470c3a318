"""TOP's records as declared: the platform's names; money is text in yuan, times are wall clocks.

An empty list is an absent key. Ids of 19 digits come as numbers and as text; both are kept as text
or 63-bit numbers as they come. Some amounts are numbers in fen (alipay_point, pcc_af, propoint);
of coupon_fee and of the bills' amounts the notes do not say it (fen, unconfirmed).
"""

from __future__ import annotations

import polars as pl

from pipelines.gateway.connector import ANY_JSON, PiiRule

S, I, B = pl.String, pl.Int64, pl.Boolean  # noqa: E741 - the only three kinds there are
Fields = dict[str, pl.DataType | type[pl.DataType]]


def _all(kind: type[pl.DataType], names: str) -> Fields:
    return dict.fromkeys(names.split(), kind)


def _listed(inner: str, fields: Fields) -> pl.Struct:
    """TOP's double wrapping of a list."""
    return pl.Struct({inner: pl.List(pl.Struct(fields))})


# What a line and its trade both say.
_COMMON = (
    _all(S, "status payment total_fee discount_fee adjust_fee price shipping_type consign_time")
    | _all(S, "end_time title propoint")
    | _all(I, "num num_iid")
    | _all(B, "buyer_rate seller_rate")
)
ORDER: Fields = {
    **_COMMON,
    "oid": I,
    **_all(S, "oid_str refund_status refund_id sku_id outer_iid outer_sku_id sku_properties_name"),
    **_all(S, "divide_order_fee part_mjz_discount seller_type logistics_company invoice_no"),
    **_all(S, "store_code pic_path delivery_time special_refund_type"),
    **_all(I, "cid bind_oid"),
    **_all(B, "is_oversold is_service_order is_daixiao is_free_gift"),
    "combine_item_info": ANY_JSON,
}
PROMOTION: Fields = {
    "id": I,
    **_all(S, "promotion_id promotion_name promotion_desc discount_fee kd_discount_fee"),
    **_all(S, "gift_item_id gift_item_name gift_item_num"),
}
SERVICE: Fields = {
    **_all(I, "oid item_oid service_id num"),
    **_all(S, "price payment total_fee title"),
}
STEP: Fields = {
    **_all(I, "id pay_status step_no"),
    **_all(S, "step_channel_no step_instrument_code step_actual_pay_fee"),
}
TRADE: Fields = {
    **_COMMON,
    "tid": I,
    **_all(S, "tid_str type seller_nick buyer_nick buyer_open_uid created pay_time modified"),
    **_all(S, "post_fee received_payment credit_card_fee commission_fee available_confirm_fee"),
    **_all(S, "step_trade_status step_paid_fee paid_coupon_fee platform_subsidy_fee order_tax_fee"),
    **_all(S, "buyer_message seller_memo buyer_memo trade_from alipay_no buyer_alipay_no oaid"),
    **_all(S, "receiver_name receiver_country receiver_state receiver_city receiver_district"),
    **_all(S, "receiver_town receiver_address receiver_zip receiver_mobile receiver_phone"),
    **_all(I, "point_fee real_point_fee buyer_obtain_point_fee alipay_point pcc_af coupon_fee"),
    "seller_flag": I,
    **_all(B, "has_post_fee has_buyer_message"),
    "orders": _listed("order", ORDER),
    "promotion_details": _listed("promotion_detail", PROMOTION),
    "service_orders": _listed("service_order", SERVICE),
    "step_pay_details": _listed("step_pay_detail", STEP),
    "logistics_infos": ANY_JSON,
}
TRADE_PII: dict[str, PiiRule] = {
    "buyer_open_uid": "hash",
    **dict.fromkeys(
        (
            "buyer_nick", "buyer_message", "buyer_memo", "buyer_alipay_no", "oaid",
            "receiver_name", "receiver_district", "receiver_town", "receiver_address",
            "receiver_zip", "receiver_mobile", "receiver_phone", "logistics_infos",
        ),
        "drop",
    ),
}  # fmt: skip

_TIMEOUT = pl.Struct({"exist_timeout": B, "remind_type": I, "timeout": S})
REFUND: Fields = {
    **_all(S, "refund_id status order_status good_status refund_fee payment total_fee reason desc"),
    **_all(S, "title outer_id sku company_name sid created modified end_time refund_phase"),
    **_all(S, "dispute_type buyer_nick seller_nick operation_contraint attribute price alipay_no"),
    **_all(S, "split_seller_fee split_taobao_fee good_return_time address shipping_type"),
    **_all(I, "tid oid num num_iid refund_version advance_status cs_status"),
    "has_good_return": B,
    "refund_remind_timeout": _TIMEOUT,
    "combine_item_info": ANY_JSON,
}
# What the buyer wrote, and where the shop takes goods back.
REFUND_PII: dict[str, PiiRule] = {
    "buyer_nick": "drop",
    "desc": "drop",
    "address": "drop",
    "attribute": "drop",
}
# What was said is never asked for.
MESSAGE: Fields = {
    "id": I,
    **_all(S, "refund_id owner_role created message_type refund_phase"),
}

ITEM: Fields = {
    **_all(I, "num_iid cid num valid_thru postage_id sold_quantity"),
    **_all(S, "title nick type price outer_id approve_status pic_url list_time delist_time"),
    **_all(S, "modified props seller_cids first_starts_time"),
    **_all(B, "has_discount has_invoice has_warranty has_showcase"),
}
SKU: Fields = {
    **_all(I, "sku_id num_iid quantity"),
    **_all(S, "properties properties_name price outer_id barcode created modified status"),
}

BILL: Fields = {
    **_all(I, "bid account_id amount total_amount status"),
    **_all(S, "trade_id order_id num_iid alipay_no alipay_outno alipay_id alipay_mail"),
    **_all(S, "obj_alipay_id obj_alipay_mail alipay_notice biz_time pay_time book_time"),
    **_all(S, "gmt_create gmt_modified"),
}
ACCOUNT: Fields = {
    **_all(I, "account_id account_type related_order status"),
    **_all(S, "account_code account_name gmt_create gmt_modified"),
}

SHIPPING: Fields = {
    **_all(I, "tid is_split"),
    **_all(S, "order_code seller_nick buyer_nick out_sid company_name item_title status type"),
    **_all(S, "freight_payer seller_confirm created modified delivery_start delivery_end"),
    "receiver_name": S,
    "sub_tids": pl.Struct({"number": pl.List(S)}),
}
SHIPPING_PII: dict[str, PiiRule] = {"buyer_nick": "drop", "receiver_name": "drop"}
TRACE: Fields = {
    "tid": I,
    **_all(S, "out_sid company_name status request_id"),
    "trace_list": _listed("transit_step_info", _all(S, "action status_desc status_time")),
}
# A step's words can name a courier with their phone.
TRACE_PII: dict[str, PiiRule] = {"trace_list.transit_step_info.status_desc": "drop"}

SHOP: Fields = {"sid": I, **_all(S, "title pic_path")}
SELLER: Fields = {
    "user_id": I,
    **_all(S, "nick type status"),
    "has_shop": B,
    "seller_credit": pl.Struct(_all(I, "level score total_num good_num")),
}
