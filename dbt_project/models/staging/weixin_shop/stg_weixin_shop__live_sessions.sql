-- Rooms that sold for the shop, its own and others', with the figures of their screen (直播大屏). The length of a room
-- that is on grows: it has no end yet. Watch time is told as an average of viewers, in whole seconds.
with rooms as (
    {{ newest_version(source('weixin_shop', 'lives'), key=['shop_key', 'live_id']) }}
),

screens as (
    {{ newest_version(source('weixin_shop', 'live_figures'), key=['shop_key', 'live_id']) }}
),

figures as (
    select
        shop_key,
        live_id,
        live_comparison_index.is_living,
        live_dashboard_data.live_dashboard_data.summary.impression_uv as exposure_uv,
        live_dashboard_data.live_dashboard_data.summary.max_online_watch_uv as peak_online,
        live_distribution_channel.total_joinlive_count as view_pv,
        live_distribution_channel.audience_count as view_uv,
        live_ec_data_summary.average_watch_seconds_per_audience as average_seconds,
        live_ec_data_summary.new_comment_count as comment_count,
        live_ec_data_summary.share_live_audience_count as share_count,
        live_ec_data_summary.new_follow_count as follow_count,
        live_ec_data_summary.new_fans_club_count as fan_club_count,
        live_ec_data_summary.total_exp_uv as item_exposure_uv,
        live_ec_data_summary.total_clk_uv as item_click_uv,
        live_ec_data_summary.total_clk_pv as item_click_pv,
        live_ec_data_summary.total_pay_pv as reported_order_count,
        live_ec_data_summary.total_gmv as reported_pay_fen
    from screens
),

timed as (
    select
        *,
        cast(live_time as bigint) as started_seconds,
        cast(live_time as bigint) + cast(live_duration as bigint) as ended_seconds
    from rooms
)

select
    timed.shop_key,
    timed.live_id as session_id,
    timed.finder_id as author_id,
    nullif(timed.finder_nickname, '') as author_name,
    timed.live_title as title,
    {{ epoch_to_shanghai('timed.started_seconds') }} as started_at,
    case when not figures.is_living then {{ epoch_to_shanghai('timed.ended_seconds') }} end as ended_at,
    cast(null as bigint) as exposure_pv,
    figures.exposure_uv,
    figures.view_pv,
    figures.view_uv,
    figures.average_seconds * figures.view_uv as watch_seconds,
    figures.peak_online,
    figures.comment_count,
    figures.share_count,
    figures.follow_count,
    figures.fan_club_count,
    figures.item_exposure_uv,
    figures.item_click_uv,
    figures.item_click_pv,
    figures.reported_order_count,
    figures.reported_pay_fen,
    -- 腾讯广告 is another platform.
    cast(null as bigint) as ad_spend_fen,
    timed._observed_at as exported_at
from timed
left join figures
    on timed.shop_key = figures.shop_key and timed.live_id = figures.live_id
