{% macro date_days(first_day, last_day) -%}
    {{ return(adapter.dispatch('date_days', 'koujing')(first_day, last_day)) }}
{%- endmacro %}

{% macro duckdb__date_days(first_day, last_day) -%}
    select cast(unnest(generate_series(date '{{ first_day }}', date '{{ last_day }}', interval 1 day)) as date) as date_day
{%- endmacro %}

{% macro spark__date_days(first_day, last_day) -%}
    select explode(sequence(date '{{ first_day }}', date '{{ last_day }}', interval 1 day)) as date_day
{%- endmacro %}

{% macro iso_weekday(column) -%}
    {#- 1 = Monday … 7 = Sunday. -#}
    {{ return(adapter.dispatch('iso_weekday', 'koujing')(column)) }}
{%- endmacro %}

{% macro duckdb__iso_weekday(column) -%}
    isodow({{ column }})
{%- endmacro %}

{% macro spark__iso_weekday(column) -%}
    (weekday({{ column }}) + 1)
{%- endmacro %}

{% macro epoch_to_shanghai(column) -%}
    {#- Wall clock of Shanghai, which has had no summer time since 1991; 0 stands for "has not happened". -#}
    {{ return(adapter.dispatch('epoch_to_shanghai', 'koujing')(column)) }}
{%- endmacro %}

{% macro duckdb__epoch_to_shanghai(column) -%}
    make_timestamp((nullif({{ column }}, 0) + 8 * 3600) * 1000000)
{%- endmacro %}

{% macro spark__epoch_to_shanghai(column) -%}
    cast(timestamp_seconds(nullif({{ column }}, 0) + 8 * 3600) as timestamp_ntz)
{%- endmacro %}

{% macro seconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('seconds_between', 'koujing')(earlier, later)) }}
{%- endmacro %}

{% macro duckdb__seconds_between(earlier, later) -%}
    date_diff('second', {{ earlier }}, {{ later }})
{%- endmacro %}

{% macro spark__seconds_between(earlier, later) -%}
    (unix_timestamp({{ later }}) - unix_timestamp({{ earlier }}))
{%- endmacro %}

{% macro hours_between(earlier, later) -%}
    cast({{ seconds_between(earlier, later) }} / 3600.0 as decimal(24, 12))
{%- endmacro %}
