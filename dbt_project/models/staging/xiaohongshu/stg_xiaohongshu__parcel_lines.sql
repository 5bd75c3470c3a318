-- What lies in each 小红书 parcel. It names SKUs without a quantity: the order's, where a SKU lies in one parcel.
with {{ xhs_orders() }},

{{ xhs_order_skus() }},

shipped as (
    {{ exploded('newest', 'simpledeliveryorderlist', 'delivery') }}
),

packed as (
    {{ exploded('shipped', 'delivery.skuidlist', 'packed_sku_id') }}
),

counted as (
    select
        shop_key,
        orderid,
        packed_sku_id,
        delivery.expresscompanycode as carrier,
        delivery.expresstrackingno as tracking_number,
        _observed_at,
        count(*) over (partition by shop_key, orderid, packed_sku_id) as parcel_count
    from packed
    where {{ xhs_text('delivery.expresstrackingno') }} is not null
)

select distinct
    'xiaohongshu' as channel,
    counted.shop_key,
    counted.carrier,
    counted.tracking_number,
    counted.orderid as parent_order_id,
    order_skus.sub_order_id,
    case when counted.parcel_count = 1 then order_skus.quantity end as quantity,
    counted._observed_at as exported_at
from counted
inner join order_skus
    on
        counted.shop_key = order_skus.shop_key
        and counted.orderid = order_skus.orderid
        and counted.packed_sku_id = order_skus.platform_sku_id
