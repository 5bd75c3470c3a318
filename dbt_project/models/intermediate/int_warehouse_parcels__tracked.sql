-- Each parcel of the warehouse with what its scans and its contents say, and the shop that it is for.
with scans as (
    select
        account_key,
        parcel_id,
        min(case when parcel_event = 'picked_up' then event_at end) as collected_at,
        min(case when parcel_event = 'signed' then event_at end) as scanned_signed_at,
        max(event_at) as last_trace_at,
        bool_or(parcel_event = 'exception') as is_exception,
        count(*) as event_count
    from {{ ref('int_warehouse_parcel_events__mapped') }}
    group by account_key, parcel_id
),

contents as (
    select
        account_key,
        parcel_id,
        count(*) as line_count,
        count(distinct parent_order_id) as order_count,
        sum(quantity) as quantity
    from {{ ref('stg_wms__warehouse_parcel_lines') }}
    group by account_key, parcel_id
)

select
    parcels.*,
    {{ hash_key(['parcels.account_key', 'parcels.parcel_id']) }} as warehouse_parcel_key,
    shops.shop_key,
    provinces.province,
    scans.collected_at,
    coalesce(scans.scanned_signed_at, parcels.signed_at) as arrived_at,
    scans.last_trace_at,
    coalesce(scans.is_exception, false) as is_exception,
    coalesce(scans.event_count, 0) as event_count,
    coalesce(contents.line_count, 0) as line_count,
    coalesce(contents.order_count, 0) as order_count,
    coalesce(contents.quantity, 0) as quantity
from {{ ref('stg_wms__warehouse_parcels') }} as parcels
left join scans
    on parcels.account_key = scans.account_key and parcels.parcel_id = scans.parcel_id
left join contents
    on parcels.account_key = contents.account_key and parcels.parcel_id = contents.parcel_id
left join {{ ref('int_shops__named') }} as shops
    on parcels.shop_code = shops.shop_key
left join {{ ref('provinces') }} as provinces
    on parcels.platform_province = provinces.platform_province
