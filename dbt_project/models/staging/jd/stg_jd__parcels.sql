-- 京东's parcels stand on the orders that lie in them; a parcel of several orders stands on each and is one row here.
-- What is handed over without a waybill is no parcel.
with newest as (
    {{ newest_version(source('jd', 'orders'), key=['shop_key', 'orderId']) }}
),

sent as (
    {{ exploded('newest', 'partialLogisticsInfoModel', 'parcel') }}
)

select
    'jd' as channel,
    shop_key,
    parcel.logicId as carrier,
    parcel.waybillId as tracking_number,
    cast(null as string) as carrier_name,  -- orders have the carrier's id alone
    {{ jd_epoch('min(parcel.shipmentTime)') }} as shipped_at,
    max(_observed_at) as exported_at
from sent
where parcel.waybillId <> ''
group by shop_key, parcel.logicId, parcel.waybillId
