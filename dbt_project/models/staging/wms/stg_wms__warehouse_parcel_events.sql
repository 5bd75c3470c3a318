-- Scans of the warehouse's parcels.
with newest as (
    {{ newest_kept('wms', 'parcel_track', key=['parcel_no', 'node_code', 'node_time']) }}
)

select
    'wms' as channel,
    shop_key as account_key,
    parcel_no as parcel_id,
    node_time as event_at,
    node_code as platform_event,
    place,
    _observed_at as exported_at
from newest
