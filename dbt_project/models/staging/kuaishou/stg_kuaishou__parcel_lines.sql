-- Which orders and gifts lie in each 快手 parcel; how many pieces of one that left in several parcels is not said.
with {{ kuaishou_packed() }},

counted as (
    select
        *,
        count(*) over (partition by shop_key, sub_order_id) as waybill_count
    from packed
)

select
    'kuaishou' as channel,
    shop_key,
    waybill.expressCode as carrier,
    waybill.expressNo as tracking_number,
    parent_order_id,
    sub_order_id,
    max(case when waybill_count = 1 then quantity end) as quantity,
    max(exported_at) as exported_at
from counted
group by shop_key, waybill.expressCode, waybill.expressNo, parent_order_id, sub_order_id
