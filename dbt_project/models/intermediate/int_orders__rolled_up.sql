-- A parent order is what the buyer paid once: its lines added up, its refunds counted.
with refunds as (
    select
        order_key,
        sum(refund_fen) as refunded_fen
    from {{ ref('int_refunds__linked') }}
    where refund_status = 'succeeded'
    group by order_key
)

select
    lines.order_key,
    lines.channel,
    lines.shop_key,
    lines.parent_order_id,
    min(lines.created_at) as created_at,
    min(lines.paid_at) as paid_at,
    max(lines.finished_at) as finished_at,
    -- Lines of one order can stand at different statuses: the order is where its least advanced open line is.
    case
        when count(lines.order_status) < count(*) then cast(null as string)
        when min(lines.order_status) = max(lines.order_status) then min(lines.order_status)
        when count_if(lines.order_status = 'pending_payment') > 0 then 'pending_payment'
        when
            count_if(lines.order_status in ('shipped', 'partially_shipped', 'completed')) > 0
            and count_if(lines.order_status = 'pending_shipment') > 0 then 'partially_shipped'
        when count_if(lines.order_status = 'pending_shipment') > 0 then 'pending_shipment'
        when count_if(lines.order_status in ('shipped', 'partially_shipped')) > 0 then 'shipped'
        else 'completed'
    end as order_status,
    min(lines.province) as province,
    min(lines.city) as city,
    min(lines.buyer_key) as buyer_key,
    count(*) as line_count,
    sum(lines.quantity) as quantity,
    sum(lines.order_fen) as order_fen,
    sum(lines.paid_fen) as paid_fen,
    coalesce(max(refunds.refunded_fen), 0) as refunded_fen,
    bool_or(lines.is_exception) as is_exception,
    bool_or(lines.is_valid) as is_valid,
    -- Whether the 48 hours are over is judged by when the shop's data was last seen.
    coalesce(
        bool_or(lines.has_to_ship) and min(lines.trade_type) <> 'presale'
        and min(lines.paid_at) + interval 48 hour <= max(activity.newest_export_at), false
    ) as is_ship_due,
    not bool_or(lines.has_to_ship and not lines.is_shipped_in_48h) as is_shipped_in_48h
from {{ ref('int_order_lines__enriched') }} as lines
left join refunds
    on lines.order_key = refunds.order_key
left join {{ ref('int_shop_activity__ranged') }} as activity
    on lines.shop_key = activity.shop_key
group by lines.order_key, lines.channel, lines.shop_key, lines.parent_order_id
