-- 拼多多's account file, one row an order, moment and business: what came into the shop's balance and what left it. The
-- file prints no net but each amount, so a bill (all of an order in one second) is what its rows sum to. Withdrawals
-- (0080…) and transfers to the ad account (0070…) move money and are no settlement. A fee that comes in was given back.
with newest as (
    {{ newest_version(source('pdd', 'balance_bills'), key=['shop_key', 'bill_date']) }}
),

booked as (
    {{ exploded('newest', 'rows', 'entry') }}
),

amounts as (
    select
        shop_key,
        entry.order_sn,
        entry.happened_at,
        regexp_extract(entry.business, '^([0-9]+)', 1) as business_code,
        sum(
            {{ yuan_to_fen('cast(entry.income as decimal(18, 2))') }}
            - abs({{ yuan_to_fen('cast(entry.outgo as decimal(18, 2))') }})
        ) as amount_fen,
        max(_observed_at) as exported_at
    from booked
    where entry.business not like '0070%' and entry.business not like '0080%'
    group by shop_key, entry.order_sn, entry.happened_at, regexp_extract(entry.business, '^([0-9]+)', 1)
    having amount_fen <> 0
),

orders as (
    {{ newest_version_of([source('pdd', 'orders'), source('pdd', 'order_updates')], key=['shop_key', 'order_sn']) }}
),

things as (
    {{ exploded('orders', 'item_list', 'item') }}
),

only_things as (
    select
        shop_key,
        order_sn,
        max(item.sku_id) as sku_id
    from things
    group by shop_key, order_sn
    having count(*) = 1
)

select
    'pdd' as channel,
    amounts.shop_key,
    concat(amounts.order_sn, '@', amounts.happened_at) as bill_id,
    amounts.business_code as platform_fee_type,
    concat(amounts.business_code, case when amounts.amount_fen > 0 then ':in' else ':out' end) as platform_bill_type,
    amounts.order_sn as parent_order_id,
    case when only_things.sku_id is not null then concat(amounts.order_sn, ':', only_things.sku_id) end as sub_order_id,
    cast(amounts.happened_at as timestamp) as settled_at,
    amounts.amount_fen,
    sum(amounts.amount_fen) over (
        partition by amounts.shop_key, amounts.order_sn, amounts.happened_at
    ) as bill_net_fen,
    amounts.exported_at
from amounts
left join only_things
    on amounts.shop_key = only_things.shop_key and amounts.order_sn = only_things.order_sn
