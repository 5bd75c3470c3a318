select
    ad_account_day_key,
    channel,
    shop_key,
    ad_platform,
    account_key,
    advertiser_id,
    stat_date,
    {{ fen_to_yuan('cost_fen') }} as cost_amount,
    {{ fen_to_yuan('cash_fen') }} as cash_amount,
    {{ fen_to_yuan('grant_fen') }} as grant_amount
from {{ ref('int_ad_accounts_daily__attributed') }}
