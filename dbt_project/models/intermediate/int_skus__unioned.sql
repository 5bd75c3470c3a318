{{ union_standard('skus') }}
