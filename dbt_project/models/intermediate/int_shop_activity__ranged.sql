select
    shop_key,
    min(event_at) as first_event_at,
    max(event_at) as newest_event_at,
    max(exported_at) as newest_export_at
from {{ ref('int_shop_activity__observed') }}
group by shop_key
