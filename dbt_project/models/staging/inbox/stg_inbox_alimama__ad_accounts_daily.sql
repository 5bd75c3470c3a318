-- 阿里妈妈's account flow by day: 扣款 is what was spent, 付款 and 充值 are money put in beforehand. Rows have no number: the
-- balance behind each tells it from another. The flow does not tell cash from grants.
with newest as (
    {{ newest_numbered(
        source('inbox', 'alimama_flows'), key=['shop_key', 'booked_at', 'trade_type', 'amount', 'balance_amount']
    ) }}
)

select
    'alimama' as ad_platform,
    shop_key as account_key,
    cast(null as string) as advertiser_id,
    coalesce(traded_on, cast(booked_at as date)) as stat_date,
    sum(abs({{ yuan_to_fen('amount') }})) as cost_fen,
    cast(null as bigint) as cash_fen,
    cast(null as bigint) as grant_fen,
    max(_exported_at) as exported_at
from newest
where trade_type = '扣款'
group by shop_key, coalesce(traded_on, cast(booked_at as date))
