-- Settlements of commissions: a line has one, and one more that takes it back when the goods came back after it.
with {{ xhs_orders() }},

{{ xhs_order_skus() }},

{{ xhs_cps_rows() }}

select
    shop_key,
    sub_order_id,
    'author' as payee_kind,
    '1' as phase_id,
    settled_at,
    commission_fen as amount_fen,
    exported_at
from deals
where settled_at is not null
union all
select
    shop_key,
    sub_order_id,
    'author' as payee_kind,
    '2' as phase_id,
    settled_at,
    commission_fen as amount_fen,
    exported_at
from reversals
