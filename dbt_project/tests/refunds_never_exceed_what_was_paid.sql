-- An order can be refunded at most what was paid for it. More means a doubled refund or a lost payment.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_orders'}}}) }}

select order_key, paid_amount, refunded_amount
from {{ ref('fct_orders') }}
where is_paid and refunded_amount > paid_amount
