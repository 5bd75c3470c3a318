{{ union_standard('ad_daily') }}
