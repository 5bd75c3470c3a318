{{ union_standard('refunds') }}
