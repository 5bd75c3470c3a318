-- Reconciliation with the layer below: rows and money per channel and shop, so that no join drops or doubles a line.
{{ config(meta={'dagster': {'ref': {'name': 'fct_order_lines'}}}) }}

with published as (
    select channel, shop_key, count(*) as row_count, sum(order_amount) as amount, sum(paid_amount) as paid
    from {{ ref('fct_order_lines') }}
    group by channel, shop_key
),

below as (
    select
        channel, shop_key, count(*) as row_count,
        sum({{ fen_to_yuan('order_fen') }}) as amount, sum({{ fen_to_yuan('paid_fen') }}) as paid
    from {{ ref('int_order_lines__unioned') }}
    group by channel, shop_key
)

select channel, shop_key
from published
full outer join below using (channel, shop_key)
where
    published.row_count is distinct from below.row_count
    or published.amount is distinct from below.amount
    or published.paid is distinct from below.paid
