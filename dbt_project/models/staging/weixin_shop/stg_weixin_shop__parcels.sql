-- 微信小店's parcels stand on the orders that lie in them; one of several orders stands on each and is one row here. What
-- was handed over without a parcel (3: 虚拟商品) has no waybill.
with newest as (
    {{ newest_version(source('weixin_shop', 'orders'), key=['shop_key', 'order_id']) }}
),

sent as (
    {{ exploded('newest', 'order_detail.delivery_info.delivery_product_info', 'parcel') }}
)

select
    'weixin_shop' as channel,
    shop_key,
    parcel.delivery_id as carrier,
    parcel.waybill_id as tracking_number,
    max(parcel.delivery_name) as carrier_name,
    {{ epoch_to_shanghai('min(parcel.delivery_time)') }} as shipped_at,
    max(_observed_at) as exported_at
from sent
where parcel.waybill_id <> ''
group by shop_key, parcel.delivery_id, parcel.waybill_id
