-- Balance: a shop's days add up to its facts. What no day can hold (refunds without a date) is not in either side.
{{ config(meta={'dagster': {'ref': {'name': 'agg_shop_daily'}}}) }}

with daily as (
    select
        shop_key,
        sum(order_count) as order_count,
        sum(order_amount) as order_amount,
        sum(paid_amount) as paid_amount,
        sum(refund_by_pay_amount) as refund_by_pay_amount,
        sum(dated_refund_amount) as dated_refund_amount,
        sum(ad_spend_amount) as ad_spend_amount
    from {{ ref('agg_shop_daily') }}
    group by shop_key
),

orders as (
    select
        shop_key,
        count(*) as order_count,
        sum(order_amount) as order_amount,
        coalesce(sum(paid_amount), 0) as paid_amount
    from {{ ref('fct_orders') }}
    where is_valid
    group by shop_key
),

refunds as (
    select
        shop_key,
        coalesce(sum(case when pay_date is not null then refund_amount end), 0) as refund_by_pay_amount,
        coalesce(sum(case when refund_date is not null then refund_amount end), 0) as dated_refund_amount
    from {{ ref('fct_refunds') }}
    where is_valid and refund_status = 'succeeded'
    group by shop_key
),

ads as (
    select shop_key, sum(spend_amount) as ad_spend_amount
    from {{ ref('fct_ad_daily') }}
    where is_counted
    group by shop_key
)

select daily.shop_key
from daily
left join orders on daily.shop_key = orders.shop_key
left join refunds on daily.shop_key = refunds.shop_key
left join ads on daily.shop_key = ads.shop_key
where
    daily.order_count <> coalesce(orders.order_count, 0)
    or daily.order_amount <> coalesce(orders.order_amount, 0)
    or daily.paid_amount <> coalesce(orders.paid_amount, 0)
    or daily.refund_by_pay_amount <> coalesce(refunds.refund_by_pay_amount, 0)
    or daily.dated_refund_amount <> coalesce(refunds.dated_refund_amount, 0)
    or daily.ad_spend_amount <> coalesce(ads.ad_spend_amount, 0)
