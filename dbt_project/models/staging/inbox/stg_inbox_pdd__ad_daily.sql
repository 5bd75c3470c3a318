-- 商品推广 by product, promotion and day, of the mall as its own ad account. The report is 商品推广's own: that is its scope,
-- whatever words 推广场景 holds. 总花费 is what was spent. What the total row holds beyond its rows (全店托管) has no product:
-- loading says how much, nothing counts it.
with newest as (
    {{ newest_version(
        source('inbox', 'pdd_promotions'),
        key=['shop_key', 'stat_date', 'product_id', 'scene', 'group_name', 'promotion_name']
    ) }}
)

select
    'pdd' as ad_platform,
    shop_key as account_key,
    cast(null as string) as advertiser_id,
    stat_date,
    'product' as scope,
    concat_ws(':', product_id, scene, group_name, promotion_name) as plan_id,
    promotion_name as plan_name,
    {{ yuan_to_fen('spend_amount') }} as spend_fen,
    impression_count,
    click_count,
    cast(null as bigint) as conversion_count,
    cast(null as bigint) as direct_order_count,
    cast(null as bigint) as direct_pay_fen,
    cast(null as bigint) as indirect_order_count_w7,
    cast(null as bigint) as indirect_pay_fen_w7,
    cast(null as bigint) as refund_fen_w7,
    cast(null as bigint) as refund_fen_w14,
    cast(null as bigint) as settled_fen_w7,
    cast(null as bigint) as settled_fen_w14,
    cast(null as bigint) as order_count,
    {{ yuan_to_fen('pay_amount') }} as pay_fen,
    cast(null as bigint) as coupon_fen,
    _exported_at as exported_at
from newest
