"""What is loaded of the warehouse; parents before children."""

from __future__ import annotations

from pipelines.gateway.database import table_stream
from pipelines.sources.wms import schemas

STREAMS = (
    table_stream("stock_document", "仓库 出入库单", schemas.STOCK_DOCUMENT, ("doc_no",)),
    table_stream(
        "stock_document_line", "仓库 出入库单明细", schemas.STOCK_DOCUMENT_LINE,
        ("doc_no", "line_no"),
    ),
    table_stream("stock", "仓库 现存量", schemas.STOCK, ("warehouse_code", "sku_code")),
    table_stream("parcel", "仓库 包裹", schemas.PARCEL, ("parcel_no",), pii=schemas.PARCEL_PII),
    table_stream(
        "parcel_item", "仓库 包裹货品", schemas.PARCEL_ITEM, ("parcel_no", "order_line_no")
    ),
    table_stream(
        "parcel_track", "仓库 包裹轨迹", schemas.PARCEL_TRACK,
        ("parcel_no", "node_code", "node_time"),
    ),
)  # fmt: skip
