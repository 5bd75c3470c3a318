-- 微信小店's SKUs, which stand on their products; sku_id is the merchant's code, as on order lines.
with newest as (
    {{ newest_version(source('weixin_shop', 'products'), key=['shop_key', 'product_id']) }}
),

exploded as (
    {{ exploded('newest', 'skus', 'sku') }}
)

select
    'weixin_shop' as channel,
    shop_key,
    sku.sku_id as platform_sku_id,
    product_id,
    nullif(sku.sku_code, '') as sku_id,
    sku.sku_attrs[1].attr_value as sku_text,
    sku.sale_price as price_fen,
    sku.stock_num as stock_quantity,
    _observed_at as exported_at
from exploded
