-- Scans of 淘宝/天猫 parcels, asked for while they are on their way. Each answer has all scans so far; the newest is read.
-- Places stand in words that are not landed (they can name a courier).
with newest as (
    {{ newest_version(source('taobao', 'shipping_traces'), key=['shop_key', 'tid', 'out_sid']) }}
),

scans as (
    {{ exploded('newest', 'trace_list.transit_step_info', 'scan') }}
)

select
    'taobao' as channel,
    shop_key,
    company_name as carrier,
    out_sid as tracking_number,
    cast(scan.status_time as timestamp) as event_at,
    scan.action as platform_event,
    cast(null as string) as place,
    max(_observed_at) as exported_at
from scans
group by shop_key, company_name, out_sid, scan.status_time, scan.action
