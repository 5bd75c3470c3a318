-- The mall's shipments, one row a waybill.
with newest as (
    {{ newest_kept('mall', 'shipment', key=['shipment_no']) }}
)

select
    'mall' as channel,
    shop_key,
    carrier_code as carrier,
    tracking_no as tracking_number,
    carrier_name,
    ship_time as shipped_at,
    _observed_at as exported_at
from newest
