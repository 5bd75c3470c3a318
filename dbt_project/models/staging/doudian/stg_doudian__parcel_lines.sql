-- What lies in each 抖店 parcel.
with newest as (
    {{ newest_version(source('doudian', 'orders'), key=['shop_key', 'order_id']) }}
),

sent as (
    {{ exploded('newest', 'logistics_info', 'parcel') }}
),

packed as (
    {{ exploded('sent', 'parcel.product_info', 'item') }}
)

select
    'doudian' as channel,
    shop_key,
    parcel.company as carrier,
    parcel.tracking_no as tracking_number,
    order_id as parent_order_id,
    item.sku_order_id as sub_order_id,
    sum(item.product_count) as quantity,
    max(_observed_at) as exported_at
from packed
group by shop_key, parcel.company, parcel.tracking_no, order_id, item.sku_order_id
