-- 小红书's settlement export, one row an amount, under the API's names. The sign of fees is not confirmed: 动账金额 tells
-- which of the two conventions a row follows; one that follows none keeps its signs, and its parts then differ from the
-- net, which is shown. A refund that is settled along with its sale belongs to that settlement.
{% set incomes = {'payAmount': ['goods_amount', 'freight_amount'],
                  'appPromotion': ['platform_subsidy_amount', 'freight_subsidy_amount']} %}
{% set fees = {
    'commissionAmount': ['commission_amount'], 'payChannelAmount': ['pay_channel_amount'], 'cpsAmount': ['cps_amount'],
    'taxAmount': ['goods_tax_amount'], 'freightTaxAmount': ['freight_tax_amount'],
    'installmentAmount': ['installment_amount'], '跨境税代缴': ['cross_border_tax_amount'],
    '代运营服务商佣金': ['operator_commission_amount'], '代开发服务商佣金': ['developer_commission_amount'],
    '国补订单毛保金额': ['subsidy_margin_amount'],
} %}
{% set parts = (incomes.items() | list) + (fees.items() | list) %}
with newest as (
    {{ newest_numbered(
        source('inbox', 'xiaohongshu_settlements'),
        key=['shop_key', 'order_id', 'aftersale_id', 'settled_at', 'trade_type']
    ) }}
),

filled as (
    select
        shop_key,
        order_id,
        aftersale_id,
        settled_at,
        trade_type,
        nth_alike,
        max(case when trade_type = '结算入账' then settled_at end) over (partition by shop_key, order_id) as sold_at,
        {% for name, columns in parts %}
            coalesce({{ columns | join(', 0) + coalesce(') }}, 0) as part_{{ loop.index }},
        {% endfor %}
        amount,
        _exported_at as exported_at
    from newest
),

summed as (
    select
        *,
        part_1 + part_2 as income_amount,
        0
        {% for _ in fees %}
            + part_{{ loop.index + 2 }}
        {% endfor %}
            as fee_amount
    from filled
),

signed as (
    select
        *,
        case
            when income_amount + fee_amount <> amount and income_amount - fee_amount = amount then -1
            else 1
        end as fee_sign
    from summed
),

amounts as (
    {% for name, _ in parts %}
        select
            *,
            '{{ name }}' as platform_fee_type,
            {{ yuan_to_fen('part_' ~ loop.index) }}{{ ' * fee_sign' if name in fees }} as amount_fen
        from signed
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    'xiaohongshu' as channel,
    shop_key,
    concat_ws(
        '@', order_id, aftersale_id, cast(settled_at as string), trade_type,
        case when nth_alike > 1 then cast(nth_alike as string) end
    ) as bill_id,
    platform_fee_type,
    concat(trade_type, case when trade_type = '退款' and settled_at <= sold_at then ':with its sale' else '' end)
        as platform_bill_type,
    order_id as parent_order_id,
    cast(null as string) as sub_order_id,
    settled_at,
    amount_fen,
    {{ yuan_to_fen('amount') }} as bill_net_fen,
    exported_at
from amounts
where amount_fen <> 0
