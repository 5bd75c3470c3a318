-- 小红书's after-sales, one row a SKU of one. The first answer is the first record of the shop in the negotiation; an
-- end has no time of its own but the last change. An exchange that ends with nothing sent back is a reissue (补寄),
-- which has no type here; of both the type goes with the status, so that their success is no refund.
with {{ xhs_refund_lines() }},

negotiated as (
    {{ exploded('refund_lines', 'negotiaterecords', 'step') }}
),

answered as (
    select
        shop_key,
        refund_id,
        min(cast(step.time as timestamp)) as handled_at
    from negotiated
    where step.operatorrolename = '商家'
    group by shop_key, refund_id
),

told as (
    select
        shop_key,
        refund_id,
        parent_order_id,
        sub_order_id,
        cast(info.returntype as string) as platform_refund_type,
        case
            when info.returntype = 2 and info.status = 4 and {{ xhs_text('logisticsinfo.aftersale.expressno') }} is null
                then '2:4:nothing sent back'
            when info.returntype = 2 then concat('2:', cast(info.status as string))
            -- Done, and the money is not there yet or will not come.
            when info.status = 4 and info.refundstatus not in (0, 2)
                then concat('4:', cast(info.refundstatus as string))
            else cast(info.status as string)
        end as platform_refund_status,
        info.reasonnamezh as reason,
        item_quantity as quantity,
        refund_fen,
        case when rank_of_item = 1 then {{ xhs_fen('info.appliedshipfeeamountyuan') }} else 0 end
            as refund_freight_fen,
        {{ xhs_time('info.applytime') }} as applied_at,
        {{ xhs_time('info.expiretime') }} as deadline_at,
        refunded_at,
        coalesce(refunded_at, case when info.status in (4, 5, 6) then {{ xhs_time('info.updatedat') }} end)
            as closed_at,
        _observed_at as exported_at
    from refund_lines
)

select
    'xiaohongshu' as channel,
    told.*,
    answered.handled_at
from told
left join answered
    on told.shop_key = answered.shop_key and told.refund_id = answered.refund_id
