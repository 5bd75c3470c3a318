-- What was paid and when: an order at once, or its deposit and its balance.
with newest as (
    {{ newest_kept('mall', 'payment', key=['payment_no']) }}
)

select
    shop_key,
    payment_no as payment_id,
    order_no as parent_order_id,
    case stage when 1 then 'full' when 2 then 'deposit' when 3 then 'balance' end as payment_stage,
    pay_method,
    {{ yuan_to_fen('amount') }} as payment_fen,
    pay_time as paid_at,
    _observed_at as exported_at
from newest
