select
    commission_phase_key,
    commission_key,
    channel,
    shop_key,
    sub_order_id,
    payee_kind,
    payee_id,
    payee_name,
    phase_id,
    cast(settled_at as date) as settle_date,
    settled_at,
    {{ fen_to_yuan('amount_fen') }} as settled_amount
from {{ ref('int_commission_phases__linked') }}
