-- Coupons given to members, used, expired or still open.
with newest as (
    {{ newest_kept('mall', 'coupon', key=['coupon_id']) }}
)

select
    shop_key,
    coupon_id,
    member_id as member_key,
    coupon_name,
    cast(coupon_status as string) as platform_coupon_status,
    {{ yuan_to_fen('amount') }} as coupon_fen,
    order_no as parent_order_id,
    issue_time as issued_at,
    expire_time as expires_at,
    use_time as used_at,
    _observed_at as exported_at
from newest
