select
    channel,
    channel_name,
    channel_kind,
    sort_order
from {{ ref('channels') }}
