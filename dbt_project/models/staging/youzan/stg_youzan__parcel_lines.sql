-- What lies in each 有赞 parcel; some versions name the line alone, without how many.
with {{ youzan_line_shipments() }}

select
    'youzan' as channel,
    shop_key,
    carrier,
    tracking_number,
    parent_order_id,
    oid as sub_order_id,
    sum(quantity) as quantity,
    max(_observed_at) as exported_at
from packed
where tracking_number is not null
group by shop_key, carrier, tracking_number, parent_order_id, oid
