"""有赞's records as declared: the platform's names, money of trades as text yuan, of items as fen.

Times are wall clocks of Shanghai as text, "" where nothing has happened. Ids of 19 digits come as
numbers or text by version and are kept as text. Fields: samples of the platform notes and the
public descriptions of these API versions.
"""

from __future__ import annotations

import polars as pl

from pipelines.gateway.connector import ANY_JSON, PiiRule

S, I, B = pl.String, pl.Int64, pl.Boolean  # noqa: E741 - text, whole numbers, flags, often below
Fields = dict[str, pl.DataType | type[pl.DataType]]


def _all(kind: type[pl.DataType], names: str) -> Fields:
    return dict.fromkeys(names.split(), kind)


_TAGS = _all(
    B,
    "is_virtual is_purchase_order is_fenxiao_order is_member is_preorder is_offline_order"
    " is_multi_store is_settle is_payed is_secured_transactions is_postage_free is_feedback"
    " is_refund is_down_payment_pre is_entity_card",
)
_EXTRA = _all(
    S,
    "is_from_cart is_member buyer_name cash t_cash tm_cash orders_combine_id"
    " kdt_dimension_combine_id promotion_combine_id pay_ump_detail is_points_order is_parent_order"
    " is_sub_order fx_order_no fx_kdt_id purchase_order_no parent_order_no marketing_channel"
    " settle_time risk_control_mark custom_tags serial_no dept_id cashier_id cashier_name"
    " create_device_id invoice_title id_card_name id_card_number fx_outer_transaction_no"
    " fx_inner_transaction_no extra_prices open_source daogou",
) | _all(ANY_JSON, "service_guide sales_guide salesman trial_detail")
_ORDER_INFO: Fields = {
    **_all(S, "tid status status_str pay_type_str created update_time expired_time pay_time"),
    **_all(S, "consign_time confirm_time success_time shop_name shop_display_no order_url"),
    **_all(S, "node_kdt_id root_kdt_id offline_id prepare_pay_url"),
    **_all(I, "type team_type activity_type pay_type express_type close_type refund_state"),
    **_all(I, "channel_type"),
    "is_retail_order": B,
    "order_tags": pl.Struct(_TAGS),
    "order_extra": pl.Struct(_EXTRA),
}
_LINE: Fields = {
    **_all(S, "oid item_id sku_id title price discount_price total_fee payment outer_item_id"),
    **_all(S, "outer_sku_id sku_properties_name sku_unique_code pic_path goods_url alias"),
    **_all(S, "is_pre_sale pre_sale_type points_price buyer_messages is_cross_border customs_code"),
    **_all(S, "cross_border_trade_mode tax_total freight discount fenxiao_price fenxiao_payment"),
    **_all(S, "fenxiao_discount_price fenxiao_discount fenxiao_freight fenxiao_tax_total weight"),
    **_all(
        S, "root_item_id root_sku_id unified_item_id unified_sku_id item_no item_barcode sku_no"
    ),
    **_all(
        S, "sku_barcode express_pay_mode sub_order_no origin_place_code goods_extra shop_org_id"
    ),
    **_all(I, "num item_type expect_delivery_time"),
    **_all(B, "is_present is_combo"),
    **_all(ANY_JSON, "item_tags item_sales_staff"),
}
_PHASE = pl.Struct(
    {
        "phase": I,
        **_all(S, "pay_start_time pay_end_time pay_time real_price pay_way_str pay_way_desc"),
        **_all(S, "outer_transaction_no inner_transaction_no"),
    }
)
_FULL_ORDER: Fields = {
    "order_info": pl.Struct(_ORDER_INFO),
    "buyer_info": pl.Struct(
        _all(S, "yz_open_id buyer_id buyer_phone outer_user_id fans_id fans_nickname")
        | {"fans_type": I}
    ),
    "address_info": pl.Struct(
        _all(
            S,
            "receiver_name receiver_tel delivery_province delivery_city delivery_district"
            " delivery_address delivery_postal_code self_fetch_info delivery_start_time"
            " delivery_end_time address_extra",
        )
    ),
    "pay_info": pl.Struct(
        {
            **_all(S, "total_fee post_fee payment real_payment"),
            **_all(I, "deduction_pay deduction_real_pay deduct_value_card_pay"),
            "deduct_gift_card_pay": I,
            **_all(ANY_JSON, "transaction outer_transactions"),
            "phase_payments": pl.List(_PHASE),
        }
    ),
    "orders": pl.List(pl.Struct(_LINE)),
    "remark_info": pl.Struct({"buyer_message": S, "trade_memo": S, "star": I}),
    "source_info": pl.Struct(
        {
            **_all(S, "order_mark book_key biz_source"),
            "is_offline_order": B,
            "source": pl.Struct(_all(S, "platform wx_entrance")),
        }
    ),
    "child_info": pl.Struct(_all(S, "gift_no gift_sign gift_type") | {"child_orders": ANY_JSON}),
    **_all(ANY_JSON, "channel_info out_order_info invoice_info qrcode_info hotel_info"),
}
ORDER: Fields = {"full_order_info": pl.Struct(_FULL_ORDER)}
# Staff (guides, salesmen) are persons too. Of the buyer's ids only 有赞's own stays, hashed.
ORDER_PII: dict[str, PiiRule] = {
    "full_order_info.buyer_info.yz_open_id": "hash",
    **{
        f"full_order_info.{name}": "drop"
        for name in (
            *(
                f"buyer_info.{each}"
                for each in ("buyer_id", "buyer_phone", "outer_user_id", "fans_id", "fans_nickname")
            ),
            *(
                f"address_info.{each}"
                for each in (
                    "receiver_name", "receiver_tel", "delivery_district", "delivery_address",
                    "delivery_postal_code", "self_fetch_info", "address_extra",
                )
            ),
            *(
                f"order_info.order_extra.{each}"
                for each in (
                    "buyer_name", "cashier_name", "invoice_title", "id_card_name",
                    "id_card_number", "daogou", "service_guide", "sales_guide", "salesman",
                )
            ),
            "remark_info.buyer_message", "orders.buyer_messages", "child_info.child_orders",
            "invoice_info",
        )
    },
}  # fmt: skip

