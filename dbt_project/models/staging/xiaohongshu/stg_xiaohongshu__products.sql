-- 小红书's products: the list has them beside each of their SKUs. One can be bought while one of its SKUs can; the
-- category comes as an id alone.
with newest as (
    {{ newest_version(source('xiaohongshu', 'skus'), key=['shop_key', 'sku.id']) }}
)

select
    'xiaohongshu' as channel,
    shop_key,
    item.id as product_id,
    max(item.name) as product_name,
    {{ xhs_text('max(item.articleno)') }} as merchant_product_code,
    case when bool_or(sku.buyable) then 'buyable' else 'not buyable' end as platform_product_status,
    cast(null as string) as category,
    {{ xhs_time('min(item.createtime)') }} as created_at,
    {{ xhs_time('max(item.updatetime)') }} as updated_at,
    max(_observed_at) as exported_at
from newest
group by shop_key, item.id
