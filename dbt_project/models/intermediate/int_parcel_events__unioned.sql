{{ union_standard('parcel_events') }}