_PROMOTION: Fields = {
    **_all(S, "promotion_id promotion_type promotion_type_name promotion_title coupon_id"),
    **_all(S, "promotion_condition promotion_content sub_promotion_type promotion_alias card_no"),
    **_all(S, "discount_fee"),
    "promotion_type_id": I,
}
ORDER_DETAIL: Fields = {
    "full_order_info": pl.Struct(_FULL_ORDER),
    "refund_order": ANY_JSON,
    "delivery_order": pl.List(
        pl.Struct(
            {
                "pk_id": S,
                **_all(I, "express_state express_type"),
                # Plain ids or {oid, num}, by version: told apart in staging.
                "oids": pl.List(ANY_JSON),
                "dists": pl.List(
                    pl.Struct(
                        {
                            "dist_id": S,
                            "express_info": pl.Struct(_all(S, "express_id express_no")),
                            "dist_items": ANY_JSON,
                        }
                    )
                ),
            }
        )
    ),
    "order_promotion": pl.Struct(
        {
            **_all(S, "item_discount_fee order_discount_fee adjust_fee"),
            "order": pl.List(pl.Struct(_PROMOTION | {"item_info": ANY_JSON})),
            "item": pl.List(
                pl.Struct(
                    {
                        **_all(S, "oid item_id sku_id"),
                        "is_present": B,
                        "promotions": pl.List(pl.Struct(_PROMOTION)),
                    }
                )
            ),
            "order_paid_promotion": ANY_JSON,
        }
    ),
}
ORDER_DETAIL_PII: dict[str, PiiRule] = ORDER_PII | {
    "order_promotion.order.card_no": "drop",
    "order_promotion.item.promotions.card_no": "drop",
}

REFUND: Fields = {
    **_all(S, "refund_id status tid kdt_id node_kdt_id refund_fee created modified oid"),
    **_all(I, "reason cs_status demand"),
    "return_goods": B,
}
REFUND_DETAIL: Fields = {
    **REFUND,
    **_all(
        S, "refund_type refund_success_time refund_account_time refund_postage demand_desc desc"
    ),
    **_all(S, "refund_fund_desc item_id"),
    **_all(I, "version item_num refund_ticket_num"),
    "refund_fund_list": pl.List(
        pl.Struct(
            _all(S, "refund_id refund_no message")
            | _all(I, "refund_fee status pay_way refund_mode")
        )
    ),
    "refund_order_item": pl.List(pl.Struct(_all(S, "kdt_id oid") | _all(I, "refund_fee item_num"))),
    **_all(ANY_JSON, "consult_message logistics refund_ticket_list"),
}
REFUND_DETAIL_PII: dict[str, PiiRule] = dict.fromkeys(
    ("desc", "consult_message", "logistics"), "drop"
)
REFUND_MESSAGE: Fields = {"owner_role": I, **_all(S, "created refund_id content")}
REFUND_MESSAGE_PII: dict[str, PiiRule] = {"content": "drop"}

ITEM: Fields = {
    **_all(S, "item_id alias title item_no created_time update_time detail_url image origin"),
    **_all(S, "share_url"),
    **_all(I, "price item_type quantity post_type post_fee num sold_num"),
    "is_lock": B,
    **_all(ANY_JSON, "item_imgs delivery_template"),
}
_SKU: Fields = {
    **_all(S, "sku_id sku_no sku_barcode"),
    **_all(I, "price standard_price cost_price delivery_price min_guide_price max_guide_price"),
    **_all(I, "stock_num quantity sold_num weight sku_created_time sku_modified_time"),
    **_all(I, "is_fenxiao_sell prepare_time"),
    "sku_props": pl.List(
        pl.Struct(_all(S, "prop_name_id prop_name prop_value_id prop_value_name"))
    ),
    "sku_barcodes": ANY_JSON,
}
ITEM_DETAIL: Fields = {
    **_all(S, "item_id kdt_id root_item_id root_kdt_id title alias item_no item_barcode biz_code"),
    **_all(I, "item_type is_virtual is_display created_time quantity sold_num"),
    "sku_list": pl.List(pl.Struct(_SKU)),
    "item_price_param": pl.Struct(
        _all(I, "price cost_price min_guide_price max_guide_price") | {"origin": S}
    ),
    "category_properties": pl.Struct(
        _all(S, "leaf_category_id")
        | {"status": I, "category_names": pl.List(S)}
        | _all(ANY_JSON, "publics privates")
    ),
}

EXPRESS_COMPANY: Fields = {"id": S, "name": S, "display": I}
ROUTE: Fields = {
    **_all(S, "id nu com message ep_condition status data express_id kdt_id order_id name"),
    **_all(I, "state created_time"),
}
ROUTE_PII: dict[str, PiiRule] = {"data": "drop", "message": "drop"}  # names and phones of people

# Assumed: the columns of the back office's 对账单 under names of our own (README.md).
BILL_RECORD: Fields = {
    **_all(S, "record_no record_type record_name order_no oid relation_no entry_time"),
    **_all(S, "income expense balance"),
}
SHOP: Fields = _all(S, "id name logo intro")
