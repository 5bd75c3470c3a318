select
    {{ hash_key(['channel', 'shop_key', 'platform_sku_id']) }} as sku_key,
    channel,
    shop_key,
    platform_sku_id,
    product_id,
    sku_id,
    sku_text,
    {{ fen_to_yuan('price_fen') }} as price_amount,
    stock_quantity
from {{ ref('int_skus__unioned') }}
