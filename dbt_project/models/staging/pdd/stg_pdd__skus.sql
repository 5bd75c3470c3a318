-- 拼多多's SKUs by API; sku_id is the merchant's code, as on order lines. The price is a group's: what almost all pay.
with newest as (
    {{ newest_version(source('pdd', 'goods'), key=['shop_key', 'goods_id']) }}
),

details as (
    {{ newest_version(source('pdd', 'goods_details'), key=['shop_key', 'goods_id']) }}
),

exploded as (
    {{ exploded('newest', 'sku_list', 'sku') }}
),

listed as (
    select
        shop_key,
        goods_id,
        sku.sku_id,
        sku.outer_id,
        sku.spec,
        sku.sku_quantity,
        _observed_at as exported_at
    from exploded
),

detailed as (
    {{ exploded('details', 'sku_list', 'sku') }}
),

prices as (
    select
        shop_key,
        sku.sku_id,
        max(sku.multi_price) as price_fen
    from detailed
    group by shop_key, sku.sku_id
)

select
    'pdd' as channel,
    listed.shop_key,
    listed.sku_id as platform_sku_id,
    listed.goods_id as product_id,
    nullif(listed.outer_id, '') as sku_id,
    listed.spec as sku_text,
    prices.price_fen,
    listed.sku_quantity as stock_quantity,
    listed.exported_at
from listed
left join prices
    on listed.shop_key = prices.shop_key and listed.sku_id = prices.sku_id
