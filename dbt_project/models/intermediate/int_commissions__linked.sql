-- Commissions with the order line that they are paid for; a line that is not ours (yet) stays without one.
select
    commissions.*,
    {{ hash_key(['commissions.shop_key', 'commissions.sub_order_id', 'commissions.payee_kind']) }} as commission_key,
    shops.selling_channel as channel,
    lines.order_key,
    lines.order_line_key,
    lines.product_id,
    lines.sku_id,
    statuses.commission_status
from {{ ref('int_commissions__unioned') }} as commissions
inner join {{ ref('int_shops__named') }} as shops
    on commissions.shop_key = shops.shop_key
left join {{ ref('int_order_lines__standardised') }} as lines
    on
        shops.selling_channel = lines.channel
        and commissions.shop_key = lines.shop_key
        and commissions.sub_order_id = lines.sub_order_id
left join {{ ref('commission_status_map') }} as statuses
    on
        shops.selling_channel = statuses.channel
        and commissions.platform_commission_status = statuses.platform_status
