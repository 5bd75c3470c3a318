"""The ledger of the warehouses: every change of stock is a line of a document."""

from __future__ import annotations

from pipelines.sandbox.world.columns import COUNT, FEN, ID, TEXT, TIME, Column, Table

MOVE_KINDS = ("opening", "purchase", "sale", "return", "transfer", "exchange", "reissue")
DIRECTIONS = ("in", "out")

STOCK_TABLES: dict[str, Table] = {
    "stock_moves": Table(
        "A line of a stock document: opening stock plus all posted lines is what lies there,"
        " never less than nothing. Transfers and exchanges are two documents, out and in.",
        ("document_id", "line_number"),
        {
            "document_id": Column(ID, "Document."),
            "line_number": Column(COUNT, "1, 2, … within the document."),
            "kind": Column(TEXT, "What for.", one_of=MOVE_KINDS),
            "direction": Column(TEXT, "Into or out of the warehouse.", one_of=DIRECTIONS),
            "warehouse": Column(TEXT, "Warehouse code, as on parcels."),
            "merchant_code": Column(ID, "The company's SKU code."),
            "quantity": Column(COUNT, "Units, > 0."),
            "unit_cost_fen": Column(FEN, "Cost of a unit on the day of posting."),
            "created_at": Column(TIME, "Raised: ordered, paid, sent back."),
            "posted_at": Column(TIME, "The goods moved."),
            "reference": Column(
                ID, "Purchase or transfer, order, after-sale; what the document is for."
            ),
            "line_id": Column(ID, "Order line.", nullable=True, refers_to="order_lines.line_id"),
            "parcel_id": Column(
                ID, "Parcel of a sale.", nullable=True, refers_to="parcels.parcel_id"
            ),
        },
    ),
}
