{#- The standard records: every staging model that feeds one has exactly these columns, so that a platform that
    lacks one fails here and not in a number. Types are cast once, on the union. -#}
{% macro order_line_columns() -%}
    {{ return([
        ('channel', 'string'), ('shop_key', 'string'), ('parent_order_id', 'string'), ('sub_order_id', 'string'),
        ('platform_order_status', 'string'), ('platform_province', 'string'), ('city', 'string'),
        ('buyer_key', 'string'), ('product_id', 'string'), ('product_name', 'string'), ('sku_id', 'string'),
        ('sku_text', 'string'), ('author_id', 'string'), ('platform_traffic_form', 'string'),
        ('platform_trade_type', 'string'), ('seller_remark', 'string'), ('is_gift', 'boolean'),
        ('quantity', 'bigint'), ('list_fen', 'bigint'), ('goods_fen', 'bigint'), ('freight_fen', 'bigint'),
        ('shop_discount_fen', 'bigint'), ('platform_discount_fen', 'bigint'), ('author_discount_fen', 'bigint'),
        ('pay_discount_fen', 'bigint'), ('platform_borne_fen', 'bigint'), ('merchant_borne_fen', 'bigint'),
        ('author_borne_fen', 'bigint'), ('order_fen', 'bigint'), ('paid_fen', 'bigint'),
        ('identity_gap_fen', 'bigint'), ('created_at', 'timestamp'), ('paid_at', 'timestamp'),
        ('shipped_at', 'timestamp'), ('finished_at', 'timestamp'), ('exported_at', 'timestamp'),
    ]) }}
{%- endmacro %}

{% macro refund_columns() -%}
    {{ return([
        ('channel', 'string'), ('shop_key', 'string'), ('refund_id', 'string'), ('parent_order_id', 'string'),
        ('sub_order_id', 'string'), ('platform_refund_type', 'string'), ('platform_refund_status', 'string'),
        ('reason', 'string'), ('refund_fen', 'bigint'), ('refund_freight_fen', 'bigint'), ('applied_at', 'timestamp'),
        ('refunded_at', 'timestamp'), ('closed_at', 'timestamp'), ('exported_at', 'timestamp'),
    ]) }}
{%- endmacro %}

{% macro union_standard(models, columns, key) -%}
    {#- A record that came by file and by API is one record: what was seen later stands, once. -#}
    select
        {%- for name, _ in columns %}
        {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    from (
    {% for model in models %}
    select
        {%- for name, type in columns %}
        cast({{ name }} as {{ type }}) as {{ name }},
        {%- endfor %}
        '{{ model }}' as model_name
    from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
    ) as united
    qualify row_number() over (
        partition by {{ key | join(', ') }}
        order by exported_at desc, model_name asc
    ) = 1
{%- endmacro %}
