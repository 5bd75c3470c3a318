{{ union_standard(var('refund_models'), refund_columns()) }}
