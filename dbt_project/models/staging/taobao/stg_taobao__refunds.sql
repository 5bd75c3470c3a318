-- 淘宝/天猫 refunds. A plain refund is one before shipping by the status that the order had when it was asked for; of
-- exchanges, repairs and reissues the type goes with the status, for their success gives back no money. The shop's
-- first act is its first message. How much of a refund is postage is not said.
{% set without_money = "('TMALL_EXCHANGE', 'TAOBAO_EXCHANGE', 'REPAIR', 'RESHIPPING')" %}
with newest as (
    {{ newest_version(source('taobao', 'refunds'), key=['shop_key', 'refund_id']) }}
),

answers as (
    select
        shop_key,
        refund_id,
        min(cast(created as timestamp)) as handled_at
    from {{ source('taobao', 'refund_messages') }}
    where owner_role = '2'
    group by shop_key, refund_id
),

typed as (
    select
        newest.*,
        answers.handled_at,
        -- Without a type the refund says at least whether goods come back.
        coalesce(
            dispute_type, case when has_good_return then 'REFUND_AND_RETURN' else 'REFUND' end
        ) as known_type,
        {{ yuan_to_fen('cast(refund_fee as decimal(18, 2))') }} as refund_fen,
        cast(coalesce(end_time, case when status in ('SUCCESS', 'CLOSED') then modified end) as timestamp) as closed_at
    from newest
    left join answers
        on newest.shop_key = answers.shop_key and newest.refund_id = answers.refund_id
)

select
    'taobao' as channel,
    shop_key,
    refund_id,
    cast(tid as string) as parent_order_id,
    cast(oid as string) as sub_order_id,
    case when known_type = 'REFUND' then concat('REFUND:', order_status) else known_type end as platform_refund_type,
    case
        when known_type in {{ without_money }} then concat(known_type, ':', status)
        else status
    end as platform_refund_status,
    reason,
    num as quantity,
    refund_fen,
    cast(null as bigint) as refund_freight_fen,
    cast(created as timestamp) as applied_at,
    handled_at,
    case
        when refund_remind_timeout.exist_timeout then cast(refund_remind_timeout.timeout as timestamp)
    end as deadline_at,
    -- A refund of nothing (the line was given back before) moved no money.
    case
        when status = 'SUCCESS' and refund_fen > 0 and known_type not in {{ without_money }} then closed_at
    end as refunded_at,
    closed_at,
    _observed_at as exported_at
from typed
