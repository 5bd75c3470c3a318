-- 微信小店's account flows as a bill: those of one order at one moment are one row of it. What comes in adds, what goes out
-- takes away, whatever sign the file gives it; a direction that is neither has no amount, which a test shows. Money
-- that leaves for the bank (it has a 提现单号) settles nothing. A refund is one after settlement once income was booked.
with newest as (
    {{ newest_version(source('inbox', 'weixin_shop_fund_flows'), key=['shop_key', 'flow_id']) }}
),

booked as (
    select
        shop_key,
        coalesce(order_id, '') as order_id,
        coalesce(order_id, flow_id) as booked_for,
        flow_type,
        booked_at,
        case direction
            when '收入' then abs({{ yuan_to_fen('amount') }})
            when '支出' then -abs({{ yuan_to_fen('amount') }})
        end as amount_fen,
        _exported_at as exported_at
    from newest
    where withdrawal_id is null
),

dated as (
    select
        *,
        min(case when flow_type = '订单支付' then booked_at end) over (partition by shop_key, booked_for) as income_at
    from booked
),

summed as (
    select
        shop_key,
        order_id,
        booked_for,
        flow_type,
        booked_at,
        max(case when flow_type = '订单退款' and booked_at > income_at then 'refund_after_settle' else 'settled' end)
            as platform_bill_type,
        -- Not sum() alone, which passes over what has no amount.
        case when count(amount_fen) = count(*) then sum(amount_fen) end as amount_fen,
        max(exported_at) as exported_at
    from dated
    group by shop_key, order_id, booked_for, flow_type, booked_at
)

select
    'weixin_shop' as channel,
    shop_key,
    concat(booked_for, '@', cast(booked_at as string)) as bill_id,
    flow_type as platform_fee_type,
    platform_bill_type,
    order_id as parent_order_id,
    cast(null as string) as sub_order_id,
    booked_at as settled_at,
    amount_fen,
    sum(amount_fen) over (partition by shop_key, booked_for, booked_at) as bill_net_fen,
    exported_at
from summed
