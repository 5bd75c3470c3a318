{% test accepted_range(model, column_name, min_value=none, max_value=none) %}
    select *
    from {{ model }}
    where false
        {% if min_value is not none %} or {{ column_name }} < {{ min_value }}{% endif %}
        {% if max_value is not none %} or {{ column_name }} > {{ max_value }}{% endif %}
{% endtest %}

{% test unique_grain(model, columns) %}
    select {{ columns | join(', ') }}, count(*) as row_count
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}

{% test mapped_code(model, column_name, seed, code_column) %}
    {#- A platform code that the seed does not name: shown with its channel, never a silent default. -#}
    select codes.channel, codes.{{ column_name }}, count(*) as row_count
    from {{ model }} as codes
    left join {{ ref(seed) }} as known
        on codes.channel = known.channel and codes.{{ column_name }} = known.{{ code_column }}
    where codes.{{ column_name }} is not null and known.{{ code_column }} is null
    group by codes.channel, codes.{{ column_name }}
{% endtest %}

{% test never_null(model, columns) %}
    {#- One query for all of a model's columns that are never empty; names the ones that are. -#}
    {% for column in columns %}
    select '{{ column }}' as column_name, count(*) as empty_rows
    from {{ model }}
    where {{ column }} is null
    having count(*) > 0
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
{% endtest %}
