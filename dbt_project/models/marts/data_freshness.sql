select
    shops.shop_key,
    shops.channel,
    shops.kind,
    activity.first_event_at,
    activity.newest_event_at,
    -- What is pulled is as fresh as its least complete stream, also where it had nothing new; a file is as it was made.
    coalesce(shops.complete_until, activity.newest_export_at) as newest_export_at,
    shops.stale_because
from {{ ref('int_shops__named') }} as shops
left join {{ ref('int_shop_activity__ranged') }} as activity
    on shops.shop_key = activity.shop_key
where shops.status = 'active'
