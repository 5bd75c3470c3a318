-- The mall's orders, one row an order item, which has its share of all amounts. payable_amount is after all discounts
-- but what the wallet takes off while paying. The deposit of a pre-sale stands on the order alone and is split.
with orders as (
    {{ newest_kept('mall', 'orders', key=['order_no']) }}
),

items as (
    {{ newest_kept('mall', 'order_item', key=['item_id']) }}
),

joined as (
    select
        items.*,
        orders.member_id,
        orders.entry,
        orders.order_type,
        orders.seller_memo,
        orders.receiver_province,
        orders.receiver_city,
        orders.create_time,
        orders.deposit_time,
        orders.pay_time,
        orders.promise_ship_time,
        {{ yuan_to_fen('orders.deposit_amount') }} as order_deposit_fen,
        {{ yuan_to_fen('items.goods_amount') }} as goods_fen,
        {{ yuan_to_fen('items.freight_amount') }} as freight_fen,
        {{ yuan_to_fen('items.shop_discount_amount') }} as shop_discount_fen,
        {{ yuan_to_fen('items.coupon_amount') }} as coupon_fen,
        {{ yuan_to_fen('items.coupon_shop_amount') }} as coupon_shop_fen,
        {{ yuan_to_fen('items.pay_discount_amount') }} as pay_discount_fen,
        {{ yuan_to_fen('items.payable_amount') }} as payable_fen,
        greatest(items._observed_at, orders._observed_at) as exported_at
    from items
    inner join orders
        on items.shop_key = orders.shop_key and items.order_no = orders.order_no
),

weighed as (
    select
        *,
        sum(goods_fen) over (partition by shop_key, order_no) as order_goods_fen,
        row_number() over (partition by shop_key, order_no order by goods_fen desc, item_id asc) as rank_by_goods
    from joined
),

shared as (
    select
        *,
        {{ split_share('order_deposit_fen', 'goods_fen', 'order_goods_fen') }} as deposit_share_fen
    from weighed
)

select
    'mall' as channel,
    shop_key,
    order_no as parent_order_id,
    item_id as sub_order_id,
    cast(item_status as string) as platform_order_status,
    receiver_province as platform_province,
    receiver_city as city,
    member_id as buyer_key,
    product_id,
    product_name,
    sku_code as sku_id,
    spec_text as sku_text,
    cast(null as string) as author_id,  -- nobody sells for the mall
    cast(null as string) as session_id,
    entry as platform_traffic_form,
    concat('mall:', cast(order_type as string)) as platform_trade_type,
    seller_memo as seller_remark,
    is_gift,
    is_virtual,
    quantity,
    {{ yuan_to_fen('list_amount') }} as list_fen,
    goods_fen,
    freight_fen,
    shop_discount_fen,
    coupon_fen as platform_discount_fen,
    0 as author_discount_fen,
    pay_discount_fen,
    {{ yuan_to_fen('coupon_group_amount') }} as platform_borne_fen,
    shop_discount_fen + coupon_shop_fen as merchant_borne_fen,
    0 as author_borne_fen,
    payable_fen as order_fen,
    case when pay_time is not null then payable_fen - pay_discount_fen end as paid_fen,
    deposit_share_fen + case
        when rank_by_goods = 1
            then order_deposit_fen - sum(deposit_share_fen) over (partition by shop_key, order_no)
        else 0
    end as deposit_fen,
    goods_fen + freight_fen - shop_discount_fen - coupon_fen - payable_fen as identity_gap_fen,
    create_time as created_at,
    deposit_time as deposit_paid_at,
    pay_time as paid_at,
    promise_ship_time as promise_ship_at,
    ship_time as shipped_at,
    sign_time as signed_at,
    finish_time as finished_at,
    exported_at
from shared
