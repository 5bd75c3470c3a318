-- 有赞's orders by API, one row a line. A line's payment is what is due for it after all discounts, real_payment what was
-- paid for the trade once the wallet has taken its part off. Promotions stand on the detail: 平台补贴 (513) is the
-- platform's, 平台优惠券 (211) a discount of the platform that the shop bears (unconfirmed), all else the shop's. Amounts
-- of the trade are split to its lines by what they cost, the odd fen to the dearest.
with {{ youzan_trades() }},

{{ youzan_line_shipments() }},

{{ youzan_refund_lines() }},

given_back as (
    select
        shop_key,
        line_oid,
        sum(line_refund_fen) as refunded_fen,
        max(success_at) as refunded_at
    from refund_lines
    where is_given
    group by shop_key, line_oid
),

order_promotions as (
    {{ exploded('details', 'order_promotion.order', 'promotion') }}
),

item_promotions as (
    {{ exploded('details', 'order_promotion.item', 'promoted') }}
),

promotions as (
    {{ exploded('item_promotions', 'promoted.promotions', 'promotion') }}
),

platform_promotions as (
    select shop_key, tid, promotion.promotion_type_id as type_id, {{ youzan_fen('promotion.discount_fee') }} as fen
    from order_promotions
    union all
    select shop_key, tid, promotion.promotion_type_id as type_id, {{ youzan_fen('promotion.discount_fee') }} as fen
    from promotions
),

given_by_platform as (
    select
        shop_key,
        tid,
        sum(case when type_id = 513 then fen else 0 end) as subsidy_fen,
        sum(case when type_id = 211 then fen else 0 end) as coupon_fen
    from platform_promotions
    where type_id in (211, 513)
    group by shop_key, tid
),

detail_amounts as (
    select
        shop_key,
        tid,
        {{ youzan_fen('order_promotion.item_discount_fee') }}
        + {{ youzan_fen('order_promotion.order_discount_fee') }} as discount_fen,
        coalesce({{ youzan_fen('order_promotion.adjust_fee') }}, 0) as adjust_fen,
        {{ youzan_fen('full_order_info.pay_info.real_payment') }} as real_payment_fen
    from details
),

product_details as (
    {{ newest_version(source('youzan', 'product_details'), key=['shop_key', 'item_id']) }}
),

skus as (
    {{ exploded('product_details', 'sku_list', 'sku') }}
),

-- The list price stands on the SKU alone, as it is now: 标准价, else the item's 划线价.
list_prices as (
    select
        shop_key,
        item_id,
        sku.sku_id,
        coalesce(
            nullif(sku.standard_price, 0),
            cast(try_cast(nullif(item_price_param.origin, '') as decimal(18, 2)) * 100 as bigint)
        ) as list_price_fen
    from skus
),

exploded as (
    {{ exploded('newest', 'full_order_info.orders', 'line') }}
),

