select
    shops.shop_key,
    shops.channel,
    shops.kind,
    activity.first_event_at,
    activity.newest_event_at,
    activity.newest_export_at
from {{ ref('int_shops__named') }} as shops
left join {{ ref('int_shop_activity__ranged') }} as activity
    on shops.shop_key = activity.shop_key
where shops.status = 'active'
