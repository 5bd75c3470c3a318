-- 京东's 对账 export, one row a fee or income of an order: what has reached the account (到账时间). The sign is that of
-- 收支方向; a direction that is neither has no amount, which a test shows. 货款 that goes out is a refund, which is why the
-- direction is part of the fee's name. Rows have no number of their own and the file prints no net.
with newest as (
    {{ newest_numbered(
        source('inbox', 'jd_settlements'),
        key=['shop_key', 'order_id', 'aftersale_id', 'sku_id', 'fee_name', 'direction', 'amount', 'billed_on']
    ) }}
),

arrived as (
    select
        *,
        concat_ws('@', order_id, aftersale_id, sku_id, cast(arrived_at as string)) as bill_id,
        case direction
            when '收入' then abs({{ yuan_to_fen('amount') }})
            when '支出' then -abs({{ yuan_to_fen('amount') }})
        end as amount_fen
    from newest
    where arrived_at is not null
),

summed as (
    select
        shop_key,
        bill_id,
        concat_ws(':', fee_name, direction) as platform_fee_type,
        {{ jd_parent('parent_order_id', 'order_id') }} as parent_order_id,
        case when sku_id is not null then concat_ws('-', order_id, sku_id) end as sub_order_id,
        arrived_at,
        case when count(amount_fen) = count(*) then sum(amount_fen) end as amount_fen,
        max(_exported_at) as exported_at
    from arrived
    group by all
)

select
    'jd' as channel,
    shop_key,
    bill_id,
    platform_fee_type,
    platform_fee_type as platform_bill_type,
    parent_order_id,
    sub_order_id,
    arrived_at as settled_at,
    amount_fen,
    sum(amount_fen) over (partition by shop_key, bill_id) as bill_net_fen,
    exported_at
from summed
