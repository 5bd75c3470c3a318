{% macro kuaishou_time(column) -%}
    {#- Epoch milliseconds as a wall clock of Shanghai; 0 stands for "has not happened". -#}
    {{ epoch_to_shanghai('cast(floor(' ~ column ~ ' / 1000) as bigint)') }}
{%- endmacro %}

{% macro kuaishou_parent(base) -%}
    {#- What a buyer pays at once. One 快手 order is one SKU; those of an activity in which one buyer takes several things
        (粉丝组合价 13, 搭配购 14, 顺手买一件 16, 三元三件 21) have one 活动订单编号. Other activities give one number to many buyers. -#}
    case
        when
            {{ base }}.multiplePiecesNo <> '0' and (
                array_contains({{ base }}.allActivityType, 13) or array_contains({{ base }}.allActivityType, 14)
                or array_contains({{ base }}.allActivityType, 16) or array_contains({{ base }}.allActivityType, 21)
            )
            then {{ base }}.multiplePiecesNo
        else {{ base }}.oid
    end
{%- endmacro %}

{% macro kuaishou_heads() -%}
    {#- CTE `heads`: the parent of each order that the API knows. -#}
    api_orders as (
        {{ newest_version(source('kuaishou', 'orders'), key=['shop_key', 'orderBaseInfo.oid']) }}
    ),

    heads as (
        select
            shop_key,
            orderBaseInfo.oid,
            {{ kuaishou_parent('orderBaseInfo') }} as parent_order_id
        from api_orders
    )
{%- endmacro %}

{% macro kuaishou_packed() -%}
    {#- CTEs of what was sent: `packed`, one row an order or gift and waybill that it left with. -#}
    newest as (
        {{ newest_version(source('kuaishou', 'orders'), key=['shop_key', 'orderBaseInfo.oid']) }}
    ),

    gifts as (
        {{ exploded('newest', 'subOrderInfo', 'gift') }}
    ),

    sent as (
        select
            shop_key,
            {{ kuaishou_parent('orderBaseInfo') }} as parent_order_id,
            orderBaseInfo.oid as sub_order_id,
            orderItemInfo.num as quantity,
            orderBaseInfo.sendTime as sent_ms,
            orderLogisticsInfo as waybills,
            _observed_at as exported_at
        from newest
        union all
        select
            shop_key,
            {{ kuaishou_parent('orderBaseInfo') }} as parent_order_id,
            gift.subOrderBaseInfo.oid as sub_order_id,
            gift.subOrderItemInfo.num as quantity,
            gift.subOrderBaseInfo.sendTime as sent_ms,
            gift.subOrderLogisticsInfo as waybills,
            _observed_at as exported_at
        from gifts
    ),

    -- A waybill can stand there before anything was sent.
    left_already as (
        select * from sent
        where sent_ms <> 0
    ),

    packed as (
        {{ exploded('left_already', 'waybills', 'waybill') }}
    )
{%- endmacro %}
