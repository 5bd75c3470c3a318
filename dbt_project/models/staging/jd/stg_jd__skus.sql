-- 京东's SKUs by API; sku_id is the merchant's code, as on order lines.
with newest as (
    {{ newest_version(source('jd', 'skus'), key=['shop_key', 'skuId']) }}
)

select
    'jd' as channel,
    shop_key,
    skuId as platform_sku_id,
    wareId as product_id,
    nullif(outerId, '') as sku_id,
    skuName as sku_text,
    {{ jd_fen('jdPrice') }} as price_fen,
    stockNum as stock_quantity,
    _observed_at as exported_at
from newest
