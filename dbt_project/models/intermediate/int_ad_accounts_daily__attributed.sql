-- What ad accounts were charged, by the shop that each buys for.
select
    accounts.*,
    {{ hash_key(['accounts.ad_platform', 'accounts.account_key', 'accounts.advertiser_id',
        'cast(accounts.stat_date as string)']) }} as ad_account_day_key,
    shops.selling_shop_key as shop_key,
    shops.selling_channel as channel
from {{ ref('int_ad_accounts_daily__unioned') }} as accounts
inner join {{ ref('int_shops__named') }} as shops
    on accounts.account_key = shops.shop_key
