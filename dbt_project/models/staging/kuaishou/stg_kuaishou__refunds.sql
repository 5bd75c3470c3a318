-- 快手's after-sales by API. The list tells all but price protection (价保), which only the detail does. 仅退款 is one way
-- whether sent or not: what was asked for before its order was sent is "unsent". Of exchanges, reissues and repairs the
-- way goes with the status: their success is no refund. What of a refund is freight, and how many pieces of goods it is
-- for, 快手 does not say. The shop's answer is when what was negotiated last changed.
with newest as (
    {{ newest_version(source('kuaishou', 'refunds'), key=['shop_key', 'refundId']) }}
),

details as (
    {{ newest_version(source('kuaishou', 'refund_details'), key=['shop_key', 'refundId']) }}
),

orders as (
    {{ newest_version(source('kuaishou', 'orders'), key=['shop_key', 'orderBaseInfo.oid']) }}
),

heads as (
    select
        shop_key,
        orderBaseInfo.oid,
        {{ kuaishou_parent('orderBaseInfo') }} as parent_order_id,
        orderBaseInfo.sendTime as sent_ms
    from orders
),

special as (
    select
        shop_key,
        refundId as refund_id,
        specialRefundType as special_type,
        coalesce(nullif(productNum, 0), nullif(exchangeInfo.quantity, 0)) as quantity
    from details
),

joined as (
    select
        newest.*,
        special.special_type,
        special.quantity,
        coalesce(heads.parent_order_id, newest.oid) as parent_order_id,
        coalesce(heads.sent_ms = 0 or newest.submitTime < heads.sent_ms, false) as is_unsent
    from newest
    left join special
        on newest.shop_key = special.shop_key and newest.refundId = special.refund_id
    left join heads
        on newest.shop_key = heads.shop_key and newest.oid = heads.oid
)

select
    'kuaishou' as channel,
    shop_key,
    refundId as refund_id,
    parent_order_id,
    oid as sub_order_id,
    case
        when special_type = 1 then concat(cast(handlingWay as string), ':1')
        when handlingWay = 10 and is_unsent then '10:unsent'
        else cast(handlingWay as string)
    end as platform_refund_type,
    case
        when handlingWay in (3, 4, 5) then concat(cast(handlingWay as string), ':', cast(status as string))
        else cast(status as string)
    end as platform_refund_status,
    refundReasonDesc as reason,
    quantity,
    refundFee as refund_fen,
    cast(null as bigint) as refund_freight_fen,
    {{ kuaishou_time('submitTime') }} as applied_at,
    case when negotiateStatus in (2, 3) then {{ kuaishou_time('negotiateUpdateTime') }} end as handled_at,
    {{ kuaishou_time('expireTime') }} as deadline_at,
    -- A success without money (nothing was left to give) is no refund.
    case
        when status = 60 and handlingWay not in (3, 4, 5) and refundFee > 0 then {{ kuaishou_time('endTime') }}
    end as refunded_at,
    {{ kuaishou_time('endTime') }} as closed_at,
    _observed_at as exported_at
from joined
