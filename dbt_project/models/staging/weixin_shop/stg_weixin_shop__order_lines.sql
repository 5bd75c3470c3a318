-- 微信小店's orders, one row an SKU of an order: the platform tells lines apart by their SKU (a repeated one, such as a
-- gift of what was bought, gets a number). real_price is what is paid for a line without freight; freight stands on the
-- order alone and is split to its lines by what they cost, the odd fen to the dearest. An order is received as a whole:
-- a line that was given back in full by then, or was not sent, was not.
with newest as (
    {{ newest_version(source('weixin_shop', 'orders'), key=['shop_key', 'order_id']) }}
),

exploded as (
    {{ exploded('newest', 'order_detail.product_infos', 'line') }}
),

sent as (
    {{ weixin_shop_shipments() }}
),

sources as (
    {{ exploded('newest', 'order_detail.source_infos', 'seller') }}
),

sellers as (
    select
        shop_key,
        order_id,
        seller.sku_id,
        -- Only 视频号 (1) are authors; 2 and 3 are pages of our own.
        max(case when seller.account_type = 1 then seller.account_id end) as author_id
    from sources
    group by shop_key, order_id, seller.sku_id
),

confirmed as (
    select
        shop_key,
        order_id,
        order_detail.ext_info.confirm_receipt_time as confirmed_seconds
    from newest
),

succeeded as (
    {{ weixin_shop_given_back() }}
),

given_back as (
    select
        succeeded.shop_key,
        succeeded.order_id,
        succeeded.sku_id,
        sum(succeeded.back_fen) as back_fen
    from succeeded
    inner join confirmed
        on
            succeeded.shop_key = confirmed.shop_key
            and succeeded.order_id = confirmed.order_id
            and succeeded.back_seconds <= confirmed.confirmed_seconds
    group by succeeded.shop_key, succeeded.order_id, succeeded.sku_id
),

told as (
    select
        shop_key,
        order_id,
        line.sku_id as platform_sku_id,
        row_number() over (
            partition by shop_key, order_id, line.sku_id
            order by coalesce(line.is_free_gift, false) asc, line.real_price desc
        ) as nth_of_sku,
        cast(status as string) as platform_order_status,
        order_detail.delivery_info.address_info.province_name as platform_province,
        order_detail.delivery_info.address_info.city_name as city,
        openid as buyer_key,
        line.product_id,
        line.title as product_name,
        nullif(line.sku_code, '') as sku_id,
        line.sku_attrs[1].attr_value as sku_text,
        nullif(order_detail.ext_info.finder_id, '') as finder_id,
        nullif(order_detail.ext_info.live_id, '') as session_id,
        case order_detail.ext_info.order_scene
            when 1 then '其他'
            when 2 then '直播'
            when 3 then '短视频'
            when 4 then '商品分享'
            when 5 then '橱窗'
            when 6 then '公众号文章'
            else cast(order_detail.ext_info.order_scene as string)
        end as platform_traffic_form,
        concat('weixin_shop:', cast(coalesce(line.sku_deliver_info.stock_type, 0) as string)) as platform_trade_type,
        nullif(order_detail.ext_info.merchant_notes, '') as seller_remark,
        coalesce(line.is_free_gift, false) as is_gift,
        order_detail.delivery_info.deliver_method,
        line.sku_cnt as quantity,
        line.market_price * line.sku_cnt as list_fen,
        line.sale_price * line.sku_cnt as goods_fen,
        line.real_price,
        coalesce(line.merchant_discounted_price, 0) + coalesce(line.deduction_price, 0) as shop_discount_fen,
        -- A coupon of the platform in two parts: what the platform bears and what the shop does.
        coalesce(line.cash_coupon_discounted_price, 0) as platform_borne_fen,
        coalesce(line.platform_activity_merchant_discounted_price, 0) as coupon_of_shop_fen,
        coalesce(line.finder_discounted_price, 0) as author_discount_fen,
        coalesce(line.national_subsidy_discounted_price, 0) as pay_discount_fen,
        case
            when order_detail.price_info.is_change_freight then order_detail.price_info.change_freight
            else order_detail.price_info.freight
        end as order_freight_fen,
        {{ epoch_to_shanghai('create_time') }} as created_at,
        {{ epoch_to_shanghai('order_detail.pay_info.pay_time') }} as paid_at,
        {{ epoch_to_shanghai('line.delivery_deadline') }} as promise_ship_at,
        {{ epoch_to_shanghai('order_detail.ext_info.confirm_receipt_time') }} as received_at,
        _observed_at as exported_at
    from exploded
),

lines as (
    select
        told.*,
        told.order_id as parent_order_id,
        coalesce(sellers.author_id, told.finder_id) as author_id,
        coalesce(sent.is_virtual, case when told.deliver_method = 1 then true end) as is_virtual,
        {{ epoch_to_shanghai('sent.shipped_seconds') }} as shipped_at,
        given_back.back_fen
    from told
    left join sent
        on
            told.shop_key = sent.shop_key
            and told.order_id = sent.order_id
            and told.platform_sku_id = sent.sku_id
    left join sellers
        on
            told.shop_key = sellers.shop_key
            and told.order_id = sellers.order_id
            and told.platform_sku_id = sellers.sku_id
    left join given_back
        on
            told.shop_key = given_back.shop_key
            and told.order_id = given_back.order_id
            and told.platform_sku_id = given_back.sku_id
            and told.nth_of_sku = 1
),

weighed as (
    select
        *,
        sum(goods_fen) over (partition by shop_key, parent_order_id) as order_goods_fen,
        row_number() over (
            partition by shop_key, parent_order_id
            order by goods_fen desc, platform_sku_id asc, nth_of_sku asc
        ) as rank_by_goods
    from lines
),

shared as (
    select
        *,
        {{ split_share('order_freight_fen', 'goods_fen', 'order_goods_fen') }} as freight_share_fen
    from weighed
),

freighted as (
    select
        *,
        freight_share_fen + case
            when rank_by_goods = 1
                then order_freight_fen - sum(freight_share_fen) over (partition by shop_key, parent_order_id)
            else 0
        end as freight_fen
    from shared
)

select
    'weixin_shop' as channel,
    shop_key,
    parent_order_id,
    concat_ws(
        ':', parent_order_id, platform_sku_id, case when nth_of_sku > 1 then cast(nth_of_sku as string) end
    ) as sub_order_id,
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
    platform_borne_fen + coupon_of_shop_fen as platform_discount_fen,
    author_discount_fen,
    pay_discount_fen,
    platform_borne_fen,
    shop_discount_fen + coupon_of_shop_fen as merchant_borne_fen,
    author_discount_fen as author_borne_fen,
    real_price + pay_discount_fen + freight_fen as order_fen,
    case when paid_at is not null then real_price + freight_fen end as paid_fen,
    -- Pre-sales are paid whole.
    cast(0 as bigint) as deposit_fen,
    goods_fen - shop_discount_fen - platform_borne_fen - coupon_of_shop_fen - author_discount_fen - pay_discount_fen
    - real_price as identity_gap_fen,
    created_at,
    cast(null as timestamp) as deposit_paid_at,
    paid_at,
    promise_ship_at,
    shipped_at,
    -- The platform tells no scans.
    cast(null as timestamp) as signed_at,
    case
        when shipped_at <= received_at and (coalesce(back_fen, 0) = 0 or back_fen < real_price + freight_fen)
            then received_at
    end as finished_at,
    exported_at
from freighted
