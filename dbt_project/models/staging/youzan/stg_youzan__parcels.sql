-- 有赞's parcels stand on the details of the orders that lie in them; a parcel of several orders is one row here. What
-- was handed over without a carrier has no waybill and is none.
with {{ youzan_line_shipments() }},

companies as (
    {{ newest_version(source('youzan', 'express_companies'), key=['shop_key', 'id']) }}
)

select
    'youzan' as channel,
    packed.shop_key,
    packed.carrier,
    packed.tracking_number,
    max(companies.name) as carrier_name,
    min(line_shipments.shipped_at) as shipped_at,
    max(packed._observed_at) as exported_at
from packed
left join line_shipments
    on
        packed.shop_key = line_shipments.shop_key
        and packed.tid = line_shipments.tid
        and packed.oid = line_shipments.oid
left join companies
    on packed.shop_key = companies.shop_key and packed.carrier = companies.id
where packed.tracking_number is not null
group by packed.shop_key, packed.carrier, packed.tracking_number
