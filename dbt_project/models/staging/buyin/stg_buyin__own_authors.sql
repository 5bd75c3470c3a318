-- Accounts that belong to the shop itself (自播): what they sell is no affiliate's sale. One that left the list was the
-- shop's own until then: it stays here, with when it was first missed.
with newest as (
    {{ newest_known('buyin', 'self_authors', key=['author_id']) }}
)

select
    shop_key,
    author_id,
    account_name as author_name,
    gone_at as left_at,
    _observed_at as exported_at
from newest
