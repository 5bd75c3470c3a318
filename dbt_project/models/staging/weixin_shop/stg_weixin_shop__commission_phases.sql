-- Settlements of commissions as the alliance's account books them; what is taken back is negative.
with payouts as (
    {{ weixin_shop_payouts() }}
)

select
    shop_key,
    concat_ws(':', order_id, sku_id) as sub_order_id,
    payee_kind,
    flow_id as phase_id,
    booked_at as settled_at,
    case when is_reversal then -payout_fen else payout_fen end as amount_fen,
    exported_at
from payouts
