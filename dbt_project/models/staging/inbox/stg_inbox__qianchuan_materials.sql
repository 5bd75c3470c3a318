-- 全域 creative report: one row a creative and day, as of its export. The day keeps changing for weeks, so newer wins.
with newest as (
    {{ newest_version(source('inbox', 'qianchuan_materials'), key=['shop_key', 'stat_date', 'material_id']) }}
)

select
    'qianchuan' as channel,
    shop_key,
    stat_date,
    material_id as creative_id,
    material_name as creative_name,
    {{ yuan_to_fen('spend_amount') }} as spend_fen,
    impression_count,
    click_count,
    order_count,
    {{ yuan_to_fen('pay_amount') }} as pay_fen,
    _exported_at as observed_at,
    _exported_at as exported_at
from newest
