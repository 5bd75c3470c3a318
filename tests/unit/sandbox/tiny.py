"""A world of two shops for the books, every amount chosen to be added up by hand; 11-14 20:00.

Left out columns are null. Times are "MM-DD HH:MM" or with seconds, amounts are fen.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from pipelines.sandbox.world.schema import TABLES
from pipelines.settings import SHANGHAI

Frames = dict[str, pl.DataFrame]
Row = dict[str, object]
SHOP, OTHER = "doudian-01", "pdd-01"
OWN, GUEST, SECOND_GUEST = "own", "guest", "second guest"
OLD, NIGHT, ON_NOW, TO_COME = "old room", "night room", "room on now", "room to come"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


NOW = at("11-14 20:00")


def frames_of(rows: Mapping[str, list[Row]]) -> Frames:
    return {
        name: pl.DataFrame(
            rows.get(name, []), {column: kind.dtype for column, kind in table.columns.items()}
        )
        for name, table in TABLES.items()
    }


def changed(frames: Frames, table: str, key: str, **values: object) -> Frames:
    """The world with one row told otherwise; times as above, null is None."""
    (key_column, *_) = TABLES[table].key
    row = pl.col(key_column) == key
    told = {
        name: at(value) if name.endswith("_at") and isinstance(value, str) else value
        for name, value in values.items()
    }
    assert frames[table].filter(row).height == 1
    types = frames[table].schema
    return frames | {
        table: frames[table].with_columns(
            pl.when(row).then(pl.lit(value, types[name])).otherwise(pl.col(name)).alias(name)
            for name, value in told.items()
        )
    }


def _line(order: str, number: int, sku: str, goods: int, **more: object) -> Row:
    """A line without discounts but those named; the rest follows from the amount identity."""
    amounts = {
        name: int(more.pop(name, 0))  # type: ignore[call-overload]
        for name in ("freight_fen", "shop_discount_fen", "platform_discount_fen",
                     "author_discount_fen", "pay_discount_fen", "merchant_borne_fen",
                     "platform_borne_fen", "author_borne_fen")
    }  # fmt: skip
    due = goods + amounts["freight_fen"] + int(more.pop("planted", 0))  # type: ignore[call-overload]
    due -= sum(amounts[f"{who}_discount_fen"] for who in ("shop", "platform", "author"))
    times = {
        name: at(str(more.pop(name))) for name in ("shipped_at", "finished_at") if name in more
    }
    return {
        "line_id": f"{order}-{number}", "order_id": order, "line_number": number, "sku_id": sku,
        "product_id": "course" if sku == "sku of course" else "thing", "goods_fen": goods,
        "list_fen": goods, "quantity": 1, "is_gift": False, "order_fen": due,
        "paid_fen": due - amounts["pay_discount_fen"], **amounts, **times, **more,
    }  # fmt: skip


_LINES = [
    # A's first order: every discount there is, and a gift that is sent a day later.
    _line("o1", 1, "sku 1", 9_000, list_fen=10_000, freight_fen=600, shop_discount_fen=500,
          platform_discount_fen=300, pay_discount_fen=200, merchant_borne_fen=600,
          platform_borne_fen=200, shipped_at="11-11 10:00", finished_at="11-13 12:00"),
    _line("o1", 2, "sku of gift", 0, is_gift=True, shipped_at="11-12 09:00",
          finished_at="11-13 12:00"),
    # A's second order of that day: two courses.
    _line("o2", 1, "sku of course", 20_000, quantity=2, shipped_at="11-10 22:03",
          finished_at="11-11 08:00"),
    # Placed before midnight, paid behind it, shipped in the last second that is in time.
    _line("o3", 1, "sku 2", 5_000, author_discount_fen=500, author_borne_fen=500,
          shipped_at="11-13 00:00:10"),
    # Pre-sales: the balance of the one is paid, of the other not yet.
    _line("o4", 1, "sku 2", 15_000, quantity=3, shipped_at="11-14 21:00"),
    _line("o5", 1, "sku 2", 10_000),
    # A test order, a 补单, a sample, an order that was never paid.
    _line("o6", 1, "sku 1", 10_000, shipped_at="11-09 10:00"),
    _line("o7", 1, "sku 1", 7_000),
    _line("o8", 1, "sku 1", 8_000),
    _line("o9", 1, "sku 1", 3_000),
    # An identity_breaker, shipped late.
    _line("o10", 1, "sku 1", 6_000, planted=37, shipped_at="11-14 11:00"),
    # One thing refunded before shipping, the other sent.
    _line("o11", 1, "sku 1", 4_000),
    _line("o11", 2, "sku 2", 2_000, shipped_at="11-13 09:00"),
    # Refunded as a whole before shipping; its gift stays too.
    _line("o12", 1, "sku 1 again", 3_000),
    _line("o12", 2, "sku 2", 0, is_gift=True),
    # Sold in the room that is on.
    _line("o13", 1, "sku 1", 7_700),
    # The other shop's.
    _line("o14", 1, "sku 1", 5_000, shipped_at="11-12 10:00"),
    # Sold by the night room: days later, and (wrongly named) a second before it began.
    _line("o15", 1, "sku 1", 2_500),
    _line("o16", 1, "sku of course", 1_500, shipped_at="11-10 23:04:59"),
    # Sold by the old room in the last second of its 30 days, and in the next one.
    _line("o17", 1, "sku of course", 1_200, shipped_at="11-09 21:05"),
    _line("o18", 1, "sku of course", 1_300, shipped_at="11-09 21:05:01"),
    # Finished after nine days.
    _line("o19", 1, "sku of course", 3_000, shipped_at="11-01 10:05", finished_at="11-10 10:00"),
]  # fmt: skip


def _order(order: str, buyer: str, created: str, paid: str | None, **more: object) -> Row:
    lines = [line for line in _LINES if line["order_id"] == order]
    sums = {
        name: sum(int(str(line[name])) for line in lines)
        for name in lines[0]
        if name.endswith("_fen")
    }
    times = {name: at(str(more.pop(name))) for name in [*more] if name.endswith("_at")}
    return {
        "order_id": order, "shop_id": SHOP, "buyer_id": buyer, "created_at": at(created),
        "paid_at": at(paid) if paid else None, "trade_type": "normal", "is_test": False,
        "is_brushed": False, "deposit_fen": 0, **sums, **times, **more,
    }  # fmt: skip


_ORDERS = [
    _order("o1", "A", "11-10 09:00", "11-10 09:05", finished_at="11-13 12:00"),
    _order("o2", "A", "11-10 21:58", "11-10 22:00", author_id=SECOND_GUEST,
           finished_at="11-11 08:00"),
    _order("o3", "A", "11-10 23:59:30", "11-11 00:00:10", session_id=NIGHT, author_id=GUEST),
    _order("o4", "B", "11-09 20:00", "11-12 20:00", trade_type="presale", deposit_fen=3_000,
           deposit_paid_at="11-09 20:05"),
    _order("o5", "C", "11-09 20:50", "11-15 09:00", trade_type="presale", deposit_fen=2_000,
           deposit_paid_at="11-09 21:00"),
    _order("o6", "B", "11-09 07:55", "11-09 08:00", is_test=True),
    _order("o7", "D", "11-10 10:00", "11-10 10:05", is_brushed=True),
    _order("o8", "C", "11-10 10:00", "11-10 10:05", trade_type="sample"),
    _order("o9", "C", "11-10 10:00", None),
    _order("o10", "D", "11-12 10:00", "11-12 10:01"),
    _order("o11", "A", "11-12 11:59", "11-12 12:00"),
    _order("o12", "F", "11-12 12:59", "11-12 13:00"),
    _order("o13", "G", "11-14 19:25", "11-14 19:30", session_id=ON_NOW, author_id=OWN),
    _order("o14", "H", "11-12 08:59:30", "11-12 09:00", shop_id=OTHER),
    _order("o15", "I", "11-13 08:59", "11-13 09:00", session_id=NIGHT, author_id=GUEST),
    _order("o16", "J", "11-10 22:59", "11-10 22:59:59", session_id=NIGHT, author_id=GUEST),
    _order("o17", "K", "11-09 20:59", "11-09 21:00", session_id=OLD, author_id=OWN),
    _order("o18", "L", "11-09 20:59", "11-09 21:00:01", session_id=OLD, author_id=OWN),
    _order("o19", "M", "11-01 09:59", "11-01 10:00", finished_at="11-10 10:00"),
]  # fmt: skip
_SHOP_OF = {str(order["order_id"]): order["shop_id"] for order in _ORDERS}


def _asked(
    request: str, line: str, kind: str, fen: int, *,
    asked: str, first: str | None, refunded: str | None = None, ended: str | None = None,
    outcome: str = "succeeded",
) -> Row:  # fmt: skip
    order = line.partition("-")[0]
    end = ended or refunded
    return {
        "after_sale_id": request, "order_id": order, "line_id": line, "shop_id": _SHOP_OF[order],
        "type": kind, "refund_fen": fen, "applied_at": at(asked),
        "handled_at": at(first) if first else None,
        "refunded_at": at(refunded) if refunded else None, "ended_at": at(end) if end else None,
        "outcome": outcome,
    }  # fmt: skip


_AFTER_SALES = [
    # Three refunds of one line, two of them in the same second.
    _asked("r1", "o1-1", "return_refund", 3_000, asked="11-13 13:00", first="11-13 15:00",
           refunded="11-14 09:00"),
    _asked("r2", "o1-1", "refund_only", 1_000, asked="11-14 09:00", first="11-14 09:30",
           refunded="11-14 10:00"),
    _asked("r3", "o1-1", "return_refund", 500, asked="11-14 09:10", first="11-14 09:40",
           refunded="11-14 10:00"),
    _asked("r4", "o3-1", "exchange", 0, asked="11-13 10:00", first="11-13 11:00",
           ended="11-14 12:00"),
    _asked("r5", "o10-1", "exchange", 0, asked="11-14 11:30", first="11-14 12:30",
           ended="11-14 18:30", outcome="refused"),
    _asked("r6", "o11-1", "pre_ship", 4_000, asked="11-12 14:00", first="11-12 14:30",
           refunded="11-12 15:00"),
    _asked("r7", "o12-1", "pre_ship", 3_000, asked="11-12 13:10", first="11-12 13:40",
           refunded="11-12 14:00"),
    # The money leaves in the very second of asking the books: not before it.
    _asked("r8", "o2-1", "refund_only", 20_000, asked="11-11 09:00", first="11-11 10:00",
           refunded="11-14 20:00"),
    # Of the test order.
    _asked("r9", "o6-1", "refund_only", 4_000, asked="11-09 09:00", first="11-09 10:00",
           refunded="11-10 08:00"),
    # Asked before shipping, given back in the second of shipping.
    _asked("r10", "o3-1", "pre_ship", 400, asked="11-12 20:00", first="11-12 21:00",
           refunded="11-13 00:00:10"),
    # Seven days after the payment, to the second, and a second more.
    _asked("r11", "o19-1", "refund_only", 100, asked="11-07 10:00", first="11-07 11:00",
           refunded="11-08 10:00"),
    _asked("r12", "o19-1", "refund_only", 50, asked="11-08 09:00:01", first="11-08 09:30:01",
           refunded="11-08 10:00:01"),
    _asked("r13", "o15-1", "return_refund", 0, asked="11-14 08:00", first=None,
           ended="11-14 16:00", outcome="withdrawn"),
]  # fmt: skip


def _session(session: str, author: str, started: str, ended: str, views: int) -> Row:
    return {
        "session_id": session, "shop_id": SHOP, "author_id": author, "started_at": at(started),
        "ended_at": at(ended), "view_pv": views,
    }  # fmt: skip


def _hour(plan: str, begins: str, cash: int, grant: int = 0, **more: object) -> Row:
    none = dict.fromkeys(("impressions", "clicks", "conversions"), 0)
    when = at(begins)
    return {"plan_id": plan, "stat_date": when.date(), "hour": when.hour, "cash_fen": cash,
            "grant_fen": grant, **none, **more}  # fmt: skip


def _seen(impressions: int, clicks: int, conversions: int) -> Row:
    return {"impressions": impressions, "clicks": clicks, "conversions": conversions}


def _credit(plan: str, order: str, clicked: str, kind: str, fen: int, coupon: int = 0) -> Row:
    return {
        "plan_id": plan, "order_id": order, "clicked_at": at(clicked), "kind": kind,
        "pay_fen": fen, "coupon_fen": coupon,
    }  # fmt: skip


def _commission(line: str, estimated: int, paid: str, **more: object) -> Row:
    order = line.partition("-")[0]
    times = {name: at(str(more.pop(name))) for name in [*more] if name.endswith("_at")}
    return {
        "line_id": line, "order_id": order, "shop_id": SHOP, "author_id": GUEST,
        "paid_at": at(paid), "estimated_fen": estimated, "settled_base_fen": 0, **times, **more,
    }  # fmt: skip


def _phase(line: str, phase: int, settled: str, fen: int, colonel: int = 0) -> Row:
    return {"line_id": line, "phase": phase, "settled_at": at(settled), "commission_fen": fen,
            "colonel_fen": colonel}  # fmt: skip


_BILLS: dict[str, tuple[str, str, str, dict[str, int]]] = {
    # bill: line, settlement, type, items
    "b1": ("o1-1", "11-14 06:00", "settled",
           {"user_paid": 8_600, "refund_before_settle": -1_000, "platform_subsidy": 200,
            "pay_subsidy": 200, "platform_fee": -170, "commission": -860}),
    "b2": ("o2-1", "11-14 09:00", "settled",
           {"user_paid": 20_000, "author_subsidy": 500, "platform_fee": -400,
            "colonel_fee": -100, "freight_insurance": -50}),
    # A refund, with which a fee is given back.
    "b3": ("o1-1", "11-14 10:00", "refund_after_settle", {"user_paid": -500, "platform_fee": 10}),
    # Two rows of an order that is none of ours.
    "b4": ("x-1", "11-14 12:00", "settled", {"user_paid": 300}),
    "b5": ("x-1", "11-14 13:00", "settled", {"other": -20}),
    "b6": ("", "11-13 12:00", "other", {"penalty": -300}),
    # Settled in the very second of asking.
    "b7": ("o3-1", "11-14 20:00", "settled", {"user_paid": 4_500, "channel_fee": -40}),
    # Of the 补单.
    "b8": ("o7-1", "11-12 12:00", "settled", {"user_paid": 7_000}),
}  # fmt: skip


def tiny_world() -> Frames:
    """The world whose books are in test_truth."""
    return frames_of(
        {
            "shops": [
                {"shop_id": SHOP, "channel": "doudian"},
                {"shop_id": OTHER, "channel": "pdd"},
            ],
            "products": [
                {"product_id": "thing", "kind": "hardware"},
                {"product_id": "course", "kind": "course"},
            ],
            "skus": [
                {"sku_id": "sku 1", "merchant_code": "M1"},
                {"sku_id": "sku 1 again", "merchant_code": "M1"},
                {"sku_id": "sku 2", "merchant_code": "M2"},
                {"sku_id": "sku of gift", "merchant_code": "M3"},
                {"sku_id": "sku of course", "merchant_code": "M4"},
            ],
            "authors": [
                {"author_id": OWN, "own_shop_id": SHOP},
                {"author_id": GUEST},
                {"author_id": SECOND_GUEST},
            ],
            "live_sessions": [
                _session(OLD, OWN, "10-10 20:00", "10-10 21:00", 100),
                _session(NIGHT, GUEST, "11-10 23:00", "11-11 01:00", 1_000),
                _session(ON_NOW, OWN, "11-14 18:00", "11-14 22:00", 1_001),
                _session(TO_COME, OWN, "11-14 21:00", "11-14 23:00", 900),
            ],
            "orders": _ORDERS,
            "order_lines": [
                line | {"shop_id": _SHOP_OF[str(line["order_id"])]} for line in _LINES
            ],
            "after_sales": _AFTER_SALES,
            "parcels": [
                {"parcel_id": parcel, "shop_id": SHOP, "shipped_at": at(shipped)}
                for parcel, shipped in (
                    ("p1", "11-11 10:00"), ("p2", "11-12 09:00"), ("p3", "11-13 00:00:10"),
                    ("p4", "11-14 20:00"), ("p5", "11-09 10:00"),  # p5: of the test order
                )
            ],
            "ad_accounts": [
                {"account_id": "of shop", "shop_id": SHOP, "platform": "qianchuan"},
                {"account_id": "of other", "shop_id": OTHER, "platform": "pdd"},
            ],
            "ad_plans": [
                {"plan_id": "std", "account_id": "of shop", "scope": "standard"},
                {"plan_id": "uni", "account_id": "of shop", "scope": "uni"},
                {"plan_id": "pdd", "account_id": "of other", "scope": "standard"},
            ],
            "ad_hours": [
                _hour("std", "11-10 22:00", 800, 200, session_id=NIGHT, **_seen(5_000, 100, 4)),
                _hour("uni", "11-10 23:00", 2_000, session_id=NIGHT, **_seen(999, 99, 9)),
                _hour("uni", "11-11 00:00", 400, session_id=NIGHT),
                _hour("std", "11-14 18:00", 300, session_id=ON_NOW, **_seen(1_000, 10, 0)),
                _hour("std", "11-14 19:00", 500),
                _hour("std", "11-14 20:00", 9_999, session_id=ON_NOW),
                _hour("std", "11-14 21:00", 9_999, session_id=TO_COME),
                _hour("pdd", "11-12 09:00", 600, 100, **_seen(2_000, 20, 3)),
            ],
            "ad_conversions": [
                _credit("std", "o6", "11-09 07:50", "direct", 10_000),
                _credit("std", "o2", "11-09 12:00", "indirect", 20_000),
                _credit("std", "o5", "11-09 20:00", "indirect", 10_000),
                _credit("std", "o1", "11-10 09:00", "direct", 8_600, 300),
                _credit("std", "o19", "10-31 09:00", "indirect", 3_000),
                _credit("uni", "o3", "11-10 23:50", "direct", 4_500, 100),
                _credit("pdd", "o14", "11-12 08:59", "direct", 5_000),
            ],
            "commissions": [
                _commission("o3-1", 450, "11-11 00:00:10", settled_at="11-14 10:00",
                            settled_base_fen=4_100),
                _commission("o15-1", 250, "11-13 09:00", settled_at="11-14 09:30",
                            refunded_at="11-14 18:00", settled_base_fen=2_500),
                _commission("o7-1", 70, "11-10 10:05", refunded_at="11-12 08:00",
                            settled_at="11-13 08:00", settled_base_fen=700),
                _commission("o16-1", 150, "11-10 22:59:59", settled_at="11-14 20:00",
                            settled_base_fen=1_500),
            ],
            "commission_phases": [
                _phase("o3-1", 1, "11-13 10:00", 205, 20),
                _phase("o3-1", 2, "11-14 10:00", 205, 21),
                _phase("o15-1", 1, "11-14 09:30", 250),
                _phase("o15-1", 3, "11-14 18:00", -250),
                _phase("o16-1", 1, "11-14 20:00", 150, 15),
            ],
            "bills": [
                {"bill_id": bill, "shop_id": SHOP, "order_id": line.partition("-")[0],
                 "line_id": line, "settled_at": at(settled), "type": kind,
                 "net_fen": sum(items.values())}
                for bill, (line, settled, kind, items) in _BILLS.items()
            ],
            "bill_items": [
                {"bill_id": bill, "fee_type": fee, "amount_fen": fen}
                for bill, (*_, items) in _BILLS.items()
                for fee, fen in items.items()
            ],
        }
    )  # fmt: skip
