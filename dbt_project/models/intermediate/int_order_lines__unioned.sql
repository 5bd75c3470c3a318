-- Every platform's order lines in the same columns. The columns are named once, in macros/standard_columns.sql.
{{
    union_standard(
        var('order_line_models'), order_line_columns(),
        ['channel', 'shop_key', 'parent_order_id', 'sub_order_id']
    )
}}
