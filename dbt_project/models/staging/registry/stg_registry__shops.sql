select
    shop_key,
    channel,
    kind,
    nullif(parent_shop_key, '') as parent_shop_key,
    name as shop_name,
    status
from {{ source('registry', 'shops') }}
