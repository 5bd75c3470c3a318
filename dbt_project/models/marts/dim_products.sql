select
    product_key,
    channel,
    shop_key,
    product_id,
    product_name,
    merchant_product_code,
    category,
    product_status,
    platform_product_status,
    created_at,
    updated_at
from {{ ref('int_products__standardised') }}
