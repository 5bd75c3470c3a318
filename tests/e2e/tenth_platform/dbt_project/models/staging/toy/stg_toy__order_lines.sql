with newest as (
    {{ newest_version(source('toy', 'orders'), key=['shop_key', 'order_id']) }}
),

lines as (
    {{ exploded('newest', 'lines', 'line') }}
)

select
    'toy' as channel,
    shop_key,
    order_id as parent_order_id,
    line.line_id as sub_order_id,
    status as platform_order_status,
    province as platform_province,
    city,
    buyer as buyer_key,
    line.product_id,
    line.product_name,
    line.sku as sku_id,
    cast(null as string) as sku_text,
    cast(null as string) as author_id,
    cast(null as string) as session_id,
    cast(null as string) as platform_traffic_form,
    'toy:plain' as platform_trade_type,
    remark as seller_remark,
    line.is_gift,
    line.is_virtual,
    line.quantity,
    line.list_fen,
    line.goods_fen,
    line.freight_fen,
    line.shop_discount_fen,
    line.platform_discount_fen,
    line.author_discount_fen,
    line.pay_discount_fen,
    line.platform_borne_fen,
    line.merchant_borne_fen,
    line.author_borne_fen,
    line.order_fen,
    case when paid_at is not null then line.paid_fen end as paid_fen,
    cast(0 as bigint) as deposit_fen,
    line.goods_fen + line.freight_fen - line.shop_discount_fen - line.platform_discount_fen
    - line.author_discount_fen - line.order_fen as identity_gap_fen,
    {{ epoch_to_shanghai('created_at') }} as created_at,
    cast(null as timestamp) as deposit_paid_at,
    {{ epoch_to_shanghai('paid_at') }} as paid_at,
    cast(null as timestamp) as promise_ship_at,
    {{ epoch_to_shanghai('line.shipped_at') }} as shipped_at,
    {{ epoch_to_shanghai('line.signed_at') }} as signed_at,
    {{ epoch_to_shanghai('line.finished_at') }} as finished_at,
    _observed_at as exported_at
from lines
