-- 微信小店's order export: one row a thing of an order. Whether the order's own amounts stand on each row or on the first
-- alone is not confirmed; their greatest is right either way. What was paid for the order is split to its rows by what
-- each was sold for, the odd fen to the dearest; sold and freight less paid is what does not add up. There is no SKU id
-- of the platform: beside the API's lines of the same order these do not count.
with {{ weixin_shop_exported() }},

weighed as (
    select
        *,
        sum(sold_fen) over (partition by shop_key, order_id) as order_sold_fen,
        max({{ yuan_to_fen('order_paid_amount') }}) over (partition by shop_key, order_id) as order_paid_fen,
        coalesce(max({{ yuan_to_fen('order_freight_amount') }}) over (partition by shop_key, order_id), 0)
            as order_freight_fen
    from ranked
),

shared as (
    select
        *,
        {{ split_share('order_paid_fen', 'sold_fen', 'order_sold_fen') }} as paid_share_fen,
        {{ split_share('order_freight_fen', 'sold_fen', 'order_sold_fen') }} as freight_share_fen
    from weighed
),

split as (
    select
        *,
        paid_share_fen + case
            when rank_by_sold = 1
                then order_paid_fen - sum(paid_share_fen) over (partition by shop_key, order_id)
            else 0
        end as due_fen,
        freight_share_fen + case
            when rank_by_sold = 1
                then order_freight_fen - sum(freight_share_fen) over (partition by shop_key, order_id)
            else 0
        end as freight_fen
    from shared
)

select
    'weixin_shop' as channel,
    shop_key,
    order_id as parent_order_id,
    sub_order_id,
    order_status as platform_order_status,
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
    {{ yuan_to_fen('unit_price_amount * quantity') }} as goods_fen,
    freight_fen,
    -- 商品优惠, 跨店优惠 and 积分抵扣 stand on the order, and who gave them is not told.
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
    case when rank_by_sold = 1 then order_sold_fen + order_freight_fen - order_paid_fen else 0 end as identity_gap_fen,
    created_at,
    cast(null as timestamp) as deposit_paid_at,
    paid_at,
    cast(null as timestamp) as promise_ship_at,
    shipped_at,
    cast(null as timestamp) as signed_at,
    received_at as finished_at,
    _exported_at as exported_at
from split
