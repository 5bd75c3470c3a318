select
    shops.shop_key,
    shops.shop_name,
    shops.channel,
    channels.channel_name,
    shops.kind,
    shops.status
from {{ ref('stg_registry__shops') }} as shops
left join {{ ref('channels') }} as channels
    on shops.channel = channels.channel
