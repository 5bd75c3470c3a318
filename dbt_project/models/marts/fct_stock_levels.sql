select
    stock_level_key,
    account_key,
    warehouse_code,
    sku_id,
    cast(on_hand_quantity as bigint) as on_hand_quantity,
    cast(purchase_transit_quantity as bigint) as purchase_transit_quantity,
    cast(sale_transit_quantity as bigint) as sale_transit_quantity,
    cast(ledger_quantity as bigint) as ledger_quantity,
    cast(on_hand_quantity - ledger_quantity as bigint) as gap_quantity,
    updated_at
from {{ ref('int_stock_levels__reconciled') }}
