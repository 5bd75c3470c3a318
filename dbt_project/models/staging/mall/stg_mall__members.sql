-- The mall's members without anything personal; member_key is the buyer_key of order lines.
with newest as (
    {{ newest_kept('mall', 'member', key=['member_id']) }}
)

select
    shop_key,
    member_id as member_key,
    level as member_level,
    points as point_balance,
    source as terminal,
    province as platform_province,
    city,
    register_time as registered_at,
    _observed_at as exported_at
from newest
