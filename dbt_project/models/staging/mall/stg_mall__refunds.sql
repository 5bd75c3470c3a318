-- The mall's after-sales, each on one order item. Of exchanges and reissues the type goes with the status: their
-- success is no refund.
with newest as (
    {{ newest_kept('mall', 'after_sale', key=['after_sale_no']) }}
)

select
    'mall' as channel,
    shop_key,
    after_sale_no as refund_id,
    order_no as parent_order_id,
    item_id as sub_order_id,
    cast(after_sale_type as string) as platform_refund_type,
    case
        when after_sale_type in (4, 5)
            then concat(cast(after_sale_type as string), ':', cast(after_sale_status as string))
        else cast(after_sale_status as string)
    end as platform_refund_status,
    reason,
    quantity,
    {{ yuan_to_fen('coalesce(refund_amount, apply_amount)') }} as refund_fen,
    {{ yuan_to_fen('coalesce(refund_freight_amount, 0)') }} as refund_freight_fen,
    apply_time as applied_at,
    handle_time as handled_at,
    deadline_time as deadline_at,
    refund_time as refunded_at,
    finish_time as closed_at,
    _observed_at as exported_at
from newest
