-- The company's own accounts by the channel that they sell on; one account may broadcast for several of our shops, and
-- has left us when it left all of them.
select
    shops.selling_channel as channel,
    authors.author_id,
    case when count(*) = count(authors.left_at) then max(authors.left_at) end as left_at
from {{ ref('int_own_authors__unioned') }} as authors
inner join {{ ref('int_shops__named') }} as shops
    on authors.shop_key = shops.shop_key
group by shops.selling_channel, authors.author_id
