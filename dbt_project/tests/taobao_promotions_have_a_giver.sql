-- A tool of 淘宝's promotions that no seed row names: who gave its discounts cannot be told until one does.
{{ config(meta={'dagster': {'ref': {'name': 'promotion_giver_map'}}}) }}

with promotions as (
    {{ exploded(source('taobao', 'trades'), 'promotion_details.promotion_detail', 'promotion') }}
),

tools as (
    select distinct {{ promotion_tool('promotion.promotion_id') }} as platform_promotion
    from promotions
)

select tools.platform_promotion
from tools
left join {{ ref('promotion_giver_map') }} as givers
    on givers.channel = 'taobao' and tools.platform_promotion = givers.platform_promotion
where givers.giver is null
