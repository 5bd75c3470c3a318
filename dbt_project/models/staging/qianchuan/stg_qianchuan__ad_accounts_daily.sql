-- What an ad account was really charged a day, cash and grants apart, whatever was promoted.
with newest as (
    {{ newest_version(source('qianchuan', 'finance_days'), key=['shop_key', 'advertiser_id', 'date']) }}
)

select
    'qianchuan' as ad_platform,
    shop_key as account_key,
    advertiser_id,
    cast(date as date) as stat_date,
    {{ number_to_fen('cost', 'money_unit') }} as cost_fen,
    {{ number_to_fen('cash_cost', 'money_unit') }} as cash_fen,
    {{ number_to_fen('grant_cost', 'money_unit') }} as grant_fen,
    _observed_at as exported_at
from newest
