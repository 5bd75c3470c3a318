{% macro hash_key(columns) -%}
    {#- One key for a grain of several columns. Empty parts keep their place, so ('a', '') and ('', 'a') differ. -#}
    md5(concat_ws('|' {%- for column in columns %}, coalesce({{ column }}, ''){% endfor %}))
{%- endmacro %}
