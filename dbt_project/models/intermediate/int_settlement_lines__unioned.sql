{{ union_standard('settlement_lines') }}
