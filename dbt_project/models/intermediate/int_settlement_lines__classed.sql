-- Bill amounts with their standard kinds, the order line that they settle, and whether a bill row adds up.
with parts as (
    select
        *,
        {{ hash_key(['channel', 'shop_key', 'bill_id', 'platform_fee_type']) }} as settlement_line_key,
        {{ hash_key(['channel', 'shop_key', 'parent_order_id']) }} as order_key,
        row_number() over (
            partition by channel, shop_key, bill_id
            order by platform_fee_type
        ) as part_number,
        sum(amount_fen) over (partition by channel, shop_key, bill_id) - bill_net_fen as net_gap_fen
    from {{ ref('int_settlement_lines__unioned') }}
),

known_orders as (
    select distinct order_key
    from {{ ref('int_order_lines__standardised') }}
)

select
    parts.*,
    bill_types.bill_type,
    fees.fee_type,
    kinds.fee_kind,
    known_orders.order_key is not null as has_order,
    lines.order_line_key,
    lines.product_id,
    lines.sku_id,
    lines.finished_at
from parts
left join {{ ref('bill_type_map') }} as bill_types
    on parts.channel = bill_types.channel and parts.platform_bill_type = bill_types.platform_bill_type
left join {{ ref('fee_type_map') }} as fees
    on parts.channel = fees.channel and parts.platform_fee_type = fees.platform_fee_type
left join {{ ref('fee_types') }} as kinds
    on fees.fee_type = kinds.fee_type
left join known_orders
    on parts.order_key = known_orders.order_key
left join {{ ref('int_order_lines__standardised') }} as lines
    on
        parts.channel = lines.channel
        and parts.shop_key = lines.shop_key
        and parts.parent_order_id = lines.parent_order_id
        and parts.sub_order_id = lines.sub_order_id
