{% macro newest_numbered(relation, key) -%}
    {#- The newest version of rows that have no number of their own: those that are alike within a file are told apart
        by their order in it (`nth_alike`), the same row of another export is the same. -#}
    {%- set numbered -%}
        (
            select
                *,
                row_number() over (partition by _file_id, {{ key | join(', ') }} order by _line) as nth_alike
            from {{ relation }}
        ) as numbered
    {%- endset -%}
    {{ newest_version(numbered, key=key + ['nth_alike']) }}
{%- endmacro %}

{% macro stated_due(stated, before, pay_discount, is_paid) -%}
    {#- What was due before 支付优惠, of a file that states one amount and does not say on which side of 支付优惠 it stands:
        the goods less the other discounts tell; where they tell nothing, the column's name does. -#}
    case
        when {{ before }} - {{ pay_discount }} = {{ stated }} then {{ before }}
        when {{ before }} = {{ stated }} then {{ stated }}
        else {{ stated }}{{ ' + ' ~ pay_discount if is_paid }}
    end
{%- endmacro %}

{% macro weixin_shop_exported() -%}
    {#- CTE `ranked`: the rows of 微信小店's order export, numbered within their order by what each was sold for. -#}
    newest as (
        {{ newest_numbered(
            source('inbox', 'weixin_shop_orders'),
            key=['shop_key', 'order_id', 'product_id', 'merchant_sku_code', 'sku_text']
        ) }}
    ),

    sold as (
        select
            *,
            {{ yuan_to_fen('coalesce(line_real_price_amount, unit_real_price_amount * quantity, 0)') }} as sold_fen
        from newest
    ),

    numbered as (
        select
            *,
            row_number() over (
                partition by shop_key, order_id
                order by sold_fen desc, product_id asc, sku_text asc, merchant_sku_code asc, nth_alike asc
            ) as rank_by_sold
        from sold
    ),

    ranked as (
        select
            *,
            concat_ws(':', order_id, product_id, cast(rank_by_sold as string)) as sub_order_id
        from numbered
    )
{%- endmacro %}
