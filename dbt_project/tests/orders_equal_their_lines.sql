-- Balance: an order's amounts are its lines' amounts, to the cent.
{{ config(meta={'dagster': {'ref': {'name': 'fct_orders'}}}) }}

with lines as (
    select order_key, sum(order_amount) as order_amount, sum(paid_amount) as paid_amount, count(*) as line_count
    from {{ ref('fct_order_lines') }}
    group by order_key
)

select orders.order_key
from {{ ref('fct_orders') }} as orders
full outer join lines
    on orders.order_key = lines.order_key
where
    orders.order_amount is distinct from lines.order_amount
    or orders.paid_amount is distinct from lines.paid_amount
    or orders.line_count is distinct from lines.line_count
