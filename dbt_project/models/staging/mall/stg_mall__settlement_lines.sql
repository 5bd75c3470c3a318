-- What the group and the shop settle, one row an amount, signed as the mall has it: income +, deductions -.
with newest as (
    {{ newest_kept('mall', 'settlement', key=['settle_no', 'fee_code']) }}
)

select
    'mall' as channel,
    shop_key,
    settle_no as bill_id,
    fee_code as platform_fee_type,
    cast(settle_type as string) as platform_bill_type,
    order_no as parent_order_id,
    item_id as sub_order_id,
    settle_time as settled_at,
    {{ yuan_to_fen('amount') }} as amount_fen,
    {{ yuan_to_fen('net_amount') }} as bill_net_fen,
    _observed_at as exported_at
from newest
