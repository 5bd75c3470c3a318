-- 抖店's order export: one row a sub-order. 订单应付金额 is after the platform's, the shop's and the talent's discounts and
-- before 支付优惠, which the buyer's bank or wallet takes off while paying.
with newest as (
    {{ newest_version(source('inbox', 'doudian_orders'), key=['shop_key', 'sub_order_id']) }}
),

priced as (
    select
        *,
        -- One layout gives the unit price, the other the line's goods amount.
        coalesce(goods_amount, unit_price_amount * quantity) as line_goods_amount
    from newest
)

select
    'doudian' as channel,
    shop_key,
    parent_order_id,
    sub_order_id,
    order_status as platform_order_status,
    province as platform_province,
    city,
    -- Receiver cells are cipher text that changes with every export: no buyer can be told from them.
    cast(null as string) as buyer_key,
    product_id,
    product_name,
    merchant_code as sku_id,
    sku_text,
    author_id,
    cast(null as string) as session_id,
    traffic_form as platform_traffic_form,
    cast(null as string) as platform_trade_type,
    cast(null as string) as seller_remark,
    false as is_gift,
    cast(null as boolean) as is_virtual,
    quantity,
    {{ yuan_to_fen('line_goods_amount') }} as list_fen,
    {{ yuan_to_fen('line_goods_amount') }} as goods_fen,
    {{ yuan_to_fen('freight_amount') }} as freight_fen,
    {{ yuan_to_fen('merchant_discount_amount') }} as shop_discount_fen,
    {{ yuan_to_fen('platform_discount_amount') }} as platform_discount_fen,
    {{ yuan_to_fen('author_discount_amount') }} as author_discount_fen,
    {{ yuan_to_fen('pay_discount_amount') }} as pay_discount_fen,
    {{ yuan_to_fen('platform_borne_amount') }} as platform_borne_fen,
    {{ yuan_to_fen('merchant_borne_amount') }} as merchant_borne_fen,
    {{ yuan_to_fen('author_borne_amount') }} as author_borne_fen,
    {{ yuan_to_fen('due_amount') }} as order_fen,
    case
        when paid_at is not null then {{ yuan_to_fen('due_amount - coalesce(pay_discount_amount, 0)') }}
    end as paid_fen,
    cast(null as bigint) as deposit_fen,
    {{ yuan_to_fen('line_goods_amount + coalesce(freight_amount, 0) - coalesce(merchant_discount_amount, 0)
        - coalesce(platform_discount_amount, 0) - coalesce(author_discount_amount, 0)
        - coalesce(price_change_amount, 0) - coalesce(red_packet_amount, 0) - due_amount') }} as identity_gap_fen,
    created_at,
    cast(null as timestamp) as deposit_paid_at,
    paid_at,
    cast(null as timestamp) as promise_ship_at,
    shipped_at,
    cast(null as timestamp) as signed_at,
    finished_at,
    _exported_at as exported_at
from priced
