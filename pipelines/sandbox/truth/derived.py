"""Figures made of figures: one less another, one by another.

A ratio is of the figures of the same shop and day, however they are dated: refunds of the day by
payments of the day can exceed 1, and stay so. It is undefined where the lower figure is 0.
"""

from __future__ import annotations

from pipelines.sandbox.truth.books import Figures, less, ratio

_DIFFERENCES = {
    "net_pay_amt": ("pay_amt", "refund_amt"),
    "net_pay_amt_by_pay": ("pay_amt", "refund_amt_by_pay"),
    "old_buyer_uv": ("pay_buyer_uv", "new_buyer_uv"),
    "live_net_pay_amt": ("live_pay_amt_w30", "live_refund_amt"),
}
_RATIOS = {
    "avg_order_value": ("pay_amt", "pay_order_cnt"),
    "avg_buyer_value": ("pay_amt", "pay_buyer_uv"),
    "avg_unit_price": ("pay_goods_amt", "pay_qty"),
    "units_per_order": ("pay_qty", "pay_order_cnt"),
    "order_pay_rate": ("order_pay_cnt", "order_cnt"),
    "presale_tail_rate": ("presale_tail_order_cnt", "presale_deposit_order_cnt"),
    "new_buyer_pay_share": ("new_buyer_pay_amt", "pay_amt"),
    "refund_rate": ("refund_amt", "pay_amt"),
    "refund_rate_by_pay": ("refund_amt_by_pay", "pay_amt"),
    "refund_order_rate": ("refund_order_cnt_by_pay", "pay_order_cnt"),
    "refund_pre_ship_rate": ("refund_pre_ship_amt_by_pay", "pay_amt"),
    "refund_post_ship_rate": ("refund_post_ship_amt", "ship_paid_amt"),
    "return_rate": ("return_line_cnt", "ship_line_cnt"),
    "refund_only_rate": ("refund_only_line_cnt", "ship_line_cnt"),
    "ad_ctr": ("ad_click_cnt", "ad_imp_pv"),
    "ad_cpc": ("ad_imp_spend_amt", "ad_click_cnt"),
    "ad_cvr": ("ad_conv_cnt", "ad_click_cnt"),
    "ad_cpa": ("ad_imp_spend_amt", "ad_conv_cnt"),
    "ad_direct_roi": ("ad_direct_pay_amt", "ad_std_spend_amt"),
    "ad_all_roi_w7": ("ad_all_pay_amt_w7", "ad_std_spend_amt"),
    "ad_settle_roi_w7": ("ad_settle_amt_w7", "ad_std_spend_amt"),
    "ad_settle_roi_w14": ("ad_settle_amt_w14", "ad_std_spend_amt"),
    "ad_uni_roi": ("ad_uni_pay_amt", "ad_uni_spend_amt"),
    "ad_fee_rate": ("ad_spend_amt", "pay_amt"),
    "ad_fee_rate_net": ("ad_cash_spend_amt", "net_pay_amt_by_pay"),
    "shop_roi": ("pay_amt", "ad_spend_amt"),
    "shop_net_roi": ("net_pay_amt_by_pay", "ad_spend_amt"),
    "live_refund_rate": ("live_refund_amt", "live_pay_amt_w30"),
    "live_self_share": ("live_self_pay_amt", "live_pay_amt_w30"),
    "live_room_roi": ("live_pay_amt", "live_ad_spend_amt"),
    "affiliate_share": ("affiliate_pay_amt", "pay_amt"),
    "commission_rate": ("commission_settled_amt", "commission_base_amt"),
    "settle_fee_rate": ("settle_fee_amt", "settle_income_amt"),
    "ship_48h_rate": ("ship_48h_order_cnt", "ship_due_order_cnt"),
}
_PER_THOUSAND = {
    "ad_cpm": ("ad_imp_spend_amt", "ad_imp_pv"),
    "live_gpm": ("live_pay_amt", "live_view_pv"),
}


def derived_figures(figures: Figures) -> Figures:
    """Differences first: ratios are of them too."""
    made = {
        name: less(figures[whole], figures[part]) for name, (whole, part) in _DIFFERENCES.items()
    }
    known = figures | made
    for times, ratios in ((1, _RATIOS), (1000, _PER_THOUSAND)):
        made |= {name: ratio(known[over], known[by], times) for name, (over, by) in ratios.items()}
    return made
