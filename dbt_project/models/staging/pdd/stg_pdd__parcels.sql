-- 拼多多's parcels stand on the orders that lie in them: the order's own, more of it, its gifts'. All have the order's
-- time of shipping. What was sent once more later (resend_delivery_list) has no time and is left out.
with newest as (
    {{ newest_version_of([source('pdd', 'orders'), source('pdd', 'order_updates')], key=['shop_key', 'order_sn']) }}
),

companies as (
    {{ newest_version(source('pdd', 'logistics_companies'), key=['shop_key', 'id']) }}
),

more as (
    {{ exploded('newest', 'extra_delivery_list', 'delivery') }}
),

of_gifts as (
    {{ exploded('newest', 'gift_delivery_list', 'delivery') }}
),

sent as (
    select shop_key, logistics_id, tracking_number, shipping_time, _observed_at
    from newest
    union all
    select shop_key, delivery.logistics_id, delivery.tracking_number, shipping_time, _observed_at
    from more
    union all
    select shop_key, delivery.logistics_id, delivery.tracking_number, shipping_time, _observed_at
    from of_gifts
)

select
    'pdd' as channel,
    sent.shop_key,
    sent.logistics_id as carrier,
    sent.tracking_number,
    max(companies.logistics_company) as carrier_name,
    cast(min(sent.shipping_time) as timestamp) as shipped_at,
    max(sent._observed_at) as exported_at
from sent
left join companies
    on sent.shop_key = companies.shop_key and sent.logistics_id = companies.id
where sent.tracking_number <> '' and sent.shipping_time <> ''
group by sent.shop_key, sent.logistics_id, sent.tracking_number
