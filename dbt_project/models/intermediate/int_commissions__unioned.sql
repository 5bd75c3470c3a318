{{ union_standard('commissions') }}
