-- 小红书's settled transactions and other service fees, one row an amount. What goods and freight come to beyond
-- payAmount was paid by the wallet. The sign of fees is not documented: amount tells which of the two conventions a
-- row follows; one that follows none keeps its signs, and its parts then differ from the net that the platform
-- prints. A transaction of several SKUs is of no one line. A refund that is settled along with its sale belongs to that
-- settlement; a later one takes back what was settled.
{% set fees = ['commissionAmount', 'payChannelAmount', 'cpsAmount', 'taxAmount', 'freightTaxAmount',
               'installmentAmount', 'extraAmount'] %}
{% set parts = {'payAmount': 'pay_fen', 'payPromotion': 'goods_fen + freight_fen - pay_fen',
                'appPromotion': 'promotion_fen'} %}
{% for name in fees %}{% do parts.update({name: (name | lower) ~ '_fen * fee_sign'}) %}{% endfor %}
with newest as (
    {{ newest_version(source('xiaohongshu', 'transactions'), key=['shop_key', 'transactionid']) }}
),

unpacked as (
    {{ exploded('newest', 'goodsdetails', 'goods') }}
),

goods_of as (
    select
        shop_key,
        transactionid,
        case when count(distinct goods.newskuid) = 1 then min(goods.newskuid) end as only_sku_id
    from unpacked
    group by shop_key, transactionid
),

sales as (
    select
        newest.shop_key,
        newest.packageid,
        goods_of.only_sku_id,
        max(newest.settledtime) as settledtime
    from newest
    left join goods_of
        on newest.shop_key = goods_of.shop_key and newest.transactionid = goods_of.transactionid
    where newest.settlebiztype = 0
    group by newest.shop_key, newest.packageid, goods_of.only_sku_id
),

amounts as (
    select
        newest.shop_key,
        newest.transactionid as bill_id,
        concat(
            cast(newest.settlebiztype as string), ':', cast(newest.transactionbiztype as string),
            case
                when newest.settlebiztype = 1 and newest.settledtime <= sales.settledtime then ':with its sale'
                else ''
            end
        ) as platform_bill_type,
        newest.packageid as parent_order_id,
        case when goods_of.only_sku_id is not null then concat(newest.packageid, '-', goods_of.only_sku_id) end
            as sub_order_id,
        {{ xhs_time('newest.settledtime') }} as settled_at,
        coalesce({{ xhs_fen('newest.payamount') }}, 0) as pay_fen,
        coalesce({{ xhs_fen('newest.goodsamount') }}, 0) as goods_fen,
        coalesce({{ xhs_fen('newest.freightamount') }}, 0) as freight_fen,
        coalesce({{ xhs_fen('newest.apppromotion') }}, 0) + coalesce({{ xhs_fen('newest.freightapppromotion') }}, 0)
            as promotion_fen,
        {% for name in fees %}
            coalesce({{ xhs_fen('newest.' ~ name | lower) }}, 0) as {{ name | lower }}_fen,
        {% endfor %}
        {{ xhs_fen('newest.amount') }} as bill_net_fen,
        newest._observed_at as exported_at
    from newest
    left join goods_of
        on newest.shop_key = goods_of.shop_key and newest.transactionid = goods_of.transactionid
    left join sales
        on
            newest.shop_key = sales.shop_key
            and newest.packageid = sales.packageid
            and goods_of.only_sku_id is not distinct from sales.only_sku_id
    where newest.settledtime > 0
),

summed as (
    select
        *,
        goods_fen + freight_fen + promotion_fen as income_fen,
        {{ fees | map('lower') | join('_fen + ') }}_fen as fees_fen
    from amounts
),

signed as (
    select
        *,
        case
            when income_fen + fees_fen <> bill_net_fen and income_fen - fees_fen = bill_net_fen then -1
            else 1
        end as fee_sign
    from summed
),

parts as (
    {% for name, amount in parts.items() %}
        select
            *,
            '{{ name }}' as platform_fee_type,
            {{ amount }} as amount_fen
        from signed
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

expenses as (
    {{ newest_version(source('xiaohongshu', 'expenses'), key=['shop_key', 'expenseid']) }}
)

select
    'xiaohongshu' as channel,
    shop_key,
    bill_id,
    platform_fee_type,
    platform_bill_type,
    parent_order_id,
    sub_order_id,
    settled_at,
    amount_fen,
    bill_net_fen,
    exported_at
from parts
where amount_fen <> 0
union all
select
    'xiaohongshu' as channel,
    shop_key,
    concat('expense-', expenseid) as bill_id,
    concat('expense:', basebiztype) as platform_fee_type,
    concat('expense:', cast(settlebiztype as string)) as platform_bill_type,
    packageid as parent_order_id,
    cast(null as string) as sub_order_id,
    {{ xhs_time('settledtime') }} as settled_at,
    {{ xhs_fen('amount') }} as amount_fen,
    {{ xhs_fen('amount') }} as bill_net_fen,
    _observed_at as exported_at
from expenses
where settledtime > 0
