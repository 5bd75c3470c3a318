{% macro newest_version(relation, key) -%}
    {#- The lake is append-only: a record's later version is a newer row. `_version` orders versions by what they
        say about themselves (when exported, newest event inside, file), so the order of loading cannot matter. -#}
    select *
    from {{ relation }}
    qualify row_number() over (
        partition by {{ key | join(', ') }}
        order by _version desc, _dlt_load_id desc, _line desc
    ) = 1
{%- endmacro %}
