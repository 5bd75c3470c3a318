"""What a world is: a folder of Parquet files, one a table, with exactly these columns.

A world tells a company's whole history, the future of its clock included: every event has its
time, and the sandbox shows what had happened by the clock. Statuses are therefore never stored;
they follow from the times. Money is integer fen, ids are text, times are aware and in
Asia/Shanghai, null means "does not happen". ``docs/world.md`` is made from this file.

What does not belong here: how a platform words a record (``adapters/``), how a world is made
(``generate``), what its numbers are (``pipelines/sandbox/truth``).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

TIME = pl.Datetime("us", "Asia/Shanghai")
ID, TEXT, FEN, COUNT, FLAG, DAY = pl.String, pl.String, pl.Int64, pl.Int64, pl.Boolean, pl.Date


@dataclass(frozen=True)
class Column:
    """A column: its type, what it means, and whether it may be null."""

    dtype: pl.DataType | type[pl.DataType]
    doc: str
    nullable: bool = False
    one_of: tuple[str, ...] = ()
    refers_to: str = ""  # "table.column" that must hold the value


@dataclass(frozen=True)
class Table:
    """A table: what a row is, which columns identify it, its columns."""

    doc: str
    key: tuple[str, ...]
    columns: dict[str, Column]


CHANNELS = (
    "doudian", "taobao", "jd", "pdd", "kuaishou", "xiaohongshu", "weixin_shop", "youzan", "mall",
)  # fmt: skip
TRAFFIC = ("live", "video", "card", "search", "other")
TRADE_TYPES = ("normal", "presale", "sample", "gift")
AFTER_SALE_TYPES = (
    "pre_ship", "refund_only", "return_refund", "exchange", "reissue", "price_protection",
)  # fmt: skip
OUTCOMES = ("succeeded", "refused", "withdrawn")
BILL_TYPES = ("settled", "refund_after_settle", "bond_refund", "other")
INCOME_TYPES = ("user_paid", "platform_subsidy", "author_subsidy", "pay_subsidy")
FEE_TYPES = (
    *INCOME_TYPES, "refund_before_settle", "platform_fee", "commission", "colonel_fee",
    "channel_fee", "freight_insurance", "penalty", "other",
)  # fmt: skip
PARCEL_EVENTS = ("picked_up", "in_transit", "out_for_delivery", "signed", "exception")
DIRT_KINDS = (
    "identity_breaker", "test_order", "brushed_order", "duplicated_page", "wrong_bill_line",
    "missing_bill",
)  # fmt: skip


def _shop() -> Column:
    return Column(ID, "The shop.", refers_to="shops.shop_id")


def _discounts(of: str) -> dict[str, Column]:
    """The amount identity, alike for an order and for a line."""
    return {
        "list_fen": Column(FEN, f"List prices times quantities of the {of}."),
        "goods_fen": Column(FEN, f"Prices on the page times quantities of the {of}."),
        "freight_fen": Column(FEN, "Freight that the buyer pays."),
        "shop_discount_fen": Column(FEN, "Discount given by the shop, >= 0."),
        "platform_discount_fen": Column(FEN, "Coupons of the platform, >= 0, whoever bears them."),
        "author_discount_fen": Column(FEN, "Discount given by the author (达人), >= 0."),
        "order_fen": Column(
            FEN,
            "Due: goods + freight - shop, platform and author discounts. A planted"
            " identity_breaker is the one exception.",
        ),
        "pay_discount_fen": Column(FEN, "Taken off while paying (支付优惠, borne by the wallet)."),
        "paid_fen": Column(FEN, "Paid by the buyer once paid_at has come: order - pay_discount."),
        "merchant_borne_fen": Column(FEN, "Of all discounts, what the shop bears."),
        "platform_borne_fen": Column(
            FEN, "Of all discounts, what the platform bears, its own only."
        ),
        "author_borne_fen": Column(FEN, "Of all discounts, what the author bears."),
    }


TABLES: dict[str, Table] = {
    "company": Table(
        "One row: which world this is.",
        ("name",),
        {
            "name": Column(TEXT, "Name of the world."),
            "size": Column(TEXT, "small, demo, large, or the maker's own word."),
            "seed": Column(COUNT, "Seed of the generator."),
            "first_day": Column(DAY, "First business day with orders."),
            "last_day": Column(DAY, "Last business day with orders; later than the clock's start."),
            "clock_at": Column(
                TIME, "What the sandbox's clock shows when the world is first started."
            ),
        },
    ),
    "shops": Table(
        "A shop on a sales channel.",
        ("shop_id",),
        {
            "shop_id": Column(ID, "Its key in the registry, such as doudian-01."),
            "channel": Column(TEXT, "Sales channel.", one_of=CHANNELS),
            "platform_shop_id": Column(ID, "The platform's own id, digits."),
            "name": Column(TEXT, "Name shown to buyers."),
            "opened_at": Column(TIME, "Opening."),
            "is_dying": Column(FLAG, "The one shop whose sales fade away."),
            "fee_rate_bp": Column(COUNT, "Technical service fee, basis points of income."),
            "settle_days": Column(COUNT, "Days from completion to the bill."),
        },
    ),
    "ad_accounts": Table(
        "An account that buys traffic for one shop (巨量千川 advertiser).",
        ("account_id",),
        {
            "account_id": Column(ID, "Advertiser id, 16 digits."),
            "shop_id": _shop(),
            "name": Column(TEXT, "Its name."),
        },
    ),
    "products": Table(
        "A product of one shop.",
        ("product_id",),
        {
            "product_id": Column(ID, "Digits, 19 on 抖店."),
            "shop_id": _shop(),
            "spu_code": Column(ID, "The company's own product code, shared by shops."),
            "name": Column(TEXT, "Title."),
            "brand": Column(TEXT, "Brand."),
            "kind": Column(TEXT, "Courses ship nothing.", one_of=("course", "hardware")),
            "first_category_id": Column(ID, "Category, level 1."),
            "first_category": Column(TEXT, "Its name."),
            "second_category_id": Column(ID, "Category, level 2."),
            "second_category": Column(TEXT, "Its name."),
            "created_at": Column(TIME, "Listed."),
            "updated_at": Column(TIME, "Last changed before the world begins or within it."),
            "off_shelf_at": Column(TIME, "Taken off the shelf.", nullable=True),
            "commission_bp": Column(COUNT, "Commission offered to authors, basis points; 0: none."),
        },
    ),
    "skus": Table(
        "A stock keeping unit of one product.",
        ("sku_id",),
        {
            "sku_id": Column(ID, "Digits."),
            "product_id": Column(ID, "Its product.", refers_to="products.product_id"),
            "shop_id": _shop(),
            "merchant_code": Column(ID, "The company's own SKU code, shared by shops."),
            "spec_name": Column(TEXT, "Such as 颜色."),
            "spec_value": Column(TEXT, "Such as 深空灰."),
            "list_price_fen": Column(FEN, "List price (吊牌价)."),
            "price_fen": Column(FEN, "Price on the page."),
            "stock_quantity": Column(COUNT, "On hand at the clock's start."),
            "created_at": Column(TIME, "Listed."),
        },
    ),
    "sku_costs": Table(
        "What a SKU costs the company, from a day on.",
        ("merchant_code", "valid_from"),
        {
            "merchant_code": Column(ID, "The company's SKU code."),
            "valid_from": Column(DAY, "First day of this cost."),
            "unit_cost_fen": Column(FEN, "Cost of one unit."),
        },
    ),
    "buyers": Table(
        "A buyer on one channel. Name, phone and address must never reach our side in clear.",
        ("buyer_id",),
        {
            "buyer_id": Column(ID, "The buyer's stable id on the channel (open id)."),
            "channel": Column(TEXT, "Channel.", one_of=CHANNELS),
            "name": Column(TEXT, "Full name (made up)."),
            "phone": Column(TEXT, "11 digits (made up)."),
            "province": Column(TEXT, "Such as 广东省."),
            "city": Column(TEXT, "Such as 深圳市."),
            "town": Column(TEXT, "District."),
            "address": Column(TEXT, "Street and house."),
            "province_id": Column(ID, "6-digit administrative code."),
            "city_id": Column(ID, "6-digit administrative code."),
            "town_id": Column(ID, "6-digit administrative code."),
        },
    ),
    "agents": Table(
        "A service agent.",
        ("agent_id",),
        {"agent_id": Column(ID, "Agent."), "name": Column(TEXT, "Work name, not a person's.")},
    ),
    "authors": Table(
        "Someone who sells for the shops: a 达人, or a shop's own account.",
        ("author_id",),
        {
            "author_id": Column(ID, "Account id, digits."),
            "channel": Column(TEXT, "Channel.", one_of=CHANNELS),
            "buyin_id": Column(ID, "百应 id, 19 digits."),
            "short_id": Column(ID, "抖音号."),
            "nickname": Column(TEXT, "Shown name."),
            "own_shop_id": Column(
                ID, "Set: the shop's own account (自播).", nullable=True, refers_to="shops.shop_id"
            ),
            "institution_id": Column(ID, "MCN, digits.", nullable=True),
            "institution": Column(TEXT, "Its name.", nullable=True),
        },
    ),
    "live_sessions": Table(
        "One broadcast of a room. Counts are totals at its end and grow evenly until then.",
        ("session_id",),
        {
            "session_id": Column(ID, "Room id, 19 digits."),
            "channel": Column(TEXT, "Channel.", one_of=CHANNELS),
            "shop_id": _shop(),
            "author_id": Column(ID, "Who broadcasts.", refers_to="authors.author_id"),
            "title": Column(TEXT, "Title."),
            "started_at": Column(TIME, "Start; the session belongs to this day."),
            "ended_at": Column(TIME, "End, possibly after midnight."),
            "is_viral": Column(FLAG, "The one session that went viral."),
            "exposure_pv": Column(COUNT, "Room shown, times."),
            "exposure_uv": Column(COUNT, "Room shown, persons."),
            "view_pv": Column(COUNT, "Entered, times."),
            "view_uv": Column(COUNT, "Entered, persons."),
            "watch_seconds": Column(COUNT, "Watched, all viewers together."),
            "peak_online": Column(COUNT, "Most viewers at once."),
            "comment_count": Column(COUNT, "Comments."),
            "like_count": Column(COUNT, "Likes."),
            "share_count": Column(COUNT, "Shares."),
            "interact_uv": Column(COUNT, "Persons who interacted."),
            "follow_count": Column(COUNT, "New followers."),
            "fan_club_count": Column(COUNT, "New members of the fan club."),
            "item_exposure_uv": Column(COUNT, "Persons who were shown a product."),
            "item_click_uv": Column(COUNT, "Persons who clicked a product."),
            "item_click_pv": Column(COUNT, "Clicks on products."),
        },
    ),
    "orders": Table(
        "A parent order: what the buyer pays once.",
        ("order_id",),
        {
            "order_id": Column(ID, "Digits, 19 on 抖店."),
            "shop_id": _shop(),
            "buyer_id": Column(ID, "Who buys.", refers_to="buyers.buyer_id"),
            "created_at": Column(TIME, "Placed."),
            "paid_at": Column(TIME, "Paid in full (pre-sale: the balance).", nullable=True),
            "closed_at": Column(TIME, "Closed unpaid, or refunded in full.", nullable=True),
            "finished_at": Column(TIME, "Received, by hand or by time.", nullable=True),
            "promise_ship_at": Column(TIME, "Ship before.", nullable=True),
            "pay_method": Column(
                TEXT, "How.", one_of=("wechat", "alipay", "card", "balance", "later")
            ),
            "trade_type": Column(TEXT, "What sort.", one_of=TRADE_TYPES),
            "traffic": Column(TEXT, "Where the buyer came from.", one_of=TRAFFIC),
            "session_id": Column(
                ID, "Live session.", nullable=True, refers_to="live_sessions.session_id"
            ),
            "author_id": Column(ID, "Who sold it.", nullable=True, refers_to="authors.author_id"),
            **_discounts("order"),
            "deposit_fen": Column(FEN, "Pre-sale deposit, part of paid_fen; else 0."),
            "deposit_paid_at": Column(TIME, "Deposit paid.", nullable=True),
            "cancel_reason": Column(TEXT, "Why closed.", nullable=True),
            "buyer_remark": Column(TEXT, "May hold a phone number.", nullable=True),
            "is_test": Column(FLAG, "A test order: shop and buyer are the company."),
            "is_brushed": Column(
                FLAG, "A 补单: placed by the shop itself; seller_remark says 补单."
            ),
            "seller_remark": Column(
                TEXT, "The shop's note; 测试 and 补单 mark such orders.", nullable=True
            ),
            "seller_stars": Column(COUNT, "Remark flag: -1 none, 0 grey … 5 red."),
        },
    ),
    "order_lines": Table(
        "One SKU of an order; money of the order split to the fen.",
        ("line_id",),
        {
            "line_id": Column(ID, "Digits. The first line of an order on 抖店 has the order's id."),
            "order_id": Column(ID, "Its order.", refers_to="orders.order_id"),
            "shop_id": _shop(),
            "line_number": Column(COUNT, "1, 2, … within the order."),
            "product_id": Column(ID, "Product.", refers_to="products.product_id"),
            "sku_id": Column(ID, "SKU.", refers_to="skus.sku_id"),
            "quantity": Column(COUNT, "Units."),
            "price_fen": Column(FEN, "Price of a unit on the page."),
            "list_price_fen": Column(FEN, "List price of a unit."),
            "is_gift": Column(FLAG, "Free gift: all amounts 0."),
            **_discounts("line"),
            "shipped_at": Column(
                TIME, "Its (first) parcel was shipped; courses: delivered.", nullable=True
            ),
            "signed_at": Column(TIME, "Its last parcel was signed.", nullable=True),
            "finished_at": Column(TIME, "Received.", nullable=True),
            "closed_at": Column(TIME, "Closed unpaid, or refunded in full.", nullable=True),
        },
    ),
    "parcels": Table(
        "A waybill. One order may have several, several orders may share one.",
        ("parcel_id",),
        {
            "parcel_id": Column(ID, "Parcel."),
            "shop_id": _shop(),
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
            "shop_id": _shop(),
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
    "ad_plans": Table(
        "A 千川 plan.",
        ("plan_id",),
        {
            "plan_id": Column(ID, "16 digits."),
            "account_id": Column(ID, "Account.", refers_to="ad_accounts.account_id"),
            "shop_id": _shop(),
            "name": Column(TEXT, "Name."),
            "scope": Column(TEXT, "Standard, or 全域.", one_of=("standard", "uni")),
            "goal": Column(TEXT, "What is promoted.", one_of=("live", "video")),
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
            "coupon_fen": Column(FEN, "Smart coupon (智能优惠券) paid by the plan."),
        },
    ),
    "commissions": Table(
        "An affiliate order (精选联盟): one a commissioned order line.",
        ("line_id",),
        {
            "line_id": Column(ID, "Order line.", refers_to="order_lines.line_id"),
            "order_id": Column(ID, "Order.", refers_to="orders.order_id"),
            "shop_id": _shop(),
            "author_id": Column(ID, "Payee.", refers_to="authors.author_id"),
            "session_id": Column(
                ID, "Live session.", nullable=True, refers_to="live_sessions.session_id"
            ),
            "rate_bp": Column(COUNT, "Commission, basis points."),
            "base_fen": Column(FEN, "Estimated base: paid goods without freight."),
            "estimated_fen": Column(FEN, "Estimated commission, known once paid."),
            "colonel_id": Column(ID, "团长 (招商), digits.", nullable=True),
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
        "A partial settlement of a commission; its phases sum to it.",
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
            "shop_id": _shop(),
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
    "tickets": Table(
        "A service session (客服会话).",
        ("ticket_id",),
        {
            "ticket_id": Column(ID, "Session."),
            "shop_id": _shop(),
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
    "dirt": Table(
        "What was planted on purpose.",
        ("kind", "record_id"),
        {
            "kind": Column(TEXT, "What sort.", one_of=DIRT_KINDS),
            "table": Column(TEXT, "Table of the record."),
            "record_id": Column(ID, "Its key."),
            "note": Column(TEXT, "What is wrong with it."),
        },
    ),
}
