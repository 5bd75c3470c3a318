-- 小红书's SKUs; sku_id is the merchant's code, as on order lines.
with newest as (
    {{ newest_version(source('xiaohongshu', 'skus'), key=['shop_key', 'sku.id']) }}
)

select
    'xiaohongshu' as channel,
    shop_key,
    sku.id as platform_sku_id,
    sku.itemid as product_id,
    {{ xhs_text('sku.erpcode') }} as sku_id,
    concat_ws(' ', sku.variants[1].value, sku.variants[2].value, sku.variants[3].value) as sku_text,
    sku.price as price_fen,
    sku.stock as stock_quantity,
    _observed_at as exported_at
from newest
