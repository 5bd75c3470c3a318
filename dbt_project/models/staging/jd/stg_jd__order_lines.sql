-- 京东's orders as the API gives them, one row an item. A split order's children count, its parent does not. Money
-- stands on the order, in yuan as text; an amount is split to the items by what they cost, the odd fen to the dearest.
-- shouldPay is what was due after discounts, actualPay what was paid after 支付优惠, filled some minutes after payment.
-- couponDetailList has all discounts, the seller's too, those of a SKU with its id; a gift card (52) is money instead.
{% set split = ['freight', 'seller_discount', 'platform_discount', 'pay_discount', 'merchant_borne', 'deposit'] %}
with {{ jd_counted_orders() }},

coupons as (
    {{ exploded('counted', 'couponDetailList', 'coupon') }}
),

discounts as (
    select
        shop_key,
        orderId,
        nullif(coupon.skuId, '') as sku_id,
        sum({{ jd_fen('coupon.couponPrice') }}) as discount_fen
    from coupons
    where coupon.couponType not like '52-%'
    group by shop_key, orderId, nullif(coupon.skuId, '')
),

discount_totals as (
    select
        shop_key,
        orderId,
        sum(discount_fen) as all_discount_fen,
        sum(case when sku_id is not null then discount_fen else 0 end) as sku_discount_fen
    from discounts
    group by shop_key, orderId
),

shipments as (
    {{ exploded('counted', 'partialLogisticsInfoModel', 'shipment') }}
),

sent_skus as (
    {{ exploded('shipments', 'shipment.skus', 'sku') }}
),

sent as (
    select
        shop_key,
        orderId,
        sku.skuId as sku_id,
        min(shipment.shipmentTime) as shipped_ms
    from sent_skus
    group by shop_key, orderId, sku.skuId
),

presales as (
    {{ newest_version(source('jd', 'presales'), key=['shop_key', 'id']) }}
),

orders as (
    select
        counted.shop_key,
        counted.orderId,
        {{ jd_parent('counted.parentOrderId', 'counted.orderId') }} as parent_order_id,
        counted.orderType as order_type,
        counted.orderState as order_state,
        counted.consigneeInfo as consignee,
        coalesce(counted.open_id_buyer, counted.xid_buyer, counted.pin) as buyer_key,
        nullif(counted.venderRemark, '') as seller_remark,
        counted.itemInfoList as items,
        presales.orderId is not null as is_presale,
        {{ jd_fen('counted.shouldPay') }} as due_fen,
        {{ jd_fen('counted.actualPay') }} as actual_fen,
        coalesce({{ jd_fen('counted.freightPrice') }}, 0) as order_freight_fen,
        coalesce({{ jd_fen('counted.payDiscount') }}, 0) as order_pay_discount_fen,
        coalesce({{ jd_fen('counted.sellerDiscount') }}, 0) - coalesce(totals.sku_discount_fen, 0)
            as order_seller_discount_fen,
        coalesce(totals.all_discount_fen, 0) - coalesce({{ jd_fen('counted.sellerDiscount') }}, 0)
            as order_platform_discount_fen,
        coalesce({{ jd_fen('counted.totalSellerDiscount') }}, {{ jd_fen('counted.sellerDiscount') }}, 0)
            as order_merchant_borne_fen,
        coalesce({{ jd_fen('presales.payBargainReal') }}, 0) as order_deposit_fen,
        coalesce(totals.all_discount_fen, 0) as order_discount_fen,
        cast(counted.orderStartTime as timestamp) as created_at,
        {{ jd_time('presales.bargainTime') }} as deposit_paid_at,
        cast(nullif(counted.paymentConfirmTime, '0001-01-01 00:00:00') as timestamp) as paid_at,
        case
            when counted.orderState in ('FINISHED_L', 'WanCheng')
                then cast(
                    nullif(nullif(counted.orderEndTime, '0001-01-01 00:00:00'), '1970-01-01 00:00:00') as timestamp
                )
        end as finished_at,
        counted._observed_at as exported_at
    from counted
    left join discount_totals as totals
        on counted.shop_key = totals.shop_key and counted.orderId = totals.orderId
    left join presales
        on counted.shop_key = presales.shop_key and counted.orderId = presales.orderId
),

exploded as (
    {{ exploded('orders', 'items', 'item') }}
),

