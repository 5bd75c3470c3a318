{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- The layer's own name, without dbt's default prefix: MetricFlow, the outlet and people all say `marts`. -#}
    {{ custom_schema_name if custom_schema_name else target.schema }}
{%- endmacro %}
