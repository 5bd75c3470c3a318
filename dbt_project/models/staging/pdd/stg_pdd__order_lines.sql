-- 拼多多's orders as the API gives them: one thing an order (and gifts), all amounts on the order, in yuan. pay_amount is
-- what is due, 多多支付立减 comes off it. Should an order hold several things, its amounts are split by what they cost,
-- the odd fen to the dearest. Who gives a discount bears it. There is no id of the buyer, and no list price on orders:
-- that of a SKU is its 单买价 (what it costs without a group) as the goods' detail has it now.
{% set shared = ['freight', 'shop_discount', 'platform_discount', 'pay_discount', 'deposit'] %}
with newest as (
    {{ newest_version_of([source('pdd', 'orders'), source('pdd', 'order_updates')], key=['shop_key', 'order_sn']) }}
),

goods as (
    {{ newest_version(source('pdd', 'goods_details'), key=['shop_key', 'goods_id']) }}
),

listed_skus as (
    {{ exploded('goods', 'sku_list', 'sku') }}
),

prices as (
    select
        shop_key,
        sku.sku_id,
        max(sku.price) as list_price_fen
    from listed_skus
    group by shop_key, sku.sku_id
),

services as (
    {{ exploded('newest', 'service_fee_detail', 'service') }}
),

service_fees as (
    -- Carried in, put together: the buyer pays for it as for the freight.
    select
        shop_key,
        order_sn,
        sum({{ yuan_to_fen('cast(service.service_fee as decimal(18, 2))') }}) as service_fen
    from services
    group by shop_key, order_sn
),

things as (
    {{ exploded('newest', 'item_list', 'item') }}
),

gifts as (
    {{ exploded('newest', 'gift_list', 'item') }}
),

packed as (
    select
        things.*,
        false as is_gift,
        {{ yuan_to_fen('cast(item.goods_price as decimal(18, 2))') }} * item.goods_count as goods_fen
    from things
    union all
    select
        gifts.*,
        true as is_gift,
        0 as goods_fen
    from gifts
),

lines as (
    select
        shop_key,
        order_sn as parent_order_id,
        concat(order_sn, ':', item.sku_id, case when is_gift then ':gift' else '' end) as sub_order_id,
        case
            when confirm_status <> 2 and step_order_info.step_trade_status < 2
                then concat('step:', cast(step_order_info.step_trade_status as string))
            else concat_ws(
                ':', cast(confirm_status as string), cast(order_status as string), cast(refund_status as string)
            )
        end as platform_order_status,
        province as platform_province,
        city,
        item.goods_id as product_id,
        item.goods_name as product_name,
        item.sku_id as platform_sku_id,
        nullif(item.outer_id, '') as sku_id,
        item.goods_spec as sku_text,
        case when is_lucky_flag = 2 then 'pdd:lucky' else concat('pdd:', cast(trade_type as string)) end
            as platform_trade_type,
        nullif(remark, '') as seller_remark,
        is_gift,
        item.goods_count as quantity,
        goods_fen,
        {{ yuan_to_fen('cast(postage as decimal(18, 2))') }} as postage_fen,
        {{ yuan_to_fen("cast(seller_discount as decimal(18, 2))
            + cast(coalesce(capital_free_discount, '0') as decimal(18, 2))
            + cast(coalesce(order_change_amount, '0') as decimal(18, 2))") }} as order_shop_discount_fen,
        {{ yuan_to_fen('cast(platform_discount as decimal(18, 2))') }} as order_platform_discount_fen,
        {{ yuan_to_fen("cast(coalesce(duo_duo_pay_reduction, '0') as decimal(18, 2))") }} as order_pay_discount_fen,
        case
            when step_order_info.step_trade_status > 0
                then {{ yuan_to_fen('cast(step_order_info.advanced_paid_fee as decimal(18, 2))') }}
            else 0
        end as order_deposit_fen,
        {{ yuan_to_fen('cast(pay_amount as decimal(18, 2))') }} as due_fen,
        sum(goods_fen) over (partition by shop_key, order_sn) as order_goods_fen,
        row_number() over (
            partition by shop_key, order_sn
            order by is_gift asc, goods_fen desc, item.sku_id asc
        ) as rank_by_goods,
        cast(nullif(created_time, '') as timestamp) as created_at,
        case when step_order_info.step_trade_status > 0 then cast(nullif(confirm_time, '') as timestamp) end
            as deposit_paid_at,
        cast(nullif(pay_time, '') as timestamp) as paid_at,
        cast(nullif(last_ship_time, '') as timestamp) as promise_ship_at,
        cast(nullif(shipping_time, '') as timestamp) as shipped_at,
        cast(nullif(receive_time, '') as timestamp) as finished_at,
        _observed_at as exported_at
    from packed
),

known as (
    select
        lines.*,
        case
            when goods.goods_type in (5, 6, 7, 8, 9, 15, 19) then true
            when goods.goods_type in (1, 2, 3, 4, 18) then false
        end as is_virtual,
        case when lines.is_gift then 0 else prices.list_price_fen * lines.quantity end as list_fen,
        lines.postage_fen + coalesce(service_fees.service_fen, 0) as order_freight_fen
    from lines
    left join goods
        on lines.shop_key = goods.shop_key and lines.product_id = goods.goods_id
    left join prices
        on lines.shop_key = prices.shop_key and lines.platform_sku_id = prices.sku_id
    left join service_fees
        on lines.shop_key = service_fees.shop_key and lines.parent_order_id = service_fees.order_sn
),

parts as (
    select
        *,
        {% for name in shared %}
            {{ split_share('order_' ~ name ~ '_fen', 'goods_fen', 'order_goods_fen') }} as {{ name }}_part_fen,
        {% endfor %}
        order_goods_fen + order_freight_fen - order_shop_discount_fen - order_platform_discount_fen - due_fen
            as order_gap_fen
    from known
),

split as (
    select
        *,
        {% for name in shared %}
            {{ name }}_part_fen + case
                when rank_by_goods = 1
                    then order_{{ name }}_fen - sum({{ name }}_part_fen) over (partition by shop_key, parent_order_id)
                else 0
            end as {{ name }}_fen,
        {% endfor %}
        case when rank_by_goods = 1 then order_gap_fen else 0 end as identity_gap_fen
    from parts
),

due as (
    select
        *,
        goods_fen + freight_fen - shop_discount_fen - platform_discount_fen - identity_gap_fen as order_fen
    from split
)

select
    'pdd' as channel,
    shop_key,
    parent_order_id,
    sub_order_id,
    platform_order_status,
    platform_province,
    city,
    cast(null as string) as buyer_key,
    product_id,
    product_name,
    sku_id,
    sku_text,
    -- Where a buyer came from is not told.
    cast(null as string) as author_id,
    cast(null as string) as session_id,
    cast(null as string) as platform_traffic_form,
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
    0 as author_discount_fen,
    pay_discount_fen,
    platform_discount_fen as platform_borne_fen,
    shop_discount_fen as merchant_borne_fen,
    0 as author_borne_fen,
    order_fen,
    case when paid_at is not null then order_fen - pay_discount_fen end as paid_fen,
    deposit_fen,
    identity_gap_fen,
    created_at,
    deposit_paid_at,
    paid_at,
    promise_ship_at,
    shipped_at,
    -- Only scans say when a parcel was signed.
    cast(null as timestamp) as signed_at,
    finished_at,
    exported_at
from due
