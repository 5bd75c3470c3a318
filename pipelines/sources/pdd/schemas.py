"""拼多多's records as declared: the platform's names, times as text, empty where unset.

Amounts of orders, refunds and the account file are yuan, of goods fen, of ads 厘 (1/1000 yuan), all
kept as they come. Yuan come as numbers or as text and are declared as text, which keeps each digit
of a number. Receivers, what buyers write and card numbers are never landed.
"""

from __future__ import annotations

import polars as pl

from pipelines.gateway.connector import ANY_JSON, PiiRule

S, I = pl.String, pl.Int64  # noqa: E741 - text and whole numbers, a hundred times below
Fields = dict[str, pl.DataType | type[pl.DataType]]


def _all(kind: type[pl.DataType], names: str) -> Fields:
    return dict.fromkeys(names.split(), kind)


_ITEM = pl.Struct(
    _all(S, "goods_id sku_id goods_name goods_spec goods_price goods_img outer_id outer_goods_id")
    | _all(I, "goods_count")
)
_DELIVERY = pl.List(pl.Struct(_all(S, "logistics_id tracking_number")))
_STEP = _all(S, "advanced_paid_fee step_discount_amount step_paid_fee") | {"step_trade_status": I}
_RECEIVER = (
    "receiver_name", "receiver_phone", "receiver_address", "address", "receiver_name_mask",
    "receiver_phone_mask", "receiver_address_mask", "town", "town_id", "open_address_id",
    "id_card_name", "id_card_num",
)  # fmt: skip
ORDER: Fields = {
    **_all(S, "order_sn group_order_id created_time pay_time confirm_time updated_at"),
    **_all(S, "shipping_time receive_time last_ship_time promise_delivery_time pre_sale_time"),
    **_all(I, "order_status confirm_status group_status refund_status after_sales_status"),
    **_all(I, "trade_type is_lucky_flag is_pre_sale risk_control_status stock_out_handle_status"),
    **_all(I, "is_stock_out free_sf invoice_status return_freight_payer only_support_replace"),
    **_all(I, "support_nationwide_warranty self_contained home_delivery_type delivery_one_day"),
    **_all(I, "duoduo_wholesale group_role shipping_type mkt_biz_type gift_order_status"),
    # Yuan.
    **_all(S, "goods_amount discount_amount platform_discount seller_discount pay_amount postage"),
    **_all(S, "capital_free_discount order_change_amount duo_duo_pay_reduction"),
    **_all(S, "delivery_home_value delivery_install_value home_install_value"),
    **_all(S, "trade_in_national_subsidy_amount"),
    "trade_in_national_subsidy_type": I,
    "government_subsidy_settle_details": pl.List(pl.Struct({"amount": S, "funder": I})),
    **_all(S, "pay_type pay_no inner_transaction_id remark remark_tag_name buyer_memo"),
    "remark_tag": I,
    **dict.fromkeys(_RECEIVER, S),
    **_all(S, "province province_id city city_id country country_id"),
    **_all(S, "tracking_number logistics_id cat_id_1 cat_id_2 cat_id_3 cat_id_4"),
    **_all(S, "bonded_warehouse urge_shipping_time yyps_date yyps_time"),
    **_all(S, "ship_additional_link_order ship_additional_origin_order"),
    "item_list": pl.List(_ITEM),
    "gift_list": pl.List(_ITEM),
    "promotion_detail_list": pl.List(pl.Struct({"promotion_type": I, "discount_amount": S})),
    "service_fee_detail": pl.List(pl.Struct(_all(S, "service_name service_fee"))),
    **dict.fromkeys(("extra_delivery_list", "gift_delivery_list", "resend_delivery_list"),
                    _DELIVERY),
    "order_tag_list": pl.List(pl.Struct({"name": S, "value": I})),
    "step_order_info": pl.Struct(_STEP),
    **_all(ANY_JSON, "card_info_list order_depot_info related_order_list consolidate_info"),
}  # fmt: skip
ORDER_PII: dict[str, PiiRule] = dict.fromkeys(
    (*_RECEIVER, "buyer_memo", "card_info_list", "consolidate_info"), "drop"
)

