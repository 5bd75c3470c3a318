{{ union_standard('live_sessions') }}
