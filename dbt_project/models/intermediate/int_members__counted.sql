-- Members of the own mall with what they were given and have used.
with points as (
    select
        shop_key,
        member_key,
        sum(case when points > 0 then points else 0 end) as points_given,
        sum(case when points < 0 then -points else 0 end) as points_taken
    from {{ ref('stg_mall__point_entries') }}
    group by shop_key, member_key
),

coupons as (
    select
        shop_key,
        member_key,
        count(*) as coupon_count,
        count(used_at) as used_coupon_count
    from {{ ref('stg_mall__coupons') }}
    group by shop_key, member_key
)

select
    members.*,
    'mall' as channel,
    {{ hash_key(['members.shop_key', 'members.member_key']) }} as dim_member_key,
    provinces.province,
    coalesce(points.points_given, 0) as points_given,
    coalesce(points.points_taken, 0) as points_taken,
    coalesce(coupons.coupon_count, 0) as coupon_count,
    coalesce(coupons.used_coupon_count, 0) as used_coupon_count
from {{ ref('stg_mall__members') }} as members
left join points
    on members.shop_key = points.shop_key and members.member_key = points.member_key
left join coupons
    on members.shop_key = coupons.shop_key and members.member_key = coupons.member_key
left join {{ ref('provinces') }} as provinces
    on members.platform_province = provinces.platform_province
