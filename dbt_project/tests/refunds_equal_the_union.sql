-- Reconciliation with the layer below: linking a refund to its order neither drops nor doubles it.
{{ config(meta={'dagster': {'ref': {'name': 'fct_refunds'}}}) }}

with published as (
    select channel, shop_key, count(*) as row_count, sum(refund_amount) as amount
    from {{ ref('fct_refunds') }}
    group by channel, shop_key
),

below as (
    select channel, shop_key, count(*) as row_count, sum({{ fen_to_yuan('refund_fen') }}) as amount
    from {{ ref('int_refunds__unioned') }}
    group by channel, shop_key
)

select channel, shop_key
from published
full outer join below using (channel, shop_key)
where
    published.row_count is distinct from below.row_count
    or published.amount is distinct from below.amount
