-- 快手's settlement export, one row an amount, under the API's names. The sign of deductions is not confirmed: 实际结算金额
-- tells which of the two conventions a row follows; one that follows none keeps its signs, and its parts then differ
-- from the net, which is shown. A refund takes away with or without a minus. 商家补贴 is no income of the shop.
{% set parts = {
    'actualPayAmount': 'paid_amount', 'governmentSubsidyAmount': 'government_subsidy_amount',
    'platformPayMarketAllowanceAmount': 'pay_subsidy_amount', 'platformAllowanceAmount': 'platform_subsidy_amount',
    'anchorHongBaoAmount': 'anchor_subsidy_amount', 'totalRefundAmount': '-abs(refund_amount)',
    'platformCommissionAmount': 'service_fee_amount * fee_sign', 'presellSettleAmount': 'presale_fee_amount * fee_sign',
    'distributorCommissionAmount': 'author_commission_amount * fee_sign',
    'activityUserCommissionAmount': 'colonel_commission_amount * fee_sign',
    'kzkCommissionAmount': 'promoter_commission_amount * fee_sign',
    'serviceAmount': 'provider_commission_amount * fee_sign', 'otherAmountDesc': 'other_fee_amount * fee_sign',
    '支付营销回退': '-abs(pay_subsidy_return_amount)',
} %}
with newest as (
    {{ newest_version(source('inbox', 'kuaishou_settlements'), key=['shop_key', 'order_id', 'settled_at']) }}
),

{{ kuaishou_heads() }},

signed as (
    select
        *,
        case
            when income_amount + outgo_amount <> settled_amount and (
                income_amount - outgo_amount = settled_amount
                or income_amount - abs(coalesce(refund_amount, 0)) - outgo_amount = settled_amount
            ) then -1
            else 1
        end as fee_sign
    from newest
),

amounts as (
    {% for name, amount in parts.items() %}
        select
            shop_key,
            order_id,
            settled_at,
            '{{ name }}' as platform_fee_type,
            {{ yuan_to_fen(amount) }} as amount_fen,
            {{ yuan_to_fen('settled_amount') }} as bill_net_fen,
            _exported_at as exported_at
        from signed
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    'kuaishou' as channel,
    amounts.shop_key,
    concat(amounts.order_id, '@', cast(amounts.settled_at as string)) as bill_id,
    amounts.platform_fee_type,
    'settled' as platform_bill_type,
    coalesce(heads.parent_order_id, amounts.order_id) as parent_order_id,
    amounts.order_id as sub_order_id,
    amounts.settled_at,
    amounts.amount_fen,
    amounts.bill_net_fen,
    amounts.exported_at
from amounts
left join heads
    on amounts.shop_key = heads.shop_key and amounts.order_id = heads.oid
where amounts.amount_fen <> 0
