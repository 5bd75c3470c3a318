{% macro newest_known(source_name, table_name, key) -%}
    {#- The newest version of each row, and since when it is known to be gone (`gone_at`). A row that was deleted in a
        database, or left a list, has a tombstone of a later load than its newest version; one that came back has a newer
        version, or a tombstone that takes the earlier one back. -#}
    select newest.*, tombstones.is_gone, tombstones.gone_at
    from ({{ newest_version(source(source_name, table_name), key=['shop_key'] + key) }}) as newest
    left join (
        select shop_key as tombstone_shop_key, record_key, is_gone, observed_at as gone_at, _dlt_load_id as told_in
        from {{ source(source_name, 'deletions') }}
        where stream = '{{ table_name }}'
        qualify row_number() over (partition by shop_key, record_key order by _dlt_load_id desc) = 1
    ) as tombstones
        on
            newest.shop_key = tombstones.tombstone_shop_key
            and concat_ws('|' {%- for column in key %}, cast(newest.{{ column }} as string){% endfor %}) = tombstones.record_key
            and tombstones.is_gone
            and tombstones.told_in >= newest._dlt_load_id
{%- endmacro %}

{% macro newest_kept(source_name, table_name, key) -%}
    {#- Of those only what is still there. -#}
    select * from ({{ newest_known(source_name, table_name, key) }}) as known
    where is_gone is null
{%- endmacro %}
