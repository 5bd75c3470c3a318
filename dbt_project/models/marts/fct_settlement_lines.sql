select
    settlement_line_key,
    channel,
    shop_key,
    bill_id,
    order_key,
    order_line_key,
    parent_order_id,
    sub_order_id,
    cast(settled_at as date) as settle_date,
    settled_at,
    bill_type,
    platform_bill_type,
    fee_type,
    fee_kind,
    platform_fee_type,
    product_id,
    sku_id,
    {{ fen_to_yuan('amount_fen') }} as amount,
    {{ fen_to_yuan('bill_net_fen') }} as bill_net_amount,
    {{ fen_to_yuan('net_gap_fen') }} as net_gap_amount,
    part_number = 1 as is_first_part,
    has_order,
    -- Days from the line's completion to its settlement, said once a bill row.
    case
        when part_number = 1 and bill_type = 'settled' and finished_at is not null
            then {{ seconds_between('finished_at', 'settled_at') }}
    end as settle_seconds
from {{ ref('int_settlement_lines__classed') }}
