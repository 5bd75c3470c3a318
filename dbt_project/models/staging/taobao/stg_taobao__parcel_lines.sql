-- What lies in each 淘宝/天猫 parcel: of a split trade its logistics orders name the lines, else all lines lie in the one
-- that are shipped and are things. How many pieces of a line lie in which of its parcels is not said.
with newest as (
    {{ newest_version(source('taobao', 'shippings'), key=['shop_key', 'order_code']) }}
),

sent as (
    select *
    from newest
    where out_sid <> '' and company_name <> ''
),

trades as (
    {{ newest_version(source('taobao', 'trades'), key=['shop_key', 'tid']) }}
),

exploded as (
    {{ exploded('trades', 'orders.order', 'line') }}
),

lines as (
    select
        shop_key,
        tid,
        cast(line.oid as string) as oid,
        line.num as quantity,
        line.consign_time is not null and line.shipping_type <> 'virtual' as is_sent
    from exploded
),

named as (
    {{ exploded('sent', 'sub_tids.number', 'oid') }}
),

packed as (
    select
        named.shop_key, named.tid, named.company_name, named.out_sid, named._observed_at, named.oid
    from named
    union all
    select
        sent.shop_key, sent.tid, sent.company_name, sent.out_sid, sent._observed_at, lines.oid
    from sent
    inner join lines
        on sent.shop_key = lines.shop_key and sent.tid = lines.tid
    where sent.sub_tids is null and lines.is_sent
),

counted as (
    select
        packed.*,
        count(*) over (partition by packed.shop_key, packed.oid) as parcel_count
    from packed
)

select
    'taobao' as channel,
    counted.shop_key,
    counted.company_name as carrier,
    counted.out_sid as tracking_number,
    cast(counted.tid as string) as parent_order_id,
    counted.oid as sub_order_id,
    max(case when counted.parcel_count = 1 then lines.quantity end) as quantity,
    max(counted._observed_at) as exported_at
from counted
left join lines
    on counted.shop_key = lines.shop_key and counted.oid = lines.oid
group by counted.shop_key, counted.company_name, counted.out_sid, counted.tid, counted.oid