told as (
    select
        shop_key,
        {{ youzan_parent() }} as parent_order_id,
        full_order_info.order_info.tid,
        line.oid as sub_order_id,
        full_order_info.order_info.status as platform_order_status,
        full_order_info.address_info.delivery_province as platform_province,
        full_order_info.address_info.delivery_city as city,
        full_order_info.buyer_info.yz_open_id as buyer_key,
        line.item_id as product_id,
        line.sku_id as platform_sku_id,
        line.title as product_name,
        coalesce(nullif(line.outer_sku_id, ''), nullif(line.sku_no, '')) as sku_id,
        nullif(regexp_extract(line.sku_properties_name, '"v" *: *"([^"]*)"', 1), '') as sku_text,
        coalesce(
            nullif(full_order_info.source_info.source.wx_entrance, ''),
            nullif(full_order_info.source_info.source.platform, '')
        ) as platform_traffic_form,
        -- Pre-sales are said by the line, everything else by the trade.
        case
            when full_order_info.order_info.type = 0 and line.is_pre_sale = '1'
                then concat('youzan:pre_sale:', coalesce(line.pre_sale_type, ''))
            else concat('youzan:', cast(full_order_info.order_info.type as string))
        end as platform_trade_type,
        nullif(full_order_info.remark_info.trade_memo, '') as seller_remark,
        coalesce(line.is_present, false) as is_gift,
        -- What of the platform's kinds of goods needs no carrier; a kind that is not listed is unknown.
        case
            when line.item_type in (0, 1, 5, 10, 24, 25, 30, 203) then false
            when line.item_type in (20, 21, 23, 31, 35, 40, 71, 182, 183, 201, 202, 204, 206, 207, 208)
                then true
        end as is_virtual,
        line.num as quantity,
        {{ youzan_fen('line.price') }} as price_fen,
        {{ youzan_fen('line.payment') }} as line_payment_fen,
        {{ youzan_fen('line.discount') }} as line_pay_discount_fen,
        {{ youzan_fen('full_order_info.pay_info.post_fee') }} as post_fen,
        {{ youzan_fen('full_order_info.pay_info.payment') }} as payment_fen,
        {{ youzan_fen('full_order_info.pay_info.real_payment') }} as listed_real_payment_fen,
        -- The first phase of a staged pre-sale is its deposit; the balance is the order's own payment.
        case
            when nullif(full_order_info.pay_info.phase_payments[1].pay_time, '') is not null
                then {{ youzan_fen('full_order_info.pay_info.phase_payments[1].real_price') }}
            else 0
        end as trade_deposit_fen,
        {{ youzan_time('full_order_info.pay_info.phase_payments[1].pay_time') }} as deposit_paid_at,
        {{ youzan_time('full_order_info.order_info.created') }} as created_at,
        {{ youzan_time('full_order_info.order_info.pay_time') }} as paid_at,
        {{ epoch_to_shanghai('line.expect_delivery_time') }} as promise_ship_at,
        {{ youzan_time('full_order_info.order_info.success_time') }} as trade_finished_at,
        _observed_at as exported_at
    from exploded
),

lines as (
    select
        told.*,
        list_prices.list_price_fen,
        detail_amounts.discount_fen,
        detail_amounts.adjust_fen,
        coalesce(told.listed_real_payment_fen, detail_amounts.real_payment_fen) as real_payment_fen,
        coalesce(given_by_platform.subsidy_fen, 0) as trade_subsidy_fen,
        coalesce(given_by_platform.coupon_fen, 0) as trade_coupon_fen,
        line_shipments.shipped_at,
        coalesce(given_back.refunded_fen, 0) as refunded_fen,
        given_back.refunded_at
    from told
    left join detail_amounts
        on told.shop_key = detail_amounts.shop_key and told.tid = detail_amounts.tid
    left join given_by_platform
        on told.shop_key = given_by_platform.shop_key and told.tid = given_by_platform.tid
    left join line_shipments
        on
            told.shop_key = line_shipments.shop_key
            and told.tid = line_shipments.tid
            and told.sub_order_id = line_shipments.oid
    left join given_back
        on told.shop_key = given_back.shop_key and told.sub_order_id = given_back.line_oid
    left join list_prices
        on
            told.shop_key = list_prices.shop_key
            and told.product_id = list_prices.item_id
            and told.platform_sku_id = list_prices.sku_id
),

priced as (
    select
        *,
        case when is_gift then 0 else price_fen * quantity end as goods_fen,
        case when is_gift then 0 else list_price_fen * quantity end as list_fen,
        sum(line_payment_fen) over (partition by shop_key, tid) as lines_payment_fen,
        sum(line_pay_discount_fen) over (partition by shop_key, tid) as lines_pay_discount_fen,
        case when paid_at is not null then payment_fen - real_payment_fen else 0 end as trade_pay_discount_fen
    from lines
),