priced as (
    select
        *,
        item.skuId as platform_sku_id,
        cast(item.itemTotal as bigint) as quantity,
        {{ jd_fen('item.jdPrice') }} * cast(item.itemTotal as bigint) as goods_fen,
        -- A SKU can be there twice: bought, and as a gift.
        row_number() over (
            partition by shop_key, orderId, item.skuId
            order by {{ jd_fen('item.jdPrice') }} desc, item.id asc
        ) as sku_rank
    from exploded
),

lines as (
    select
        priced.*,
        sum(priced.goods_fen) over (partition by priced.shop_key, priced.orderId) as order_goods_fen,
        row_number() over (
            partition by priced.shop_key, priced.orderId
            order by priced.goods_fen desc, priced.platform_sku_id asc, priced.sku_rank asc
        ) as rank_by_goods,
        case when priced.sku_rank = 1 then coalesce(discounts.discount_fen, 0) else 0 end as own_discount_fen,
        sent.shipped_ms
    from priced
    left join discounts
        on
            priced.shop_key = discounts.shop_key
            and priced.orderId = discounts.orderId
            and priced.platform_sku_id = discounts.sku_id
    left join sent
        on
            priced.shop_key = sent.shop_key
            and priced.orderId = sent.orderId
            and priced.platform_sku_id = sent.sku_id
),

shared as (
    select
        *,
        {% for name in split %}
            {{ split_share('order_' ~ name ~ '_fen', 'goods_fen', 'order_goods_fen') }} as {{ name }}_share_fen,
        {% endfor %}
        order_goods_fen + order_freight_fen - order_discount_fen - due_fen as order_gap_fen
    from lines
),

amounts as (
    select
        *,
        {% for name in split %}
            {{ name }}_share_fen + case
                when rank_by_goods = 1
                    then order_{{ name }}_fen - sum({{ name }}_share_fen) over (partition by shop_key, orderId)
                else 0
            end as {{ name }}_fen,
        {% endfor %}
        case when rank_by_goods = 1 then order_gap_fen else 0 end as identity_gap_fen,
        -- What was paid besides what was due: told on the dearest item too.
        case
            when rank_by_goods = 1 then coalesce(nullif(actual_fen, 0) - (due_fen - order_pay_discount_fen), 0)
            else 0
        end as more_paid_fen
    from shared
),

due as (
    select
        *,
        seller_discount_fen + own_discount_fen as shop_discount_fen,
        goods_fen + freight_fen - seller_discount_fen - own_discount_fen - platform_discount_fen - identity_gap_fen
            as order_fen
    from amounts
)

select
    'jd' as channel,
    shop_key,
    parent_order_id,
    case
        when sku_rank = 1 then concat_ws('-', orderId, platform_sku_id)
        else concat_ws('-', orderId, platform_sku_id, cast(sku_rank as string))
    end as sub_order_id,
    order_state as platform_order_status,
    consignee.province as platform_province,
    consignee.city,
    buyer_key,
    item.wareId as product_id,
    item.skuName as product_name,
    nullif(item.outerSkuId, '') as sku_id,
    cast(null as string) as sku_text,  -- skuName says product and specification together
    cast(null as string) as author_id,  -- no creators, rooms or sources of traffic in this API
    cast(null as string) as session_id,
    cast(null as string) as platform_traffic_form,
    case when is_presale then 'jd:presale' else concat('jd:', order_type) end as platform_trade_type,
    seller_remark,
    goods_fen = 0 as is_gift,
    order_type = '75' as is_virtual,
    quantity,
    cast(null as bigint) as list_fen,  -- totalOriginalPrice is the page's prices; a SKU has no list price here
    goods_fen,
    freight_fen,
    shop_discount_fen,
    platform_discount_fen,
    0 as author_discount_fen,
    pay_discount_fen,
    shop_discount_fen + platform_discount_fen - merchant_borne_fen as platform_borne_fen,
    merchant_borne_fen,
    0 as author_borne_fen,
    order_fen,
    case when paid_at is not null then order_fen - pay_discount_fen + more_paid_fen end as paid_fen,
    deposit_fen,
    identity_gap_fen,
    created_at,
    deposit_paid_at,
    paid_at,
    cast(null as timestamp) as promise_ship_at,  -- not told
    {{ jd_epoch('shipped_ms') }} as shipped_at,
    cast(null as timestamp) as signed_at,  -- not told
    finished_at,
    exported_at
from due
