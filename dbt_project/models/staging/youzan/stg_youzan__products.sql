-- 有赞's items by API: the list in which an item stands is its status. Its category stands on the detail alone.
with newest as (
    {{ newest_version(source('youzan', 'products'), key=['shop_key', 'item_id']) }}
),

details as (
    {{ newest_version(source('youzan', 'product_details'), key=['shop_key', 'item_id']) }}
),

categories as (
    select
        shop_key,
        item_id,
        nullif(concat_ws(
            ' > ', nullif(category_properties.category_names[1], ''),
            nullif(category_properties.category_names[2], ''), nullif(category_properties.category_names[3], '')
        ), '') as category
    from details
)

select
    'youzan' as channel,
    newest.shop_key,
    newest.item_id as product_id,
    newest.title as product_name,
    nullif(newest.item_no, '') as merchant_product_code,
    newest.listing as platform_product_status,
    categories.category,
    {{ youzan_time('newest.created_time') }} as created_at,
    {{ youzan_time('newest.update_time') }} as updated_at,
    newest._observed_at as exported_at
from newest
left join categories
    on newest.shop_key = categories.shop_key and newest.item_id = categories.item_id