weighed as (
    select
        *,
        sum(goods_fen) over (partition by shop_key, tid) as trade_goods_fen,
        row_number() over (partition by shop_key, tid order by goods_fen desc, sub_order_id asc) as rank_by_goods
    from priced
),

shared as (
    select
        *,
        -- 改价 is printed with a sign that two descriptions read in opposite ways: either explains the gap.
        case
            when discount_fen is null then 0
            when abs(trade_goods_fen + post_fen - discount_fen - payment_fen) = abs(adjust_fen) then 0
            else trade_goods_fen + post_fen - discount_fen - payment_fen
        end as trade_gap_fen,
        {{ split_share('post_fen', 'goods_fen', 'trade_goods_fen') }} as post_share_fen,
        {{ split_share('trade_subsidy_fen', 'goods_fen', 'trade_goods_fen') }} as subsidy_share_fen,
        {{ split_share('trade_coupon_fen', 'goods_fen', 'trade_goods_fen') }} as coupon_share_fen,
        {{ split_share('trade_pay_discount_fen', 'goods_fen', 'trade_goods_fen') }} as pay_discount_share_fen,
        {{ split_share('trade_deposit_fen', 'goods_fen', 'trade_goods_fen') }} as deposit_share_fen
    from weighed
),

split as (
    select
        *,
        {{ youzan_part('post_fen', 'post_share_fen') }} as post_part_fen,
        {{ youzan_part('trade_subsidy_fen', 'subsidy_share_fen') }} as subsidy_part_fen,
        {{ youzan_part('trade_coupon_fen', 'coupon_share_fen') }} as coupon_part_fen,
        -- What a line says of 非现金抵扣 is believed where it explains what the wallet took off the trade.
        case
            when lines_pay_discount_fen = trade_pay_discount_fen then coalesce(line_pay_discount_fen, 0)
            else {{ youzan_part('trade_pay_discount_fen', 'pay_discount_share_fen') }}
        end as pay_discount_part_fen,
        {{ youzan_part('trade_deposit_fen', 'deposit_share_fen') }} as deposit_part_fen,
        case when rank_by_goods = 1 then trade_gap_fen else 0 end as identity_gap_fen
    from shared
),

due as (
    select
        *,
        -- Whether lines' payments have freight in them is not documented for sure: their sum tells.
        line_payment_fen + case when lines_payment_fen = payment_fen then 0 else post_part_fen end as order_fen
    from split
),

discounted as (
    select
        *,
        goods_fen + post_part_fen - order_fen - identity_gap_fen - subsidy_part_fen - coupon_part_fen
            as shop_discount_fen
    from due
)

select
    'youzan' as channel,
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
    cast(null as string) as author_id,  -- creators and rooms are not told of orders
    cast(null as string) as session_id,
    platform_traffic_form,
    platform_trade_type,
    seller_remark,
    is_gift,
    is_virtual,
    quantity,
    list_fen,
    goods_fen,
    post_part_fen as freight_fen,
    shop_discount_fen,
    subsidy_part_fen + coupon_part_fen as platform_discount_fen,
    0 as author_discount_fen,
    pay_discount_part_fen as pay_discount_fen,
    subsidy_part_fen as platform_borne_fen,
    shop_discount_fen + coupon_part_fen as merchant_borne_fen,
    0 as author_borne_fen,
    order_fen,
    case when paid_at is not null then order_fen - pay_discount_part_fen end as paid_fen,
    deposit_part_fen as deposit_fen,
    identity_gap_fen,
    created_at,
    deposit_paid_at,
    paid_at,
    promise_ship_at,
    shipped_at,
    cast(null as timestamp) as signed_at,  -- said by the parcel's state
    -- Completion is the trade's; a line that was given back in full before was not received with the others.
    case
        when refunded_fen > 0 and refunded_fen >= order_fen - pay_discount_part_fen and refunded_at <= trade_finished_at
            then cast(null as timestamp)
        else trade_finished_at
    end as finished_at,
    exported_at
from discounted
