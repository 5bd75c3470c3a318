-- Scans of 拼多多 parcels, asked for when an order that was sent changes. Each answer has all scans so far.
with newest as (
    {{ newest_version(source('pdd', 'parcel_traces'), key=['shop_key', 'logistics_id', 'tracking_number']) }}
),

scans as (
    {{ exploded('newest', 'trace_list', 'scan') }}
)

select
    'pdd' as channel,
    shop_key,
    logistics_id as carrier,
    tracking_number,
    cast(scan.status_time as timestamp) as event_at,
    scan.action as platform_event,
    -- Stands in the carrier's sentence (desc) alone.
    cast(null as string) as place,
    max(_observed_at) as exported_at
from scans
group by shop_key, logistics_id, tracking_number, scan.status_time, scan.action
