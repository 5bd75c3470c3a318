-- 快手's orders by API: one order is one SKU, its gifts are rows of their own. totalFee is the price less what the shop
-- bears, without freight; who gives a discount and who bears it stands in the fee detail, asked for where there is a
-- discount; until it came, the list's two sums tell the shop's part from the rest. 支付优惠 comes off on top. When a parcel
-- was signed 快手 does not say; the room stands in the detail of live orders. The room itself it tells nothing of.
with newest as (
    {{ newest_version(source('kuaishou', 'orders'), key=['shop_key', 'orderBaseInfo.oid']) }}
),

details as (
    {{ newest_version(source('kuaishou', 'order_details'), key=['shop_key', 'orderBaseInfo.oid']) }}
),

rooms as (
    select
        shop_key,
        orderBaseInfo.oid,
        case when orderBaseInfo.carrierType = 2 then nullif(orderBaseInfo.carrierId, '0') end as session_id
    from details
),

fees as (
    {{ newest_version(source('kuaishou', 'order_fees'), key=['shop_key', 'oid']) }}
),

offers as (
    {{ exploded('fees', 'marketingInfoOuters', 'offer') }}
),

borne as (
    {{ exploded('offers', 'offer.bearInfoList', 'part') }}
),

parts as (
    -- 4 is stored value, which is money that the buyer paid before: no discount.
    select shop_key, oid, offer.subType as sub_type, part.bearer, part.bearAmount as amount_fen
    from borne
    where part.bearer <> 4
    union all
    -- The older form says no bearers: 平台补贴 is the platform's, 主播红包 the anchor's, the rest the shop's.
    select
        shop_key,
        oid,
        offer.subType as sub_type,
        case offer.subType when 1002 then 2 when 1003 then 3 else 1 end as bearer,
        offer.discountFee as amount_fen
    from offers
    where offer.bearInfoList is null
),

by_offer as (
    select
        shop_key,
        oid,
        sub_type,
        sum(case when bearer = 1 then amount_fen else 0 end) as merchant_fen,
        sum(case when bearer = 2 then amount_fen else 0 end) as platform_fen,
        sum(case when bearer = 3 then amount_fen else 0 end) as anchor_fen,
        sum(amount_fen) as given_fen
    from parts
    group by shop_key, oid, sub_type
),

given as (
    select
        *,
        case
            when sub_type = 1002 or platform_fen > 0 then 'platform'
            when sub_type = 1003 or anchor_fen > 0 then 'author'
            else 'shop'
        end as giver
    from by_offer
),

discounts as (
    select
        shop_key,
        oid,
        sum(case when giver = 'shop' then given_fen else 0 end) as shop_fen,
        sum(case when giver = 'platform' then given_fen else 0 end) as platform_fen,
        sum(case when giver = 'author' then given_fen else 0 end) as author_fen,
        sum(merchant_fen) as merchant_borne_fen,
        sum(platform_fen) as platform_borne_fen,
        sum(anchor_fen) as author_borne_fen
    from given
    group by shop_key, oid
),

