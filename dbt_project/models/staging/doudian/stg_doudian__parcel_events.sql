-- Scans of 抖店 parcels, asked for while they are on their way. Each answer has all scans so far; the newest is read.
with newest as (
    {{ newest_version(source('doudian', 'parcel_routes'), key=['shop_key', 'tracking_no']) }}
),

scans as (
    {{ exploded('newest', 'route__node_list', 'node') }}
)

select
    'doudian' as channel,
    shop_key,
    track_info.express as carrier,
    tracking_no as tracking_number,
    {{ epoch_to_shanghai('cast(node.timestamp as bigint)') }} as event_at,
    node.state as platform_event,
    min(node.site_name) as place,
    max(_observed_at) as exported_at
from scans
group by shop_key, track_info.express, tracking_no, node.timestamp, node.state
