-- 快手's SKUs stand in their items; sku_id is the merchant's code, as on order lines.
with newest as (
    {{ newest_version(source('kuaishou', 'items'), key=['shop_key', 'kwaiItemId']) }}
),

listed as (
    {{ exploded('newest', 'skuList', 'sku') }}
)

select
    'kuaishou' as channel,
    shop_key,
    sku.kwaiSkuId as platform_sku_id,
    kwaiItemId as product_id,
    nullif(sku.skuNick, '') as sku_id,
    sku.specification as sku_text,
    sku.skuSalePrice as price_fen,
    sku.skuStock as stock_quantity,
    _observed_at as exported_at
from listed
