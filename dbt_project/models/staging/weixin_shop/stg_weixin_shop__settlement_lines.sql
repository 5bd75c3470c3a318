-- 微信小店's account as a bill: the flows of one order at one moment are one row of it. A refund is one before settlement
-- while nothing of its order had been booked as income, or with that income itself; later it is one after settlement.
-- A flow names its order and no line: the line is known where the order has only one. Money that leaves for the bank
-- (4, 5) settles nothing.
with newest as (
    {{ newest_version(source('weixin_shop', 'funds_flows'), key=['shop_key', 'flow_id']) }}
),

orders as (
    {{ newest_version(source('weixin_shop', 'orders'), key=['shop_key', 'order_id']) }}
),

lines as (
    {{ exploded('orders', 'order_detail.product_infos', 'line') }}
),

single_lines as (
    select
        shop_key,
        order_id,
        max(line.sku_id) as sku_id
    from lines
    group by shop_key, order_id
    having count(*) = 1
),

related as (
    {{ exploded('newest', 'related_info_list', 'related') }}
),

named as (
    select
        shop_key,
        flow_id,
        max(nullif(related.order_id, '')) as order_id
    from related
    group by shop_key, flow_id
),

flows as (
    select
        newest.shop_key,
        named.order_id,
        coalesce(named.order_id, newest.flow_id) as booked_for,
        cast(newest.bookkeeping_time as timestamp) as settled_at,
        newest.funds_type = 1 as is_income,
        newest.funds_type = 3 as is_refund,
        -- 99 (分账) is income or expense of the same number.
        case
            when newest.funds_type = 99 then concat('99:', cast(newest.flow_type as string))
            else cast(newest.funds_type as string)
        end as platform_fee_type,
        case newest.flow_type when 1 then newest.amount when 2 then -newest.amount end as amount_fen,
        newest._observed_at
    from newest
    left join named
        on newest.shop_key = named.shop_key and newest.flow_id = named.flow_id
    where newest.funds_type not in (4, 5)
),

dated as (
    select
        *,
        min(case when is_income then settled_at end) over (partition by shop_key, booked_for) as first_income_at,
        bool_or(is_income) over (partition by shop_key, booked_for, settled_at) as is_with_income
    from flows
),

classed as (
    select
        *,
        case
            when is_refund and settled_at > first_income_at and not is_with_income then 'refund_after_settle'
            else 'settled'
        end as platform_bill_type
    from dated
),

summed as (
    select
        shop_key,
        order_id,
        booked_for,
        settled_at,
        platform_fee_type,
        platform_bill_type,
        sum(amount_fen) as amount_fen,
        max(_observed_at) as exported_at
    from classed
    group by shop_key, order_id, booked_for, settled_at, platform_fee_type, platform_bill_type
)

select
    'weixin_shop' as channel,
    summed.shop_key,
    concat(summed.booked_for, '@', cast(summed.settled_at as string)) as bill_id,
    summed.platform_fee_type,
    summed.platform_bill_type,
    summed.order_id as parent_order_id,
    nullif(concat_ws(':', single_lines.order_id, single_lines.sku_id), '') as sub_order_id,
    summed.settled_at,
    summed.amount_fen,
    -- The platform prints no net: there is nothing to hold the parts against.
    sum(summed.amount_fen) over (partition by summed.shop_key, summed.booked_for, summed.settled_at) as bill_net_fen,
    summed.exported_at
from summed
left join single_lines
    on summed.shop_key = single_lines.shop_key and summed.order_id = single_lines.order_id
