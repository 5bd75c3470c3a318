-- Order lines with what followed from them: their live session, their refunds, whether their buyer was new to the shop.
with refunds as (
    select
        order_line_key,
        sum(refund_fen) as refunded_fen,
        sum(case when refunded_at >= shipped_at then refund_fen else 0 end) as refunded_after_ship_fen,
        sum(case when refunded_at < paid_at + interval 48 hour then refund_fen else 0 end) as refunded_in_48h_fen,
        bool_or(refund_type = 'return_refund') as is_returned,
        bool_or(refund_type = 'refund_only' and refunded_at >= shipped_at) as is_refunded_only
    from {{ ref('int_refunds__linked') }}
    where refund_status = 'succeeded' and order_line_key is not null
    group by order_line_key
)

select
    lines.*,
    sessions.started_at as session_started_at,
    -- One that is still on has no end yet and sells all the same.
    coalesce(
        lines.paid_at >= sessions.started_at
        and (sessions.ended_at is null or lines.paid_at <= sessions.ended_at), false
    ) as is_paid_in_session,
    coalesce(
        lines.paid_at >= sessions.started_at
        and (sessions.ended_at is null or lines.paid_at <= sessions.ended_at + interval 30 day), false
    ) as is_paid_in_session_w30,
    coalesce(sessions.is_own_author, false) as is_own_session,
    coalesce(refunds.refunded_fen, 0) as refunded_fen,
    coalesce(refunds.refunded_after_ship_fen, 0) as refunded_after_ship_fen,
    coalesce(refunds.is_returned, false) as is_returned,
    coalesce(refunds.is_refunded_only, false) as is_refunded_only,
    -- A thing (no course) that has to leave: neither its own money nor all of its order's was given back before the
    -- 48 hours were over. A gift has no money of its own and stays only where all the order's went back.
    coalesce(
        not coalesce(lines.is_virtual, false)
        and (coalesce(refunds.refunded_in_48h_fen, 0) = 0 or refunds.refunded_in_48h_fen < lines.paid_fen)
        and (
            sum(coalesce(refunds.refunded_in_48h_fen, 0)) over (partition by lines.order_key) = 0
            or sum(refunds.refunded_in_48h_fen) over (partition by lines.order_key)
            < sum(lines.paid_fen) over (partition by lines.order_key)
        ), false
    ) as has_to_ship,
    coalesce(lines.shipped_at <= lines.paid_at + interval 48 hour, false) as is_shipped_in_48h,
    cast(lines.shipped_at as date) = min(cast(lines.shipped_at as date)) over (
        partition by lines.order_key
    ) as is_first_shipment,
    case
        when lines.buyer_key is not null and lines.is_valid and lines.paid_fen is not null
            then cast(lines.paid_at as date) = min(
                case when lines.is_valid and lines.paid_fen is not null then cast(lines.paid_at as date) end
            ) over (partition by lines.channel, lines.shop_key, lines.buyer_key)
    end as is_new_buyer
from {{ ref('int_order_lines__standardised') }} as lines
left join refunds
    on lines.order_line_key = refunds.order_line_key
left join {{ ref('int_live_sessions__attributed') }} as sessions
    on
        lines.channel = sessions.channel
        and lines.shop_key = sessions.shop_key
        and lines.session_id = sessions.session_id
