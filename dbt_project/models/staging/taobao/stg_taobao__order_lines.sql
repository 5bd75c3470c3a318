-- 淘宝/天猫 trades, one row a line. A line's price is the list price, its discount_fee what the page took off it, its
-- part_mjz_discount the share of the discounts on the whole order, divide_order_fee (once paid) what was left without
-- postage. What stands on the trade alone is split to its lines by what they cost, the odd fen to the dearest: postage,
-- what the platform gave and what of it it bears, 集分宝 (taken off while paying), the deposit. Who gave a discount is
-- told by the tool in its promotion_id; what is not the platform's is the shop's. TOP knows no author's discount.
{% set split = ['freight', 'platform_discount', 'platform_borne', 'pay_discount', 'deposit'] %}
with newest as (
    {{ newest_version(source('taobao', 'trades'), key=['shop_key', 'tid']) }}
),

exploded as (
    {{ exploded('newest', 'orders.order', 'line') }}
),

promotions as (
    {{ exploded('newest', 'promotion_details.promotion_detail', 'promotion') }}
),

given as (
    select
        shop_key,
        tid,
        {{ promotion_tool('promotion.promotion_id') }} as tool,
        {{ yuan_to_fen('cast(promotion.discount_fee as decimal(18, 2))') }} as discount_fen
    from promotions
),

given_by_platform as (
    select
        given.shop_key,
        given.tid,
        sum(given.discount_fen) as discount_fen
    from given
    inner join {{ ref('promotion_giver_map') }} as givers
        on given.tool = givers.platform_promotion and givers.channel = 'taobao' and givers.giver = 'platform'
    group by given.shop_key, given.tid
),

steps as (
    {{ exploded('newest', 'step_pay_details.step_pay_detail', 'step') }}
),

deposits as (
    -- When a deposit was paid is not said; its Alipay number begins with the day.
    select
        shop_key,
        tid,
        max({{ yuan_to_fen('cast(step.step_actual_pay_fee as decimal(18, 2))') }}) as deposit_fen,
        max(try_cast(concat_ws(
            '-', substr(step.step_channel_no, 1, 4), substr(step.step_channel_no, 5, 2),
            substr(step.step_channel_no, 7, 2)
        ) as timestamp)) as paid_day
    from steps
    where step.step_no = 1
    group by shop_key, tid
),

traces as (
    {{ newest_version(source('taobao', 'shipping_traces'), key=['shop_key', 'tid', 'out_sid']) }}
),

scans as (
    {{ exploded('traces', 'trace_list.transit_step_info', 'scan') }}
),

signatures as (
    select
        shop_key,
        out_sid,
        min(cast(scan.status_time as timestamp)) as signed_at
    from scans
    where scan.action = 'SIGNED'
    group by shop_key, out_sid
),

told as (
    select
        shop_key,
        tid,
        cast(line.oid as string) as sub_order_id,
        line.status as platform_order_status,
        receiver_state as platform_province,
        receiver_city as city,
        buyer_open_uid as buyer_key,
        cast(line.num_iid as string) as product_id,
        line.title as product_name,
        -- An item without specifications has its code on the item.
        coalesce(
            nullif(line.outer_sku_id, ''),
            case when coalesce(line.sku_id, '') = '' then nullif(line.outer_iid, '') end
        ) as sku_id,
        line.sku_properties_name as sku_text,
        concat('taobao:', type) as platform_trade_type,
        nullif(seller_memo, '') as seller_remark,
        coalesce(line.is_free_gift, cast(line.price as decimal(18, 2)) = 0) as is_gift,
        line.shipping_type = 'virtual' as is_virtual,
        line.num as quantity,
        {{ yuan_to_fen('cast(line.price as decimal(18, 2)) * line.num') }} as list_fen,
        {{ yuan_to_fen('cast(line.price as decimal(18, 2)) * line.num - cast(line.discount_fee as decimal(18, 2))') }}
            as goods_fen,
        coalesce({{ yuan_to_fen('cast(line.adjust_fee as decimal(18, 2))') }}, 0) as adjust_fen,
        coalesce({{ yuan_to_fen('cast(line.part_mjz_discount as decimal(18, 2))') }}, 0) as order_off_fen,
        {{ yuan_to_fen('cast(line.divide_order_fee as decimal(18, 2))') }} as divided_fen,
        {{ yuan_to_fen('cast(payment as decimal(18, 2))') }} as order_due_fen,
        coalesce({{ yuan_to_fen('cast(post_fee as decimal(18, 2))') }}, 0) as order_freight_fen,
        coalesce({{ yuan_to_fen('cast(platform_subsidy_fee as decimal(18, 2))') }}, 0) as order_platform_borne_fen,
        coalesce(alipay_point, 0) as order_pay_discount_fen,
        case
            when step_trade_status = 'FRONT_PAID_FINAL_NOPAID'
                then {{ yuan_to_fen('cast(step_paid_fee as decimal(18, 2))') }}
        end as first_step_fen,
        cast(created as timestamp) as created_at,
        -- A pre-sale is paid with its balance.
        case
            when coalesce(step_trade_status, 'FRONT_PAID_FINAL_PAID') = 'FRONT_PAID_FINAL_PAID'
                then cast(pay_time as timestamp)
        end as paid_at,
        try_cast(line.delivery_time as timestamp) as promise_ship_at,
        cast(line.consign_time as timestamp) as shipped_at,
        case when line.status = 'TRADE_FINISHED' then cast(line.end_time as timestamp) end as finished_at,
        line.invoice_no as tracking_number,
        _observed_at as exported_at
    from exploded
),

