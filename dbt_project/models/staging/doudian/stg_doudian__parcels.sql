-- 抖店's parcels stand on the orders that lie in them; a parcel of several orders stands on each and is one row here.
with newest as (
    {{ newest_version(source('doudian', 'orders'), key=['shop_key', 'order_id']) }}
),

sent as (
    {{ exploded('newest', 'logistics_info', 'parcel') }}
)

select
    'doudian' as channel,
    shop_key,
    parcel.company as carrier,
    parcel.tracking_no as tracking_number,
    max(parcel.company_name) as carrier_name,
    {{ epoch_to_shanghai('min(parcel.ship_time)') }} as shipped_at,
    max(_observed_at) as exported_at
from sent
group by shop_key, parcel.company, parcel.tracking_no
