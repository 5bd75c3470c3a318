"""微信小店's records as declared: the platform's names, amounts in fen, times in epoch seconds.

Ids come as numbers in old answers and as text in new ones; both are kept as text. 0 in a time
stands for "has not happened". Misspelt names are the platform's.
"""

from __future__ import annotations

import polars as pl

from pipelines.gateway.connector import ANY_JSON, PiiRule

S, I, B = pl.String, pl.Int64, pl.Boolean  # noqa: E741 - text, whole numbers, yes or no
Fields = dict[str, pl.DataType | type[pl.DataType]]


def _all(kind: type[pl.DataType], names: str) -> Fields:
    return dict.fromkeys(names.split(), kind)


_ATTRS = pl.List(pl.Struct(_all(S, "attr_key attr_value")))
# Who gives a discount, on lines and orders alike.
_DISCOUNTS = _all(
    I,
    "merchant_discounted_price finder_discounted_price vip_discounted_price"
    " bulkbuy_discounted_price cash_coupon_discounted_price limited_discount_discounted_price"
    " platform_activity_merchant_discounted_price national_subsidy_discounted_price"
    " national_subsidy_merchant_discounted_price deduction_price",
)
_PRODUCT_LINE = {
    **_all(S, "product_id sku_id title thumb_img sku_code out_product_id out_sku_id"),
    **_all(S, "out_warehouse_id product_unique_id"),
    **_all(I, "sku_cnt sale_price market_price real_price estimate_price change_price"),
    **_all(I, "on_aftersale_sku_cnt finish_aftersale_sku_cnt delivery_deadline"),
    **_DISCOUNTS,
    **_all(B, "is_discounted is_change_price use_deduction is_free_gift is_flash_sale"),
    "sku_attrs": _ATTRS,
    "sku_deliver_info": pl.Struct(
        {**_all(I, "stock_type full_payment_presale_delivery_type"), "predict_delivery_time": S}
    ),
    **_all(ANY_JSON, "extra_service order_product_coupon_info_list voucher_list"),
    **_all(ANY_JSON, "free_gift_info change_sku_info dropship_info"),
}
_PAY = {**_all(S, "prepay_id transaction_id"), **_all(I, "prepay_time pay_time payment_method")}
_PRICE = {
    **_all(I, "product_price order_price freight discounted_price original_order_price"),
    **_all(I, "estimate_product_price change_down_price change_freight merchant_receieve_price"),
    **_DISCOUNTS,
    **_all(B, "is_discounted is_change_freight use_deduction"),
}
_ADDRESS = pl.Struct(
    {
        **_all(S, "user_name postal_code province_name city_name county_name detail_info"),
        **_all(S, "national_code tel_number hash_code house_number virtual_order_tel_number"),
        **_all(ANY_JSON, "tel_number_ext_info use_tel_number"),
    }
)
_PARCEL = {
    **_all(S, "waybill_id delivery_id delivery_name"),
    **_all(I, "delivery_time deliver_type"),
    "product_infos": pl.List(pl.Struct({**_all(S, "product_id sku_id"), "product_cnt": I})),
    "delivery_address": ANY_JSON,
}
_DELIVERY = {
    "address_info": _ADDRESS,
    "delivery_product_info": pl.List(pl.Struct(_PARCEL)),
    **_all(I, "ship_done_time deliver_method address_apply_time dropship_flag"),
    "ewaybill_order_code": S,
    **_all(ANY_JSON, "address_under_review quality_inspect_type quality_inspect_info"),
    "recharge_info": ANY_JSON,
}
_EXT = {
    **_all(S, "customer_notes merchant_notes finder_id live_id vip_order_session_id"),
    **_all(I, "confirm_receipt_time order_scene commission_handling_progress"),
}
_COMMISSION = {
    **_all(S, "sku_id nickname finder_id openfinderid talent_id agency_id"),
    **_all(I, "type status amount"),
}
_SOURCE = {
    **_all(S, "sku_id account_id account_nickname content_id promoter_head_supplier_id"),
    "original_id": S,
    **_all(I, "account_type sale_channel content_type"),
}
_SETTLE = _all(
    I,
    "predict_commission_fee commission_fee predict_wecoin_commission wecoin_commission settle_time",
)
_ORDER_DETAIL = {
    "product_infos": pl.List(pl.Struct(_PRODUCT_LINE)),
    "pay_info": pl.Struct(_PAY),
    "price_info": pl.Struct(_PRICE),
    "delivery_info": pl.Struct(_DELIVERY),
    "coupon_info": pl.Struct({"user_coupon_id": S}),
    "ext_info": pl.Struct(_EXT),
    "commission_infos": pl.List(pl.Struct(_COMMISSION)),
    "settle_info": pl.Struct(_SETTLE),
    "source_infos": pl.List(pl.Struct(_SOURCE)),
    "refund_info": pl.Struct({"refund_freight": I}),
    **_all(ANY_JSON, "sharer_info sku_sharer_infos agent_info source_info"),
    **_all(ANY_JSON, "greeting_card_info custom_info"),
}
ORDER: Fields = {
    **_all(S, "order_id openid unionid present_order_id_str present_note present_giver_openid"),
    "present_giver_unionid": S,
    **_all(I, "status create_time update_time present_send_type"),
    **_all(B, "is_present is_flash_sale_order"),
    "order_detail": pl.Struct(_ORDER_DETAIL),
    "aftersale_detail": pl.Struct(
        {
            "on_aftersale_order_cnt": I,
            "aftersale_order_list": pl.List(pl.Struct({"aftersale_order_id": S, "status": I})),
        }
    ),
    **_all(ANY_JSON, "order_present_info intra_city_order_info"),
}
_RECEIVER = (
    "user_name", "postal_code", "county_name", "detail_info", "national_code", "tel_number",
    "hash_code", "house_number", "virtual_order_tel_number", "tel_number_ext_info",
    "use_tel_number",
)  # fmt: skip
_DROPPED = (
    *(f"delivery_info.address_info.{name}" for name in _RECEIVER),
    "delivery_info.delivery_product_info.delivery_address", "delivery_info.address_under_review",
    "delivery_info.ewaybill_order_code", "delivery_info.recharge_info", "ext_info.customer_notes",
    "sharer_info", "sku_sharer_infos", "greeting_card_info", "custom_info",
)  # fmt: skip
ORDER_PII: dict[str, PiiRule] = {
    "openid": "hash",
    **dict.fromkeys(
        (
            "unionid", "present_note", "present_giver_openid", "present_giver_unionid",
            "order_present_info", "intra_city_order_info",
            *(f"order_detail.{path}" for path in _DROPPED),
        ),
        "drop",
    ),
}  # fmt: skip

