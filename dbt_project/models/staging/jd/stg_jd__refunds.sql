-- 京东's refunds: of cancelled orders (refund_applies: whole orders, in fen, without a time of the money: the last change
-- of one that finance passed), and of service bills, whose list has neither money nor its time: the one stands in
-- service_amounts, the other in service_refunds. Of services that give no money the kind goes with the status.
with orders as (
    {{ newest_version(source('jd', 'orders'), key=['shop_key', 'orderId']) }}
),

numbered as (
    select
        shop_key,
        orderId,
        {{ jd_parent('parentOrderId', 'orderId') }} as parent_order_id,
        itemInfoList as items
    from orders
),

exploded as (
    {{ exploded('numbered', 'items', 'item') }}
),

priced as (
    select
        shop_key,
        orderId,
        parent_order_id,
        item.skuId as platform_sku_id,
        item.id as item_id,
        cast(item.itemTotal as bigint) as quantity,
        {{ jd_fen('item.jdPrice') }} * cast(item.itemTotal as bigint) as goods_fen
    from exploded
),

bought as (
    -- What an order's refund goes back to: its items but the gifts.
    select
        *,
        sum(goods_fen) over (partition by shop_key, orderId) as order_goods_fen,
        count(*) over (partition by shop_key, orderId) as item_count,
        row_number() over (
            partition by shop_key, orderId
            order by goods_fen desc, platform_sku_id asc, item_id asc
        ) as rank_by_goods
    from priced
    where goods_fen > 0
    qualify row_number() over (partition by shop_key, orderId, platform_sku_id order by goods_fen desc, item_id asc) = 1
),

applies as (
    {{ newest_version(source('jd', 'refund_applies'), key=['shop_key', 'id']) }}
),

cancelled as (
    select
        applies.shop_key,
        applies.id,
        applies.orderId,
        applies.status,
        applies.applyRefundSum as order_refund_fen,
        applies.applyTime as applied,
        applies.checkTime as checked,
        applies.modified as changed,
        applies._observed_at as exported_at,
        bought.parent_order_id,
        bought.platform_sku_id,
        bought.quantity,
        bought.item_count,
        bought.rank_by_goods,
        case
            when bought.order_goods_fen is null then applies.applyRefundSum
            else {{ split_share('applies.applyRefundSum', 'bought.goods_fen', 'bought.order_goods_fen') }}
        end as share_fen
    from applies
    left join bought
        on applies.shop_key = bought.shop_key and applies.orderId = bought.orderId
),

services as (
    {{ newest_version(source('jd', 'services'), key=['shop_key', 'serviceId']) }}
),

refunds as (
    select
        shop_key,
        sameOrderServiceBill.serviceId as service_id,
        max(case when status = 13 then completeTime end) as completed
    from {{ source('jd', 'service_refunds') }}
    group by shop_key, sameOrderServiceBill.serviceId
),

amounts as (
    {{ newest_version(source('jd', 'service_amounts'), key=['shop_key', 'afs_service_id']) }}
),

served as (
    select
        services.*,
        parents.parent_order_id,
        {{ jd_fen('amounts.data.afsActualRefundDetail.actualRefundAmount') }} as actual_fen,
        services.serviceStatus = 10010 and amounts.afs_service_id is not null as is_estimate_void,
        services.customerExpect in (20, 30, 40, 50, 60, 70, 80) as is_without_money,
        refunds.completed
    from services
    left join numbered as parents
        on services.shop_key = parents.shop_key and services.orderId = parents.orderId
    left join refunds
        on services.shop_key = refunds.shop_key and services.serviceId = refunds.service_id
    left join amounts
        on services.shop_key = amounts.shop_key and services.serviceId = amounts.afs_service_id
)

select
    'jd' as channel,
    shop_key,
    case when coalesce(item_count, 1) = 1 then id else concat_ws('-', id, platform_sku_id) end as refund_id,
    coalesce(parent_order_id, orderId) as parent_order_id,
    concat_ws('-', orderId, platform_sku_id) as sub_order_id,
    '1' as platform_refund_type,
    cast(status as string) as platform_refund_status,
    cast(null as string) as reason,  -- not told
    quantity,
    share_fen + case
        when rank_by_goods = 1 then order_refund_fen - sum(share_fen) over (partition by shop_key, id)
        else 0
    end as refund_fen,
    cast(null as bigint) as refund_freight_fen,  -- not told apart
    cast(applied as timestamp) as applied_at,
    cast(nullif(checked, '') as timestamp) as handled_at,
    cast(null as timestamp) as deadline_at,  -- not told
    case when status in (3, 9) then cast(changed as timestamp) end as refunded_at,
    case when status in (2, 3, 4, 8, 9) then cast(changed as timestamp) end as closed_at,
    exported_at
from cancelled

union all

select
    'jd' as channel,
    shop_key,
    serviceId as refund_id,
    coalesce(parent_order_id, orderId) as parent_order_id,
    concat_ws('-', orderId, skuId) as sub_order_id,
    cast(customerExpect as string) as platform_refund_type,
    case
        when is_without_money
            then concat(cast(customerExpect as string), ':', cast(serviceStatus as string))
        else cast(serviceStatus as string)
    end as platform_refund_status,
    questionTypeCid1Name as reason,
    serviceCount as quantity,
    -- What is asked for is told nowhere: until it is over, what was paid for the item. One that ended without a refund
    -- gave nothing back, whatever its estimate.
    case
        when actual_fen is not null then actual_fen
        when is_without_money or is_estimate_void then 0
        else {{ jd_fen('actualPayPrice') }}
    end as refund_fen,
    cast(null as bigint) as refund_freight_fen,
    {{ jd_time('applyTime') }} as applied_at,
    {{ jd_time('approveTime') }} as handled_at,
    cast(null as timestamp) as deadline_at,
    case when actual_fen > 0 then coalesce({{ jd_time('completed') }}, {{ jd_time('processTime') }}) end as refunded_at,
    case
        when serviceStatus in (10004, 10010, 10011)
            then coalesce({{ jd_time('processTime') }}, {{ jd_time('updateTime') }})
    end as closed_at,
    _observed_at as exported_at
from served
