-- 抖店's after-sales export: one row an after-sale of a sub-order; one sub-order can have several.
with newest as (
    {{ newest_version(source('inbox', 'doudian_aftersales'), key=['shop_key', 'aftersale_id']) }}
)

select
    'doudian' as channel,
    shop_key,
    aftersale_id as refund_id,
    parent_order_id,
    sub_order_id,
    aftersale_type as platform_refund_type,
    replace(aftersale_status, '，', ',') as platform_refund_status,
    reason,
    cast(null as bigint) as quantity,
    {{ yuan_to_fen('coalesce(refund_goods_amount, 0) + coalesce(refund_freight_amount, 0)') }} as refund_fen,
    {{ yuan_to_fen('refund_freight_amount') }} as refund_freight_fen,
    applied_at,
    cast(null as timestamp) as handled_at,
    cast(null as timestamp) as deadline_at,
    -- Money leaves to the buyer at 商家退款时间; 用户到账时间 is when the bank shows it, days later.
    coalesce(merchant_refunded_at, arrived_at) as refunded_at,
    closed_at,
    _exported_at as exported_at
from newest
