{{ union_standard('parcel_lines') }}
