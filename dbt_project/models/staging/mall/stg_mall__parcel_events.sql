-- Scans of the mall's shipments.
with scans as (
    {{ newest_kept('mall', 'shipment_trace', key=['shipment_no', 'node_code', 'node_time']) }}
),

shipments as (
    {{ newest_kept('mall', 'shipment', key=['shipment_no']) }}
)

select
    'mall' as channel,
    scans.shop_key,
    shipments.carrier_code as carrier,
    shipments.tracking_no as tracking_number,
    scans.node_time as event_at,
    scans.node_code as platform_event,
    scans.place,
    scans._observed_at as exported_at
from scans
inner join shipments
    on scans.shop_key = shipments.shop_key and scans.shipment_no = shipments.shipment_no
