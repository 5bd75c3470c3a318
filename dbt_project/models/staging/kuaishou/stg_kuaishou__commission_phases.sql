-- 快手 settles a commission once. What is refunded after that is taken back from the 达人 whole (status 80); of the 团长's
-- fee it is not said.
with newest as (
    {{ newest_version(source('kuaishou', 'cps_orders'), key=['shop_key', 'oid']) }}
),

settled as (
    select * from newest
    where settlementSuccessTime <> 0
)

select
    shop_key,
    oid as sub_order_id,
    'author' as payee_kind,
    '1' as phase_id,
    {{ kuaishou_time('settlementSuccessTime') }} as settled_at,
    estimatedIncome as amount_fen,
    _observed_at as exported_at
from settled
union all
select
    shop_key,
    oid as sub_order_id,
    'colonel' as payee_kind,
    '1' as phase_id,
    {{ kuaishou_time('settlementSuccessTime') }} as settled_at,
    investmentPromotionAmount as amount_fen,
    _observed_at as exported_at
from settled
where investmentPromotionAmount <> 0
union all
select
    shop_key,
    oid as sub_order_id,
    'author' as payee_kind,
    '2' as phase_id,
    {{ kuaishou_time('refundTime') }} as settled_at,
    -estimatedIncome as amount_fen,
    _observed_at as exported_at
from settled
where status = 80 and refundTime > settlementSuccessTime
