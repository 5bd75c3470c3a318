"""Tables of selling: who sells for the shops, live sessions, orders and their lines."""

from __future__ import annotations

from pipelines.sandbox.world.columns import (
    CHANNELS,
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

TRAFFIC = ("live", "video", "card", "search", "other")
TRADE_TYPES = ("normal", "presale", "sample", "gift")


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


SALES_TABLES: dict[str, Table] = {
    "authors": Table(
        "Someone who sells for the shops: a 达人, or a shop's own account.",
        ("author_id",),
        {
            "author_id": Column(
                ID, "The channel's id: digits, on 视频号 sph + digits, on 小红书 24 hex digits."
            ),
            "channel": Column(TEXT, "Channel.", one_of=CHANNELS),
            "buyin_id": Column(ID, "百应 id, 19 digits; 抖店 only.", nullable=True),
            "short_id": Column(ID, "The id that they show: 抖音号, 快手号, 视频号, 小红书号."),
            "nickname": Column(TEXT, "Shown name."),
            "own_shop_id": Column(
                ID, "Set: the shop's own account (自播).", nullable=True, refers_to="shops.shop_id"
            ),
            "institution_id": Column(ID, "MCN, digits.", nullable=True),
            "institution": Column(TEXT, "Its name.", nullable=True),
        },
    ),
    "live_sessions": Table(
        "A broadcast on 抖店, 快手 or 视频号. Counts are totals at its end and grow evenly to it.",
        ("session_id",),
        {
            "session_id": Column(
                ID, "Room id: 19 digits on 抖店, 11 on 快手, export/KJ + digits on 视频号."
            ),
            "channel": Column(TEXT, "Channel.", one_of=CHANNELS),
            "shop_id": shop_column(),
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
        "A parent order: what the buyer pays once; on 拼多多 one thing, with its gifts.",
        ("order_id",),
        {
            "order_id": Column(ID, "Digits, 19 on 抖店."),
            "shop_id": shop_column(),
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
            "traffic": Column(
                TEXT, "Where the buyer came from; video: on 小红书 a note.", one_of=TRAFFIC
            ),
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
            "shop_id": shop_column(),
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
}
