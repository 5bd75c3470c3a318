"""抖店's records as declared: the platform's names, amounts in integer fen, times in epoch seconds.

0 in a time stands for "has not happened". Ids of 19 digits come as numbers and as text; both are
kept as they come. Cipher text and masks of receivers are never landed.
"""

from __future__ import annotations

import polars as pl

from pipelines.gateway.connector import ANY_JSON, PiiRule

S, I = pl.String, pl.Int64  # noqa: E741 - text and whole numbers, a hundred times below


Fields = dict[str, pl.DataType | type[pl.DataType]]


def _all(kind: type[pl.DataType], names: str) -> Fields:
    return dict.fromkeys(names.split(), kind)


_PLACE = pl.Struct({"name": S, "id": S})
_ADDRESS = pl.Struct(
    {"province": _PLACE, "city": _PLACE, "town": _PLACE, "street": _PLACE, "encrypt_detail": S}
)
_SPEC = pl.List(pl.Struct({"name": S, "value": S}))
_RECEIVER = {
    **_all(S, "post_tel post_receiver encrypt_post_tel encrypt_post_receiver"),
    **_all(S, "mask_post_tel mask_post_receiver"),
    "post_addr": _ADDRESS,
}
_STATES = _all(
    S, "order_status_desc main_status_desc order_type_desc trade_type_desc biz_desc"
) | _all(I, "order_level order_status main_status order_type trade_type biz")
_TIMES = _all(
    I, "pay_time order_expire_time finish_time create_time update_time exp_ship_time ship_time"
)
# Fen. promotion = shop + platform + talent; platform_cost = only_platform_cost + author_cost.
_AMOUNTS = _all(
    I,
    "order_amount pay_amount post_insurance_amount modify_amount modify_post_amount"
    " promotion_amount promotion_shop_amount promotion_platform_amount"
    " promotion_talent_amount promotion_pay_amount"
    " shop_cost_amount platform_cost_amount only_platform_cost_amount author_cost_amount",
)
_SOURCE = _all(S, "b_type_desc sub_b_type_desc cancel_reason channel_payment_no") | _all(
    I, "b_type sub_b_type app_id pay_type"
)

LINE: Fields = {
    **_all(S, "order_id parent_order_id"), **_STATES, **_TIMES, **_AMOUNTS, **_SOURCE, **_RECEIVER,
    **_all(S, "author_name theme_type theme_type_desc room_id_str content_id video_id origin_id"),
    **_all(S, "send_pay_desc c_biz_desc code product_id_str product_name product_pic out_sku_id"),
    **_all(S, "supplier_id out_product_id inventory_type inventory_type_desc source_platform"),
    **_all(S, "reduce_stock_type_desc given_product_type ad_env_type"),
    **_all(I, "send_pay author_id room_id cid c_biz page_id goods_type product_id sku_id"),
    **_all(I, "first_cid second_cid third_cid fourth_cid reduce_stock_type origin_amount"),
    **_all(I, "goods_price item_num sum_amount is_comment pre_sale_type"),
    **_all(I, "logistics_receipt_time confirm_receipt_time"),
    "has_tax": pl.Boolean,
    "spec": _SPEC,
    "after_sale_info": pl.Struct(_all(I, "after_sale_status after_sale_type refund_status")),
    **_all(ANY_JSON, "warehouse_ids out_warehouse_ids inventory_list given_product_activity_info"),
    **_all(ANY_JSON, "master_sku_order_id_list sku_order_tag_ui card_voucher"),
}  # fmt: skip
_PARCEL_ITEM = _all(S, "product_name outer_sku_id sku_order_id product_id_str") | _all(
    I, "price sku_id product_count product_id"
)
PARCEL = pl.Struct(
    {
        **_all(S, "tracking_no company company_name delivery_id"),
        "ship_time": I,
        "product_info": pl.List(pl.Struct({**_PARCEL_ITEM, "sku_specs": _SPEC})),
    }
)
_PHASE = pl.Struct({"phase_order_id": S, **_all(I, "current_phase phase_pay_amount pay_time")})
ORDER: Fields = {
    "shop_id": I,
    **_all(S, "shop_name open_id order_id"), **_STATES, **_TIMES, **_AMOUNTS, **_SOURCE,
    **_all(I, "post_amount total_promotion_amount post_promotion_amount post_origin_amount"),
    **_all(I, "tax_amount packing_amount seller_remark_stars"),
    **_all(S, "buyer_words seller_words"), **_RECEIVER,
    "mask_post_addr": ANY_JSON,
    "logistics_info": pl.List(PARCEL),
    "sku_order_list": pl.List(pl.Struct(LINE)),
    "order_phase_list": pl.List(_PHASE),
    **_all(S, "doudian_open_id open_address_id"),
    **_all(ANY_JSON, "serial_number_list shop_order_tag_ui user_tag_ui d_car_shop_biz_data"),
}  # fmt: skip
_DROPPED = (
    "post_tel", "post_receiver", "encrypt_post_tel", "encrypt_post_receiver", "mask_post_tel",
    "mask_post_receiver", "post_addr.encrypt_detail", "post_addr.street",
)  # fmt: skip
ORDER_PII: dict[str, PiiRule] = {
    "doudian_open_id": "hash",
    **dict.fromkeys(("buyer_words", "mask_post_addr", "open_address_id", *_DROPPED), "drop"),
    **{f"sku_order_list.{name}": "drop" for name in _DROPPED},
}

