-- Where 有赞's parcels were each time that they were asked for: their state, and when it came (seconds, or by version
-- milliseconds). The words of the traces name people and are not landed.
with seen as (
    select
        *,
        case
            when created_time > 100000000000 then cast(floor(created_time / 1000) as bigint)
            else created_time
        end as came_at
    from {{ source('youzan', 'parcel_routes') }}
    where status = '1' and created_time is not null
)

select
    'youzan' as channel,
    shop_key,
    express_id as carrier,
    nu as tracking_number,
    {{ epoch_to_shanghai('came_at') }} as event_at,
    cast(state as string) as platform_event,
    cast(null as string) as place,
    max(_observed_at) as exported_at
from seen
group by shop_key, express_id, nu, came_at, state
