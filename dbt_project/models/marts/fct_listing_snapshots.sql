select
    listing_key,
    channel,
    shop_key,
    snapshot_date,
    item_id,
    title,
    brand_shop_name,
    {{ fen_to_yuan('price_fen') }} as price_amount,
    sale_count,
    comment_count,
    is_repeated_row
from {{ ref('int_listings__identified') }}
