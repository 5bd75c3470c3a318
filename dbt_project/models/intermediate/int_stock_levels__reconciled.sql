-- What lies in each warehouse by the warehouse's own count, and by its documents: the two are one number.
with moved as (
    select
        account_key,
        warehouse_code,
        sku_id,
        sum(moved_quantity) as ledger_quantity,
        sum(case when document_type = 'purchase' and posted_at is null then quantity else 0 end)
            as ledger_purchase_transit_quantity
    from {{ ref('int_stock_moves__standardised') }}
    group by account_key, warehouse_code, sku_id
)

select
    levels.*,
    {{ hash_key(['levels.account_key', 'levels.warehouse_code', 'levels.sku_id']) }} as stock_level_key,
    coalesce(moved.ledger_quantity, 0) as ledger_quantity,
    coalesce(moved.ledger_purchase_transit_quantity, 0) as ledger_purchase_transit_quantity
from {{ ref('stg_wms__stock_levels') }} as levels
left join moved
    on
        levels.account_key = moved.account_key
        and levels.warehouse_code = moved.warehouse_code
        and levels.sku_id = moved.sku_id
