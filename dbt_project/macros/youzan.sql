{% macro youzan_fen(column) -%}
    {#- Trades and refunds say money as text yuan, "" where there is none. -#}
    {{ yuan_to_fen("cast(nullif(" ~ column ~ ", '') as decimal(18, 2))") }}
{%- endmacro %}

{% macro youzan_part(total, share) -%}
    {#- A line's part of its trade's amount: its share, the dearest line with what the shares left over. -#}
    {{ share }} + case
        when rank_by_goods = 1 then {{ total }} - sum({{ share }}) over (partition by shop_key, tid)
        else 0
    end
{%- endmacro %}

{% macro youzan_time(column) -%}
    {#- A wall clock of Shanghai as text, "" where it has not come. -#}
    cast(nullif({{ column }}, '') as timestamp)
{%- endmacro %}

{% macro youzan_parent() -%}
    {#- What the buyer pays once: a checkout that 有赞 splits into trades has a number of its own (虚拟总单号). -#}
    coalesce(
        nullif(full_order_info.order_info.order_extra.kdt_dimension_combine_id, ''),
        nullif(full_order_info.order_info.order_extra.orders_combine_id, ''),
        full_order_info.order_info.tid
    )
{%- endmacro %}

{% macro youzan_trades() -%}
    {#- CTEs `newest` and `trades`: the newest version of each order, and which order each trade is a part of. -#}
    newest as (
        {{ newest_version(source('youzan', 'orders'), key=['shop_key', 'full_order_info.order_info.tid']) }}
    ),

    trades as (
        select shop_key, full_order_info.order_info.tid as tid, {{ youzan_parent() }} as parent_order_id
        from newest
    )
{%- endmacro %}

{% macro youzan_line_shipments() -%}
    {#- CTEs of who ships what when: `packed`, one row a line in a parcel, and `line_shipments`, one row an order line, from the newest details. consign_time says
        when the last goods of a trade left. Where they left in several parcels, each is dated by its dist_id, which
        begins with the moment when it was made (as the documented examples have it). -#}
    details as (
        {{ newest_version(source('youzan', 'order_details'), key=['shop_key', 'tid']) }}
    ),

    deliveries as (
        {{ exploded('details', 'delivery_order', 'delivery') }}
    ),

    delivered as (
        {{ exploded('deliveries', 'delivery.dists', 'dist') }}
    ),

    exploded_oids as (
        {{ exploded('delivered', 'delivery.oids', 'packed_oid') }}
    ),

    packed as (
        select
            shop_key,
            tid,
            {{ youzan_parent() }} as parent_order_id,
            -- {"oid": "1", "num": "2"}, or the plain id, as JSON text.
            coalesce(
                nullif(regexp_extract(packed_oid, '"oid" *: *"?([0-9]+)', 1), ''),
                nullif(regexp_extract(packed_oid, '^"?([0-9]+)"?$', 1), '')
            ) as oid,
            cast(nullif(regexp_extract(packed_oid, '"num" *: *"?([0-9]+)', 1), '') as bigint) as quantity,
            dist.dist_id as dist_id,
            dist.express_info.express_id as carrier,
            nullif(dist.express_info.express_no, '') as tracking_number,
            try_cast(concat(
                substr(dist.dist_id, 1, 4), '-', substr(dist.dist_id, 5, 2), '-', substr(dist.dist_id, 7, 2), ' ',
                substr(dist.dist_id, 9, 2), ':', substr(dist.dist_id, 11, 2), ':', substr(dist.dist_id, 13, 2)
            ) as timestamp) as parcel_at,
            _observed_at
        from exploded_oids
        where delivery.express_state = 1
    ),

    sent_lines as (
        select shop_key, tid, oid, min(parcel_at) as parcel_at
        from packed
        group by shop_key, tid, oid
    ),

    sent_trades as (
        select shop_key, tid, count(distinct dist_id) as parcel_count
        from packed
        group by shop_key, tid
    ),

    exploded_details as (
        {{ exploded('details', 'full_order_info.orders', 'line') }}
    ),

    detail_lines as (
        select
            shop_key,
            tid,
            line.oid as oid,
            {{ youzan_time('full_order_info.order_info.consign_time') }} as consigned_at
        from exploded_details
    ),

    line_shipments as (
        select
            detail_lines.shop_key,
            detail_lines.tid,
            detail_lines.oid,
            case
                -- Nothing of it was packed (virtual goods): the trade's own time.
                when sent_trades.parcel_count is null then detail_lines.consigned_at
                when sent_lines.oid is null then cast(null as timestamp)
                when sent_trades.parcel_count > 1 and sent_lines.parcel_at is not null then sent_lines.parcel_at
                else coalesce(detail_lines.consigned_at, sent_lines.parcel_at)
            end as shipped_at
        from detail_lines
        left join sent_trades
            on detail_lines.shop_key = sent_trades.shop_key and detail_lines.tid = sent_trades.tid
        left join sent_lines
            on
                detail_lines.shop_key = sent_lines.shop_key
                and detail_lines.tid = sent_lines.tid
                and detail_lines.oid = sent_lines.oid
    )
{%- endmacro %}

{% macro youzan_refund_lines() -%}
    {#- CTEs of what is asked for or given back: `refund_lines`, one row an after-sale and order line, from the newest
        details. Money is what the funds say once it has succeeded (status 1 of a fund has failed), else what is asked;
        an exchange gives none back. -#}
    refunds as (
        {{ newest_version(source('youzan', 'refund_details'), key=['shop_key', 'refund_id']) }}
    ),

    funds as (
        {{ exploded('refunds', 'refund_fund_list', 'fund') }}
    ),

    given as (
        select shop_key, refund_id, sum(fund.refund_fee) as given_fen
        from funds
        where fund.status <> 1
        group by shop_key, refund_id
    ),

    items as (
        {{ exploded('refunds', 'refund_order_item', 'item') }}
    ),

    numbered_items as (
        select
            shop_key,
            refund_id,
            item.oid as oid,
            item.refund_fee as item_fen,
            item.item_num as item_num,
            count(*) over (partition by shop_key, refund_id) as item_count,
            row_number() over (partition by shop_key, refund_id order by item.oid) as item_number
        from items
    ),

    refund_lines as (
        select
            refunds.*,
            coalesce(numbered_items.oid, refunds.oid) as line_oid,
            coalesce(numbered_items.item_num, nullif(refunds.item_num, 0)) as line_num,
            coalesce(numbered_items.item_count, 1) as item_count,
            coalesce(numbered_items.item_number, 1) as item_number,
            refunds.status = 'SUCCESS' and refunds.demand <> 3 as is_given,
            case
                when refunds.demand = 3 then 0
                when numbered_items.item_count > 1 then numbered_items.item_fen
                when refunds.status = 'SUCCESS'
                    then coalesce(given.given_fen, {{ youzan_fen('refunds.refund_fee') }})
                else {{ youzan_fen('refunds.refund_fee') }}
            end as line_refund_fen,
            coalesce(
                {{ youzan_time('refunds.refund_success_time') }}, {{ youzan_time('refunds.refund_account_time') }}
            ) as success_at
        from refunds
        left join numbered_items
            on refunds.shop_key = numbered_items.shop_key and refunds.refund_id = numbered_items.refund_id
        left join given
            on refunds.shop_key = given.shop_key and refunds.refund_id = given.refund_id
    )
{%- endmacro %}
