-- 小红书's orders by API, one row a SKU of an order. Unit prices stand in skuDetailList (the parts of a bundle), before
-- all discounts; a SKU's totals are without freight. totalPayAmount is what was paid (while unpaid: is due), deposit
-- and freight included, outPromotionAmount what the wallet took off. Freight, deposit and what the platform bears
-- stand on the order alone and are split to its lines, the odd fen to the dearest.
-- Not on the wire: when a deposit was paid (within hours of placing the order, whose time stands in), and the list
-- price (the SKU's present one stands in). A buyer receives an order as a whole, but not what was given back before.
{% set splits = [
    ('freight_fen', 'goods_fen', 'rank_by_goods'),
    ('deposit_fen', 'goods_fen', 'rank_by_goods'),
    ('platform_borne_fen', 'platform_discount_fen', 'rank_by_coupon')
] %}
with {{ xhs_orders() }},

{{ xhs_order_skus() }},

{{ xhs_deliveries() }},

{{ xhs_refund_lines() }},

components as (
    {{ exploded('order_skus', 'line.skudetaillist', 'part') }}
),

prices as (
    select
        shop_key,
        sub_order_id,
        sum(part.rawpricepersku * part.quantity) as unit_price_fen
    from components
    group by shop_key, sub_order_id
),

packed as (
    {{ exploded('deliveries', 'delivery.skuidlist', 'packed_sku_id') }}
),

sent as (
    select
        shop_key,
        orderid,
        packed_sku_id,
        min(shipped_at) as shipped_at,
        max(signed_at) as signed_at
    from packed
    group by shop_key, orderid, packed_sku_id
),

given_back as (
    select
        refund_lines.shop_key,
        refund_lines.sub_order_id,
        sum(refund_lines.refund_fen) as given_back_fen
    from refund_lines
    inner join newest
        on refund_lines.shop_key = newest.shop_key and refund_lines.parent_order_id = newest.orderid
    where refund_lines.refunded_at <= {{ xhs_time('newest.finishtime') }}
    group by refund_lines.shop_key, refund_lines.sub_order_id
),

own_sales as (
    {{ newest_version(source('xiaohongshu', 'kos_sales'), key=['shop_key', 'packageid', 'skuid']) }}
),

listed as (
    select
        shop_key,
        sku.id as platform_sku_id,
        sku.originalprice as list_price_fen
    from (
        {{ newest_version(source('xiaohongshu', 'skus'), key=['shop_key', 'sku.id']) }}
    ) as newest_skus
),

told as (
    select
        shop_key,
        orderid as parent_order_id,
        sub_order_id,
        platform_sku_id,
        cast(orderstatus as string) as platform_order_status,
        receiverprovincename as platform_province,
        receivercityname as city,
        userid as buyer_key,
        line.itemid as product_id,
        line.itemname as product_name,
        {{ xhs_text('line.erpcode') }} as sku_id,
        line.skuspec as sku_text,
        {{ xhs_text('line.kolid') }} as kol_id,
        concat('xiaohongshu:', cast(ordertype as string)) as platform_trade_type,
        {{ xhs_text('sellerremark') }} as seller_remark,
        line.skutag = 1 as is_tagged_gift,
        line.deliverymode = 1 as is_virtual,
        quantity,
        line.totaltaxamount as tax_fen,
        line.totalmerchantdiscount as shop_discount_fen,
        line.totalreddiscount as platform_discount_fen,
        line.totalpaidamount as paid_goods_fen,
        totalshippingfree as order_freight_fen,
        totaldepositamount as order_deposit_fen,
        merchantactualreceiveamount - totalpayamount - outpromotionamount as order_platform_borne_fen,
        totalpayamount + outpromotionamount as order_due_fen,
        totalpayamount as order_pay_fen,
        {{ xhs_time('createdtime') }} as created_at,
        case when totaldepositamount > 0 then {{ xhs_time('createdtime') }} end as deposit_paid_at,
        {{ xhs_time('paidtime') }} as paid_at,
        {{ xhs_time('promiselastdeliverytime') }} as promise_ship_at,
        {{ xhs_time('finishtime') }} as order_finished_at,
        _observed_at as exported_at
    from order_skus
),

lines as (
    select
        told.*,
        coalesce(told.kol_id, own_sales.accountuserid) as author_id,
        own_sales.newcarriernamegroup as platform_traffic_form,
        told.is_tagged_gift or prices.unit_price_fen = 0 as is_gift,
        case when prices.unit_price_fen = 0 then 0 else listed.list_price_fen * told.quantity end as list_fen,
        prices.unit_price_fen * told.quantity + told.tax_fen as goods_fen,
        coalesce(given_back.given_back_fen, 0) as given_back_fen,
        sent.shipped_at,
        sent.signed_at
    from told
    left join prices
        on told.shop_key = prices.shop_key and told.sub_order_id = prices.sub_order_id
    left join sent
        on
            told.shop_key = sent.shop_key
            and told.parent_order_id = sent.orderid
            and told.platform_sku_id = sent.packed_sku_id
    left join given_back
        on told.shop_key = given_back.shop_key and told.sub_order_id = given_back.sub_order_id
    left join own_sales
        on
            told.shop_key = own_sales.shop_key
            and told.parent_order_id = own_sales.packageid
            and told.platform_sku_id = own_sales.skuid
    left join listed
        on told.shop_key = listed.shop_key and told.platform_sku_id = listed.platform_sku_id
),

weighed as (
    select
        *,
        sum(goods_fen) over (partition by shop_key, parent_order_id) as order_goods_fen,
        sum(platform_discount_fen) over (partition by shop_key, parent_order_id) as order_platform_discount_fen,
        sum(shop_discount_fen) over (partition by shop_key, parent_order_id) as order_shop_discount_fen,
        sum(paid_goods_fen) over (partition by shop_key, parent_order_id) as order_paid_goods_fen,
        row_number() over (
            partition by shop_key, parent_order_id
            order by goods_fen desc, sub_order_id asc
        ) as rank_by_goods,
        row_number() over (
            partition by shop_key, parent_order_id
            order by platform_discount_fen desc, sub_order_id asc
        ) as rank_by_coupon
    from lines
),

shared as (
    select
        *,
        {% for name, weight, _ in splits %}
            {{ split_share('order_' ~ name, weight, 'order_' ~ weight) }} as {{ name }}_share,
        {% endfor %}
        -- What the order's amounts miss from each other: goods and discounts from what is due, lines from the order.
        order_goods_fen + order_freight_fen - order_shop_discount_fen - order_platform_discount_fen - order_due_fen
            as due_gap_fen,
        order_paid_goods_fen + order_freight_fen - order_pay_fen as paid_gap_fen
    from weighed
),

whole as (
    select
        *,
        {% for name, _, rank in splits %}
            {{ name }}_share + case
                when {{ rank }} = 1
                    then order_{{ name }} - sum({{ name }}_share) over (partition by shop_key, parent_order_id)
                else 0
            end as {{ name }},
        {% endfor %}
        case
            when rank_by_goods > 1 then 0
            when due_gap_fen <> 0 then due_gap_fen
            else paid_gap_fen
        end as identity_gap_fen
    from shared
),

due as (
    select
        *,
        goods_fen + freight_fen - shop_discount_fen - platform_discount_fen - identity_gap_fen as order_fen
    from whole
)

select
    'xiaohongshu' as channel,
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
    cast(null as string) as session_id,  -- the API tells of no live session
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
    0 as author_discount_fen,  -- 博主 give none here
    case when paid_at is not null then order_fen - paid_goods_fen - freight_fen else 0 end as pay_discount_fen,
    platform_borne_fen,
    shop_discount_fen + platform_discount_fen - platform_borne_fen as merchant_borne_fen,
    0 as author_borne_fen,
    order_fen,
    case when paid_at is not null then paid_goods_fen + freight_fen end as paid_fen,
    deposit_fen,
    identity_gap_fen,
    created_at,
    deposit_paid_at,
    paid_at,
    promise_ship_at,
    shipped_at,
    signed_at,
    case
        when given_back_fen > 0 and given_back_fen >= paid_goods_fen + freight_fen then null
        when shipped_at < order_finished_at then order_finished_at
    end as finished_at,
    exported_at
from due
