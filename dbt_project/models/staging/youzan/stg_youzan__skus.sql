-- 有赞's SKUs stand on the details of items; sku_id is the merchant's code, as on order lines.
with newest as (
    {{ newest_version(source('youzan', 'product_details'), key=['shop_key', 'item_id']) }}
),

skus as (
    {{ exploded('newest', 'sku_list', 'sku') }}
)

select
    'youzan' as channel,
    shop_key,
    sku.sku_id as platform_sku_id,
    item_id as product_id,
    nullif(sku.sku_no, '') as sku_id,
    concat_ws(
        ' ', nullif(sku.sku_props[1].prop_value_name, ''), nullif(sku.sku_props[2].prop_value_name, ''),
        nullif(sku.sku_props[3].prop_value_name, '')
    ) as sku_text,
    sku.price as price_fen,
    sku.stock_num as stock_quantity,
    _observed_at as exported_at
from skus