_LOGISTICS = pl.List(
    pl.Struct(
        _all(S, "tracking_no company_name company_code") | _all(I, "logistics_time logistics_state")
    )
)
_RELATED = {
    **_all(S, "sku_order_id product_name product_image shop_sku_code logistics_code"),
    **_all(S, "logistics_company_name"),
    **_all(
        I, "order_status pay_amount post_amount item_num create_time tax_amount is_oversea_order"
    ),
    **_all(I, "product_id aftersale_pay_amount aftersale_post_amount aftersale_tax_amount"),
    **_all(I, "aftersale_item_num promotion_pay_amount price"),
    "sku_spec": _SPEC,
    **_all(ANY_JSON, "tags given_sku_order_ids"),
}
AFTERSALE: Fields = {
    "aftersale_info": pl.Struct(
        {
            **_all(
                S, "aftersale_id related_id return_logistics_code return_logistics_company_name"
            ),
            **_all(S, "exchange_logistics_company_name risk_decision_reason remark store_name"),
            **_all(S, "risk_decision_description"),
            **_all(
                I, "aftersale_order_type aftersale_type aftersale_status apply_time update_time"
            ),
            **_all(I, "aftersale_status_to_final_time status_deadline refund_amount create_time"),
            **_all(
                I, "refund_post_amount aftersale_num part_type aftersale_refund_type refund_type"
            ),
            **_all(I, "arbitrate_status refund_tax_amount left_urge_sms_count risk_decision_code"),
            **_all(I, "return_promotion_amount refund_status arbitrate_blame got_pkg store_id"),
            **_all(I, "is_agree_refuse_sign aftersale_sub_type"),
            **_all(
                ANY_JSON, "exchange_sku_info reason_second_labels aftersale_tags auto_audit_bits"
            ),
            "order_logistics": _LOGISTICS,
        }
    ),
    "order_info": pl.Struct(
        {"shop_order_id": S, "order_flag": I, "related_order_info": pl.List(pl.Struct(_RELATED))}
    ),
    "text_part": pl.Struct(
        _all(
            S,
            "logistics_text aftersale_status_text aftersale_type_text return_logistics_text"
            " aftersale_refund_type_text reason_text bad_item_text arbitrate_status_text",
        )
    ),
    "seller_logs": ANY_JSON,
}
AFTERSALE_PII: dict[str, PiiRule] = {"aftersale_info.remark": "drop", "seller_logs": "drop"}

