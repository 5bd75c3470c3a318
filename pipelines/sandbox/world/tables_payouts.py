"""Tables of money behind a sale: commissions, the platforms' bills."""

from __future__ import annotations

from pipelines.sandbox.world.columns import COUNT, FEN, ID, TEXT, TIME, Column, Table, shop_column

BILL_TYPES = ("settled", "refund_after_settle", "bond_refund", "other")
INCOME_TYPES = ("user_paid", "platform_subsidy", "author_subsidy", "pay_subsidy")
FEE_TYPES = (
    *INCOME_TYPES, "refund_before_settle", "platform_fee", "commission", "colonel_fee",
    "channel_fee", "freight_insurance", "penalty", "other",
)  # fmt: skip

PAYOUT_TABLES: dict[str, Table] = {
    "commissions": Table(
        "A commission of an affiliate on an order line: 抖店 (精选联盟), 快手, 视频号, 小红书.",
        ("line_id",),
        {
            "line_id": Column(ID, "Order line.", refers_to="order_lines.line_id"),
            "order_id": Column(ID, "Order.", refers_to="orders.order_id"),
            "shop_id": shop_column(),
            "author_id": Column(ID, "Payee.", refers_to="authors.author_id"),
            "session_id": Column(
                ID, "Live session.", nullable=True, refers_to="live_sessions.session_id"
            ),
            "rate_bp": Column(COUNT, "Commission, basis points."),
            "base_fen": Column(FEN, "Estimated base: paid goods without freight."),
            "estimated_fen": Column(FEN, "Estimated commission, known once paid."),
            "colonel_id": Column(
                ID, "Who brokered: 团长 (招商), on 视频号 a 机构; none on 小红书.", nullable=True
            ),
            "colonel_name": Column(TEXT, "Its name.", nullable=True),
            "colonel_bp": Column(COUNT, "Its service fee, basis points; 0 without one."),
            "colonel_estimated_fen": Column(FEN, "Its estimated fee."),
            "paid_at": Column(TIME, "Order paid."),
            "confirmed_at": Column(TIME, "Goods received.", nullable=True),
            "settled_at": Column(TIME, "Commission settled (last phase).", nullable=True),
            "refunded_at": Column(
                TIME, "Refunded, also after settlement: reversal.", nullable=True
            ),
            "settled_base_fen": Column(FEN, "Base at settlement, after refunds; 0 unless settled."),
            "settled_fen": Column(FEN, "Settled commission before reversal."),
            "colonel_settled_fen": Column(FEN, "Settled fee of the 团长 before reversal."),
            "reversed_fen": Column(FEN, "Commission given back after refunded_at."),
        },
    ),
    "commission_phases": Table(
        "A settlement of a commission, or its reversal; they sum to it. Halves: on 抖店 only.",
        ("line_id", "phase"),
        {
            "line_id": Column(ID, "Order line.", refers_to="commissions.line_id"),
            "phase": Column(COUNT, "1, 2, …"),
            "settled_at": Column(TIME, "When."),
            "commission_fen": Column(FEN, "Commission of this phase; negative: reversal."),
            "colonel_fen": Column(FEN, "团长 fee of this phase."),
        },
    ),
    "bills": Table(
        "A row of the platform's settlement bill.",
        ("bill_id",),
        {
            "bill_id": Column(ID, "The platform's serial number."),
            "shop_id": shop_column(),
            "order_id": Column(ID, "Order; a planted wrong row may name none of ours."),
            "line_id": Column(ID, "Order line, likewise."),
            "settled_at": Column(TIME, "Settlement."),
            "type": Column(TEXT, "Kind of row.", one_of=BILL_TYPES),
            "net_fen": Column(FEN, "The net that the platform prints."),
        },
    ),
    "bill_items": Table(
        "An amount of a bill row, signed: income +, fees and deductions -.",
        ("bill_id", "fee_type"),
        {
            "bill_id": Column(ID, "Bill row.", refers_to="bills.bill_id"),
            "fee_type": Column(TEXT, "What for.", one_of=FEE_TYPES),
            "amount_fen": Column(FEN, "Signed."),
        },
    ),
}
