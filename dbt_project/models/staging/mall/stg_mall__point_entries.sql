-- Points given (+) and taken (-), one row an entry.
with newest as (
    {{ newest_kept('mall', 'point_log', key=['log_id']) }}
)

select
    shop_key,
    log_id as entry_id,
    member_id as member_key,
    change_type,
    points,
    order_no as parent_order_id,
    create_time as entered_at,
    _observed_at as exported_at
from newest
