-- Every shop on every day that its data reaches. A day without orders is a row of zeros.
with reached as (
    select shop_key, channel, cast(first_event_at as date) as first_day, cast(newest_event_at as date) as last_day
    from {{ ref('data_freshness') }}
    union all
    -- What was bought for a shop can begin before its first order and end after its last one.
    select shop_key, channel, min(stat_date) as first_day, max(stat_date) as last_day
    from {{ ref('fct_ad_daily') }}
    group by shop_key, channel
),

ranges as (
    select shop_key, channel, min(first_day) as first_day, max(last_day) as last_day
    from reached
    group by shop_key, channel
),

days as (
    select
        ranges.shop_key,
        ranges.channel,
        dates.date_day
    from ranges
    inner join {{ ref('dim_dates') }} as dates
        on dates.date_day between ranges.first_day and ranges.last_day
),

created as (
    select shop_key, order_date, count(*) as order_count, sum(order_amount) as order_amount
    from {{ ref('fct_orders') }}
    where is_valid
    group by shop_key, order_date
),

paid as (
    select shop_key, pay_date, count(*) as paid_order_count, sum(paid_amount) as paid_amount
    from {{ ref('fct_orders') }}
    where is_valid and is_paid
    group by shop_key, pay_date
),

refunded_by_pay as (
    select shop_key, pay_date, sum(refund_amount) as refunded_amount
    from {{ ref('fct_refunds') }}
    where is_valid and refund_status = 'succeeded'
    group by shop_key, pay_date
),

refunded as (
    select shop_key, refund_date, sum(refund_amount) as refunded_amount
    from {{ ref('fct_refunds') }}
    where is_valid and refund_status = 'succeeded'
    group by shop_key, refund_date
),

ads as (
    select shop_key, stat_date, sum(spend_amount) as spend_amount
    from {{ ref('fct_ad_daily') }}
    where is_counted
    group by shop_key, stat_date
)

select
    days.shop_key,
    days.channel,
    days.date_day,
    cast(coalesce(created.order_count, 0) as bigint) as order_count,
    cast(coalesce(created.order_amount, 0) as decimal(18, 2)) as order_amount,
    cast(coalesce(paid.paid_order_count, 0) as bigint) as paid_order_count,
    cast(coalesce(paid.paid_amount, 0) as decimal(18, 2)) as paid_amount,
    cast(coalesce(refunded_by_pay.refunded_amount, 0) as decimal(18, 2)) as refund_by_pay_amount,
    cast(coalesce(refunded.refunded_amount, 0) as decimal(18, 2)) as dated_refund_amount,
    cast(coalesce(ads.spend_amount, 0) as decimal(18, 2)) as ad_spend_amount
from days
left join created
    on days.shop_key = created.shop_key and days.date_day = created.order_date
left join paid
    on days.shop_key = paid.shop_key and days.date_day = paid.pay_date
left join refunded_by_pay
    on days.shop_key = refunded_by_pay.shop_key and days.date_day = refunded_by_pay.pay_date
left join refunded
    on days.shop_key = refunded.shop_key and days.date_day = refunded.refund_date
left join ads
    on days.shop_key = ads.shop_key and days.date_day = ads.stat_date
