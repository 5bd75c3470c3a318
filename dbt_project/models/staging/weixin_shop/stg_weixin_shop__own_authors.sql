-- 视频号 that belong to the shop itself (自播): what they sell is no affiliate's sale. The list says ids alone.
with newest as (
    {{ newest_version(source('weixin_shop', 'own_finders'), key=['shop_key']) }}
),

authorised as (
    {{ exploded('newest', 'authorized_finder_id_list', 'finder_id') }}
),

everybody as (
    select shop_key, finder_id as author_id, _observed_at from authorised
    union
    select shop_key, main_finder_id as author_id, _observed_at from newest
)

select
    shop_key,
    author_id,
    cast(null as string) as author_name,
    cast(null as timestamp) as left_at,
    _observed_at as exported_at
from everybody
where author_id <> ''
