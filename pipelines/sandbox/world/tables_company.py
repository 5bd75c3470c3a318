"""Tables of what stands before the first order: shops, products, buyers."""

from __future__ import annotations

from pipelines.sandbox.world.columns import (
    CHANNELS,
    COUNT,
    DAY,
    FEN,
    FLAG,
    ID,
    TEXT,
    TIME,
    Column,
    Table,
    shop_column,
)

COMPANY_TABLES: dict[str, Table] = {
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
    "products": Table(
        "A product of one shop.",
        ("product_id",),
        {
            "product_id": Column(ID, "Digits, 19 on 抖店."),
            "shop_id": shop_column(),
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
            "shop_id": shop_column(),
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
}
