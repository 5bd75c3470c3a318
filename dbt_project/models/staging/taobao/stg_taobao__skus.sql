-- 淘宝/天猫 SKUs; sku_id is the merchant's code and sku_text reads as on order lines, without the numbers of properties.
with newest as (
    {{ newest_version(source('taobao', 'skus'), key=['shop_key', 'sku_id']) }}
)

select
    'taobao' as channel,
    shop_key,
    cast(sku_id as string) as platform_sku_id,
    cast(num_iid as string) as product_id,
    nullif(outer_id, '') as sku_id,
    {{ without_pattern('properties_name', '[0-9]+:[0-9]+:') }} as sku_text,
    {{ yuan_to_fen('cast(price as decimal(18, 2))') }} as price_fen,
    quantity as stock_quantity,
    _observed_at as exported_at
from newest
