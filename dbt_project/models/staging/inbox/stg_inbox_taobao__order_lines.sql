-- 千牛's order report: one row an order, whole orders only, so each order is one line of its own.
with newest as (
    {{ newest_version(source('inbox', 'taobao_orders'), key=['shop_key', 'order_id']) }}
)

select
    'taobao' as channel,
    shop_key,
    order_id as parent_order_id,
    order_id as sub_order_id,
    -- The report writes the comma of 买家已付款，等待卖家发货 full-width in some years and half-width in others.
    replace(order_status, '，', ',') as platform_order_status,
    province as platform_province,
    city,
    buyer_key,
    cast(null as string) as product_id,
    title as product_name,
    cast(null as string) as sku_id,
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
    {{ yuan_to_fen('freight_amount') }} as freight_fen,
    cast(null as bigint) as shop_discount_fen,
    cast(null as bigint) as platform_discount_fen,
    cast(null as bigint) as author_discount_fen,
    cast(null as bigint) as pay_discount_fen,
    cast(null as bigint) as platform_borne_fen,
    cast(null as bigint) as merchant_borne_fen,
    cast(null as bigint) as author_borne_fen,
    {{ yuan_to_fen('total_amount') }} as order_fen,
    -- 买家实际支付金额 already has the refund taken off (proved on a real month: it plus 退款金额 is 总金额 on every paid
    -- order), so what was paid, refunds not removed, is 总金额 of the orders that have a payment time.
    case when paid_at is not null then {{ yuan_to_fen('total_amount') }} end as paid_fen,
    cast(null as bigint) as deposit_fen,
    case
        when paid_at is not null and net_paid_amount + coalesce(refund_amount, 0) <> total_amount
            then {{ yuan_to_fen('net_paid_amount + coalesce(refund_amount, 0) - total_amount') }}
        when goods_amount + freight_amount <> total_amount
            then {{ yuan_to_fen('goods_amount + freight_amount - total_amount') }}
        else 0
    end as identity_gap_fen,
    created_at,
    cast(null as timestamp) as deposit_paid_at,
    paid_at,
    cast(null as timestamp) as promise_ship_at,
    cast(null as timestamp) as shipped_at,
    cast(null as timestamp) as signed_at,
    finished_at,
    _exported_at as exported_at
from newest
