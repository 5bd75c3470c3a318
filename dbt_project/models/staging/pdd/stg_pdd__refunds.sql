-- 拼多多's after-sales as the list gives them. No row says when it ended: of one that did it is when it was last updated.
-- A 仅退款 that was asked for before the order was sent is told apart from one after it. Of exchanges, reissues and
-- repairs the type goes with the status: their success is no refund.
with newest as (
    {{ newest_version_of([source('pdd', 'refunds'), source('pdd', 'refund_updates')], key=['shop_key', 'id']) }}
),

orders as (
    {{ newest_version_of([source('pdd', 'orders'), source('pdd', 'order_updates')], key=['shop_key', 'order_sn']) }}
),

joined as (
    select
        newest.*,
        cast(newest.created_time as timestamp) as applied_at,
        cast(newest.updated_time as timestamp) as updated_at,
        orders.order_sn is not null as is_known,
        cast(nullif(orders.shipping_time, '') as timestamp) as shipped_at
    from newest
    left join orders
        on newest.shop_key = orders.shop_key and newest.order_sn = orders.order_sn
)

select
    'pdd' as channel,
    shop_key,
    id as refund_id,
    order_sn as parent_order_id,
    concat(order_sn, ':', sku_id) as sub_order_id,
    case
        when after_sales_type = 2 and is_known and (shipped_at is null or applied_at <= shipped_at) then '2:unshipped'
        else cast(after_sales_type as string)
    end as platform_refund_type,
    case
        when after_sales_type in (4, 5, 6)
            then concat(cast(after_sales_type as string), ':', cast(after_sales_status as string))
        else cast(after_sales_status as string)
    end as platform_refund_status,
    after_sale_reason as reason,
    goods_number as quantity,
    {{ yuan_to_fen('cast(refund_amount as decimal(18, 2))') }} as refund_fen,
    -- Not told apart from the rest, nor when the shop first acted or has to.
    cast(null as bigint) as refund_freight_fen,
    applied_at,
    cast(null as timestamp) as handled_at,
    cast(null as timestamp) as deadline_at,
    case when after_sales_status = 10 and after_sales_type not in (4, 5, 6) then updated_at end as refunded_at,
    case when after_sales_status in (9, 10, 11, 12, 13, 16, 17, 24, 25) then updated_at end as closed_at,
    _observed_at as exported_at
from joined
