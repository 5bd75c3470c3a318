-- 有赞's after-sales by API, one row an order line that is taken back. The demand tells the type: 1 money alone, 2 goods
-- back, 3 exchange; reason 221 is 差价退款 (价保), an exchange for which nothing is sent back a 补寄 (unconfirmed). Whether
-- the goods had left when the buyer asked is told by dates. Exchanges carry their type in the status: their success is
-- no refund.
with {{ youzan_trades() }},

{{ youzan_line_shipments() }},

{{ youzan_refund_lines() }},

-- What the shop did first, of the record of both sides (2 buyer, 3 shop).
first_actions as (
    select shop_key, refund_id, min({{ youzan_time('created') }}) as handled_at
    from {{ source('youzan', 'refund_messages') }}
    where owner_role = 3
    group by shop_key, refund_id
),

typed as (
    select
        refund_lines.*,
        coalesce(trades.parent_order_id, refund_lines.tid) as parent_order_id,
        case
            when refund_lines.reason = 221 then concat(cast(refund_lines.demand as string), ':221')
            when refund_lines.demand = 3 and not refund_lines.return_goods then '3:no_return'
            when refund_lines.demand = 1 and line_shipments.shipped_at <= {{ youzan_time('refund_lines.created') }}
                then '1:shipped'
            when refund_lines.demand = 1 then '1:unshipped'
            else cast(refund_lines.demand as string)
        end as platform_refund_type,
        first_actions.handled_at
    from refund_lines
    left join trades
        on refund_lines.shop_key = trades.shop_key and refund_lines.tid = trades.tid
    left join line_shipments
        on refund_lines.shop_key = line_shipments.shop_key and refund_lines.line_oid = line_shipments.oid
    left join first_actions
        on refund_lines.shop_key = first_actions.shop_key and refund_lines.refund_id = first_actions.refund_id
)

select
    'youzan' as channel,
    shop_key,
    case when item_count = 1 then refund_id else concat(refund_id, '-', line_oid) end as refund_id,
    parent_order_id,
    line_oid as sub_order_id,
    platform_refund_type,
    case when demand = 3 then concat(platform_refund_type, ':', status) else status end as platform_refund_status,
    cast(reason as string) as reason,
    line_num as quantity,
    line_refund_fen as refund_fen,
    case when item_number = 1 then coalesce({{ youzan_fen('refund_postage') }}, 0) else 0 end as refund_freight_fen,
    {{ youzan_time('created') }} as applied_at,
    handled_at,
    cast(null as timestamp) as deadline_at,  -- not told
    case when is_given and line_refund_fen > 0 then success_at end as refunded_at,
    case
        when status = 'SUCCESS' then success_at
        when status = 'CLOSED' then {{ youzan_time('modified') }}
    end as closed_at,
    _observed_at as exported_at
from typed
