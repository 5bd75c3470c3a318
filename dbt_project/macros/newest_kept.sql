{% macro newest_kept(source_name, table_name, key) -%}
    {#- The newest version of each row of a database's table that is still there. A row that was deleted in the database
        has a tombstone of a later load than its newest version; one that came back has a newer version, or a tombstone
        that takes the earlier one back. -#}
    select newest.*
    from ({{ newest_version(source(source_name, table_name), key=['shop_key'] + key) }}) as newest
    left join (
        select shop_key as tombstone_shop_key, record_key, is_gone, _dlt_load_id as told_in
        from {{ source(source_name, 'deletions') }}
        where stream = '{{ table_name }}'
        qualify row_number() over (partition by shop_key, record_key order by _dlt_load_id desc) = 1
    ) as tombstones
        on
            newest.shop_key = tombstones.tombstone_shop_key
            and concat_ws('|' {%- for column in key %}, cast(newest.{{ column }} as string){% endfor %}) = tombstones.record_key
            and tombstones.is_gone
            and tombstones.told_in >= newest._dlt_load_id
    where tombstones.record_key is null
{%- endmacro %}
