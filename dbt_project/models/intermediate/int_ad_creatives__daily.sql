-- One row a creative and day, whichever report told it: polled counters are cumulative within the day, so the day is
-- its last poll (never the sum of polls); where a report and a poll know the same creative and day, the later
-- observation wins.
with last_polls as (
    select *
    from {{ ref('stg_inbox__qianchuan_material_snapshots') }}
    qualify row_number() over (
        partition by shop_key, stat_date, creative_id
        order by recorded_at desc
    ) = 1
),

observed as (
    select
        channel, shop_key, stat_date, creative_id, spend_fen, impression_count, click_count, order_count, pay_fen,
        recorded_at as observed_at,
        'snapshot' as report_kind
    from last_polls
    union all
    select
        channel, shop_key, stat_date, creative_id, spend_fen, impression_count, click_count, order_count, pay_fen,
        observed_at,
        'daily_report' as report_kind
    from {{ ref('stg_inbox__qianchuan_materials') }}
),

newest as (
    select *
    from observed
    qualify row_number() over (
        partition by shop_key, stat_date, creative_id
        order by observed_at desc, report_kind asc
    ) = 1
),

grouped as (
    -- A poller was seen to write one creative's row under two ids. Which id owns the row cannot be known, so both stay
    -- and say so. A row without spend carries no numbers to be alike in.
    select
        *,
        count(*) over (
            partition by shop_key, stat_date, spend_fen, impression_count, click_count, order_count, pay_fen
        ) as identical_rows,
        row_number() over (
            partition by shop_key, stat_date, spend_fen, impression_count, click_count, order_count, pay_fen
            order by creative_id
        ) as identical_rank
    from newest
)

select
    *,
    identical_rows > 1 and spend_fen > 0 as is_duplicate_suspect,
    identical_rank > 1 and spend_fen > 0 as is_repeated_row
from grouped
