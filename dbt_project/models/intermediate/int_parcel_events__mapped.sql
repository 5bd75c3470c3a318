-- Scans of parcels in standard words; a code that no seed names stays null here and turns a test red.
select
    events.*,
    map.parcel_event
from {{ ref('int_parcel_events__unioned') }} as events
left join {{ ref('parcel_event_map') }} as map
    on events.channel = map.channel and events.platform_event = map.platform_event
