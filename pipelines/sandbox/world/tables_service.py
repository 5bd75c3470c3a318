"""Tables of what follows a sale: parcels, after-sales, service sessions."""

from __future__ import annotations

from pipelines.sandbox.world.columns import (
    COUNT,
    FEN,
    FLAG,
    ID,
    TEXT,
    TIME,
    Column,
    Table,
    shop_column,
)

AFTER_SALE_TYPES = (
    "pre_ship", "refund_only", "return_refund", "exchange", "reissue", "price_protection",
)  # fmt: skip
OUTCOMES = ("succeeded", "refused", "withdrawn")
PARCEL_EVENTS = ("picked_up", "in_transit", "out_for_delivery", "signed", "exception")

SERVICE_TABLES: dict[str, Table] = {
    "parcels": Table(
        "A waybill. One order may have several, several orders may share one.",
        ("parcel_id",),
        {
            "parcel_id": Column(ID, "Parcel."),
            "shop_id": shop_column(),
            "warehouse": Column(TEXT, "Warehouse code."),
            "carrier": Column(TEXT, "Carrier code, such as shunfeng."),
            "carrier_name": Column(TEXT, "Such as 顺丰速运."),
            "tracking_number": Column(ID, "Waybill number."),
            "shipped_at": Column(TIME, "Posted as shipped."),
            "signed_at": Column(TIME, "Signed.", nullable=True),
            "is_exception": Column(FLAG, "Went wrong on the way."),
            "freight_cost_fen": Column(FEN, "What the carrier charges."),
        },
    ),
    "parcel_lines": Table(
        "What lies in a parcel.",
        ("parcel_id", "line_id"),
        {
            "parcel_id": Column(ID, "Parcel.", refers_to="parcels.parcel_id"),
            "line_id": Column(ID, "Order line.", refers_to="order_lines.line_id"),
            "quantity": Column(COUNT, "Units."),
        },
    ),
    "parcel_events": Table(
        "A scan of a parcel.",
        ("parcel_id", "at", "event"),
        {
            "parcel_id": Column(ID, "Parcel.", refers_to="parcels.parcel_id"),
            "at": Column(TIME, "When."),
            "event": Column(TEXT, "What.", one_of=PARCEL_EVENTS),
            "place": Column(TEXT, "City."),
        },
    ),
    "after_sales": Table(
        "An after-sales request on one order line; one line can have several.",
        ("after_sale_id",),
        {
            "after_sale_id": Column(ID, "Digits."),
            "order_id": Column(ID, "Order.", refers_to="orders.order_id"),
            "line_id": Column(ID, "Line that it takes back.", refers_to="order_lines.line_id"),
            "shop_id": shop_column(),
            "type": Column(TEXT, "Kind.", one_of=AFTER_SALE_TYPES),
            "reason": Column(TEXT, "The platform's text."),
            "quantity": Column(COUNT, "Units."),
            "apply_fen": Column(FEN, "Asked for."),
            "refund_fen": Column(FEN, "Given back when it succeeds, freight included; else 0."),
            "refund_freight_fen": Column(FEN, "Of it, freight."),
            "applied_at": Column(TIME, "Asked."),
            "handled_at": Column(TIME, "First action of the shop.", nullable=True),
            "returned_at": Column(TIME, "Buyer sent the goods back.", nullable=True),
            "return_carrier": Column(TEXT, "Carrier of the return.", nullable=True),
            "return_tracking_number": Column(ID, "Its waybill.", nullable=True),
            "received_at": Column(TIME, "Warehouse received them.", nullable=True),
            "refunded_at": Column(TIME, "Money left to the buyer.", nullable=True),
            "ended_at": Column(
                TIME, "It reached its end, whichever; null: open beyond the world.", nullable=True
            ),
            "outcome": Column(TEXT, "How it ends.", nullable=True, one_of=OUTCOMES),
            "deadline_at": Column(TIME, "The shop's next action is due.", nullable=True),
            "is_fast": Column(FLAG, "极速退款."),
            "is_intervened": Column(FLAG, "The platform stepped in."),
            "agent_id": Column(ID, "Who handled it.", nullable=True, refers_to="agents.agent_id"),
        },
    ),
    "tickets": Table(
        "A service session (客服会话).",
        ("ticket_id",),
        {
            "ticket_id": Column(ID, "Session."),
            "shop_id": shop_column(),
            "buyer_id": Column(ID, "Buyer.", refers_to="buyers.buyer_id"),
            "order_id": Column(
                ID, "Order it is about.", nullable=True, refers_to="orders.order_id"
            ),
            "agent_id": Column(ID, "Agent.", refers_to="agents.agent_id"),
            "opened_at": Column(TIME, "First message."),
            "first_reply_seconds": Column(COUNT, "To the first human reply."),
            "reply_count": Column(COUNT, "Human replies."),
            "reply_seconds": Column(COUNT, "Waited for them, summed."),
            "rating": Column(COUNT, "1 to 5.", nullable=True),
            "resolved_at": Column(TIME, "Resolved.", nullable=True),
        },
    ),
}
