-- What an order promises to who sold it (0: 达人) and to the institution between (1: 机构). The amount stays the one of
-- the payment; what was settled is told by the alliance's account. No base is told: it is what was paid for the goods,
-- at settlement less what had been given back by then.
with orders as (
    {{ newest_version(source('weixin_shop', 'orders'), key=['shop_key', 'order_id']) }}
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

promises as (
    select
        shop_key,
        order_id,
        promise.sku_id,
        case promise.type when 0 then 'author' when 1 then 'colonel' end as payee_kind,
        case promise.type when 0 then promise.finder_id when 1 then promise.agency_id end as payee_id,
        promise.nickname as payee_name,
        cast(promise.status as string) as platform_commission_status,
        nullif(order_detail.ext_info.live_id, '') as session_id,
        promise.amount as estimated_fen,
        {{ epoch_to_shanghai('order_detail.pay_info.pay_time') }} as paid_at,
        _observed_at as exported_at
    from promised
),

joined as (
    select
        promises.*,
        lines.base_fen,
        settlements.settled_at,
        settlements.settled_fen,
        settlements.refunded_at
    from promises
    left join lines
        on
            promises.shop_key = lines.shop_key
            and promises.order_id = lines.order_id
            and promises.sku_id = lines.sku_id
    left join settlements
        on
            promises.shop_key = settlements.shop_key
            and promises.order_id = settlements.order_id
            and promises.sku_id = settlements.sku_id
            and promises.payee_kind = settlements.payee_kind
),

succeeded as (
    {{ weixin_shop_given_back() }}
),

given_back as (
    select
        joined.shop_key,
        joined.order_id,
        joined.sku_id,
        joined.payee_kind,
        sum(succeeded.back_fen) as back_fen
    from joined
    inner join succeeded
        on
            joined.shop_key = succeeded.shop_key
            and joined.order_id = succeeded.order_id
            and joined.sku_id = succeeded.sku_id
            and joined.settled_at >= {{ epoch_to_shanghai('succeeded.back_seconds') }}
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
