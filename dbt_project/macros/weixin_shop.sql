{% macro weixin_shop_shipments() -%}
    {#- When each SKU of an order left; 3 says that there is nothing to ship (虚拟商品). -#}
    with orders as (
        {{ newest_version(source('weixin_shop', 'orders'), key=['shop_key', 'order_id']) }}
    ),

    parcels as (
        {{ exploded('orders', 'order_detail.delivery_info.delivery_product_info', 'parcel') }}
    ),

    packed as (
        {{ exploded('parcels', 'parcel.product_infos', 'item') }}
    )

    select
        shop_key,
        order_id,
        item.sku_id,
        min(parcel.delivery_time) as shipped_seconds,
        min(parcel.deliver_type) = 3 as is_virtual
    from packed
    group by shop_key, order_id, item.sku_id
{%- endmacro %}

{% macro weixin_shop_given_back() -%}
    {#- What after-sales really gave back, and when. -#}
    with newest as (
        {{ newest_version(source('weixin_shop', 'after_sales'), key=['shop_key', 'after_sale_order_id']) }}
    )

    select
        shop_key,
        order_id,
        product_info.sku_id,
        refund_info.amount as back_fen,
        complete_time as back_seconds
    from newest
    where status in ('MERCHANT_REFUND_SUCCESS', 'MERCHANT_RETURN_SUCCESS')
{%- endmacro %}

{% macro weixin_shop_payouts() -%}
    {#- 微信小店's alliance account: what was paid out on commissions (an expense) and taken back (an income), with the
        order line. A flow names its order and no SKU: an order's payouts go to its settled commissions by the order of
        their amounts, which only matters where several SKUs of one order have one. -#}
    with flows as (
        {{ newest_version(source('weixin_shop', 'league_flows'), key=['shop_key', 'flow_id']) }}
    ),

    orders as (
        {{ newest_version(source('weixin_shop', 'orders'), key=['shop_key', 'order_id']) }}
    ),

    related as (
        {{ exploded('flows', 'related_info_list', 'related') }}
    ),

    promised as (
        {{ exploded('orders', 'order_detail.commission_infos', 'promise') }}
    ),

    booked as (
        select
            shop_key,
            flow_id,
            case funds_type when 10 then 'author' when 12 then 'colonel' end as payee_kind,
            flow_type = 1 as is_reversal,
            amount as payout_fen,
            cast(bookkeeping_time as timestamp) as booked_at,
            max(nullif(related.order_id, '')) as order_id,
            max(_observed_at) as exported_at
        from related
        where funds_type in (10, 12)
        group by shop_key, flow_id, funds_type, flow_type, amount, bookkeeping_time
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by shop_key, order_id, payee_kind, is_reversal
                order by payout_fen desc, flow_id asc
            ) as nth
        from booked
    ),

    settled as (
        select
            shop_key,
            order_id,
            promise.sku_id,
            case promise.type when 0 then 'author' when 1 then 'colonel' end as payee_kind,
            row_number() over (
                partition by shop_key, order_id, promise.type
                order by promise.amount desc, promise.sku_id asc
            ) as nth
        from promised
        where promise.status = 2
    )

    select
        ranked.*,
        settled.sku_id
    from ranked
    left join settled
        on
            ranked.shop_key = settled.shop_key
            and ranked.order_id = settled.order_id
            and ranked.payee_kind = settled.payee_kind
            and ranked.nth = settled.nth
{%- endmacro %}
