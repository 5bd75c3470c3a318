-- The lines of the warehouse's stock documents, posted or not.
with documents as (
    {{ newest_kept('wms', 'stock_document', key=['doc_no']) }}
),

document_lines as (
    {{ newest_kept('wms', 'stock_document_line', key=['doc_no', 'line_no']) }}
)

select
    document_lines.shop_key as account_key,
    document_lines.doc_no as document_id,
    document_lines.line_no as line_number,
    documents.doc_type as platform_document_type,
    cast(documents.direction as string) as platform_direction,
    documents.warehouse_code,
    documents.shop_code,
    documents.source_no,
    document_lines.sku_code as sku_id,
    document_lines.quantity,
    {{ yuan_to_fen('document_lines.unit_cost') }} as unit_cost_fen,
    document_lines.order_no as parent_order_id,
    document_lines.order_line_no as sub_order_id,
    documents.create_time as created_at,
    documents.post_time as posted_at,
    greatest(document_lines._observed_at, documents._observed_at) as exported_at
from document_lines
inner join documents
    on document_lines.shop_key = documents.shop_key and document_lines.doc_no = documents.doc_no
