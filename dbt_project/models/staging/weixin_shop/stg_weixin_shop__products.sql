-- 微信小店's products.
with newest as (
    {{ newest_version(source('weixin_shop', 'products'), key=['shop_key', 'product_id']) }}
)

select
    'weixin_shop' as channel,
    shop_key,
    product_id,
    title as product_name,
    coalesce(nullif(spu_code, ''), nullif(out_product_id, '')) as merchant_product_code,
    cast(status as string) as platform_product_status,
    -- Categories are told by id alone, times not at all.
    cast(null as string) as category,
    cast(null as timestamp) as created_at,
    cast(null as timestamp) as updated_at,
    _observed_at as exported_at
from newest
