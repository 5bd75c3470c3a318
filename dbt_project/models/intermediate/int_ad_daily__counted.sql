-- Ad figures by plan (API) and by creative (files), each by the shop that the account buys for. A creative is a part of
-- a plan: where the API tells of an account's 全域 day, its creatives are shown and not counted again.
with plans as (
    select
        *,
        cast(null as string) as creative_id,
        'plan_report' as report_kind,
        false as is_duplicate_suspect,
        false as is_repeated_row,
        exported_at as observed_at
    from {{ ref('int_ad_daily__unioned') }}
),

told as (
    select distinct account_key, stat_date
    from plans
    where scope = 'uni'
),

creatives as (
    select
        creatives.*,
        told.account_key is null as is_counted
    from {{ ref('int_ad_creatives__daily') }} as creatives
    left join told
        on creatives.shop_key = told.account_key and creatives.stat_date = told.stat_date
),

united as (
    select
        ad_platform, account_key, advertiser_id, stat_date, scope, plan_id, plan_name, creative_id, spend_fen,
        impression_count, click_count, conversion_count, direct_order_count, direct_pay_fen, indirect_order_count_w7,
        indirect_pay_fen_w7, refund_fen_w7, refund_fen_w14, settled_fen_w7, settled_fen_w14, order_count, pay_fen,
        coupon_fen, observed_at, report_kind, is_duplicate_suspect, is_repeated_row,
        true as is_counted
    from plans
    union all
    select
        channel as ad_platform, shop_key as account_key, cast(null as string) as advertiser_id, stat_date,
        'uni' as scope, cast(null as string) as plan_id, cast(null as string) as plan_name, creative_id, spend_fen,
        impression_count, click_count, cast(null as bigint) as conversion_count,
        cast(null as bigint) as direct_order_count, cast(null as bigint) as direct_pay_fen,
        cast(null as bigint) as indirect_order_count_w7, cast(null as bigint) as indirect_pay_fen_w7,
        cast(null as bigint) as refund_fen_w7, cast(null as bigint) as refund_fen_w14,
        cast(null as bigint) as settled_fen_w7, cast(null as bigint) as settled_fen_w14, order_count, pay_fen,
        cast(null as bigint) as coupon_fen, observed_at, report_kind, is_duplicate_suspect, is_repeated_row,
        is_counted
    from creatives
)

select
    united.*,
    {{ hash_key(['united.ad_platform', 'united.account_key', 'united.advertiser_id',
        'cast(united.stat_date as string)', 'united.scope', 'united.plan_id', 'united.creative_id']) }} as ad_daily_key,
    shops.selling_shop_key as shop_key,
    shops.selling_channel as channel
from united
inner join {{ ref('int_shops__named') }} as shops
    on united.account_key = shops.shop_key