orders as (
    select
        shop_key,
        orderBaseInfo.oid,
        orderBaseInfo as base,
        orderItemInfo as item,
        subOrderInfo as gifts,
        _observed_at as exported_at,
        {{ kuaishou_parent('orderBaseInfo') }} as parent_order_id,
        orderAddress.province as platform_province,
        orderAddress.city,
        case
            -- 2 达人, 3 授权号 (the shop's own account); 1 the shop itself, as an author where it shows itself.
            when orderBaseInfo.orderSellerRoleInfo.roleType in (2, 3)
                then nullif(orderBaseInfo.orderSellerRoleInfo.roleId, '0')
            when orderCpsInfo.distributorId <> '0' then orderCpsInfo.distributorId
            when orderBaseInfo.orderSellerRoleInfo.roleType = 1 and orderBaseInfo.channel in ('live', 'shortVideo')
                then nullif(orderBaseInfo.orderSellerRoleInfo.roleId, '0')
        end as author_id,
        case orderBaseInfo.channel
            when 'live' then '直播'
            when 'shortVideo' then '短视频'
            when 'itemCard' then '商品卡'
            else orderBaseInfo.channel
        end as platform_traffic_form,
        -- Activities are several; those that change how an order counts go first.
        concat('kuaishou:', case
            when array_contains(orderBaseInfo.allActivityType, 12) then '12'
            when orderStepInfo.orderPaymentStatus.payStepType = 1 then '6'
            when orderBaseInfo.preSale = 1 then 'preSale'
            else coalesce(cast(orderBaseInfo.allActivityType[1] as string), '1')
        end) as platform_trade_type,
        -- Newest first; an older note may be the one that says 补单.
        nullif(concat_ws(
            ' / ', orderNote.orderNoteInfo[1].note, orderNote.orderNoteInfo[2].note, orderNote.orderNoteInfo[3].note
        ), '') as seller_remark,
        case
            when orderDeliveryInfo.deliveryStatus = 10 then concat(cast(orderBaseInfo.status as string), ':10')
            else cast(orderBaseInfo.status as string)
        end as platform_order_status,
        case
            when orderStepInfo.orderPaymentSteps[1].payStepNo = 1 then orderStepInfo.orderPaymentSteps[1].paymentFee
            else 0
        end as deposit_fen,
        {{ kuaishou_time('orderStepInfo.orderPaymentSteps[1].payTime') }} as deposit_paid_at,
        {{ kuaishou_time('orderBaseInfo.createTime') }} as created_at,
        {{ kuaishou_time('orderBaseInfo.payTime') }} as paid_at,
        {{ kuaishou_time('orderBaseInfo.validPromiseShipmentTimeStamp') }} as promise_ship_at,
        orderItemInfo.price * orderItemInfo.num as goods_fen,
        orderBaseInfo.expressFee as freight_fen,
        orderBaseInfo.totalFee as total_fen,
        coalesce(orderBaseInfo.payChannelDiscount, 0) as pay_discount_fen,
        -- By the list alone: what the shop bears is off totalFee, what others bear is the rest.
        case
            when orderBaseInfo.discountFee = 0 then 0
            else orderItemInfo.price * orderItemInfo.num - orderBaseInfo.totalFee
        end as listed_merchant_fen,
        case
            when orderBaseInfo.discountFee = 0 then 0
            else orderBaseInfo.discountFee - orderItemInfo.price * orderItemInfo.num + orderBaseInfo.totalFee
        end as listed_platform_fen
    from newest
),

seen as (
    select
        orders.*,
        rooms.session_id
    from orders
    left join rooms
        on orders.shop_key = rooms.shop_key and orders.oid = rooms.oid
),

discounted as (
    select
        seen.*,
        coalesce(discounts.shop_fen, seen.listed_merchant_fen) as shop_discount_fen,
        coalesce(discounts.platform_fen, seen.listed_platform_fen) as platform_discount_fen,
        coalesce(discounts.author_fen, 0) as author_discount_fen,
        coalesce(discounts.merchant_borne_fen, seen.listed_merchant_fen) as merchant_borne_fen,
        coalesce(discounts.platform_borne_fen, seen.listed_platform_fen) as platform_borne_fen,
        coalesce(discounts.author_borne_fen, 0) as author_borne_fen
    from seen
    left join discounts
        on seen.shop_key = discounts.shop_key and seen.oid = discounts.oid
),

due as (
    select
        *,
        total_fen + freight_fen - platform_borne_fen - author_borne_fen as order_fen
    from discounted
),

given_along as (
    {{ exploded('seen', 'gifts', 'gift') }}
)

select
    'kuaishou' as channel,
    shop_key,
    parent_order_id,
    oid as sub_order_id,
    platform_order_status,
    platform_province,
    city,
    base.buyerOpenId as buyer_key,
    item.itemId as product_id,
    item.itemTitle as product_name,
    nullif(item.skuNick, '') as sku_id,
    item.skuDesc as sku_text,
    author_id,
    session_id,
    platform_traffic_form,
    platform_trade_type,
    seller_remark,
    false as is_gift,
    item.serviceInfo.serviceRuleInfo.deliveryMethod = 'certificate' as is_virtual,
    item.num as quantity,
    item.originalPrice * item.num as list_fen,
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
    {{ kuaishou_time('base.sendTime') }} as shipped_at,
    cast(null as timestamp) as signed_at,
    {{ kuaishou_time('base.recvTime') }} as finished_at,
    exported_at
from due
union all
select
    'kuaishou' as channel,
    shop_key,
    parent_order_id,
    gift.subOrderBaseInfo.oid as sub_order_id,
    cast(gift.subOrderBaseInfo.status as string) as platform_order_status,
    platform_province,
    city,
    base.buyerOpenId as buyer_key,
    gift.subOrderItemInfo.itemId as product_id,
    gift.subOrderItemInfo.itemTitle as product_name,
    nullif(gift.subOrderItemInfo.skuNick, '') as sku_id,
    gift.subOrderItemInfo.skuDesc as sku_text,
    author_id,
    session_id,
    platform_traffic_form,
    platform_trade_type,
    seller_remark,
    true as is_gift,
    gift.subOrderItemInfo.serviceInfo.serviceRuleInfo.deliveryMethod = 'certificate' as is_virtual,
    gift.subOrderItemInfo.num as quantity,
    0 as list_fen,
    0 as goods_fen,
    0 as freight_fen,
    0 as shop_discount_fen,
    0 as platform_discount_fen,
    0 as author_discount_fen,
    0 as pay_discount_fen,
    0 as platform_borne_fen,
    0 as merchant_borne_fen,
    0 as author_borne_fen,
    0 as order_fen,
    case when paid_at is not null then 0 end as paid_fen,
    0 as deposit_fen,
    0 as identity_gap_fen,
    created_at,
    deposit_paid_at,
    paid_at,
    promise_ship_at,
    {{ kuaishou_time('gift.subOrderBaseInfo.sendTime') }} as shipped_at,
    cast(null as timestamp) as signed_at,
    {{ kuaishou_time('gift.subOrderBaseInfo.recvTime') }} as finished_at,
    exported_at
from given_along
