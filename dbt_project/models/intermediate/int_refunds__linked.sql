-- Each refund with the order line it takes back, whose payment time dates it by payment (支付口径).
select
    refunds.*,
    {{ hash_key(['refunds.channel', 'refunds.shop_key', 'refunds.refund_id']) }} as refund_key,
    {{ hash_key(['refunds.channel', 'refunds.shop_key', 'refunds.parent_order_id']) }} as order_key,
    lines.order_line_key,
    lines.paid_at,
    lines.shipped_at,
    lines.author_id,
    lines.session_id,
    lines.province,
    lines.product_id,
    lines.sku_id,
    coalesce(lines.is_valid, true) as is_valid,
    statuses.refund_status,
    types.refund_type
from {{ ref('int_refunds__unioned') }} as refunds
left join {{ ref('int_order_lines__standardised') }} as lines
    on
        refunds.channel = lines.channel
        and refunds.shop_key = lines.shop_key
        and refunds.sub_order_id = lines.sub_order_id
left join {{ ref('refund_status_map') }} as statuses
    on refunds.channel = statuses.channel and refunds.platform_refund_status = statuses.platform_status
left join {{ ref('refund_type_map') }} as types
    on refunds.channel = types.channel and refunds.platform_refund_type = types.platform_type
