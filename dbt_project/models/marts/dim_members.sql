select
    dim_member_key as member_key,
    channel,
    shop_key,
    member_key as buyer_key,
    cast(member_level as bigint) as member_level,
    terminal,
    province,
    city,
    registered_at,
    cast(point_balance as bigint) as point_balance,
    cast(points_given as bigint) as points_given,
    cast(points_taken as bigint) as points_taken,
    cast(coupon_count as bigint) as coupon_count,
    cast(used_coupon_count as bigint) as used_coupon_count
from {{ ref('int_members__counted') }}
