-- Every day is a row, so that a day without orders is a 0 and not a hole. MetricFlow's time spine.
with days as (
    {{ date_days(var('calendar_start'), var('calendar_end')) }}
),

promotions as (
    select
        days.date_day,
        promos.promo_name,
        row_number() over (partition by promos.first_day order by days.date_day) as promo_day
    from days
    inner join {{ ref('promo_events') }} as promos
        on days.date_day between promos.first_day and promos.last_day
),

official as (
    -- The State Council announces a year's holidays the autumn before; of later years only weekends are known.
    select extract(year from max(date_day)) as last_year
    from {{ ref('china_holidays') }}
)

select
    days.date_day,
    cast(date_trunc('week', days.date_day) as date) as week_start,
    cast(date_trunc('month', days.date_day) as date) as month_start,
    cast(date_trunc('quarter', days.date_day) as date) as quarter_start,
    cast(date_trunc('year', days.date_day) as date) as year_start,
    cast({{ iso_weekday('days.date_day') }} as int) as weekday,
    case
        when holidays.is_workday is not null then holidays.is_workday
        when extract(year from days.date_day) > official.last_year then cast(null as boolean)
        else {{ iso_weekday('days.date_day') }} <= 5
    end as is_workday,
    holidays.holiday_name,
    promotions.promo_name,
    cast(promotions.promo_day as int) as promo_day
from days
cross join official
left join {{ ref('china_holidays') }} as holidays
    on days.date_day = holidays.date_day
left join promotions
    on days.date_day = promotions.date_day
