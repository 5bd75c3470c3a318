-- 快手's bills, one row an amount: settled orders, and refunds after the settlement (超售后期) by their refund. Amounts of
-- settled bills are text in fen (unconfirmed) but 其他收费, in yuan; deductions are positive. What the shop gets back of
-- its fees after a late refund counts once it has come. Late refunds print no net: it is their sum.
{% set amounts = {
    'actualPayAmount': 1, 'platformAllowanceAmount': 1, 'anchorHongBaoAmount': 1, 'platformPayMarketAllowanceAmount': 1,
    'governmentSubsidyAmount': 1, 'totalRefundAmount': -1, 'platformCommissionAmount': -1, 'presellSettleAmount': -1,
    'distributorCommissionAmount': -1, 'activityUserCommissionAmount': -1, 'kzkCommissionAmount': -1,
    'serviceAmount': -1, 'huabeiAmount': -1,
} %}
{% set given_back = {'refundAmount': '', 'freightRefundAmount': '', 'platformAllowanceRefundAmount': ''} %}
{% set recovered = {
    'platformAmount': 'platformTime', 'distributorAmount': 'distributorCompleteTime',
    'activityUserAmount': 'activityUserCompleteTime', 'kzkAmount': 'kzkCompleteTime',
    'serviceAmount': 'serviceCompleteTime',
} %}
with settled as (
    {{ newest_version(source('kuaishou', 'settled_bills'), key=['shop_key', 'orderNo']) }}
),

late as (
    {{ newest_version(source('kuaishou', 'late_refunds'), key=['shop_key', 'refundNo']) }}
),

{{ kuaishou_heads() }},

amounts as (
    {% for name, sign in amounts.items() %}
        select
            shop_key,
            orderNo as bill_id,
            orderNo as oid,
            '{{ name }}' as platform_fee_type,
            'settled' as platform_bill_type,
            cast(settlementTime as bigint) as settled_ms,
            {{ sign }} * cast(nullif({{ name }}, '') as bigint) as amount_fen,
            cast(settlementAmount as bigint) as bill_net_fen,
            _observed_at as exported_at
        from settled
        union all
    {% endfor %}
    select
        shop_key,
        orderNo as bill_id,
        orderNo as oid,
        'otherAmountDesc' as platform_fee_type,
        'settled' as platform_bill_type,
        cast(settlementTime as bigint) as settled_ms,
        -{{ yuan_to_fen("cast(nullif(otherAmountDesc, '') as decimal(18, 2))") }} as amount_fen,
        cast(settlementAmount as bigint) as bill_net_fen,
        _observed_at as exported_at
    from settled
    {% for name, since in (given_back.items() | list) + (recovered.items() | list) %}
        union all
        select
            shop_key,
            refundNo as bill_id,
            orderId as oid,
            '{{ 'late:' ~ name }}' as platform_fee_type,
            'late' as platform_bill_type,
            refundFinishTime as settled_ms,
            {{ '' if since else '-' }}{{ name }} as amount_fen,
            cast(null as bigint) as bill_net_fen,
            _observed_at as exported_at
        from late
        {{ 'where ' ~ since ~ ' <> 0' if since }}
    {% endfor %}
)

select
    'kuaishou' as channel,
    amounts.shop_key,
    amounts.bill_id,
    amounts.platform_fee_type,
    amounts.platform_bill_type,
    coalesce(heads.parent_order_id, amounts.oid) as parent_order_id,
    amounts.oid as sub_order_id,
    {{ kuaishou_time('amounts.settled_ms') }} as settled_at,
    amounts.amount_fen,
    coalesce(
        amounts.bill_net_fen, sum(amounts.amount_fen) over (partition by amounts.shop_key, amounts.bill_id)
    ) as bill_net_fen,
    amounts.exported_at
from amounts
left join heads
    on amounts.shop_key = heads.shop_key and amounts.oid = heads.oid
where amounts.amount_fen <> 0
