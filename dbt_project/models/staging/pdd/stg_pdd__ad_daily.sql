-- 多多推广 by plan and day. The mall pulls it with its own token, so it is its own ad account. 推广范围 is the scene, not
-- 千川's standard or 全域: what is told of those alone stays theirs. gmv and orderNum are all that a plan is credited
-- with; the platform's own cvr and transactionCost are by these orders, which makes them its conversions. 厘 is 0.1 fen.
with newest as (
    {{ newest_version(
        source('pdd', 'ad_plan_days'), key=['shop_key', 'advertiser_id', 'scenes_type', 'stat_date', 'entityid']
    ) }}
),

plans as (
    {{ newest_version(source('pdd', 'ad_plans'), key=['shop_key', 'planid']) }}
)

select
    'pdd' as ad_platform,
    newest.shop_key as account_key,
    newest.advertiser_id,
    cast(newest.stat_date as date) as stat_date,
    case newest.scenes_type when 0 then 'search' when 2 then 'display' end as scope,
    newest.entityid as plan_id,
    plans.planname as plan_name,
    cast(round(cast(newest.spend as decimal(18, 2)) * 0.1) as bigint) as spend_fen,
    newest.impression as impression_count,
    newest.click as click_count,
    newest.ordernum as conversion_count,
    cast(null as bigint) as direct_order_count,
    cast(null as bigint) as direct_pay_fen,
    cast(null as bigint) as indirect_order_count_w7,
    cast(null as bigint) as indirect_pay_fen_w7,
    cast(null as bigint) as refund_fen_w7,
    cast(null as bigint) as refund_fen_w14,
    cast(null as bigint) as settled_fen_w7,
    cast(null as bigint) as settled_fen_w14,
    newest.ordernum as order_count,
    cast(round(cast(newest.gmv as decimal(18, 2)) * 0.1) as bigint) as pay_fen,
    cast(null as bigint) as coupon_fen,
    newest._observed_at as exported_at
from newest
left join plans
    on newest.shop_key = plans.shop_key and newest.entityid = plans.planid
