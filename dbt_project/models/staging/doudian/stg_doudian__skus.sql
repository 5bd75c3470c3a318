-- 抖店's SKUs by API; sku_id is the merchant's code, as on order lines.
with newest as (
    {{ newest_version(source('doudian', 'skus'), key=['shop_key', 'id']) }}
)

select
    'doudian' as channel,
    shop_key,
    cast(id as string) as platform_sku_id,
    product_id_str as product_id,
    nullif(code, '') as sku_id,
    concat_ws(' ', nullif(spec_detail_name1, ''), nullif(spec_detail_name2, ''), nullif(spec_detail_name3, ''))
        as sku_text,
    price as price_fen,
    stock_num as stock_quantity,
    _observed_at as exported_at
from newest
