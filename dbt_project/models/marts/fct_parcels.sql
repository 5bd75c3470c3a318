select
    parcel_key,
    channel,
    shop_key,
    carrier,
    carrier_name,
    tracking_number,
    cast(shipped_at as date) as ship_date,
    shipped_at,
    collected_at,
    signed_at,
    last_trace_at,
    is_exception,
    cast(line_count as bigint) as line_count,
    cast(order_count as bigint) as order_count,
    cast(quantity as bigint) as quantity
from {{ ref('int_parcels__tracked') }}
