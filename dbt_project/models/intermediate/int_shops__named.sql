-- Every registered shop and account with its channel's name, and the shop that an ad account stands for: what it spends
-- and shows counts for the shop that it buys for; one that names none stands for itself. Also how far it was pulled.
select
    shops.shop_key,
    shops.shop_name,
    shops.channel,
    channels.channel_name,
    shops.kind,
    shops.status,
    shops.parent_shop_key,
    pulls.complete_until,
    pulls.error as stale_because,
    coalesce(parents.shop_key, shops.shop_key) as selling_shop_key,
    coalesce(parents.channel, shops.channel) as selling_channel
from {{ ref('stg_registry__shops') }} as shops
left join {{ ref('stg_registry__shops') }} as parents
    on shops.parent_shop_key = parents.shop_key
left join {{ ref('stg_registry__pulls') }} as pulls
    on shops.shop_key = pulls.shop_key
left join {{ ref('channels') }} as channels
    on shops.channel = channels.channel
