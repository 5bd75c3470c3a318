-- What lies in each 京东 parcel; a split order's children say it, its parent is left out.
with newest as (
    {{ newest_version(source('jd', 'orders'), key=['shop_key', 'orderId']) }}
),

parents as (
    select distinct
        shop_key,
        parentOrderId as parent_order_id
    from newest
    where parentOrderId not in ('', '0')
),

counted as (
    select newest.*
    from newest
    left join parents
        on newest.shop_key = parents.shop_key and newest.orderId = parents.parent_order_id
    where parents.parent_order_id is null
),

sent as (
    {{ exploded('counted', 'partialLogisticsInfoModel', 'parcel') }}
),

packed as (
    {{ exploded('sent', 'parcel.skus', 'sku') }}
)

select
    'jd' as channel,
    shop_key,
    parcel.logicId as carrier,
    parcel.waybillId as tracking_number,
    coalesce(nullif(nullif(parentOrderId, '0'), ''), orderId) as parent_order_id,
    concat_ws('-', orderId, sku.skuId) as sub_order_id,
    sum(sku.num) as quantity,
    max(_observed_at) as exported_at
from packed
where parcel.waybillId <> ''
group by
    shop_key, parcel.logicId, parcel.waybillId, coalesce(nullif(nullif(parentOrderId, '0'), ''), orderId), orderId,
    sku.skuId
