-- 快手's items by API: all that are not deleted, on the shelf or not. The category is the lowest one alone.
with newest as (
    {{ newest_version(source('kuaishou', 'items'), key=['shop_key', 'kwaiItemId']) }}
)

select
    'kuaishou' as channel,
    shop_key,
    kwaiItemId as product_id,
    title as product_name,
    nullif(relItemId, '0') as merchant_product_code,
    concat_ws(':', cast(itemStatus as string), cast(shelfStatus as string), cast(auditStatus as string))
        as platform_product_status,
    nullif(categoryName, '') as category,
    {{ kuaishou_time('createTime') }} as created_at,
    {{ kuaishou_time('updateTime') }} as updated_at,
    _observed_at as exported_at
from newest
