-- 小红书's parcels stand on the orders that lie in them; a parcel of several orders is one row. Deliveries without a
-- waybill (virtual goods) are no parcels.
with {{ xhs_orders() }},

{{ xhs_deliveries() }}

select
    'xiaohongshu' as channel,
    shop_key,
    delivery.expresscompanycode as carrier,
    delivery.expresstrackingno as tracking_number,
    max(carrier_name) as carrier_name,
    min(shipped_at) as shipped_at,
    max(_observed_at) as exported_at
from deliveries
where {{ xhs_text('delivery.expresstrackingno') }} is not null
group by shop_key, delivery.expresscompanycode, delivery.expresstrackingno
