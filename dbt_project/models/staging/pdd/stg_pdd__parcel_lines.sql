-- What lies in each 拼多多 parcel: the order's things in its own, its gifts there too where they have none of theirs.
-- What lies in further parcels of an order (extra_delivery_list) is not told.
with newest as (
    {{ newest_version_of([source('pdd', 'orders'), source('pdd', 'order_updates')], key=['shop_key', 'order_sn']) }}
),

things as (
    {{ exploded('newest', 'item_list', 'item') }}
),

gifts as (
    {{ exploded('newest', 'gift_list', 'item') }}
),

deliveries as (
    {{ exploded('newest', 'gift_delivery_list', 'delivery') }}
),

own_parcels as (
    select
        shop_key,
        order_sn,
        min(delivery.logistics_id) as logistics_id,
        min(delivery.tracking_number) as tracking_number
    from deliveries
    group by shop_key, order_sn
),

packed as (
    select shop_key, logistics_id, tracking_number, order_sn, item, '' as mark, shipping_time, _observed_at
    from things
    union all
    select
        gifts.shop_key,
        coalesce(own_parcels.logistics_id, gifts.logistics_id) as logistics_id,
        coalesce(own_parcels.tracking_number, gifts.tracking_number) as tracking_number,
        gifts.order_sn,
        gifts.item,
        ':gift' as mark,
        gifts.shipping_time,
        gifts._observed_at
    from gifts
    left join own_parcels
        on gifts.shop_key = own_parcels.shop_key and gifts.order_sn = own_parcels.order_sn
)

select
    'pdd' as channel,
    shop_key,
    logistics_id as carrier,
    tracking_number,
    order_sn as parent_order_id,
    concat(order_sn, ':', item.sku_id, mark) as sub_order_id,
    sum(item.goods_count) as quantity,
    max(_observed_at) as exported_at
from packed
where tracking_number <> '' and shipping_time <> ''
group by shop_key, logistics_id, tracking_number, order_sn, item.sku_id, mark
