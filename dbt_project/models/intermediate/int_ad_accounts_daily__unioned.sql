{{ union_standard('ad_accounts_daily') }}
