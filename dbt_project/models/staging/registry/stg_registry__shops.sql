select
    shop_key,
    channel,
    kind,
    name as shop_name,
    status
from {{ source('registry', 'shops') }}
