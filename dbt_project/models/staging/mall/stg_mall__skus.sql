-- The mall's SKUs; sku_id is the company's own code, as on order lines.
with newest as (
    {{ newest_kept('mall', 'sku', key=['sku_id']) }}
)

select
    'mall' as channel,
    shop_key,
    sku_id as platform_sku_id,
    product_id,
    sku_code as sku_id,
    spec_text as sku_text,
    {{ yuan_to_fen('price') }} as price_fen,
    stock as stock_quantity,
    _observed_at as exported_at
from newest