AFTER_SALE: Fields = {
    **_all(S, "after_sale_order_id order_id openid unionid status type sub_type reason"),
    **_all(S, "reason_text complaint_id present_giver_openid present_giver_unionid"),
    **_all(I, "create_time update_time complete_time deadline gen_scene"),
    "compensation_liability_amount": I,
    "product_info": pl.Struct(
        {
            **_all(S, "product_id sku_id sku_code"),
            "count": I,
            "fast_refund": B,
            **_all(ANY_JSON, "voucher_list gift_product_list"),
        }
    ),
    "details": pl.Struct(
        {
            **_all(S, "desc tel_number"),
            "receive_product": ANY_JSON,  # a yes or no, in old answers a number
            **_all(I, "cancel_time wxa_vip_discounted_price"),
            **_all(ANY_JSON, "media_id_list prove_imgs"),
        }
    ),
    "refund_info": pl.Struct(
        {
            **_all(I, "amount refund_reason platform_discount_return_amount"),
            **_all(B, "is_low_price_insurance_refund is_final_refund_by_insurance"),
        }
    ),
    "return_info": pl.Struct(_all(S, "waybill_id delivery_id delivery_name")),
    "merchant_upload_info": ANY_JSON,
    "refund_resp": pl.Struct({**_all(S, "code message"), "ret": I}),
    "exchange_product_info": pl.Struct(
        {
            **_all(S, "product_id old_sku_id new_sku_id old_sku_code new_sku_code"),
            **_all(I, "old_sku_price new_sku_price product_cnt"),
        }
    ),
    **_all(ANY_JSON, "exchange_delivery_info merchant_update_detail virtual_tel_num_info"),
}
AFTER_SALE_PII: dict[str, PiiRule] = {
    "openid": "hash",
    **dict.fromkeys(
        (
            "unionid", "present_giver_openid", "present_giver_unionid", "details.desc",
            "details.tel_number", "details.media_id_list", "details.prove_imgs",
            "merchant_upload_info", "exchange_delivery_info", "merchant_update_detail",
            "virtual_tel_num_info",
        ),
        "drop",
    ),
}  # fmt: skip

