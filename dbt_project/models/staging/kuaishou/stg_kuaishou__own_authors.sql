-- Accounts that sell for the shop as its own (授权号 3, or the shop itself 1), as its orders name them: no list of them.
with newest as (
    {{ newest_version(source('kuaishou', 'orders'), key=['shop_key', 'orderBaseInfo.oid']) }}
)

select
    shop_key,
    orderBaseInfo.orderSellerRoleInfo.roleId as author_id,
    max(orderBaseInfo.orderSellerRoleInfo.roleName) as author_name,
    cast(null as timestamp) as left_at,
    max(_observed_at) as exported_at
from newest
where
    orderBaseInfo.orderSellerRoleInfo.roleType in (1, 3)
    and nullif(orderBaseInfo.orderSellerRoleInfo.roleId, '0') is not null
group by shop_key, orderBaseInfo.orderSellerRoleInfo.roleId
