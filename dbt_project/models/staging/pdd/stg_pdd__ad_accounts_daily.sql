-- What a mall spent on 多多推广 a day, all scenes together. The reports do not tell cash from grants.
with newest as (
    {{ newest_version(
        source('pdd', 'ad_account_days'), key=['shop_key', 'advertiser_id', 'scenes_type', 'date']
    ) }}
)

select
    'pdd' as ad_platform,
    shop_key as account_key,
    advertiser_id,
    cast(date as date) as stat_date,
    cast(round(sum(cast(spend as decimal(18, 2))) * 0.1) as bigint) as cost_fen,
    cast(null as bigint) as cash_fen,
    cast(null as bigint) as grant_fen,
    max(_observed_at) as exported_at
from newest
group by shop_key, advertiser_id, date
