-- What an order promises to who sold it (0: 达人) and to the institution between (1: 机构). The amount stays the one of
-- the payment; what was settled is told by the alliance's account. No base is told: it is what was paid for the goods,
-- at settlement less what had been given back by then.
with orders as (
    {{ newest_version(source('weixin_shop', 'orders'), key=['shop_key', 'order_id']) }}
),

after_sales as (
    {{ newest_version(source('weixin_shop', 'after_sales'), key=['shop_key', 'after_sale_order_id']) }}
),

payouts as (
    {{ weixin_shop_payouts() }}
),

promised as (
    {{ exploded('orders', 'order_detail.commission_infos', 'promise') }}
),

exploded as (
    {{ exploded('orders', 'order_detail.product_infos', 'line') }}
),

lines as (
    select
        shop_key,
        order_id,
        line.sku_id,
        -- A gift of the same SKU costs nothing.
        sum(line.real_price) as base_fen
    from exploded
    group by shop_key, order_id, line.sku_id
),

settlements as (
    select
        shop_key,
        order_id,
        sku_id,
        payee_kind,
        max(case when not is_reversal then booked_at end) as settled_at,
        sum(case when not is_reversal then payout_fen end) as settled_fen,
        max(case when is_reversal then booked_at end) as refunded_at
    from payouts
    group by shop_key, order_id, sku_id, payee_kind
),

joined as (
    select
        promised.shop_key,
        promised.order_id,
        promised.promise.sku_id,
        case promised.promise.type when 0 then 'author' when 1 then 'colonel' end as payee_kind,
        case promised.promise.type
            when 0 then promised.promise.finder_id
            when 1 then promised.promise.agency_id
        end as payee_id,
        promised.promise.nickname as payee_name,
        cast(promised.promise.status as string) as platform_commission_status,
        nullif(promised.order_detail.ext_info.live_id, '') as session_id,
        lines.base_fen,
        promised.promise.amount as estimated_fen,
        settlements.settled_at,
        settlements.settled_fen,
        settlements.refunded_at,
        {{ epoch_to_shanghai('promised.order_detail.pay_info.pay_time') }} as paid_at,
        promised._observed_at as exported_at
    from promised
    left join lines
        on
            promised.shop_key = lines.shop_key
            and promised.order_id = lines.order_id
            and promised.promise.sku_id = lines.sku_id
    left join settlements
        on
            promised.shop_key = settlements.shop_key
            and promised.order_id = settlements.order_id
            and promised.promise.sku_id = settlements.sku_id
            and case promised.promise.type when 0 then 'author' when 1 then 'colonel' end = settlements.payee_kind
),

given_back as (
    select
        joined.shop_key,
        joined.order_id,
        joined.sku_id,
        joined.payee_kind,
        sum(after_sales.refund_info.amount) as back_fen
    from joined
    inner join after_sales
        on
            joined.shop_key = after_sales.shop_key
            and joined.order_id = after_sales.order_id
            and joined.sku_id = after_sales.product_info.sku_id
    where
        after_sales.status in ('MERCHANT_REFUND_SUCCESS', 'MERCHANT_RETURN_SUCCESS')
        and {{ epoch_to_shanghai('after_sales.complete_time') }} <= joined.settled_at
    group by joined.shop_key, joined.order_id, joined.sku_id, joined.payee_kind
)

select
    joined.shop_key,
    concat_ws(':', joined.order_id, joined.sku_id) as sub_order_id,
    joined.payee_kind,
    joined.payee_id,
    joined.payee_name,
    joined.platform_commission_status,
    joined.session_id,
    -- The shop's API says amounts and no rates.
    cast(null as bigint) as rate_bp,
    joined.base_fen,
    joined.estimated_fen,
    case
        when joined.settled_at is not null
            then greatest(joined.base_fen - coalesce(given_back.back_fen, 0), 0)
    end as settled_base_fen,
    joined.settled_fen,
    joined.paid_at,
    joined.settled_at,
    joined.refunded_at,
    joined.exported_at
from joined
left join given_back
    on
        joined.shop_key = given_back.shop_key
        and joined.order_id = given_back.order_id
        and joined.sku_id = given_back.sku_id
        and joined.payee_kind = given_back.payee_kind
