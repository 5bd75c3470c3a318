-- 罗盘 直播明细: one row a session; it has persons, exposures and watch time that no API has, and no room id.
with newest as (
    {{ newest_version(source('inbox', 'doudian_live_sessions'), key=['shop_key', 'author_short_id', 'started_at']) }}
)

select
    'doudian' as channel,
    shop_key,
    concat_ws('@', author_short_id, cast(started_at as string)) as session_id,
    author_short_id as author_id,
    author_name,
    started_at,
    ended_at,
    exposure_pv,
    exposure_uv,
    view_pv,
    view_uv,
    -- The export rounds 人均观看时长 to its decimals: the whole is what they give.
    cast(round(cast(reported_avg_watch_minutes as decimal(18, 4)) * view_uv * 60) as bigint) as watch_seconds,
    peak_online,
    comment_count,
    follow_count,
    fan_club_count,
    item_exposure_uv,
    item_click_uv,
    item_click_pv,
    order_count as reported_order_count,
    {{ yuan_to_fen('pay_amount') }} as reported_pay_fen,
    _exported_at as exported_at
from newest
