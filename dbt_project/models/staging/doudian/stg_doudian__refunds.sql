-- 抖店's after-sales as the API gives them. The list has what was asked for; what was really given back, and when, stands
-- in the detail alone. Of exchanges, reissues and repairs the type goes with the status: their success is no refund.
with newest as (
    {{ newest_version(source('doudian', 'aftersales'), key=['shop_key', 'aftersale_info.aftersale_id']) }}
),

details as (
    {{ newest_version(source('doudian', 'aftersale_details'), key=['shop_key', 'aftersale_id']) }}
),

listed as (
    select
        shop_key,
        aftersale_info as info,
        order_info.shop_order_id as parent_order_id,
        aftersale_info.aftersale_id as refund_id,
        text_part.reason_text as reason,
        _observed_at as exported_at
    from newest
),

detailed as (
    select
        shop_key,
        aftersale_id,
        process_info.after_sale_info as detail
    from details
),

joined as (
    select
        listed.*,
        detailed.detail
    from listed
    left join detailed
        on listed.shop_key = detailed.shop_key and listed.refund_id = detailed.aftersale_id
)

select
    'doudian' as channel,
    shop_key,
    refund_id,
    parent_order_id,
    info.related_id as sub_order_id,
    cast(info.aftersale_type as string) as platform_refund_type,
    case
        when info.aftersale_type in (3, 7, 8)
            then concat(cast(info.aftersale_type as string), ':', cast(info.aftersale_status as string))
        else cast(info.aftersale_status as string)
    end as platform_refund_status,
    reason,
    info.aftersale_num as quantity,
    case
        when info.refund_status = 3 then coalesce(detail.real_refund_amount, info.refund_amount)
        else info.refund_amount
    end as refund_fen,
    coalesce(detail.refund_post_amount, info.refund_post_amount) as refund_freight_fen,
    {{ epoch_to_shanghai('info.apply_time') }} as applied_at,
    {{ epoch_to_shanghai('detail.merchant_handled_time') }} as handled_at,
    {{ epoch_to_shanghai('info.status_deadline') }} as deadline_at,
    case
        when info.refund_status = 3
            then coalesce(
                {{ epoch_to_shanghai('detail.refund_time') }},
                {{ epoch_to_shanghai('info.aftersale_status_to_final_time') }}
            )
    end as refunded_at,
    {{ epoch_to_shanghai('info.aftersale_status_to_final_time') }} as closed_at,
    exported_at
from joined
