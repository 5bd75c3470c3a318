-- What lies in members' carts now: the mall deletes a row once it is ordered or cleared away.
with newest as (
    {{ newest_kept('mall', 'cart_item', key=['cart_item_id']) }}
)

select
    shop_key,
    cart_item_id,
    member_id as member_key,
    sku_id as platform_sku_id,
    quantity,
    add_time as added_at,
    _observed_at as exported_at
from newest
