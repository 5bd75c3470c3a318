-- Accounts that belong to the shop itself (自播): what they sell is no affiliate's sale.
with newest as (
    {{ newest_version(source('buyin', 'self_authors'), key=['shop_key', 'author_id']) }}
)

select
    shop_key,
    author_id,
    account_name as author_name,
    _observed_at as exported_at
from newest
