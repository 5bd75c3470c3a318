-- 千川 by plan and day. Standard promotion and 全域 come from reports of their own and never overlap; what one of the two
-- does not say is null, not 0. 全域's amount is the platform's 整体成交金额 (coupons included); it has no shows or clicks.
with standard as (
    {{ newest_version(
        source('qianchuan', 'plan_reports'), key=['shop_key', 'advertiser_id', 'ad_id', 'stat_datetime']
    ) }}
),

uni as (
    {{ newest_version(source('qianchuan', 'uni_plans'), key=['shop_key', 'advertiser_id', 'stat_date', 'ad_info.id']) }}
)

select
    'qianchuan' as ad_platform,
    shop_key as account_key,
    advertiser_id,
    cast(cast(stat_datetime as timestamp) as date) as stat_date,
    'standard' as scope,
    ad_id as plan_id,
    cast(null as string) as plan_name,
    {{ number_to_fen('stat_cost', 'money_unit') }} as spend_fen,
    cast(show_cnt as bigint) as impression_count,
    cast(click_cnt as bigint) as click_count,
    cast(convert_cnt as bigint) as conversion_count,
    cast(pay_order_count as bigint) as direct_order_count,
    {{ number_to_fen('pay_order_amount', 'money_unit') }} as direct_pay_fen,
    cast(indirect_order_pay_count_7days as bigint) as indirect_order_count_w7,
    {{ number_to_fen('indirect_order_pay_gmv_7days', 'money_unit') }} as indirect_pay_fen_w7,
    {{ number_to_fen('all_order_refund_amount_7d', 'money_unit') }} as refund_fen_w7,
    {{ number_to_fen('all_order_refund_amount_14d', 'money_unit') }} as refund_fen_w14,
    {{ number_to_fen('ad_all_order_settle_amount_7d', 'money_unit') }} as settled_fen_w7,
    {{ number_to_fen('ad_all_order_settle_amount_14d', 'money_unit') }} as settled_fen_w14,
    cast(null as bigint) as order_count,
    cast(null as bigint) as pay_fen,
    {{ number_to_fen('pay_order_coupon_amount', 'money_unit') }} as coupon_fen,
    _observed_at as exported_at
from standard
union all
select
    'qianchuan' as ad_platform,
    shop_key as account_key,
    advertiser_id,
    cast(stat_date as date) as stat_date,
    'uni' as scope,
    ad_info.id as plan_id,
    ad_info.name as plan_name,
    {{ number_to_fen('stats_info.stat_cost', 'money_unit') }} as spend_fen,
    cast(null as bigint) as impression_count,
    cast(null as bigint) as click_count,
    cast(null as bigint) as conversion_count,
    cast(null as bigint) as direct_order_count,
    cast(null as bigint) as direct_pay_fen,
    cast(null as bigint) as indirect_order_count_w7,
    cast(null as bigint) as indirect_pay_fen_w7,
    cast(null as bigint) as refund_fen_w7,
    cast(null as bigint) as refund_fen_w14,
    cast(null as bigint) as settled_fen_w7,
    cast(null as bigint) as settled_fen_w14,
    cast(stats_info.total_pay_order_count_for_roi2 as bigint) as order_count,
    {{ number_to_fen('stats_info.total_pay_order_gmv_include_coupon_for_roi2', 'money_unit') }} as pay_fen,
    {{ number_to_fen('stats_info.total_pay_order_coupon_amount_for_roi2', 'money_unit') }} as coupon_fen,
    _observed_at as exported_at
from uni
