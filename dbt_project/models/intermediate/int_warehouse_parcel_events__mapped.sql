-- Scans of the warehouse's parcels in standard words; a code that no seed names stays null and turns a test red.
select
    events.*,
    map.parcel_event
from {{ ref('stg_wms__warehouse_parcel_events') }} as events
left join {{ ref('parcel_event_map') }} as map
    on events.channel = map.channel and events.platform_event = map.platform_event
