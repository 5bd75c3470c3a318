-- 快手's order export: one row an order, which is one SKU. The file does not say which orders a buyer paid at once: the
-- API does, where it knows the order. Of 混资活动优惠 the platform and the shop bear parts that are not told.
with newest as (
    {{ newest_version(source('inbox', 'kuaishou_orders'), key=['shop_key', 'order_id']) }}
),

{{ kuaishou_heads() }},

priced as (
    select
        newest.*,
        coalesce(heads.parent_order_id, newest.order_id) as parent_order_id,
        newest.unit_price_amount * newest.quantity as goods_amount,
        coalesce(newest.freight_amount, 0) as freight,
        coalesce(newest.pay_discount_amount, 0) as pay_discount,
        coalesce(newest.mixed_discount_amount, 0) as mixed_discount,
        newest.unit_price_amount * newest.quantity + coalesce(newest.freight_amount, 0)
        - coalesce(newest.shop_discount_amount, 0) - coalesce(newest.platform_subsidy_amount, 0)
        - coalesce(newest.anchor_subsidy_amount, 0) - coalesce(newest.mixed_discount_amount, 0) as before_pay_discount
    from newest
    left join heads
        on newest.shop_key = heads.shop_key and newest.order_id = heads.oid
),

due as (
    select
        *,
        {{ stated_due('paid_amount', 'before_pay_discount', 'pay_discount', is_paid=true) }} as due_amount
    from priced
)

select
    'kuaishou' as channel,
    shop_key,
    parent_order_id,
    order_id as sub_order_id,
    order_status as platform_order_status,
    province as platform_province,
    city,
    cast(null as string) as buyer_key,
    product_id,
    product_name,
    merchant_code as sku_id,
    sku_text,
    nullif(cps_author_id, '0') as author_id,
    cast(null as string) as session_id,
    cast(null as string) as platform_traffic_form,
    cast(null as string) as platform_trade_type,
    cast(null as string) as seller_remark,
    false as is_gift,
    cast(null as boolean) as is_virtual,
    quantity,
    cast(null as bigint) as list_fen,
    {{ yuan_to_fen('goods_amount') }} as goods_fen,
    {{ yuan_to_fen('freight') }} as freight_fen,
    {{ yuan_to_fen('shop_discount_amount') }} as shop_discount_fen,
    {{ yuan_to_fen('coalesce(platform_subsidy_amount, 0) + mixed_discount') }} as platform_discount_fen,
    {{ yuan_to_fen('anchor_subsidy_amount') }} as author_discount_fen,
    {{ yuan_to_fen('pay_discount') }} as pay_discount_fen,
    case when mixed_discount = 0 then {{ yuan_to_fen('platform_subsidy_amount') }} end as platform_borne_fen,
    case when mixed_discount = 0 then {{ yuan_to_fen('shop_discount_amount') }} end as merchant_borne_fen,
    {{ yuan_to_fen('anchor_subsidy_amount') }} as author_borne_fen,
    {{ yuan_to_fen('due_amount') }} as order_fen,
    case when paid_at is not null then {{ yuan_to_fen('due_amount - pay_discount') }} end as paid_fen,
    cast(null as bigint) as deposit_fen,
    {{ yuan_to_fen('before_pay_discount - due_amount') }} as identity_gap_fen,
    created_at,
    deposit_paid_at,
    paid_at,
    cast(null as timestamp) as promise_ship_at,
    shipped_at,
    cast(null as timestamp) as signed_at,
    cast(null as timestamp) as finished_at,
    _exported_at as exported_at
from due
