select
    shop_key,
    shop_name,
    channel,
    channel_name,
    kind,
    status,
    parent_shop_key
from {{ ref('int_shops__named') }}
