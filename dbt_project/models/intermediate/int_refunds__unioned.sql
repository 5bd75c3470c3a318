{{ union_standard(var('refund_models'), refund_columns(), ['channel', 'shop_key', 'refund_id']) }}
