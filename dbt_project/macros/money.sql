{% macro yuan_to_fen(column) -%}
    {#- Landed money is an exact decimal of yuan; a decimal times an integer stays exact. -#}
    cast(({{ column }}) * 100 as bigint)
{%- endmacro %}

{% macro fen_to_yuan(column) -%}
    {#- Not `x / 100`: in DuckDB that is a double even for a decimal. -#}
    cast(cast({{ column }} as decimal(18, 0)) * 0.01 as decimal(18, 2))
{%- endmacro %}

{% macro number_to_fen(column, unit) -%}
    {#- Money that came as a JSON number in the unit that a column beside it names. Doubles hold two decimals of yuan and
        whole 1e-5 yuan exactly; a unit that is none of the two gives no number, which a test shows. -#}
    cast(round(cast({{ column }} as decimal(20, 5)) * case
        when {{ unit }} = 'yuan' then 100
        when {{ unit }} = '1e-5 yuan' then 0.001
    end) as bigint)
{%- endmacro %}

{% macro split_share(total, weight, weights) -%}
    {#- A line's part of an order's amount, rounded down; what is left over goes to the heaviest line. -#}
    case
        when {{ weights }} = 0 then 0
        else cast(floor(cast({{ total }} as decimal(38, 0)) * {{ weight }} / {{ weights }}) as bigint)
    end
{%- endmacro %}
