-- 淘宝/天猫 items, on sale and in the warehouse. Of the category there is only the number of its leaf.
with newest as (
    {{ newest_version(source('taobao', 'items'), key=['shop_key', 'num_iid']) }}
)

select
    'taobao' as channel,
    shop_key,
    cast(num_iid as string) as product_id,
    title as product_name,
    nullif(outer_id, '') as merchant_product_code,
    approve_status as platform_product_status,
    cast(cid as string) as category,
    cast(coalesce(first_starts_time, list_time) as timestamp) as created_at,
    cast(modified as timestamp) as updated_at,
    _observed_at as exported_at
from newest
