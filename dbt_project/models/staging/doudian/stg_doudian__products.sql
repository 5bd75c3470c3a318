-- 抖店's products by API; prices in this list are deprecated (they stand on the SKU).
with newest as (
    {{ newest_version(source('doudian', 'products'), key=['shop_key', 'product_id']) }}
)

select
    'doudian' as channel,
    shop_key,
    cast(product_id as string) as product_id,
    name as product_name,
    nullif(outer_product_id, '') as merchant_product_code,
    concat(cast(status as string), ':', cast(check_status as string)) as platform_product_status,
    nullif(concat_ws(' > ', nullif(category_detail.first_cname, ''), nullif(category_detail.second_cname, '')), '')
        as category,
    {{ epoch_to_shanghai('create_time') }} as created_at,
    {{ epoch_to_shanghai('update_time') }} as updated_at,
    _observed_at as exported_at
from newest
