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

{% macro newest_version_of(relations, key) -%}
    {#- The same over raw tables that hold the same records, asked for in different ways. -#}
    {%- set told = [] -%}
    {%- for relation in relations %}{% do told.append('select * from ' ~ relation) %}{% endfor -%}
    {{ newest_version('(' ~ told | join(' union all ') ~ ') as told', key) }}
{%- endmacro %}
