-- The mall's products.
with newest as (
    {{ newest_kept('mall', 'product', key=['product_id']) }}
)

select
    'mall' as channel,
    shop_key,
    product_id,
    product_name,
    spu_code as merchant_product_code,
    case when is_on_shelf then '1' else '0' end as platform_product_status,
    concat_ws(' > ', first_category, second_category) as category,
    create_time as created_at,
    update_time as updated_at,
    _observed_at as exported_at
from newest
