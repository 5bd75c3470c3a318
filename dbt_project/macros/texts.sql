{% macro without_pattern(column, pattern) -%}
    {#- A text without all that matches. -#}
    {{ return(adapter.dispatch('without_pattern', 'koujing')(column, pattern)) }}
{%- endmacro %}

{% macro duckdb__without_pattern(column, pattern) -%}
    regexp_replace({{ column }}, '{{ pattern }}', '', 'g')
{%- endmacro %}

{% macro spark__without_pattern(column, pattern) -%}
    regexp_replace({{ column }}, '{{ pattern }}', '')
{%- endmacro %}

{% macro promotion_tool(column) -%}
    {#- 淘宝's promotion_id is tool-activity_detail (mjs1311924605-301422342_1850360278): the tool, no number. -#}
    regexp_extract({{ column }}, '^([^-]*?)[0-9]*-', 1)
{%- endmacro %}
