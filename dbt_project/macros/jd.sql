{% macro jd_fen(column) -%}
    {#- Yuan as 京东 sends them, text or a number kept as text; empty where it says none. -#}
    {{ yuan_to_fen("cast(nullif(" ~ column ~ ", '') as decimal(18, 2))") }}
{%- endmacro %}

{% macro jd_epoch(column) -%}
    {#- Epoch milliseconds as a wall clock of Shanghai. -#}
    {{ epoch_to_shanghai('cast(floor(' ~ column ~ ' / 1000) as bigint)') }}
{%- endmacro %}

{% macro jd_time(column) -%}
    {#- A time that comes as a wall clock or as epoch milliseconds, as text either way. -#}
    case
        when {{ column }} like '%-%' then cast({{ column }} as timestamp)
        else {{ epoch_to_shanghai("cast(nullif(substr(" ~ column ~ ", 1, 10), '') as bigint)") }}
    end
{%- endmacro %}

{% macro jd_parent(parent, order) -%}
    {#- What a buyer paid at once: 0 stands for an order that was not split. -#}
    coalesce(nullif(nullif({{ parent }}, '0'), ''), {{ order }})
{%- endmacro %}

{% macro jd_counted_orders() -%}
    {#- CTEs: `newest`, every order; `counted`, without the parents of split orders: their children have all of it. -#}
    newest as (
        {{ newest_version(source('jd', 'orders'), key=['shop_key', 'orderId']) }}
    ),

    parents as (
        select distinct
            shop_key,
            parentOrderId as split_order_id
        from newest
        where parentOrderId not in ('', '0')
    ),

    counted as (
        select newest.*
        from newest
        left join parents
            on newest.shop_key = parents.shop_key and newest.orderId = parents.split_order_id
        where parents.split_order_id is null
    )
{%- endmacro %}
