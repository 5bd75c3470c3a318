"""Tables of advertising: accounts, plans, what they spent, what they are credited with."""

from __future__ import annotations

from pipelines.sandbox.world.columns import (
    COUNT,
    DAY,
    FEN,
    ID,
    TEXT,
    TIME,
    Column,
    Table,
    shop_column,
)

ADS_TABLES: dict[str, Table] = {
    "ad_accounts": Table(
        "An account that buys traffic for one shop.",
        ("account_id",),
        {
            "account_id": Column(ID, "千川: advertiser id, 16 digits. 拼多多: 8 digits."),
            "platform": Column(TEXT, "Where it buys.", one_of=("qianchuan", "pdd")),
            "shop_id": shop_column(),
            "name": Column(TEXT, "Its name."),
        },
    ),
    "ad_plans": Table(
        "A plan of an account: what it promotes, and for how much.",
        ("plan_id",),
        {
            "plan_id": Column(ID, "16 digits on 千川, 9 on 拼多多."),
            "account_id": Column(ID, "Account.", refers_to="ad_accounts.account_id"),
            "shop_id": shop_column(),
            "name": Column(TEXT, "Name."),
            "scope": Column(TEXT, "Standard, or 全域 (千川 only).", one_of=("standard", "uni")),
            "goal": Column(
                TEXT,
                "What is promoted (千川: live, video) or where it shows (拼多多: search, display).",
                one_of=("live", "video", "search", "display"),
            ),
            "author_id": Column(
                ID, "Whose room (goal live).", nullable=True, refers_to="authors.author_id"
            ),
            "budget_fen": Column(FEN, "Daily budget."),
            "roi_goal_bp": Column(COUNT, "Target ROI in basis points (1.5 is 15000)."),
            "created_at": Column(TIME, "Created."),
        },
    ),
    "ad_hours": Table(
        "What a plan spent in an hour. Hours without spend have no row.",
        ("plan_id", "stat_date", "hour"),
        {
            "plan_id": Column(ID, "Plan.", refers_to="ad_plans.plan_id"),
            "stat_date": Column(DAY, "Business day."),
            "hour": Column(COUNT, "0 to 23."),
            "session_id": Column(
                ID, "Session it was spent on.", nullable=True, refers_to="live_sessions.session_id"
            ),
            "cash_fen": Column(FEN, "Spent from cash."),
            "grant_fen": Column(FEN, "Spent from grants (赠款)."),
            "impressions": Column(COUNT, "Shown."),
            "clicks": Column(COUNT, "Clicked."),
            "conversions": Column(COUNT, "Converted, persons."),
        },
    ),
    "ad_conversions": Table(
        "An order that a plan is credited with. Appears when it is paid: old days grow.",
        ("plan_id", "order_id"),
        {
            "plan_id": Column(ID, "Plan.", refers_to="ad_plans.plan_id"),
            "order_id": Column(ID, "Order.", refers_to="orders.order_id"),
            "clicked_at": Column(TIME, "The click: its day and hour carry the numbers."),
            "kind": Column(
                TEXT, "Direct: same visit. Indirect: within 7 days.", one_of=("direct", "indirect")
            ),
            "pay_fen": Column(FEN, "The order's paid_fen."),
            "coupon_fen": Column(FEN, "Smart coupon (智能优惠券) paid by the plan; 千川 only."),
        },
    ),
}
