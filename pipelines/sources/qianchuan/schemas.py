"""千川's records as declared: the platform's names, money in the endpoint's unit (``money_unit``).

The SDK types all metrics as floats, and so they are declared: a count may come as 60210 or 60210.0.
A JSON number goes through binary floating point in any decoder at hand (DuckDB's prints text from
it too), and amounts survive that exactly: yuan with two decimals up to 2^53 fen, and whole 1e-5
yuan likewise. Cast to a decimal in staging (``cast(x as decimal(18, 5))``); a test proves it.
Ids are text: they exceed 2^53. Rates and ROI are the platform's own, never to be summed.
"""

from __future__ import annotations

import polars as pl

from pipelines.gateway.connector import ANY_JSON

S, F = pl.String, pl.Float64
Fields = dict[str, pl.DataType | type[pl.DataType]]


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _all(kind: type[pl.DataType], names: str) -> Fields:
    return dict.fromkeys(names.split(), kind)


ADVERTISER: Fields = {"adv_id": S, "extra_permission": ANY_JSON}

# Money: stat_cost, cpm_platform, cpc_platform, convert_cost, all *_amount, *_gmv*. Percent: ctr,
# convert_rate. pay_order_* is direct, indirect_* within 7 days, all_* both; create_* unpaid too.
STANDARD_METRICS = _names(
    "stat_cost show_cnt click_cnt ctr cpm_platform cpc_platform convert_cnt convert_cost"
    " convert_rate pay_order_count pay_order_amount pay_order_coupon_amount prepay_order_count"
    " prepay_order_amount prepay_and_pay_order_roi create_order_count create_order_amount"
    " create_order_roi indirect_order_pay_count_7days indirect_order_pay_gmv_7days"
    " all_order_pay_count_7days all_order_pay_gmv_7days all_order_pay_roi_7days"
    " unfinished_estimate_order_gmv all_order_refund_amount_7d all_order_refund_amount_14d"
    " ad_all_order_settle_amount_7d ad_all_order_settle_amount_14d luban_live_enter_cnt dy_follow"
)
PLAN_METRICS = (*STANDARD_METRICS, "dy_like", "dy_comment", "dy_share", "luban_live_comment_cnt")
ACCOUNT_REPORT: Fields = {
    "advertiser_id": S,
    "stat_datetime": S,  # 'yyyy-MM-dd HH:mm:ss', start of the day or hour
    **dict.fromkeys(STANDARD_METRICS, F),
}
PLAN_REPORT: Fields = {
    "advertiser_id": S,
    "ad_id": S,
    "stat_datetime": S,
    **dict.fromkeys(PLAN_METRICS, F),
}

# gmv_for_roi2 is what buyers paid, gmv_include_coupon_for_roi2 the platform's 整体成交金额; *_1h is
# net of refunds within an hour.
UNI_METRICS = _names(
    "stat_cost total_pay_order_count_for_roi2 total_cost_per_pay_order_for_roi2"
    " total_pay_order_gmv_for_roi2 total_pay_order_coupon_amount_for_roi2"
    " total_ecom_platform_subsidy_amount_for_roi2 total_pay_order_gmv_include_coupon_for_roi2"
    " total_prepay_and_pay_order_roi2 total_prepay_order_count_for_roi2"
    " total_prepay_order_gmv_for_roi2 total_unfinished_estimate_order_gmv_for_roi2"
    " total_refund_order_count_for_roi2_1h total_refund_order_gmv_for_roi2_1h_all"
    " total_order_settle_amount_for_roi2_1h total_order_settle_count_for_roi2_1h"
    " total_prepay_and_pay_settle_roi2_1h"
)
UNI_REPORT: Fields = dict.fromkeys(UNI_METRICS, F)
UNI_PLAN: Fields = {
    "ad_info": pl.Struct(
        {
            **_all(S, "id name adlab_scene marketing_goal status opt_status smart_bid_type"),
            **_all(F, "budget roi2_goal delivery_seconds daily_delivery_time"),  # budget: yuan
            **_all(S, "budget_mode deep_external_action marketing_services_mode"),
            **_all(S, "create_time modify_time start_time end_time"),
        }
    ),
    "stats_info": pl.Struct(dict.fromkeys(UNI_METRICS, F)),
    "room_info": pl.List(pl.Struct(_all(S, "anchor_id anchor_name anchor_avatar"))),
    "product_info": ANY_JSON,
}

# live_* is the whole room, luban_live_* by ads; *_alias is the platform's own suffix.
LIVE_METRICS = _names(
    "stat_cost qualification_stat_cost total_live_watch_cnt total_live_follow_cnt"
    " total_live_comment_cnt total_live_share_cnt total_live_gift_cnt total_live_gift_amount"
    " total_live_fans_club_join_cnt live_click_cart_count_alias live_click_product_count_alias"
    " live_create_order_count_alias live_create_order_rate live_pay_order_count_alias"
    " live_pay_order_gmv_alias live_pay_order_gmv_avg live_pay_order_gmv_roi live_pay_order_rate"
    " live_prepay_order_count_alias live_prepay_order_gmv_alias luban_live_order_count"
    " luban_live_pay_order_count luban_live_pay_order_gmv luban_live_pay_order_gpm"
    " ad_live_prepay_and_pay_order_gmv_roi ad_live_pay_order_rate ad_live_pay_order_gmv_avg"
    " total_live_pay_order_gpm click_cnt ctr cpm_platform cpc_platform convert_cnt convert_rate"
    " cpa_platform live_watch_one_minute_count live_order_pay_coupon_amount"
    " live_order_refund_count_7d live_order_refund_amount_7d live_order_settle_count_7d"
    " live_order_settle_amount_7d"
)
LIVE_ROOM: Fields = {
    **_all(S, "room_id room_title room_status aweme_id aweme_name start_time end_time"),
    "room_delivery": F,
    **_all(ANY_JSON, "room_cover aweme_avatar"),
    **dict.fromkeys(LIVE_METRICS, F),
}

FINANCE_DAY: Fields = {
    "date": S,
    **_all(F, "cost cash_cost grant_cost coupon_cost deduction_cost share_cost share_wallet_cost"),
    **_all(F, "income transfer_in transfer_out total_balance cash_balance grant_balance"),
    **_all(F, "qc_aweme_cost qc_aweme_cash_cost qc_aweme_grant_cost"),
    "view_delivery_type": S,
}
ATTRIBUTION: Fields = {
    **_all(S, "order_id ad_id ad_name is_pay order_flow_source order_place_time pay_type"),
    "order_amount": F,
}
