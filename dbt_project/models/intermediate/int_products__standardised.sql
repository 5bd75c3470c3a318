-- Products in standard words; a status that no seed names stays null here and turns a test red.
select
    products.*,
    {{ hash_key(['products.channel', 'products.shop_key', 'products.product_id']) }} as product_key,
    statuses.product_status
from {{ ref('int_products__unioned') }} as products
left join {{ ref('product_status_map') }} as statuses
    on products.channel = statuses.channel and products.platform_product_status = statuses.platform_status
