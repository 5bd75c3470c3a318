-- 抖店's settlement bill, one row an amount. The sign of deductions is not documented: settle_amount tells which of the
-- two conventions a row follows (income + deductions, or income - deductions); a row that follows none keeps its signs,
-- and its parts then differ from the net that the platform prints, which is shown.
{% set incomes = ['real_pay_amount', 'platform_coupon', 'author_coupon', 'zt_pay_promotion', 'zr_pay_promotion'] %}
{% set fees = ['platform_service_fee', 'commission', 'colonel_service_fee', 'good_learn_channel_fee',
               'channel_promotion_fee', 'other_sharing_amount'] %}
with newest as (
    {{ newest_version(source('doudian', 'settlement_bills'), key=['shop_key', 'request_no']) }}
),

signed as (
    select
        *,
        case
            when total_income + total_outcome <> settle_amount and total_income - total_outcome = settle_amount then -1
            else 1
        end as fee_sign
    from newest
)

{% for name in incomes + fees %}
    select
        'doudian' as channel,
        shop_key,
        request_no as bill_id,
        '{{ name }}' as platform_fee_type,
        cast(trade_type as string) as platform_bill_type,
        shop_order_id as parent_order_id,
        order_id as sub_order_id,
        cast(settle_time as timestamp) as settled_at,
        {{ name }}{{ ' * fee_sign' if name in fees }} as amount_fen,
        settle_amount as bill_net_fen,
        _observed_at as exported_at
    from signed
    where {{ name }} <> 0
    {% if not loop.last %}union all{% endif %}
{% endfor %}
