-- Stock document lines in standard words, with the shop that they are for and what they change: nothing before the
-- goods moved. A type that no seed names stays null here and turns a test red.
select
    moves.*,
    'wms' as channel,
    {{ hash_key(['moves.account_key', 'moves.document_id', 'cast(moves.line_number as string)']) }} as stock_move_key,
    types.document_type,
    case moves.platform_direction when '1' then 'in' when '2' then 'out' end as direction,
    case
        when moves.posted_at is null then 0
        when moves.platform_direction = '1' then moves.quantity
        when moves.platform_direction = '2' then -moves.quantity
    end as moved_quantity,
    shops.shop_key
from {{ ref('stg_wms__stock_lines') }} as moves
left join {{ ref('stock_document_map') }} as types
    on types.channel = 'wms' and moves.platform_document_type = types.platform_document_type
left join {{ ref('int_shops__named') }} as shops
    on moves.shop_code = shops.shop_key
