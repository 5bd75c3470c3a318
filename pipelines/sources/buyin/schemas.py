"""精选联盟's records as declared: the platform's names, amounts in integer fen unless said.

commission_rate is the rate times 10,000 (2000 is 20 %), cos_ratio percent. Times are texts without
a zone (Asia/Shanghai), empty where nothing happened yet. Ids are kept as text, whatever the wire
has: a product is text in orders and a number in lists.
"""

from __future__ import annotations

import polars as pl

from pipelines.gateway.connector import ANY_JSON

S, I = pl.String, pl.Int64  # noqa: E741 - text and whole numbers, many times below
Fields = dict[str, pl.DataType | type[pl.DataType]]


def _all(kind: type[pl.DataType], names: str) -> Fields:
    return dict.fromkeys(names.split(), kind)


_COLONEL = pl.Struct(
    {
        **_all(S, "activity_id institution_id institution_name colonel_buyin_id"),
        **_all(I, "commission_rate estimated_commission real_commission"),
        **_all(I, "tech_service_fee_rate tech_service_fee settled_tech_service_fee"),
    }
)
# What every order view has. order_id is the 抖店 LINE; media_id a video or a live room, "0" none.
_ORDER: Fields = {
    **_all(S, "order_id product_id product_name product_img author_account author_short_id"),
    **_all(S, "author_buyin_id shop_id shop_name app media_type media_id flow_point"),
    **_all(S, "update_time pay_success_time settle_time refund_time"),
    **_all(I, "total_pay_amount commission_rate pay_goods_amount settled_goods_amount item_num"),
}
ALLIANCE_ORDER: Fields = {
    **_ORDER,
    **_all(S, "confirm_time buyer_app_id distributor_name distributor_buyin_id"),
    # Whole numbers, but texts on the wire of this one call: fen, fen and rate times 10,000.
    **_all(S, "ads_real_commission ads_estimated_commission ads_promotion_rate"),
    **_all(I, "app_id estimated_commission real_commission shop_estimated_commission"),
    **_all(I, "shop_real_commission settled_tech_service_fee estimated_total_commission"),
    "colonel_order_info": _COLONEL,
    "extra": ANY_JSON,
}
MCN_ORDER: Fields = {
    **_ORDER,
    "author_openid": S,
    **_all(I, "shop_estimated_commission shop_real_commission estimated_total_commission"),
    **_all(I, "alliance_split_rate tech_service_fee_rate estimated_tech_service_fee"),
    **_all(I, "settled_tech_service_fee estimated_institution_commission institution_commission"),
    **_all(I, "estimated_commission real_commission ads_estimated_commission ads_real_commission"),
    **_all(I, "ads_promotion_rate pay_subsidy platform_subsidy author_subsidy"),
    **_all(I, "estimated_user_stepped_commission estimated_inst_stepped_commission"),
    **_all(I, "settle_user_stepped_commission settle_inst_stepped_commission"),
    "is_stepped_plan": pl.Boolean,
    **_all(ANY_JSON, "pid_info extra"),
}
COLONEL_ORDER: Fields = {
    **_ORDER,
    **_all(S, "author_openid buyer_app_id distributor_name distributor_buyin_id"),
    **_all(S, "ads_promotion_rate colonel_type good_share_type"),
    "colonel_order_info": _COLONEL,
    "colonel_order_info_second": _COLONEL,
    "is_trusteeship": pl.Boolean,
}
# One row a partial settlement (phase_id); a reversal is a phase with negative amounts.
SETTLEMENT: Fields = {
    **_all(S, "order_id product_id product_name author_buyin_id author_account short_id shop_id"),
    **_all(S, "colonel_buyin_id colonel_institution_name colonel_activity_id ads_buyin_id"),
    **_all(S, "distribution_type pid site_name settle_time update_time"),
    **_all(I, "phase_id settle_shop_commission settle_colonel_commission"),
    **_all(I, "settle_colonel_tech_service_fee settle_ads_tech_service_fee settle_ads_commission"),
    **_all(I, "real_service_fee"),
    "is_stepped_plan": pl.Boolean,
}
# author_type: 0 official, 1 channel, 2 ordinary.
SELF_AUTHOR: Fields = {
    **_all(S, "author_id buyin_id account_name avatar_url"),
    **_all(I, "author_app author_type"),
}
# sales is said to be in fen (docs), and is surely a count.
ALLIANCE_PRODUCT: Fields = {
    **_all(S, "product_id title cover detail_url"),
    **_all(I, "price market_price cos_fee sales status check_status update_time create_time"),
    "cos_ratio": pl.Float64,
    "is_exclusive": pl.Boolean,
    **_all(ANY_JSON, "imgs sample_conf"),
}
