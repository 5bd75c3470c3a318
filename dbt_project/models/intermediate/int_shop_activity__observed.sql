-- Everything dated that is known of a shop: how far its data reaches and how fresh it is.
select
    shop_key,
    created_at as event_at,
    exported_at
from {{ ref('int_order_lines__standardised') }}
union all
select
    shop_key,
    paid_at as event_at,
    exported_at
from {{ ref('int_order_lines__standardised') }}
where paid_at is not null
union all
select
    shop_key,
    coalesce(refunded_at, applied_at) as event_at,
    exported_at
from {{ ref('int_refunds__linked') }}
where coalesce(refunded_at, applied_at) is not null
union all
select
    shop_key,
    recorded_at as event_at,
    exported_at
from {{ ref('stg_inbox__qianchuan_material_snapshots') }}
union all
select
    shop_key,
    cast(stat_date as timestamp) as event_at,
    exported_at
from {{ ref('stg_inbox__qianchuan_materials') }}
union all
select
    shop_key,
    cast(snapshot_date as timestamp) as event_at,
    exported_at
from {{ ref('stg_inbox__taobao_listings') }}
union all
select
    account_key as shop_key,
    cast(stat_date as timestamp) as event_at,
    exported_at
from {{ ref('int_ad_daily__unioned') }}
union all
select
    account_key as shop_key,
    cast(stat_date as timestamp) as event_at,
    exported_at
from {{ ref('int_ad_accounts_daily__unioned') }}
union all
select
    shop_key,
    settled_at as event_at,
    exported_at
from {{ ref('int_settlement_lines__unioned') }}
union all
select
    shop_key,
    settled_at as event_at,
    exported_at
from {{ ref('int_commission_phases__unioned') }}
union all
select
    account_key as shop_key,
    coalesce(posted_at, created_at) as event_at,
    exported_at
from {{ ref('int_stock_moves__standardised') }}
