select
    shop_key,
    shop_name,
    channel,
    channel_name,
    kind,
    status
from {{ ref('int_shops__named') }}
