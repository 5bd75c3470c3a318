-- 淘宝/天猫's fee bill, one row an account and payment. A charge is positive there and what is given back negative:
-- signs turn. The bill has no rows of whole settlements and prints no net: all that is booked for a line in one
-- second is one bill, its net their sum. Amounts are in fen (unconfirmed). The account tells both what for and which
-- kind of row it is.
with newest as (
    {{ newest_version(source('taobao', 'bills'), key=['shop_key', 'bid']) }}
),

accounts as (
    {{ newest_version(source('taobao', 'bill_accounts'), key=['shop_key', 'account_id']) }}
),

charged as (
    select
        newest.shop_key,
        concat_ws('-', coalesce(newest.order_id, newest.trade_id, cast(newest.bid as string)), newest.pay_time)
            as bill_id,
        coalesce(accounts.account_code, cast(newest.account_id as string)) as account,
        coalesce(newest.trade_id, '') as parent_order_id,
        newest.order_id as sub_order_id,
        cast(newest.pay_time as timestamp) as settled_at,
        -1 * newest.amount as amount_fen,
        newest._observed_at as exported_at
    from newest
    left join accounts
        on newest.shop_key = accounts.shop_key and newest.account_id = accounts.account_id
    where newest.status = 1
),

booked as (
    select
        shop_key,
        bill_id,
        account,
        parent_order_id,
        sub_order_id,
        settled_at,
        sum(amount_fen) as amount_fen,
        max(exported_at) as exported_at
    from charged
    group by shop_key, bill_id, account, parent_order_id, sub_order_id, settled_at
)

select
    'taobao' as channel,
    shop_key,
    bill_id,
    account as platform_fee_type,
    account as platform_bill_type,
    parent_order_id,
    sub_order_id,
    settled_at,
    amount_fen,
    sum(amount_fen) over (partition by shop_key, bill_id) as bill_net_fen,
    exported_at
from booked
