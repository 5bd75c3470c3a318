{{ union_standard('commission_phases') }}
