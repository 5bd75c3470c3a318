-- What lies in each 微信小店 parcel.
with newest as (
    {{ newest_version(source('weixin_shop', 'orders'), key=['shop_key', 'order_id']) }}
),

sent as (
    {{ exploded('newest', 'order_detail.delivery_info.delivery_product_info', 'parcel') }}
),

packed as (
    {{ exploded('sent', 'parcel.product_infos', 'item') }}
)

select
    'weixin_shop' as channel,
    shop_key,
    parcel.delivery_id as carrier,
    parcel.waybill_id as tracking_number,
    order_id as parent_order_id,
    concat_ws(':', order_id, item.sku_id) as sub_order_id,
    sum(item.product_cnt) as quantity,
    max(_observed_at) as exported_at
from packed
where parcel.waybill_id <> ''
group by shop_key, parcel.delivery_id, parcel.waybill_id, order_id, item.sku_id
