-- 有赞's bill records, one row a settlement and kind of amount. The names are those of the back office's 对账单, the fields
-- of the API are not documented (see the connector's README). No net is printed: it is what its amounts add up to.
with {{ youzan_trades() }},

records as (
    {{ newest_version(source('youzan', 'bill_records'), key=['shop_key', 'record_no']) }}
),

amounts as (
    select
        shop_key,
        relation_no,
        record_type,
        record_name,
        order_no,
        oid,
        max({{ youzan_time('entry_time') }}) as settled_at,
        sum(coalesce({{ youzan_fen('income') }}, 0) - coalesce({{ youzan_fen('expense') }}, 0)) as amount_fen,
        max(_observed_at) as exported_at
    from records
    group by shop_key, relation_no, record_type, record_name, order_no, oid
)

select
    'youzan' as channel,
    amounts.shop_key,
    amounts.relation_no as bill_id,
    amounts.record_name as platform_fee_type,
    amounts.record_type as platform_bill_type,
    coalesce(trades.parent_order_id, amounts.order_no) as parent_order_id,
    amounts.oid as sub_order_id,
    amounts.settled_at,
    amounts.amount_fen,
    sum(amounts.amount_fen) over (partition by amounts.shop_key, amounts.relation_no) as bill_net_fen,
    amounts.exported_at
from amounts
left join trades
    on amounts.shop_key = trades.shop_key and amounts.order_no = trades.tid
