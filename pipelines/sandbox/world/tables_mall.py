"""Tables of the company's own mall beside its orders: members, points, coupons, carts."""

from __future__ import annotations

from pipelines.sandbox.world.columns import COUNT, FEN, ID, TEXT, TIME, Column, Table, shop_column

TERMINALS = ("pc", "app", "mini_program")
POINT_KINDS = ("spend", "return", "earn")


def _member() -> Column:
    return Column(ID, "Member.", refers_to="members.member_id")


MALL_TABLES: dict[str, Table] = {
    "members": Table(
        "A buyer with an account of the own mall. Who buys there has one.",
        ("member_id",),
        {
            "member_id": Column(ID, "Digits."),
            "buyer_id": Column(ID, "The person.", refers_to="buyers.buyer_id"),
            "shop_id": shop_column(),
            "terminal": Column(TEXT, "Where the account was opened.", one_of=TERMINALS),
            "registered_at": Column(TIME, "Opened."),
            "left_at": Column(TIME, "Closed; the mall then forgets the member.", nullable=True),
            "opening_points": Column(COUNT, "Points when the world begins."),
        },
    ),
    "point_entries": Table(
        "Points of a member given or taken; a point is worth a fen.",
        ("entry_id",),
        {
            "entry_id": Column(ID, "Digits."),
            "member_id": _member(),
            "order_id": Column(ID, "Order.", refers_to="orders.order_id"),
            "at": Column(TIME, "When."),
            "kind": Column(
                TEXT,
                "spend: part of the order's shop discount; return: the order was never paid; earn:"
                " a point a yuan that was paid and not given back when the order was finished.",
                one_of=POINT_KINDS,
            ),
            "points": Column(COUNT, "Signed: given +, taken -."),
        },
    ),
    "coupons": Table(
        "A coupon of the own mall; a used one is its order's platform_discount_fen.",
        ("coupon_id",),
        {
            "coupon_id": Column(ID, "Digits."),
            "member_id": _member(),
            "name": Column(TEXT, "Name of the campaign."),
            "discount_fen": Column(FEN, "What it takes off."),
            "issued_at": Column(TIME, "Given out."),
            "expires_at": Column(TIME, "Not valid from then on."),
            "used_at": Column(TIME, "Used.", nullable=True),
            "order_id": Column(ID, "On which order.", nullable=True, refers_to="orders.order_id"),
        },
    ),
    "cart_items": Table(
        "A SKU in a member's cart of the own mall.",
        ("cart_item_id",),
        {
            "cart_item_id": Column(ID, "Digits."),
            "member_id": _member(),
            "sku_id": Column(ID, "SKU.", refers_to="skus.sku_id"),
            "quantity": Column(COUNT, "Units."),
            "added_at": Column(TIME, "Put in."),
            "removed_at": Column(TIME, "Ordered, or cleared away after a week."),
        },
    ),
}
