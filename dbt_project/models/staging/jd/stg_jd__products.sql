-- 京东's wares by API.
with newest as (
    {{ newest_version(source('jd', 'wares'), key=['shop_key', 'wareId']) }}
)

select
    'jd' as channel,
    shop_key,
    wareId as product_id,
    title as product_name,
    coalesce(nullif(outerId, ''), nullif(itemNum, '')) as merchant_product_code,
    cast(wareStatus as string) as platform_product_status,
    cast(null as string) as category,  -- a ware has its category's id alone
    {{ jd_epoch('created') }} as created_at,
    {{ jd_epoch('modified') }} as updated_at,
    _observed_at as exported_at
from newest
