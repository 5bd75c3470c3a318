{{ union_standard('parcels') }}
