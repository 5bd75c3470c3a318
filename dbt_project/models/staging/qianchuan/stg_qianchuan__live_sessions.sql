-- Rooms as 千川 shows them to an advertiser, with or without ads. Two advertisers may show the same room: it is one here.
-- The end is empty while the room is on. Persons, exposures and watch time are only in 罗盘's export (inbox).
with rooms as (
    {{ newest_version(source('qianchuan', 'live_rooms'), key=['shop_key', 'room_id']) }}
)

select
    shop_key,
    room_id as session_id,
    aweme_id as author_id,
    aweme_name as author_name,
    room_title as title,
    cast(start_time as timestamp) as started_at,
    cast(nullif(end_time, '') as timestamp) as ended_at,
    cast(null as bigint) as exposure_pv,
    cast(null as bigint) as exposure_uv,
    cast(total_live_watch_cnt as bigint) as view_pv,
    cast(null as bigint) as view_uv,
    cast(null as bigint) as watch_seconds,
    cast(null as bigint) as peak_online,
    cast(total_live_comment_cnt as bigint) as comment_count,
    cast(total_live_share_cnt as bigint) as share_count,
    cast(total_live_follow_cnt as bigint) as follow_count,
    cast(total_live_fans_club_join_cnt as bigint) as fan_club_count,
    cast(null as bigint) as item_exposure_uv,
    cast(null as bigint) as item_click_uv,
    cast(live_click_product_count_alias as bigint) as item_click_pv,
    cast(live_pay_order_count_alias as bigint) as reported_order_count,
    {{ number_to_fen('live_pay_order_gmv_alias', 'money_unit') }} as reported_pay_fen,
    {{ number_to_fen('stat_cost', 'money_unit') }} as ad_spend_fen,
    _observed_at as exported_at
from rooms
