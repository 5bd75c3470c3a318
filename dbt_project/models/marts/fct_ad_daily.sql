select
    {{ hash_key(['channel', 'shop_key', 'cast(stat_date as string)', 'creative_id']) }} as ad_daily_key,
    channel,
    shop_key,
    stat_date,
    'uni' as scope,
    creative_id,
    {{ fen_to_yuan('spend_fen') }} as spend_amount,
    impression_count,
    click_count,
    order_count,
    {{ fen_to_yuan('pay_fen') }} as pay_amount,
    observed_at,
    report_kind,
    is_duplicate_suspect,
    is_repeated_row
from {{ ref('int_ad_creatives__daily') }}
