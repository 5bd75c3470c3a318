-- What lies in each of the mall's shipments.
with contents as (
    {{ newest_kept('mall', 'shipment_item', key=['shipment_no', 'item_id']) }}
),

shipments as (
    {{ newest_kept('mall', 'shipment', key=['shipment_no']) }}
)

select
    'mall' as channel,
    contents.shop_key,
    shipments.carrier_code as carrier,
    shipments.tracking_no as tracking_number,
    contents.order_no as parent_order_id,
    contents.item_id as sub_order_id,
    contents.quantity,
    contents._observed_at as exported_at
from contents
inner join shipments
    on contents.shop_key = shipments.shop_key and contents.shipment_no = shipments.shipment_no
