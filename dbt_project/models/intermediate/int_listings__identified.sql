select
    *,
    {{ hash_key(['shop_key', 'file_id', 'cast(line_number as string)']) }} as listing_key,
    row_number() over (
        partition by
            shop_key, snapshot_date, item_id, title, brand_shop_name, price_fen, sale_count, comment_count
        order by line_number
    ) > 1 as is_repeated_row
from {{ ref('stg_inbox__taobao_listings') }}
