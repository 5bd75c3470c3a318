-- 抖店's settlement bill as a person downloads it, one row an amount, under the API's names and by its rule of signs
-- (stg_doudian__settlement_lines). Rows have no number: the sub-order, its moment and kind tell them apart.
{% set incomes = {
    'real_pay_amount': 'user_paid_amount', 'platform_coupon': 'platform_subsidy_amount',
    'author_coupon': 'author_subsidy_amount', 'zt_pay_promotion': 'pay_subsidy_amount',
    'zr_pay_promotion': 'monthly_pay_subsidy_amount',
} %}
{% set fees = {
    'platform_service_fee': 'platform_fee_amount', 'commission': 'commission_amount',
    'colonel_service_fee': 'colonel_fee_amount', 'good_learn_channel_fee': 'channel_share_amount',
    'channel_promotion_fee': 'promotion_fee_amount', 'other_sharing_amount': 'other_share_amount',
} %}
with newest as (
    {{ newest_numbered(
        source('inbox', 'doudian_settlements'), key=['shop_key', 'sub_order_id', 'settled_at', 'bill_type']
    ) }}
),

signed as (
    select
        *,
        case
            when income_amount + outgo_amount <> settled_amount and income_amount - outgo_amount = settled_amount
                then -1
            else 1
        end as fee_sign
    from newest
),

amounts as (
    {% for name, column in (incomes.items() | list) + (fees.items() | list) %}
        select
            *,
            '{{ name }}' as platform_fee_type,
            {{ yuan_to_fen(column) }}{{ ' * fee_sign' if name in fees }} as amount_fen
        from signed
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    'doudian' as channel,
    shop_key,
    concat_ws(
        '@', sub_order_id, cast(settled_at as string), bill_type,
        case when nth_alike > 1 then cast(nth_alike as string) end
    ) as bill_id,
    platform_fee_type,
    bill_type as platform_bill_type,
    parent_order_id,
    sub_order_id,
    settled_at,
    amount_fen,
    {{ yuan_to_fen('settled_amount') }} as bill_net_fen,
    _exported_at as exported_at
from amounts
where amount_fen <> 0
