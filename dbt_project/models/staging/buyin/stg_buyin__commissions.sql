-- Commission orders of the alliance as the shop sees them: what the author gets, and what the 团长 gets on top.
with newest as (
    {{ newest_version(source('buyin', 'alliance_orders'), key=['shop_key', 'order_id']) }}
),

dated as (
    select
        *,
        cast(nullif(pay_success_time, '') as timestamp) as paid_at,
        cast(nullif(settle_time, '') as timestamp) as settled_at,
        cast(nullif(refund_time, '') as timestamp) as refunded_at
    from newest
)

select
    shop_key,
    order_id as sub_order_id,
    'author' as payee_kind,
    author_buyin_id as payee_id,
    author_account as payee_name,
    flow_point as platform_commission_status,
    case when media_type = 'live' then nullif(media_id, '0') end as session_id,
    commission_rate as rate_bp,
    pay_goods_amount as base_fen,
    shop_estimated_commission as estimated_fen,
    case when settled_at is not null then settled_goods_amount end as settled_base_fen,
    case when settled_at is not null then shop_real_commission end as settled_fen,
    paid_at,
    settled_at,
    refunded_at,
    _observed_at as exported_at
from dated
union all
select
    shop_key,
    order_id as sub_order_id,
    'colonel' as payee_kind,
    colonel_order_info.colonel_buyin_id as payee_id,
    colonel_order_info.institution_name as payee_name,
    flow_point as platform_commission_status,
    case when media_type = 'live' then nullif(media_id, '0') end as session_id,
    colonel_order_info.commission_rate as rate_bp,
    pay_goods_amount as base_fen,
    colonel_order_info.estimated_commission as estimated_fen,
    case when settled_at is not null then settled_goods_amount end as settled_base_fen,
    case when settled_at is not null then colonel_order_info.real_commission end as settled_fen,
    paid_at,
    settled_at,
    refunded_at,
    _observed_at as exported_at
from dated
where nullif(nullif(colonel_order_info.colonel_buyin_id, ''), '0') is not null
