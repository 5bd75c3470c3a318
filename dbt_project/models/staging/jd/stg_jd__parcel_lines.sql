-- What lies in each 京东 parcel; a split order's children say it, its parent is left out.
with {{ jd_counted_orders() }},

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
    {{ jd_parent('parentOrderId', 'orderId') }} as parent_order_id,
    concat_ws('-', orderId, sku.skuId) as sub_order_id,
    sum(sku.num) as quantity,
    max(_observed_at) as exported_at
from packed
where parcel.waybillId <> ''
group by
    shop_key, parcel.logicId, parcel.waybillId, {{ jd_parent('parentOrderId', 'orderId') }}, orderId,
    sku.skuId
