-- 京东's order export of 2016: one row an item. Amounts of an order come again on each of its rows: their greatest is
-- split to the items by what they cost, the odd fen to the dearest. 应付金额 is what was due; where the buyer paid a part
-- from his balance, 应付金额 may be without it: shown as a gap. Which orders were one before 京东 split them only the API
-- says.
{% set shared = ['due', 'freight'] %}
with newest as (
    {{ newest_numbered(source('inbox', 'jd_orders'), key=['shop_key', 'order_id', 'sku_id']) }}
),

api_orders as (
    {{ newest_version(source('jd', 'orders'), key=['shop_key', 'orderId']) }}
),

weighed as (
    select
        newest.*,
        {{ jd_parent('api_orders.parentOrderId', 'newest.order_id') }} as parent_order_id,
        coalesce({{ yuan_to_fen('newest.unit_price_amount * newest.quantity') }}, 0) as goods_fen,
        max({{ yuan_to_fen('newest.due_amount') }}) over (partition by newest.shop_key, newest.order_id)
            as order_due_fen,
        coalesce(max({{ yuan_to_fen('newest.freight_amount') }}) over (
            partition by newest.shop_key, newest.order_id
        ), 0) as order_freight_fen,
        coalesce(max({{ yuan_to_fen('newest.balance_paid_amount') }}) over (
            partition by newest.shop_key, newest.order_id
        ), 0) as order_balance_fen
    from newest
    left join api_orders
        on newest.shop_key = api_orders.shop_key and newest.order_id = api_orders.orderId
),

ranked as (
    select
        *,
        sum(goods_fen) over (partition by shop_key, order_id) as order_goods_fen,
        row_number() over (
            partition by shop_key, order_id
            order by goods_fen desc, sku_id asc, nth_alike asc
        ) as rank_by_goods
    from weighed
),

parts as (
    select
        {% for name in shared %}
            {{ split_share('order_' ~ name ~ '_fen', 'goods_fen', 'order_goods_fen') }} as {{ name }}_share_fen,
        {% endfor %}
        *
    from ranked
),

split as (
    select
        {% for name in shared %}
            {{ name }}_share_fen + case
                when rank_by_goods = 1
                    then order_{{ name }}_fen - sum({{ name }}_share_fen) over (partition by shop_key, order_id)
                else 0
            end as {{ name }}_fen,
        {% endfor %}
        case when rank_by_goods = 1 then order_balance_fen else 0 end as identity_gap_fen,
        *
    from parts
)

select
    'jd' as channel,
    shop_key,
    parent_order_id,
    concat_ws('-', order_id, sku_id, case when nth_alike > 1 then cast(nth_alike as string) end) as sub_order_id,
    order_status as platform_order_status,
    province as platform_province,
    city,
    buyer_key,
    -- 商品ID is a SKU's; the product that it belongs to is not told.
    cast(null as string) as product_id,
    product_name,
    article_code as sku_id,
    cast(null as string) as sku_text,
    cast(null as string) as author_id,
    cast(null as string) as session_id,
    cast(null as string) as platform_traffic_form,
    cast(null as string) as platform_trade_type,
    cast(null as string) as seller_remark,
    false as is_gift,
    cast(null as boolean) as is_virtual,
    quantity,
    cast(null as bigint) as list_fen,
    goods_fen,
    freight_fen,
    -- The discounts are one sum of the order, from whomever they came.
    cast(null as bigint) as shop_discount_fen,
    cast(null as bigint) as platform_discount_fen,
    cast(null as bigint) as author_discount_fen,
    cast(null as bigint) as pay_discount_fen,
    cast(null as bigint) as platform_borne_fen,
    cast(null as bigint) as merchant_borne_fen,
    cast(null as bigint) as author_borne_fen,
    due_fen as order_fen,
    case when paid_at is not null then due_fen end as paid_fen,
    cast(null as bigint) as deposit_fen,
    identity_gap_fen,
    created_at,
    cast(null as timestamp) as deposit_paid_at,
    paid_at,
    cast(null as timestamp) as promise_ship_at,
    cast(null as timestamp) as shipped_at,
    cast(null as timestamp) as signed_at,
    finished_at,
    _exported_at as exported_at
from split
