-- The company's own accounts by the channel that they sell on; one account may broadcast for several of our shops.
select distinct
    shops.selling_channel as channel,
    authors.author_id
from {{ ref('int_own_authors__unioned') }} as authors
inner join {{ ref('int_shops__named') }} as shops
    on authors.shop_key = shops.shop_key
