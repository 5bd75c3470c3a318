-- 拼多多's account file as a person downloads it: the rows that the API's bill file has (stg_pdd__settlement_lines), and
-- the same rules. 支出 takes away with or without a minus.
with newest as (
    {{ newest_numbered(
        source('inbox', 'pdd_settlements'), key=['shop_key', 'order_id', 'booked_at', 'business_text']
    ) }}
),

things as (
    {{ newest_version(source('inbox', 'pdd_orders'), key=['shop_key', 'order_id']) }}
),

amounts as (
    select
        shop_key,
        coalesce(order_id, '') as order_id,
        booked_at,
        regexp_extract(business_text, '^([0-9]+)', 1) as business_code,
        sum({{ yuan_to_fen('coalesce(income_amount, 0) - abs(coalesce(outgo_amount, 0))') }}) as amount_fen,
        max(_exported_at) as exported_at
    from newest
    where business_text not like '0070%' and business_text not like '0080%'
    group by shop_key, coalesce(order_id, ''), booked_at, regexp_extract(business_text, '^([0-9]+)', 1)
)

select
    'pdd' as channel,
    amounts.shop_key,
    concat(amounts.order_id, '@', cast(amounts.booked_at as string)) as bill_id,
    amounts.business_code as platform_fee_type,
    concat(amounts.business_code, case when amounts.amount_fen > 0 then ':in' else ':out' end) as platform_bill_type,
    amounts.order_id as parent_order_id,
    case when things.sku_id is not null then concat_ws(':', things.order_id, things.sku_id) end as sub_order_id,
    amounts.booked_at as settled_at,
    amounts.amount_fen,
    -- The file prints no net: there is nothing to hold the parts against.
    sum(amounts.amount_fen) over (
        partition by amounts.shop_key, amounts.order_id, amounts.booked_at
    ) as bill_net_fen,
    amounts.exported_at
from amounts
left join things
    on amounts.shop_key = things.shop_key and amounts.order_id = things.order_id
where amounts.amount_fen <> 0
