-- 淘宝/天猫 logistics orders that have a waybill; one of several trades is a logistics order of each and one row here.
-- The platform names carriers and has no code for them.
with newest as (
    {{ newest_version(source('taobao', 'shippings'), key=['shop_key', 'order_code']) }}
)

select
    'taobao' as channel,
    shop_key,
    company_name as carrier,
    out_sid as tracking_number,
    company_name as carrier_name,
    cast(min(created) as timestamp) as shipped_at,
    max(_observed_at) as exported_at
from newest
where out_sid <> '' and company_name <> ''
group by shop_key, company_name, out_sid
