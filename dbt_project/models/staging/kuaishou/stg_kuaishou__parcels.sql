-- 快手's waybills stand on the orders and gifts that lie in them; one of several orders is one row here. A carrier is a
-- number; its name is only in the platform's documents. A parcel left when its first order did.
with {{ kuaishou_packed() }}

select
    'kuaishou' as channel,
    shop_key,
    waybill.expressCode as carrier,
    waybill.expressNo as tracking_number,
    cast(null as string) as carrier_name,
    {{ kuaishou_time('min(sent_ms)') }} as shipped_at,
    max(exported_at) as exported_at
from packed
group by shop_key, waybill.expressCode, waybill.expressNo
