-- 抖店's orders as the API gives them, one row a line. order_amount is before discounts (the line's without freight);
-- pay_amount is after those of shop, platform and talent and 0 while unpaid; 支付优惠 comes off on top of it. Freight
-- stands on the order alone and is split to its lines by what they cost, the odd fen to the dearest.
with newest as (
    {{ newest_version(source('doudian', 'orders'), key=['shop_key', 'order_id']) }}
),

exploded as (
    {{ exploded('newest', 'sku_order_list', 'line') }}
),

lines as (
    select
        shop_key,
        order_id as parent_order_id,
        line.order_id as sub_order_id,
        cast(line.main_status as string) as platform_order_status,
        post_addr.province.name as platform_province,
        post_addr.city.name as city,
        doudian_open_id as buyer_key,
        line.product_id_str as product_id,
        line.product_name,
        line.code as sku_id,
        line.spec[1].value as sku_text,
        cast(nullif(line.author_id, 0) as string) as author_id,
        nullif(nullif(line.room_id_str, ''), '0') as session_id,
        case
            when line.room_id_str <> '' then '直播'
            when line.video_id <> '' then '短视频'
            else '商品卡'
        end as platform_traffic_form,
        concat('doudian:', cast(line.trade_type as string)) as platform_trade_type,
        nullif(seller_words, '') as seller_remark,
        line.given_product_type = 'FREE' as is_gift,
        line.goods_type = 1 as is_virtual,
        line.item_num as quantity,
        line.goods_price * line.item_num as list_fen,
        line.sum_amount as goods_fen,
        post_amount,
        -- The first phase of a staged pre-sale is its deposit; the balance is the order's own payment.
        coalesce(order_phase_list[1].phase_pay_amount, 0) as order_deposit_fen,
        {{ epoch_to_shanghai('order_phase_list[1].pay_time') }} as deposit_paid_at,
        sum(line.sum_amount) over (partition by shop_key, order_id) as order_goods_fen,
        row_number() over (
            partition by shop_key, order_id
            order by line.sum_amount desc, line.order_id asc
        ) as rank_by_goods,
        line.promotion_shop_amount as shop_discount_fen,
        line.promotion_platform_amount as platform_discount_fen,
        line.promotion_talent_amount as author_discount_fen,
        line.promotion_pay_amount as pay_discount_fen,
        line.only_platform_cost_amount as platform_borne_fen,
        line.shop_cost_amount as merchant_borne_fen,
        line.author_cost_amount as author_borne_fen,
        line.promotion_amount as promotion_fen,
        line.pay_amount as line_pay_fen,
        {{ epoch_to_shanghai('line.create_time') }} as created_at,
        {{ epoch_to_shanghai('line.pay_time') }} as paid_at,
        {{ epoch_to_shanghai('line.exp_ship_time') }} as promise_ship_at,
        {{ epoch_to_shanghai('line.ship_time') }} as shipped_at,
        {{ epoch_to_shanghai('line.logistics_receipt_time') }} as signed_at,
        {{ epoch_to_shanghai('line.finish_time') }} as finished_at,
        _observed_at as exported_at
    from exploded
),

shared as (
    select
        *,
        {{ split_share('post_amount', 'goods_fen', 'order_goods_fen') }} as freight_share_fen,
        {{ split_share('order_deposit_fen', 'goods_fen', 'order_goods_fen') }} as deposit_share_fen
    from lines
),

freighted as (
    select
        *,
        freight_share_fen + case
            when rank_by_goods = 1
                then post_amount - sum(freight_share_fen) over (partition by shop_key, parent_order_id)
            else 0
        end as freight_fen,
        deposit_share_fen + case
            when rank_by_goods = 1
                then order_deposit_fen - sum(deposit_share_fen) over (partition by shop_key, parent_order_id)
            else 0
        end as deposit_fen
    from shared
),

due as (
    select
        *,
        case when paid_at is not null then line_pay_fen else goods_fen - promotion_fen end + freight_fen as order_fen
    from freighted
)

select
    'doudian' as channel,
    shop_key,
    parent_order_id,
    sub_order_id,
    platform_order_status,
    platform_province,
    city,
    buyer_key,
    product_id,
    product_name,
    sku_id,
    sku_text,
    author_id,
    session_id,
    platform_traffic_form,
    platform_trade_type,
    seller_remark,
    is_gift,
    is_virtual,
    quantity,
    list_fen,
    goods_fen,
    freight_fen,
    shop_discount_fen,
    platform_discount_fen,
    author_discount_fen,
    pay_discount_fen,
    platform_borne_fen,
    merchant_borne_fen,
    author_borne_fen,
    order_fen,
    case when paid_at is not null then order_fen - pay_discount_fen end as paid_fen,
    deposit_fen,
    goods_fen + freight_fen - shop_discount_fen - platform_discount_fen - author_discount_fen
    - order_fen as identity_gap_fen,
    created_at,
    deposit_paid_at,
    paid_at,
    promise_ship_at,
    shipped_at,
    signed_at,
    finished_at,
    exported_at
from due
