-- 微信小店's after-sales. The platform has three types, of which ours follow: a refund asked for before its SKU was sent
-- is one before shipping; one whose reason speaks of a price difference (退差价) is a price protection; an exchange that
-- succeeded although nothing came back is a reissue. Of exchanges the type goes with the status: their success is no
-- refund.
with newest as (
    {{ newest_version(source('weixin_shop', 'after_sales'), key=['shop_key', 'after_sale_order_id']) }}
),

sent as (
    {{ weixin_shop_shipments() }}
),

told as (
    select
        *,
        product_info.sku_id,
        product_info.count as quantity,
        refund_info.amount as refund_fen,
        coalesce(return_info.waybill_id, '') = '' as nothing_came_back
    from newest
),

typed as (
    select
        told.*,
        case
            when told.type = 'REFUND' and told.reason_text like '%差价%' then 'REFUND:price'
            when told.type = 'REFUND' and told.create_time >= sent.shipped_seconds then 'REFUND:shipped'
            when told.type = 'REFUND' then 'REFUND:unshipped'
            when told.type = 'EXCHANGE' and told.status = 'MERCHANT_RETURN_SUCCESS' and told.nothing_came_back
                then 'EXCHANGE:kept'
            else told.type
        end as platform_refund_type
    from told
    left join sent
        on
            told.shop_key = sent.shop_key
            and told.order_id = sent.order_id
            and told.sku_id = sent.sku_id
)

select
    'weixin_shop' as channel,
    shop_key,
    after_sale_order_id as refund_id,
    order_id as parent_order_id,
    concat_ws(':', order_id, sku_id) as sub_order_id,
    platform_refund_type,
    case
        when type = 'EXCHANGE' then concat(platform_refund_type, ':', status)
        else status
    end as platform_refund_status,
    coalesce(nullif(reason_text, ''), reason) as reason,
    quantity,
    refund_fen,
    -- What of it is freight stands nowhere (the order has a sum of all its refunds).
    cast(null as bigint) as refund_freight_fen,
    {{ epoch_to_shanghai('create_time') }} as applied_at,
    -- When the shop first answered is told nowhere.
    cast(null as timestamp) as handled_at,
    -- Only the seconds that were left when it was asked for.
    cast(null as timestamp) as deadline_at,
    case
        when
            status in ('MERCHANT_REFUND_SUCCESS', 'MERCHANT_RETURN_SUCCESS')
            and type <> 'EXCHANGE' and refund_fen > 0
            then {{ epoch_to_shanghai('complete_time') }}
    end as refunded_at,
    {{ epoch_to_shanghai('complete_time') }} as closed_at,
    _observed_at as exported_at
from typed