_SKU = {
    **_all(S, "sku_id out_sku_id thumb_img sku_code bar_code"),
    **_all(I, "sale_price market_price stock_num status"),
    "sku_attrs": _ATTRS,
    "sku_deliver_info": ANY_JSON,
}
_CATEGORIES = pl.List(pl.Struct({"cat_id": S}))
PRODUCT: Fields = {
    **_all(S, "product_id out_product_id title sub_title short_title spu_code"),
    **_all(I, "status edit_status min_price deliver_method edit_time"),
    "cats": _CATEGORIES,
    "cats_v2": _CATEGORIES,
    "attrs": _ATTRS,
    "skus": pl.List(pl.Struct(_SKU)),
    **_all(ANY_JSON, "head_imgs desc_info express_info product_qua_infos"),
}
FUNDS_FLOW: Fields = {
    **_all(S, "flow_id bookkeeping_time remark"),
    **_all(I, "funds_type flow_type amount balance"),
    "related_info_list": pl.List(
        pl.Struct(
            # A number in the shop's account, a word in the alliance's.
            _all(
                S,
                "related_type order_id aftersale_id withdraw_id insurance_id transaction_id"
                " bookkeeping_time guarantee_id present_id",
            )
        )
    ),
}
SHOP_INFO: Fields = _all(S, "nickname headimg_url subject_type status username")
FINDERS: Fields = {"main_finder_id": S, "authorized_finder_id_list": pl.List(S)}
LIVE: Fields = _all(S, "live_id live_title live_time live_duration live_cover_img_url")

_LIVE_SUMMARY = _all(
    I,
    "total_gmv total_pay_pv total_pay_uv total_create_pv total_create_uv total_clk_pv total_clk_uv"
    " total_exp_pv total_exp_uv online_audience_count cumulative_audience_count new_audience_count"
    " leaved_audience_count average_watch_seconds_per_audience new_follow_count new_comment_count"
    " share_live_audience_count new_fans_club_count refund_pv refund_uv refund_amount"
    " refund_product_cnt ads_cumulative_audience_count ads_cumulative_watch_count"
    " promotion_cumulative_watch_count new_buyer_uv old_buyer_uv customer_price",
) | _all(S, "refund_rate gmv_per_thousand_cumulative_watch_pv audience_pay_ratio clk_pay_ratio")
_SCREEN_SUMMARY = _all(
    I,
    "new_watch_uv max_online_watch_uv impression_uv average_watch_seconds_per_audience"
    " new_follow_uv new_fans_club_uv comment_uv reward_uv sharing_uv hot_quota",
)
LIVE_FIGURES: Fields = {
    "live_dashboard_data": pl.Struct(
        {
            **_all(I, "live_duration start_time"),
            "live_dashboard_data": pl.Struct(
                {"summary": pl.Struct(_SCREEN_SUMMARY), **_all(ANY_JSON, "source portrait")}
            ),
        }
    ),
    "live_comparison_index": pl.Struct({"is_living": B, **_all(ANY_JSON, "on_air ended")}),
    "live_ec_data_summary": pl.Struct(_LIVE_SUMMARY),
    "live_distribution_channel": pl.Struct(
        {
            **_all(I, "audience_count total_joinlive_count"),
            **_all(ANY_JSON, "live_dist_channel_source_by_scene_stats"),
            **_all(ANY_JSON, "live_dist_channel_source_stats data_key"),
        }
    ),
    **_all(ANY_JSON, "live_ec_conversion_metric live_ec_profile single_live_ec_spu_data_page_v2"),
}
