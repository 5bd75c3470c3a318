select
    shop_key,
    case when count(complete_until) = count(*) then min(complete_until) end as complete_until,
    max(error) as error
from {{ source('registry', 'pulls') }}
group by shop_key
