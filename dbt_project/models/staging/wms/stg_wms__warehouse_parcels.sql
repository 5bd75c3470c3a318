-- Parcels as the warehouse sent them, whatever shop they are for. They are the platforms' own parcels once more, so
-- they feed no union.
with newest as (
    {{ newest_kept('wms', 'parcel', key=['parcel_no']) }}
)

select
    shop_key as account_key,
    parcel_no as parcel_id,
    shop_code,
    warehouse_code,
    carrier_code as carrier,
    carrier_name,
    tracking_no as tracking_number,
    receiver_province as platform_province,
    receiver_city as city,
    {{ yuan_to_fen('freight_cost') }} as freight_cost_fen,
    ship_time as shipped_at,
    sign_time as signed_at,
    _observed_at as exported_at
from newest
