-- What 博主 get for a line. A row names the product and not the SKU: of several lines of a product the dearest deal
-- goes with the dearest line, so product, author and order are right in any case. A negative commission takes an
-- earlier one back.
with {{ xhs_orders() }},

{{ xhs_order_skus() }},

{{ xhs_cps_rows() }},

taken_back as (
    select
        shop_key,
        sub_order_id,
        settled_at
    from reversals
)

select
    deals.shop_key,
    deals.sub_order_id,
    'author' as payee_kind,
    deals.payee_id,
    deals.payee_name,
    deals.settle_status as platform_commission_status,
    cast(null as string) as session_id,  -- the API tells of no live session
    deals.rate_bp,
    deals.deal_fen as base_fen,
    cast(floor(cast(deals.deal_fen as decimal(38, 0)) * deals.rate_bp / 10000) as bigint) as estimated_fen,
    case when deals.settled_at is not null then deals.carried_fen end as settled_base_fen,
    case when deals.settled_at is not null then deals.commission_fen end as settled_fen,
    coalesce({{ xhs_time('newest.paidtime') }}, deals.ordered_at) as paid_at,
    deals.settled_at,
    taken_back.settled_at as refunded_at,
    deals.exported_at
from deals
left join newest
    on deals.shop_key = newest.shop_key and deals.order_id = newest.orderid
left join taken_back
    on deals.shop_key = taken_back.shop_key and deals.sub_order_id = taken_back.sub_order_id
