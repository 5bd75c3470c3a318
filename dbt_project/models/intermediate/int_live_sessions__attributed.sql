-- Live sessions by the shop that they sell for. 罗盘's export knows no room id: its row is the API's session of the same
-- shop, account name and start, to which it adds what the API does not say; one that only the export knows stays one.
with by_api as (
    select
        sessions.*,
        shops.selling_shop_key,
        shops.selling_channel as channel
    from {{ ref('int_live_sessions__unioned') }} as sessions
    inner join {{ ref('int_shops__named') }} as shops
        on sessions.shop_key = shops.shop_key
    -- An account and its shop may both tell of a session.
    qualify row_number() over (
        partition by shops.selling_channel, shops.selling_shop_key, sessions.session_id
        order by sessions.exported_at desc, sessions.shop_key asc
    ) = 1
),

by_file as (
    select
        *,
        row_number() over (partition by shop_key, author_name, started_at order by exported_at desc) as nth
    from {{ ref('stg_inbox_doudian__live_exports') }}
),

matched as (
    select
        coalesce(by_api.channel, by_file.channel) as channel,
        coalesce(by_api.selling_shop_key, by_file.shop_key) as shop_key,
        coalesce(by_api.session_id, by_file.session_id) as session_id,
        coalesce(by_api.author_id, by_file.author_id) as author_id,
        coalesce(by_api.author_name, by_file.author_name) as author_name,
        by_api.title,
        coalesce(by_api.started_at, by_file.started_at) as started_at,
        coalesce(by_api.ended_at, by_file.ended_at) as ended_at,
        coalesce(by_file.exposure_pv, by_api.exposure_pv) as exposure_pv,
        coalesce(by_file.exposure_uv, by_api.exposure_uv) as exposure_uv,
        coalesce(by_api.view_pv, by_file.view_pv) as view_pv,
        coalesce(by_file.view_uv, by_api.view_uv) as view_uv,
        coalesce(by_file.watch_seconds, by_api.watch_seconds) as watch_seconds,
        coalesce(by_file.peak_online, by_api.peak_online) as peak_online,
        coalesce(by_api.comment_count, by_file.comment_count) as comment_count,
        by_api.share_count,
        coalesce(by_api.follow_count, by_file.follow_count) as follow_count,
        coalesce(by_api.fan_club_count, by_file.fan_club_count) as fan_club_count,
        coalesce(by_file.item_exposure_uv, by_api.item_exposure_uv) as item_exposure_uv,
        coalesce(by_file.item_click_uv, by_api.item_click_uv) as item_click_uv,
        coalesce(by_api.item_click_pv, by_file.item_click_pv) as item_click_pv,
        coalesce(by_api.reported_order_count, by_file.reported_order_count) as reported_order_count,
        coalesce(by_api.reported_pay_fen, by_file.reported_pay_fen) as reported_pay_fen,
        by_api.ad_spend_fen,
        coalesce(greatest(by_api.exported_at, by_file.exported_at), by_api.exported_at, by_file.exported_at)
            as exported_at
    from by_api
    full outer join by_file
        on
            by_api.selling_shop_key = by_file.shop_key
            and by_api.started_at = by_file.started_at
            and by_api.author_name = by_file.author_name
            and by_file.nth = 1
)

select
    matched.*,
    own.author_id is not null as is_own_author
from matched
left join {{ ref('int_own_authors__attributed') }} as own
    on
        matched.channel = own.channel
        and matched.author_id = own.author_id
        and (own.left_at is null or matched.started_at < own.left_at)
