-- What lies in each warehouse now, as the warehouse itself counts it.
with newest as (
    {{ newest_kept('wms', 'stock', key=['warehouse_code', 'sku_code']) }}
)

select
    shop_key as account_key,
    warehouse_code,
    sku_code as sku_id,
    on_hand as on_hand_quantity,
    purchase_in_transit as purchase_transit_quantity,
    sale_in_transit as sale_transit_quantity,
    update_time as updated_at,
    _observed_at as exported_at
from newest
