-- The refunds that 微信小店's order export states: an amount a row, without a time, a type or a number of its own.
with {{ weixin_shop_exported() }}

select
    'weixin_shop' as channel,
    shop_key,
    concat_ws('-', sub_order_id, 'refund') as refund_id,
    order_id as parent_order_id,
    sub_order_id,
    '订单报表退款' as platform_refund_type,
    '订单报表退款' as platform_refund_status,
    cast(null as string) as reason,
    cast(null as bigint) as quantity,
    {{ yuan_to_fen('line_refund_amount') }} as refund_fen,
    cast(null as bigint) as refund_freight_fen,
    cast(null as timestamp) as applied_at,
    cast(null as timestamp) as handled_at,
    cast(null as timestamp) as deadline_at,
    cast(null as timestamp) as refunded_at,
    cast(null as timestamp) as closed_at,
    _exported_at as exported_at
from ranked
where line_refund_amount > 0