REFUND: Fields = {
    **_all(S, "id order_sn goods_id sku_id goods_name good_image outer_id outer_goods_id"),
    **_all(S, "goods_price order_amount discount_amount refund_amount"),
    **_all(S, "after_sale_reason created_time updated_time confirm_time"),
    **_all(S, "tracking_number shipping_name speed_refund_status user_shipping_status"),
    **_all(I, "goods_number after_sales_type after_sales_status speed_refund_flag"),
    **_all(I, "dispute_refund_status refund_operator_role"),
}

_LISTED_SKU = pl.Struct(
    _all(S, "sku_id spec outer_id outer_goods_id")
    | _all(I, "sku_quantity reserve_quantity is_sku_onsale")
    | _all(ANY_JSON, "spec_details")
)
GOODS: Fields = {
    **_all(S, "goods_id goods_name image_url thumb_url"),
    **_all(I, "goods_quantity goods_reserve_quantity is_more_sku is_onsale created_at"),
    "sku_list": pl.List(_LISTED_SKU),
}
_SPEC = pl.Struct(_all(S, "parent_id parent_name spec_id spec_name"))
_SKU = pl.Struct(
    _all(S, "sku_id out_sku_sn out_source_sku_id thumb_url")
    # Fen: multi_price is what a group pays, price what one pays alone.
    | _all(I, "multi_price price quantity reserve_quantity is_onsale limit_quantity weight length")
    | {"spec": pl.List(_SPEC), "oversea_sku": ANY_JSON}
)
GOODS_DETAIL: Fields = {
    **_all(S, "goods_id goods_name tiny_name cat_id outer_goods_id out_source_goods_id image_url"),
    **_all(S, "cost_template_id goods_desc warm_tips customs warehouse size_spec_id request_id"),
    **_all(S, "mai_jia_zi_ti shang_men_an_zhuang song_huo_an_zhuang song_huo_ru_hu"),
    **_all(I, "market_price status goods_type is_pre_sale pre_sale_time shipment_limit_second"),
    **_all(I, "buy_limit order_limit customer_num country_id invoice_status is_customs is_folt"),
    **_all(I, "is_refundable lack_of_weight_claim bad_fruit_claim delivery_one_day second_hand"),
    **_all(I, "out_source_type oversea_type quan_guo_lian_bao zhi_huan_bu_xiu skuType"),
    "sku_list": pl.List(_SKU),
    **_all(ANY_JSON, "carousel_gallery_list detail_gallery_list goods_property_list video_gallery"),
    **_all(ANY_JSON, "goods_trade_attr goods_travel_attr oversea_goods"),
}

MALL: Fields = _all(S, "mall_id mall_name mall_desc logo request_id") | _all(
    I, "merchant_type mall_character"
)
COMPANY: Fields = _all(S, "id code logistics_company") | {"available": I}
TRACE: Fields = {
    "trace_list": pl.List(
        pl.Struct(_all(S, "action desc status_desc node_description status_time time"))
    ),
    "request_id": S,
}
# A day's account file, whole: its rows have no number of their own. The names are ours for
# 商户订单号, 发生时间, 收入金额（+元）, 支出金额（-元）, 账务类型, 备注, 业务描述.
BILL_COLUMNS = ("order_sn", "happened_at", "income", "outgo", "kind", "remark", "business")
BILL: Fields = {"rows": pl.List(pl.Struct(dict.fromkeys(BILL_COLUMNS, S)))}

_AD_FIGURES: Fields = {
    **_all(I, "impression click orderNum mallFavNum goodsFavNum"),
    # 厘, ratios and rates: text, as some come.
    **_all(S, "spend gmv cpc cpm ctr cvr roi avgPayAmount transactionCost"),
}
AD_DAY: Fields = {"date": S, **_AD_FIGURES}
AD_PLAN_DAY: Fields = {"entityId": S, "dimensionType": I, **_AD_FIGURES} | _all(
    ANY_JSON, "externalFieldValues"
)
AD_PLAN: Fields = {
    **_all(S, "planId planName punishReason maxCost"),
    **_all(I, "planStrategy status merchantAccountStatus merchantOperateStatus discountRate"),
    **_all(I, "unitNum availableBudgetChangeNumberToday budgetChangedNumberToday"),
    **_AD_FIGURES,
}