lines as (
    select
        told.*,
        coalesce(given_by_platform.discount_fen, 0) as order_platform_discount_fen,
        coalesce(deposits.deposit_fen, told.first_step_fen, 0) as order_deposit_fen,
        case
            when deposits.paid_day is not null then greatest(deposits.paid_day, told.created_at)
        end as deposit_paid_at,
        signatures.signed_at
    from told
    left join given_by_platform
        on told.shop_key = given_by_platform.shop_key and told.tid = given_by_platform.tid
    left join deposits
        on told.shop_key = deposits.shop_key and told.tid = deposits.tid
    left join signatures
        on told.shop_key = signatures.shop_key and told.tracking_number = signatures.out_sid
),

weighed as (
    select
        *,
        sum(goods_fen) over (partition by shop_key, tid) as order_goods_fen,
        row_number() over (partition by shop_key, tid order by goods_fen desc, sub_order_id asc) as rank_by_goods
    from lines
),

shared as (
    select
        {% for name in split %}
            {{ split_share('order_' ~ name ~ '_fen', 'goods_fen', 'order_goods_fen') }} as {{ name }}_share_fen,
        {% endfor %}
        *
    from weighed
),

divided as (
    select
        {% for name in split %}
            {{ name }}_share_fen + case
                when rank_by_goods = 1
                    then order_{{ name }}_fen - sum({{ name }}_share_fen) over (partition by shop_key, tid)
                else 0
            end as {{ name }}_fen,
        {% endfor %}
        *
    from shared
),

parted as (
    select
        *,
        order_off_fen - adjust_fen - platform_discount_fen as shop_discount_fen,
        coalesce(divided_fen, goods_fen + adjust_fen - order_off_fen) + freight_fen as due_fen
    from divided
),

due as (
    -- What the lines lack of the trade's own sum goes to the dearest, and shows in its identity_gap_fen.
    select
        *,
        due_fen + case
            when rank_by_goods = 1 then order_due_fen - sum(due_fen) over (partition by shop_key, tid)
            else 0
        end as order_fen
    from parted
)

select
    'taobao' as channel,
    shop_key,
    cast(tid as string) as parent_order_id,
    sub_order_id,
    platform_order_status,
    platform_province,
    city,
    buyer_key,
    product_id,
    product_name,
    sku_id,
    sku_text,
    -- Neither a creator nor a room nor where the buyer came from is said by TOP.
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
    platform_borne_fen,
    shop_discount_fen + platform_discount_fen - platform_borne_fen as merchant_borne_fen,
    0 as author_borne_fen,
    order_fen,
    case when paid_at is not null then order_fen - pay_discount_fen end as paid_fen,
    deposit_fen,
    goods_fen + freight_fen - shop_discount_fen - platform_discount_fen - order_fen as identity_gap_fen,
    created_at,
    deposit_paid_at,
    paid_at,
    promise_ship_at,
    shipped_at,
    signed_at,
    finished_at,
    exported_at
from due
