{#- Rows of a relation, once for each element of a list column, which then stands in `element`. -#}
{% macro exploded(relation, list_column, element) -%}
    {{ return(adapter.dispatch('exploded', 'koujing')(relation, list_column, element)) }}
{%- endmacro %}

{% macro duckdb__exploded(relation, list_column, element) -%}
    select *, unnest({{ list_column }}) as {{ element }}
    from {{ relation }}
{%- endmacro %}

{% macro spark__exploded(relation, list_column, element) -%}
    select *, explode({{ list_column }}) as {{ element }}
    from {{ relation }}
{%- endmacro %}
