{{ union_standard('order_lines') }}
