{#- The standard records. A staging model named `stg_<source>__<record>` feeds the record of that name and has exactly
    these columns, so that a platform that lacks one fails here and not in a number. Types are cast once, on the union.
    Money is integer fen, times are Shanghai wall clock, `platform_…` are the platform's own codes (mapped by seeds),
    `exported_at` says when the row was seen. -#}
{% macro standard_columns(record) -%}
    {%- set text, fen, number, flag, moment = 'string', 'bigint', 'bigint', 'boolean', 'timestamp' -%}
    {{ return({
        'order_lines': [
            ('channel', text), ('shop_key', text), ('parent_order_id', text), ('sub_order_id', text),
            ('platform_order_status', text), ('platform_province', text), ('city', text), ('buyer_key', text),
            ('product_id', text), ('product_name', text), ('sku_id', text), ('sku_text', text), ('author_id', text),
            ('session_id', text), ('platform_traffic_form', text), ('platform_trade_type', text),
            ('seller_remark', text), ('is_gift', flag), ('is_virtual', flag), ('quantity', number),
            ('list_fen', fen), ('goods_fen', fen), ('freight_fen', fen), ('shop_discount_fen', fen),
            ('platform_discount_fen', fen), ('author_discount_fen', fen), ('pay_discount_fen', fen),
            ('platform_borne_fen', fen), ('merchant_borne_fen', fen), ('author_borne_fen', fen),
            ('order_fen', fen), ('paid_fen', fen), ('deposit_fen', fen), ('identity_gap_fen', fen),
            ('created_at', moment), ('deposit_paid_at', moment), ('paid_at', moment), ('promise_ship_at', moment),
            ('shipped_at', moment), ('signed_at', moment), ('finished_at', moment), ('exported_at', moment),
        ],
        'refunds': [
            ('channel', text), ('shop_key', text), ('refund_id', text), ('parent_order_id', text),
            ('sub_order_id', text), ('platform_refund_type', text), ('platform_refund_status', text),
            ('reason', text), ('quantity', number), ('refund_fen', fen), ('refund_freight_fen', fen),
            ('applied_at', moment), ('handled_at', moment), ('deadline_at', moment), ('refunded_at', moment),
            ('closed_at', moment), ('exported_at', moment),
        ],
        'products': [
            ('channel', text), ('shop_key', text), ('product_id', text), ('product_name', text),
            ('merchant_product_code', text), ('platform_product_status', text), ('category', text),
            ('created_at', moment), ('updated_at', moment), ('exported_at', moment),
        ],
        'skus': [
            ('channel', text), ('shop_key', text), ('platform_sku_id', text), ('product_id', text), ('sku_id', text),
            ('sku_text', text), ('price_fen', fen), ('stock_quantity', number), ('exported_at', moment),
        ],
        'parcels': [
            ('channel', text), ('shop_key', text), ('carrier', text), ('tracking_number', text),
            ('carrier_name', text), ('shipped_at', moment), ('exported_at', moment),
        ],
        'parcel_lines': [
            ('channel', text), ('shop_key', text), ('carrier', text), ('tracking_number', text),
            ('parent_order_id', text), ('sub_order_id', text), ('quantity', number), ('exported_at', moment),
        ],
        'parcel_events': [
            ('channel', text), ('shop_key', text), ('carrier', text), ('tracking_number', text), ('event_at', moment),
            ('platform_event', text), ('place', text), ('exported_at', moment),
        ],
        'settlement_lines': [
            ('channel', text), ('shop_key', text), ('bill_id', text), ('platform_fee_type', text),
            ('platform_bill_type', text), ('parent_order_id', text), ('sub_order_id', text), ('settled_at', moment),
            ('amount_fen', fen), ('bill_net_fen', fen), ('exported_at', moment),
        ],
        'commissions': [
            ('shop_key', text), ('sub_order_id', text), ('payee_kind', text), ('payee_id', text), ('payee_name', text),
            ('platform_commission_status', text), ('session_id', text), ('rate_bp', number), ('base_fen', fen),
            ('estimated_fen', fen), ('settled_base_fen', fen), ('settled_fen', fen), ('paid_at', moment),
            ('settled_at', moment), ('refunded_at', moment), ('exported_at', moment),
        ],
        'commission_phases': [
            ('shop_key', text), ('sub_order_id', text), ('payee_kind', text), ('phase_id', text),
            ('settled_at', moment), ('amount_fen', fen), ('exported_at', moment),
        ],
        'own_authors': [
            ('shop_key', text), ('author_id', text), ('author_name', text), ('left_at', moment),
            ('exported_at', moment),
        ],
        'live_sessions': [
            ('shop_key', text), ('session_id', text), ('author_id', text), ('author_name', text), ('title', text),
            ('started_at', moment), ('ended_at', moment), ('exposure_pv', number), ('exposure_uv', number),
            ('view_pv', number), ('view_uv', number), ('watch_seconds', number), ('peak_online', number),
            ('comment_count', number), ('share_count', number), ('follow_count', number), ('fan_club_count', number),
            ('item_exposure_uv', number), ('item_click_uv', number), ('item_click_pv', number),
            ('reported_order_count', number), ('reported_pay_fen', fen), ('ad_spend_fen', fen),
            ('exported_at', moment),
        ],
        'ad_daily': [
            ('ad_platform', text), ('account_key', text), ('advertiser_id', text), ('stat_date', 'date'),
            ('scope', text), ('plan_id', text), ('plan_name', text), ('spend_fen', fen), ('impression_count', number),
            ('click_count', number), ('conversion_count', number), ('direct_order_count', number),
            ('direct_pay_fen', fen), ('indirect_order_count_w7', number), ('indirect_pay_fen_w7', fen),
            ('refund_fen_w7', fen), ('refund_fen_w14', fen), ('settled_fen_w7', fen), ('settled_fen_w14', fen),
            ('order_count', number), ('pay_fen', fen), ('coupon_fen', fen), ('exported_at', moment),
        ],
        'ad_accounts_daily': [
            ('ad_platform', text), ('account_key', text), ('advertiser_id', text), ('stat_date', 'date'),
            ('cost_fen', fen), ('cash_fen', fen), ('grant_fen', fen), ('exported_at', moment),
        ],
    }[record]) }}
{%- endmacro %}

{% macro standard_key(record) -%}
    {#- What identifies a record, whichever source told it. -#}
    {{ return({
        'order_lines': ['channel', 'shop_key', 'parent_order_id', 'sub_order_id'],
        'refunds': ['channel', 'shop_key', 'refund_id'],
        'products': ['channel', 'shop_key', 'product_id'],
        'skus': ['channel', 'shop_key', 'platform_sku_id'],
        'parcels': ['channel', 'shop_key', 'carrier', 'tracking_number'],
        'parcel_lines': ['channel', 'shop_key', 'carrier', 'tracking_number', 'parent_order_id', 'sub_order_id'],
        'parcel_events': ['channel', 'shop_key', 'carrier', 'tracking_number', 'event_at', 'platform_event'],
        'settlement_lines': ['channel', 'shop_key', 'bill_id', 'platform_fee_type'],
        'commissions': ['shop_key', 'sub_order_id', 'payee_kind'],
        'commission_phases': ['shop_key', 'sub_order_id', 'payee_kind', 'phase_id'],
        'own_authors': ['shop_key', 'author_id'],
        'live_sessions': ['shop_key', 'session_id'],
        'ad_daily': ['account_key', 'advertiser_id', 'stat_date', 'scope', 'plan_id'],
        'ad_accounts_daily': ['account_key', 'advertiser_id', 'stat_date'],
    }[record]) }}
{%- endmacro %}

{% macro feeding_models(record) -%}
    {#- The staging models whose name ends with the record's: a platform joins in by having one. Koujing tells dbt
        which there are (dbt knows its own models only after it has parsed them). -#}
    {%- set feeding = [] -%}
    {%- for model in env_var('KOUJING_STAGING_MODELS').split(',') -%}
        {%- if model.endswith('__' ~ record) %}{% do feeding.append(model) %}{% endif -%}
    {%- endfor -%}
    {{ return(feeding) }}
{%- endmacro %}

{% macro told_by_api(record) -%}
    {#- A file cannot always name a row as the API does. What the API tells of the same thing then stands alone: `by` says
        which columns are the thing (a time: its day), `only` which rows of a file are meant, `unless` which columns let
        a row stay, since the API knows that very row. -#}
    {%- set order = ['channel', 'shop_key', 'parent_order_id'] -%}
    {{ return({
        'order_lines': {'by': order, 'unless': order + ['sub_order_id']},
        'refunds': {'by': order, 'only': "platform_refund_type = '订单报表退款'"},
        'settlement_lines': {'by': order + ['settled_at']},
        'ad_daily': {'by': ['account_key', 'stat_date']},
        'ad_accounts_daily': {'by': ['account_key', 'stat_date']},
    }.get(record)) }}
{%- endmacro %}

{% macro is_in_api(columns) -%}
    exists (
        select 1 from by_api
        where
            {% for name in columns -%}
            {%- if name.endswith('_at') -%}
            cast(by_api.{{ name }} as date) = cast(by_file.{{ name }} as date)
            {%- else -%}
            by_api.{{ name }} = by_file.{{ name }}
            {%- endif %}
            {{ "and " if not loop.last }}
            {%- endfor %}
    )
{%- endmacro %}

{% macro union_standard(record) -%}
    {#- A record that came by file and by API is one record: what was seen later stands, once. -#}
    {%- set columns = standard_columns(record) -%}
    {%- set rule = told_by_api(record) -%}
    {%- set files, apis = [], [] -%}
    {%- for model in feeding_models(record) -%}
        {%- do (files if model.startswith('stg_inbox_') else apis).append(model) -%}
    {%- endfor -%}
    {%- if files and apis and rule %}
    with by_api as (
    {% for model in apis %}
    select {{ rule.get('unless', rule.by) | join(', ') }} from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
    )

    {% endif -%}
    select
        {%- for name, _ in columns %}
        {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    from (
    {% for model in apis + files %}
    select
        {%- for name, type in columns %}
        cast({{ name }} as {{ type }}) as {{ name }},
        {%- endfor %}
        '{{ model }}' as model_name
    from {{ ref(model) }}{{ ' as by_file' if model in files }}
    {% if model in files and apis and rule %}
    where
        not {{ is_in_api(rule.by) }}
        {% if rule.only %}or not {{ rule.only }}{% endif %}
        {% if rule.unless %}or {{ is_in_api(rule.unless) }}{% endif %}
    {% endif %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
    ) as united
    qualify row_number() over (
        partition by {{ standard_key(record) | join(', ') }}
        order by exported_at desc, model_name asc
    ) = 1
{%- endmacro %}
