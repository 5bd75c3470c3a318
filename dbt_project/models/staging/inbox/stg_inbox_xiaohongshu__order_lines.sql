-- 小红书's order export: one row a SKU of a package. By their names all amounts are the row's but 包裹总运费, which is split to
-- the rows by what they cost, the odd fen to the dearest; 用户应付 then holds the row's part of it.
with newest as (
    {{ newest_numbered(source('inbox', 'xiaohongshu_orders'), key=['shop_key', 'order_id', 'sku_id']) }}
),

weighed as (
    select
        *,
        {{ yuan_to_fen('coalesce(goods_amount, 0)') }} as goods_fen,
        max({{ yuan_to_fen('coalesce(freight_amount, 0)') }}) over (partition by shop_key, order_id)
            as order_freight_fen,
        row_number() over (
            partition by shop_key, order_id
            order by goods_amount desc, sku_id asc, nth_alike asc
        ) as rank_by_goods
    from newest
),

shared as (
    select
        *,
        {{ split_share('order_freight_fen', 'goods_fen', 'sum(goods_fen) over (partition by shop_key, order_id)') }}
            as freight_share_fen
    from weighed
),

priced as (
    select
        *,
        freight_share_fen + case
            when rank_by_goods = 1
                then order_freight_fen - sum(freight_share_fen) over (partition by shop_key, order_id)
            else 0
        end as freight_fen,
        {{ yuan_to_fen('due_amount') }} as stated_fen,
        {{ yuan_to_fen('coalesce(shop_discount_amount, 0)') }} as shop_discount_fen,
        {{ yuan_to_fen('coalesce(platform_discount_amount, 0)') }} as platform_discount_fen,
        {{ yuan_to_fen('coalesce(pay_discount_amount, 0)') }} as pay_discount_fen
    from shared
),

balanced as (
    select
        *,
        goods_fen + freight_fen - shop_discount_fen - platform_discount_fen as before_fen
    from priced
),

due as (
    select
        *,
        {{ stated_due('stated_fen', 'before_fen', 'pay_discount_fen', is_paid=false) }} as order_fen
    from balanced
)

select
    'xiaohongshu' as channel,
    shop_key,
    order_id as parent_order_id,
    concat_ws('-', order_id, sku_id, case when nth_alike > 1 then cast(nth_alike as string) end) as sub_order_id,
    order_status as platform_order_status,
    province as platform_province,
    city,
    buyer_key,
    product_id,
    coalesce(product_name, sku_name) as product_name,
    merchant_code as sku_id,
    sku_text,
    author_id,
    cast(null as string) as session_id,
    cast(null as string) as platform_traffic_form,
    cast(null as string) as platform_trade_type,
    cast(null as string) as seller_remark,
    coalesce(is_gift = '是', false) as is_gift,
    cast(null as boolean) as is_virtual,
    quantity,
    cast(null as bigint) as list_fen,
    goods_fen,
    freight_fen,
    shop_discount_fen,
    platform_discount_fen,
    0 as author_discount_fen,
    pay_discount_fen,
    cast(null as bigint) as platform_borne_fen,
    cast(null as bigint) as merchant_borne_fen,
    0 as author_borne_fen,
    order_fen,
    case when paid_at is not null then order_fen - pay_discount_fen end as paid_fen,
    cast(null as bigint) as deposit_fen,
    before_fen - order_fen as identity_gap_fen,
    created_at,
    cast(null as timestamp) as deposit_paid_at,
    paid_at,
    promise_ship_at,
    shipped_at,
    cast(null as timestamp) as signed_at,
    finished_at,
    _exported_at as exported_at
from due
