-- 拼多多's goods by API: the list says all there are and whether they are on sale, the detail the status.
with newest as (
    {{ newest_version(source('pdd', 'goods'), key=['shop_key', 'goods_id']) }}
),

details as (
    {{ newest_version(source('pdd', 'goods_details'), key=['shop_key', 'goods_id']) }}
)

select
    'pdd' as channel,
    newest.shop_key,
    newest.goods_id as product_id,
    newest.goods_name as product_name,
    nullif(details.outer_goods_id, '') as merchant_product_code,
    coalesce(cast(details.status as string), concat('is_onsale:', cast(newest.is_onsale as string)))
        as platform_product_status,
    -- A number without a name (cat_id) is all that is told.
    cast(null as string) as category,
    {{ epoch_to_shanghai('newest.created_at') }} as created_at,
    cast(null as timestamp) as updated_at,
    newest._observed_at as exported_at
from newest
left join details
    on newest.shop_key = details.shop_key and newest.goods_id = details.goods_id
