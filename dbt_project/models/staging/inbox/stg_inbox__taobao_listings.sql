-- Crawled listing pages: one row as the file has it. An item can stand in a day's crawl more than once, so a newer file
-- replaces a day of a shop as a whole and no row within a file is dropped.
with newest_file as (
    select
        shop_key,
        snapshot_date,
        max(_version) as _version
    from {{ source('inbox', 'taobao_listings') }}
    group by shop_key, snapshot_date
)

select
    'taobao' as channel,
    listings.shop_key,
    listings.snapshot_date,
    listings.item_id,
    listings.title,
    listings.brand_shop_name,
    {{ yuan_to_fen('listings.price_amount') }} as price_fen,
    listings.sale_count,
    listings.comment_count,
    listings._file_id as file_id,
    listings._line as line_number,
    listings._exported_at as exported_at
from {{ source('inbox', 'taobao_listings') }} as listings
inner join newest_file
    on
        listings.shop_key = newest_file.shop_key
        and listings.snapshot_date = newest_file.snapshot_date
        and listings._version = newest_file._version