_DETAIL = {
    **_all(S, "after_sale_status_desc after_sale_type_text refund_type_text reason reason_remark"),
    **_all(
        S, "disable_coupon_id post_receiver post_tel_sec risk_decsison_reason store_id store_name"
    ),
    **_all(S, "risk_decsison_description refund_fail_reason open_address_id"),
    **_all(I, "after_sale_id after_sale_status after_sale_type after_sale_order_type"),
    **_all(
        I, "after_sale_sub_type refund_type refund_status refund_total_amount refund_post_amount"
    ),
    **_all(I, "refund_promotion_amount real_refund_amount refund_time apply_time update_time"),
    **_all(I, "reason_code after_sale_apply_count need_return_count deduction_amount"),
    **_all(I, "platform_discount_return_amount platform_discount_return_status"),
    **_all(I, "kol_discount_return_amount kol_discount_return_status shop_discount_return_amount"),
    **_all(I, "post_discount_return_amount post_discount_return_status gold_coin_return_amount"),
    **_all(
        I, "refund_packing_charge_amount return_address_id risk_decsison_code got_pkg part_type"
    ),
    **_all(
        I, "status_deadline refund_voucher_num refund_voucher_times agree_refuse_sign apply_role"
    ),
    **_all(I, "aftersale_status_to_final_time return_method merchant_handled_time"),
    **_all(ANY_JSON, "evidence post_address return_address exchange_sku_info reason_second_labels"),
    **_all(ANY_JSON, "aftersale_tags auto_audit_bits"),
}
AFTERSALE_DETAIL: Fields = {
    "process_info": pl.Struct(
        {
            "after_sale_info": pl.Struct(_DETAIL),
            **_all(ANY_JSON, "arbitrate_info after_sale_service_tag logistics_info"),
            **_all(ANY_JSON, "after_sale_shop_remarks price_protection_detail record_logs_list"),
        }
    ),
    "order_info": ANY_JSON,
}
AFTERSALE_DETAIL_PII: dict[str, PiiRule] = {
    f"process_info.{name}": "drop"
    for name in (
        "after_sale_info.post_receiver", "after_sale_info.post_tel_sec",
        "after_sale_info.post_address", "after_sale_info.return_address",
        "after_sale_info.reason_remark", "after_sale_info.evidence",
        "after_sale_info.open_address_id", "after_sale_shop_remarks", "record_logs_list",
    )
}  # fmt: skip

_CATEGORY = pl.Struct(
    _all(I, "first_cid second_cid third_cid fourth_cid")
    | _all(S, "first_cname second_cname third_cname fourth_cname")
)
PRODUCT: Fields = {
    **_all(I, "product_id status check_status market_price discount_price pay_type product_type"),
    **_all(I, "spec_id cos_ratio create_time update_time out_product_id sell_num"),
    **_all(S, "img name name_prefix name_suffix outer_product_id description mobile extra"),
    **_all(S, "recommend_remark can_not_combine_reason"),
    **_all(pl.Boolean, "is_package_product can_combine"),
    "category_detail": _CATEGORY,
    **_all(ANY_JSON, "title_limit package_product_list sub_product_list shop_category"),
}
SKU: Fields = {
    **_all(
        I, "id open_user_id out_sku_id product_id spec_detail_id1 spec_detail_id2 spec_detail_id3"
    ),
    **_all(I, "price settlement_price spec_id create_time sku_type stock_num prehold_stock_num"),
    **_all(I, "prom_stock_num step_stock_num prehold_step_stock_num prom_step_stock_num is_suit"),
    **_all(I, "suit_num volume normal_stock_num channel_stock_num"),
    **_all(
        S, "product_id_str spec_detail_name1 spec_detail_name2 spec_detail_name3 code supplier_id"
    ),
    **_all(
        ANY_JSON, "customs_report_info stock_map prehold_stock_map ship_rule_map sell_properties"
    ),
}
# Fen; income positive, deductions negative as the samples have them (unconfirmed, see README).
BILL: Fields = {
    **_all(S, "settle_time request_no shop_order_id order_id pay_type_desc order_time product_id"),
    **_all(S, "flow_type_desc order_type remark free_commission_flag"),
    **_all(I, "settle_amount trade_type is_contains_refund_before_settle goods_count total_amount"),
    **_all(I, "total_goods_amount post_amount shop_coupon refund_before_settle platform_coupon"),
    **_all(I, "author_coupon zt_pay_promotion zr_pay_promotion real_pay_amount total_income"),
    **_all(I, "platform_service_fee commission good_learn_channel_fee colonel_service_fee"),
    **_all(I, "channel_promotion_fee other_sharing_amount total_outcome packing_amount"),
    **_all(I, "real_free_commission_amount"),
}
ROUTE: Fields = {
    "route__node_list": pl.List(
        pl.Struct(_all(S, "content timestamp state state_description site_name"))
    ),
    "track_info": pl.Struct(_all(S, "track_no express")),
}
AUTH_INFO: Fields = {
    "status": I,
    "auth_id": S,
    **_all(I, "auth_success_time auth_update_time auth_end_time"),
}
