-- Scans of 小红书 parcels, asked for when an order that has left changes. Each answer has all scans so far; a node says
-- what it is in words, or as a number alone.
with newest as (
    {{ newest_version(source('xiaohongshu', 'tracks'), key=['shop_key', 'orderid', 'deliveryorderid']) }}
),

scans as (
    {{ exploded('newest', 'records', 'record') }}
)

select
    'xiaohongshu' as channel,
    shop_key,
    expresscompanycode as carrier,
    expressno as tracking_number,
    cast(record.eventat as timestamp) as event_at,
    coalesce({{ xhs_text('record.trackingstatusdesc') }}, cast(record.nodeid as string)) as platform_event,
    {{ xhs_text('min(record.location.cityname)') }} as place,
    max(_observed_at) as exported_at
from scans
where {{ xhs_text('expressno') }} is not null
group by
    shop_key, expresscompanycode, expressno, cast(record.eventat as timestamp),
    coalesce({{ xhs_text('record.trackingstatusdesc') }}, cast(record.nodeid as string))
