{{ union_standard('own_authors') }}
