{{ union_standard('products') }}
