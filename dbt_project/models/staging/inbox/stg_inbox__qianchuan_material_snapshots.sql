-- Polled 全域 creative counters: one row a creative and poll, cumulative since 00:00 of the day.
with newest as (
    {{ newest_version(
        source('inbox', 'qianchuan_material_snapshots'), key=['shop_key', 'material_id', 'recorded_at']
    ) }}
)

select
    'qianchuan' as channel,
    shop_key,
    cast(recorded_at as date) as stat_date,
    recorded_at,
    material_id as creative_id,
    stage,
    {{ yuan_to_fen('spend_amount') }} as spend_fen,
    impression_count,
    click_count,
    order_count,
    {{ yuan_to_fen('pay_amount') }} as pay_fen,
    _exported_at as exported_at
from newest
