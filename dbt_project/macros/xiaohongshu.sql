{% macro xhs_time(column) -%}
    {#- 小红书's times are epoch milliseconds, 0 for "has not happened". -#}
    {{ epoch_to_shanghai('cast(floor(' ~ column ~ ' / 1000) as bigint)') }}
{%- endmacro %}

{% macro xhs_text(column) -%}
    {#- An empty text, or the word "null", stands where there is nothing. -#}
    nullif(nullif({{ column }}, ''), 'null')
{%- endmacro %}

{% macro xhs_fen(column) -%}
    {#- Yuan as the digits that came: afterSale.* has JSON numbers with a double's noise, finance.* text. -#}
    {{ yuan_to_fen('cast(' ~ xhs_text(column) ~ ' as decimal(18, 2))') }}
{%- endmacro %}

{% macro xhs_orders() -%}
    {#- CTE `newest`: the newest version of each order. -#}
    newest as (
        {{ newest_version(source('xiaohongshu', 'orders'), key=['shop_key', 'orderid']) }}
    )
{%- endmacro %}

{% macro xhs_order_skus() -%}
    {#- CTE `order_skus` after `newest`: one row a SKU of an order. It can stand there twice: bought, and as a gift. -#}
    unpacked as (
        {{ exploded('newest', 'skulist', 'line') }}
    ),

    numbered as (
        select
            *,
            row_number() over (
                partition by shop_key, orderid, line.skuid
                order by line.skutag asc, line.totalpaidamount desc
            ) as repetition
        from unpacked
    ),

    order_skus as (
        select
            *,
            line.skuid as platform_sku_id,
            line.skuquantity as quantity,
            concat(orderid, '-', line.skuid, case when repetition > 1 then concat('-', repetition) else '' end)
                as sub_order_id
        from numbered
    )
{%- endmacro %}

{% macro xhs_deliveries() -%}
    {#- CTE `deliveries` after `newest`: one row a delivery of an order, when it left and was signed. The order says when
        its (first) delivery left; of several each has its time on its own track, whose first record is the posting.
        Tracks know the waybill alone; what has none (virtual goods) is told apart by the order of leaving. -#}
    shipped as (
        {{ exploded('newest', 'simpledeliveryorderlist', 'delivery') }}
    ),

    numbered_deliveries as (
        select
            *,
            coalesce(delivery.expresstrackingno, '') as waybill,
            row_number() over (
                partition by shop_key, orderid, delivery.expresstrackingno
                order by delivery.deliveryorderindex
            ) as nth,
            count(*) over (partition by shop_key, orderid) as delivery_count
        from shipped
    ),

    tracks as (
        {{ newest_version(source('xiaohongshu', 'tracks'), key=['shop_key', 'orderid', 'deliveryorderid']) }}
    ),

    scans as (
        {{ exploded('tracks', 'records', 'record') }}
    ),

    tracked as (
        select
            shop_key,
            orderid,
            coalesce(expressno, '') as waybill,
            expresscompanyname as carrier_name,
            min(cast(record.eventat as timestamp)) as first_at,
            case when currentstatusdesc = '已签收' then max(cast(record.eventat as timestamp)) end as signed_at,
            row_number() over (partition by shop_key, orderid, expressno order by deliveryorderid) as nth
        from scans
        group by shop_key, orderid, deliveryorderid, expressno, expresscompanyname, currentstatusdesc
    ),

    deliveries as (
        select
            numbered_deliveries.*,
            tracked.signed_at,
            tracked.carrier_name,
            case
                when numbered_deliveries.delivery_count > 1 and tracked.first_at is not null then tracked.first_at
                else {{ xhs_time('numbered_deliveries.deliverytime') }}
            end as shipped_at
        from numbered_deliveries
        left join tracked
            on
                numbered_deliveries.shop_key = tracked.shop_key
                and numbered_deliveries.orderid = tracked.orderid
                and numbered_deliveries.waybill = tracked.waybill
                and numbered_deliveries.nth = tracked.nth
    )
{%- endmacro %}

{% macro xhs_refund_lines() -%}
    {#- CTE `refund_lines`: one row an after-sale and SKU. Money is what was really given back once it was, else what is
        asked for; of several SKUs each has its part by what is asked for it, the odd fen and the freight the dearest. -#}
    after_sales as (
        {{ newest_version(source('xiaohongshu', 'aftersales'), key=['shop_key', 'aftersaleinfo.returnsid']) }}
    ),

    after_sale_items as (
        {{ exploded('after_sales', 'aftersaleinfo.skus', 'item') }}
    ),

    items as (
        select
            shop_key,
            aftersaleinfo.returnsid as returnsid,
            item.skuid as item_sku_id,
            item.appliedcount as item_quantity,
            coalesce({{ xhs_fen('item.appliedtotalamountyuan') }}, 0) as item_fen
        from after_sale_items
    ),

    weighed_items as (
        select
            *,
            sum(item_fen) over (partition by shop_key, returnsid) as items_fen,
            count(*) over (partition by shop_key, returnsid) as item_count,
            row_number() over (
                partition by shop_key, returnsid
                order by item_fen desc, item_sku_id asc
            ) as rank_of_item
        from items
    ),

    asked as (
        select
            shop_key,
            aftersaleinfo as info,
            logisticsinfo,
            negotiaterecords,
            _observed_at,
            aftersaleinfo.returnsid as returnsid,
            aftersaleinfo.orderid as parent_order_id,
            aftersaleinfo.refundstatus = 2 as is_given_back,
            case when aftersaleinfo.refundstatus = 2 then {{ xhs_time('aftersaleinfo.refundtime') }} end
                as refunded_at,
            case
                when aftersaleinfo.refundstatus = 2 then {{ xhs_fen('aftersaleinfo.refundamountyuan') }}
                else {{ xhs_fen('aftersaleinfo.expectedrefundamountyuan') }}
            end as whole_fen
        from after_sales
    ),

    shared_refunds as (
        select
            asked.*,
            weighed_items.item_sku_id,
            weighed_items.item_quantity,
            coalesce(weighed_items.item_count, 1) as item_count,
            coalesce(weighed_items.rank_of_item, 1) as rank_of_item,
            coalesce(
                {{ split_share('asked.whole_fen', 'weighed_items.item_fen', 'weighed_items.items_fen') }}, 0
            ) as share_fen
        from asked
        left join weighed_items
            on asked.shop_key = weighed_items.shop_key and asked.returnsid = weighed_items.returnsid
    ),

    refund_lines as (
        select
            *,
            concat(returnsid, case when item_count > 1 then concat('-', item_sku_id) else '' end) as refund_id,
            concat(parent_order_id, '-', item_sku_id) as sub_order_id,
            share_fen + case
                when rank_of_item = 1 then whole_fen - sum(share_fen) over (partition by shop_key, returnsid) else 0
            end as refund_fen
        from shared_refunds
    )
{%- endmacro %}

{% macro xhs_cps_rows() -%}
    {#- CTEs after `order_skus`: `deals`, one row a line that a 博主 sold, and `reversals` of such lines. -#}
    newest_cps as (
        {{ newest_version(source('xiaohongshu', 'cps_settlements'), key=['shop_key', 'order_id']) }}
    ),

    cps_rows as (
        {{ exploded('newest_cps', 'cpsusersettledetails', 'deal') }}
    ),

    deal_rows as (
        select
            shop_key,
            order_id,
            deal.goodsid as goods_id,
            deal.dealtotalamount as deal_fen,
            deal.carryingtotalamount as carried_fen,
            deal.kolusercommissionamount as commission_fen,
            deal.koluserrate as rate_bp,
            deal.koluserid as payee_id,
            deal.kolusername as payee_name,
            deal.settlestatus as settle_status,
            {{ xhs_time('deal.ordertime') }} as ordered_at,
            {{ xhs_time('deal.settletime') }} as settled_at,
            _observed_at as exported_at
        from cps_rows
    ),

    ranked_deals as (
        select
            *,
            row_number() over (
                partition by shop_key, order_id, goods_id
                order by deal_fen desc, commission_fen desc
            ) as nth,
            row_number() over (
                partition by shop_key, order_id, goods_id, deal_fen
                order by commission_fen desc
            ) as nth_of_amount
        from deal_rows
        where commission_fen >= 0
    ),

    ranked_lines as (
        select
            shop_key,
            orderid,
            sub_order_id,
            line.itemid as item_id,
            row_number() over (
                partition by shop_key, orderid, line.itemid
                order by line.totalpaidamount desc, sub_order_id asc
            ) as nth
        from order_skus
        where {{ xhs_text('line.kolid') }} is not null
    ),

    deals as (
        select
            ranked_deals.*,
            coalesce(
                ranked_lines.sub_order_id,
                concat(ranked_deals.order_id, '-', ranked_deals.goods_id, '-', ranked_deals.nth)
            ) as sub_order_id
        from ranked_deals
        left join ranked_lines
            on
                ranked_deals.shop_key = ranked_lines.shop_key
                and ranked_deals.order_id = ranked_lines.orderid
                and ranked_deals.goods_id = ranked_lines.item_id
                and ranked_deals.nth = ranked_lines.nth
    ),

    ranked_reversals as (
        select
            *,
            row_number() over (partition by shop_key, order_id, goods_id, deal_fen order by settled_at) as nth_of_amount
        from deal_rows
        where commission_fen < 0
    ),

    reversals as (
        select
            ranked_reversals.*,
            deals.sub_order_id
        from ranked_reversals
        inner join deals
            on
                ranked_reversals.shop_key = deals.shop_key
                and ranked_reversals.order_id = deals.order_id
                and ranked_reversals.goods_id = deals.goods_id
                and ranked_reversals.deal_fen = deals.deal_fen
                and ranked_reversals.nth_of_amount = deals.nth_of_amount
    )
{%- endmacro %}
