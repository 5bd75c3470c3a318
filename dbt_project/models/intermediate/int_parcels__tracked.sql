-- Each parcel with what its scans and its lines say: picked up, signed (by scan, else by its lines), last heard of.
with scans as (
    select
        channel, shop_key, carrier, tracking_number,
        min(case when parcel_event = 'picked_up' then event_at end) as collected_at,
        min(case when parcel_event = 'signed' then event_at end) as signed_at,
        max(event_at) as last_trace_at,
        bool_or(parcel_event = 'exception') as is_exception
    from {{ ref('int_parcel_events__mapped') }}
    group by channel, shop_key, carrier, tracking_number
),

contents as (
    select
        packed.channel, packed.shop_key, packed.carrier, packed.tracking_number,
        count(*) as line_count,
        count(distinct packed.parent_order_id) as order_count,
        sum(packed.quantity) as quantity,
        case when count(lines.signed_at) = count(*) then max(lines.signed_at) end as lines_signed_at
    from {{ ref('int_parcel_lines__unioned') }} as packed
    left join {{ ref('int_order_lines__standardised') }} as lines
        on
            packed.channel = lines.channel
            and packed.shop_key = lines.shop_key
            and packed.parent_order_id = lines.parent_order_id
            and packed.sub_order_id = lines.sub_order_id
    group by packed.channel, packed.shop_key, packed.carrier, packed.tracking_number
)

select
    parcels.*,
    {{ hash_key(['parcels.channel', 'parcels.shop_key', 'parcels.carrier', 'parcels.tracking_number']) }} as parcel_key,
    scans.collected_at,
    coalesce(scans.signed_at, contents.lines_signed_at) as signed_at,
    scans.last_trace_at,
    coalesce(scans.is_exception, false) as is_exception,
    coalesce(contents.line_count, 0) as line_count,
    coalesce(contents.order_count, 0) as order_count,
    contents.quantity
from {{ ref('int_parcels__unioned') }} as parcels
left join scans
    on
        parcels.channel = scans.channel
        and parcels.shop_key = scans.shop_key
        and parcels.carrier = scans.carrier
        and parcels.tracking_number = scans.tracking_number
left join contents
    on
        parcels.channel = contents.channel
        and parcels.shop_key = contents.shop_key
        and parcels.carrier = contents.carrier
        and parcels.tracking_number = contents.tracking_number
