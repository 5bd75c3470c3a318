-- The refunds that 千牛's order report states: an amount an order, without a time, a type or a number of their own.
with newest as (
    {{ newest_version(source('inbox', 'taobao_orders'), key=['shop_key', 'order_id']) }}
)

select
    'taobao' as channel,
    shop_key,
    concat_ws('-', order_id, 'refund') as refund_id,
    order_id as parent_order_id,
    order_id as sub_order_id,
    '订单报表退款' as platform_refund_type,
    '订单报表退款' as platform_refund_status,
    cast(null as string) as reason,
    cast(null as bigint) as quantity,
    {{ yuan_to_fen('refund_amount') }} as refund_fen,
    cast(null as bigint) as refund_freight_fen,
    cast(null as timestamp) as applied_at,
    cast(null as timestamp) as handled_at,
    cast(null as timestamp) as deadline_at,
    cast(null as timestamp) as refunded_at,
    cast(null as timestamp) as closed_at,
    _exported_at as exported_at
from newest
where refund_amount > 0
