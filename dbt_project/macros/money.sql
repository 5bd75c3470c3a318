{% macro yuan_to_fen(column) -%}
    {#- Landed money is an exact decimal of yuan; a decimal times an integer stays exact. -#}
    cast(({{ column }}) * 100 as bigint)
{%- endmacro %}

{% macro fen_to_yuan(column) -%}
    {#- Not `x / 100`: in DuckDB that is a double even for a decimal. -#}
    cast(cast({{ column }} as decimal(18, 0)) * 0.01 as decimal(18, 2))
{%- endmacro %}
