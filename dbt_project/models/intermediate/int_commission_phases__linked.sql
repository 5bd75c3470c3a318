-- Partial settlements of commissions with whom they go to.
select
    phases.*,
    {{ hash_key(['phases.shop_key', 'phases.sub_order_id', 'phases.payee_kind', 'phases.phase_id']) }}
        as commission_phase_key,
    {{ hash_key(['phases.shop_key', 'phases.sub_order_id', 'phases.payee_kind']) }} as commission_key,
    shops.selling_channel as channel,
    commissions.payee_id,
    commissions.payee_name
from {{ ref('int_commission_phases__unioned') }} as phases
inner join {{ ref('int_shops__named') }} as shops
    on phases.shop_key = shops.shop_key
left join {{ ref('int_commissions__linked') }} as commissions
    on
        phases.shop_key = commissions.shop_key
        and phases.sub_order_id = commissions.sub_order_id
        and phases.payee_kind = commissions.payee_kind
