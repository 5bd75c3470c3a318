-- 分销 orders as the shop sees them: what the 达人 gets, and what the 团长 gets on top. Rates are per mille. totalFee is
-- what was paid without freight and stays; baseAmount and the amounts follow refunds until they are settled
-- (unconfirmed), so the estimate is made again of totalFee. The room is on the order's own line.
with newest as (
    {{ newest_version(source('kuaishou', 'cps_orders'), key=['shop_key', 'oid']) }}
)

{% for kind, id, name, rate, amount in [
    ('author', 'distributorId', 'distributorName', 'commissionRate', 'estimatedIncome'),
    ('colonel', 'activityUserId', 'activityUserNickname', 'investmentPromotionRate', 'investmentPromotionAmount'),
] %}
    select
        shop_key,
        oid as sub_order_id,
        '{{ kind }}' as payee_kind,
        {{ id }} as payee_id,
        {{ name }} as payee_name,
        cast(status as string) as platform_commission_status,
        cast(null as string) as session_id,
        {{ rate }} * 10 as rate_bp,
        totalFee as base_fen,
        cast(floor(totalFee * {{ rate }} / 1000) as bigint) as estimated_fen,
        case when settlementSuccessTime <> 0 then coalesce(baseAmount, totalFee) end as settled_base_fen,
        case when settlementSuccessTime <> 0 then {{ amount }} end as settled_fen,
        {{ kuaishou_time('payTime') }} as paid_at,
        {{ kuaishou_time('settlementSuccessTime') }} as settled_at,
        {{ kuaishou_time('refundTime') }} as refunded_at,
        _observed_at as exported_at
    from newest
    where nullif({{ id }}, '0') is not null
    {{ 'union all' if not loop.last }}
{% endfor %}
