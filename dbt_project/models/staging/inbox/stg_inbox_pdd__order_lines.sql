-- 拼多多's order export: one row an order, which is one thing. An order that the export gives no time for still has the
-- day in the first six digits of its number. 已取消 alone was never paid; beside 退款成功 it was. No refund amount is told.
with newest as (
    {{ newest_version(source('inbox', 'pdd_orders'), key=['shop_key', 'order_id']) }}
),

timed as (
    select
        *,
        coalesce(ordered_at, try_cast(concat_ws(
            '-', concat('20', substr(order_id, 1, 2)), substr(order_id, 3, 2), substr(order_id, 5, 2)
        ) as timestamp)) as known_at,
        coalesce(freight_amount, 0) as freight,
        coalesce(pay_discount_amount, 0) as pay_discount,
        goods_amount + coalesce(freight_amount, 0) - coalesce(shop_discount_amount, 0)
        - coalesce(platform_discount_amount, 0) as before_pay_discount
    from newest
),

due as (
    select
        *,
        {{ stated_due('paid_amount', 'before_pay_discount', 'pay_discount', is_paid=true) }} as due_amount
    from timed
)

select
    'pdd' as channel,
    shop_key,
    order_id as parent_order_id,
    concat_ws(':', order_id, sku_id) as sub_order_id,
    replace(order_status, '，', ',') as platform_order_status,
    province as platform_province,
    city,
    cast(null as string) as buyer_key,
    product_id,
    product_name,
    merchant_sku_code as sku_id,
    sku_text,
    cast(null as string) as author_id,
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
    {{ yuan_to_fen('platform_discount_amount') }} as platform_discount_fen,
    0 as author_discount_fen,
    {{ yuan_to_fen('pay_discount') }} as pay_discount_fen,
    {{ yuan_to_fen('platform_discount_amount') }} as platform_borne_fen,
    {{ yuan_to_fen('shop_discount_amount') }} as merchant_borne_fen,
    0 as author_borne_fen,
    {{ yuan_to_fen('due_amount') }} as order_fen,
    case
        when order_status not in ('待支付', '已取消') then {{ yuan_to_fen('due_amount - pay_discount') }}
    end as paid_fen,
    cast(null as bigint) as deposit_fen,
    {{ yuan_to_fen('before_pay_discount - due_amount') }} as identity_gap_fen,
    known_at as created_at,
    cast(null as timestamp) as deposit_paid_at,
    case when order_status not in ('待支付', '已取消') then coalesce(paid_at, known_at) end as paid_at,
    cast(null as timestamp) as promise_ship_at,
    shipped_at,
    cast(null as timestamp) as signed_at,
    received_at as finished_at,
    _exported_at as exported_at
from due
