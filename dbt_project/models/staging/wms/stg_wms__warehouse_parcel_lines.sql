-- What lies in each parcel of the warehouse.
with newest as (
    {{ newest_kept('wms', 'parcel_item', key=['parcel_no', 'order_line_no']) }}
)

select
    shop_key as account_key,
    parcel_no as parcel_id,
    order_no as parent_order_id,
    order_line_no as sub_order_id,
    sku_code as sku_id,
    quantity,
    _observed_at as exported_at
from newest
