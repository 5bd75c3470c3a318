-- The shop's own accounts (店铺号, 店员): those whose sales businessdata.getKosData tells.
with newest as (
    {{ newest_version(source('xiaohongshu', 'kos_sales'), key=['shop_key', 'packageid', 'skuid']) }}
)

select
    shop_key,
    accountuserid as author_id,
    max(accountusername) as author_name,
    cast(null as timestamp) as left_at,
    max(_observed_at) as exported_at
from newest
group by shop_key, accountuserid
