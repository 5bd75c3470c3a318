-- Partial settlements: one row a phase and payee; a negative one takes back what an earlier one gave.
with newest as (
    {{ newest_version(source('buyin', 'settlements'), key=['shop_key', 'order_id', 'phase_id']) }}
)

select
    shop_key,
    order_id as sub_order_id,
    'author' as payee_kind,
    cast(phase_id as string) as phase_id,
    cast(settle_time as timestamp) as settled_at,
    settle_shop_commission as amount_fen,
    _observed_at as exported_at
from newest
union all
select
    shop_key,
    order_id as sub_order_id,
    'colonel' as payee_kind,
    cast(phase_id as string) as phase_id,
    cast(settle_time as timestamp) as settled_at,
    settle_colonel_commission as amount_fen,
    _observed_at as exported_at
from newest
where settle_colonel_commission <> 0
