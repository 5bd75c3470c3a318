"""Makes a world: the same seed, the same company, to the last fen.

Data flow: catalogue -> live sessions -> orders -> lines -> shipping -> after-sales -> ads,
commissions, bills, tickets -> the mall's members, stock -> planted dirt -> 拼多多's shape -> frames
of ``schema``. Every step is arrays; nothing goes row by row.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.errors import UsageError
from pipelines.sandbox.world.ads import make_ads
from pipelines.sandbox.world.bills import make_bills
from pipelines.sandbox.world.catalogue import Catalogue, make_catalogue
from pipelines.sandbox.world.commissions import make_commissions
from pipelines.sandbox.world.customs import received_whole
from pipelines.sandbox.world.dirt import plant
from pipelines.sandbox.world.draws import (
    CLOCK_AT,
    DAY,
    HOUR,
    NEVER,
    SIZES,
    Draws,
    Ints,
    Size,
    frame,
    picked,
    texts,
    times,
)  # fmt: skip
from pipelines.sandbox.world.fulfilment import (
    PROMISE,
    Shipping,
    make_shipping,
    parcel_frames,
)  # fmt: skip
from pipelines.sandbox.world.membership import make_membership
from pipelines.sandbox.world.pinduoduo import sold_one_by_one
from pipelines.sandbox.world.returns import Returns, make_returns
from pipelines.sandbox.world.rooms import Sessions, make_sessions
from pipelines.sandbox.world.sales import (
    Lines,
    Orders,
    cancel_reasons,
    make_lines,
    make_orders,
)  # fmt: skip
from pipelines.sandbox.world.schema import TABLES
from pipelines.sandbox.world.stock import make_stock
from pipelines.sandbox.world.tables_sales import TRADE_TYPES, TRAFFIC

SEED = 20261111
_REMARKS = ("内部测试单", "补单 勿发")
_PAY_METHODS = ("wechat", "alipay", "card", "balance", "later")


def generate(size: str, seed: int = SEED) -> dict[str, pl.DataFrame]:
    """All tables of a world.

    Args:
        size: ``small``, ``demo`` or ``large``.
        seed: Another seed is another company of the same size.

    Raises:
        UsageError: No such size.
    """
    if size not in SIZES:
        raise UsageError(f"No world '{size}'.", f"Sizes: {', '.join(SIZES)}; or a world's folder.")
    scale = SIZES[size]
    catalogue = make_catalogue(scale, seed)
    sessions = make_sessions(catalogue, scale, seed)
    orders = make_orders(catalogue, sessions, scale, seed)
    lines = make_lines(catalogue, orders, seed)
    shipping = make_shipping(catalogue, orders, lines, seed)
    returns = make_returns(catalogue, orders, lines, shipping, seed)
    shipping.take_back(returns.emptied)
    commissions = make_commissions(catalogue, sessions, orders, lines, shipping, returns, seed)
    frames = {
        "company": _company(scale, seed),
        **catalogue.frames,
        "live_sessions": sessions.frame,
        "orders": _orders(catalogue, sessions, orders, lines, shipping, returns, seed),
        "order_lines": _lines(catalogue, orders, lines, shipping, returns),
        **parcel_frames(catalogue, orders, lines, shipping),
        "after_sales": returns.frame,
        **make_ads(catalogue, sessions, orders, lines, scale, seed),
        **commissions.frames,
        **make_bills(catalogue, orders, lines, shipping, returns, commissions, seed),
        "tickets": _tickets(catalogue, orders, seed),
    }
    frames |= make_membership(frames, scale, seed)
    frames["stock_moves"] = make_stock(
        catalogue, orders, lines, shipping, returns.frame, scale, seed
    )
    planted = sold_one_by_one(plant(received_whole(frames), Draws(seed, "dirt")))
    return {name: planted[name] for name in TABLES}


def _company(size: Size, seed: int) -> pl.DataFrame:
    return frame(
        "company",
        {
            "name": ["口径商贸(虚构)"],
            "size": [size.name],
            "seed": [seed],
            "first_day": [size.first_day],
            "last_day": [size.last_day],
            "clock_at": [CLOCK_AT],
        },
    )


def _orders(
    catalogue: Catalogue,
    sessions: Sessions,
    orders: Orders,
    lines: Lines,
    shipping: Shipping,
    returns: Returns,
    seed: int,
) -> pl.DataFrame:
    count = len(orders.shop)
    draws = Draws(seed, "order words")
    finished, closed = _ends(orders, lines, shipping, returns)
    sums = {
        name: np.bincount(lines.order, amount, count).astype(np.int64)
        for name, amount in lines.money.items()
    }
    buyers = catalogue.frames["buyers"]
    wordy = draws.chance(0.05, count)
    phone = buyers["phone"].gather(orders.buyer)
    words = pl.select(
        pl.when(pl.Series(wordy & draws.chance(0.4, count)))
        .then("送前请打 " + phone)
        .when(pl.Series(wordy))
        .then(pl.lit("请尽快发货"))
    ).to_series()
    return frame(
        "orders",
        {
            "order_id": texts(orders.ids),
            "shop_id": picked(catalogue.shop_ids, orders.shop),
            "buyer_id": buyers["buyer_id"].gather(orders.buyer),
            "created_at": times(orders.created),
            "paid_at": times(orders.paid),
            "closed_at": times(closed),
            "finished_at": times(finished),
            "promise_ship_at": times(np.where(orders.paid > 0, orders.paid + PROMISE, NEVER)),
            "pay_method": picked(_PAY_METHODS, draws.one_of((5, 4, 1, 1, 1), count)),
            "trade_type": picked(TRADE_TYPES, orders.trade),
            "traffic": picked(TRAFFIC, orders.traffic),
            "session_id": picked(sessions.frame["session_id"], orders.session),
            "author_id": picked(catalogue.authors.frame["author_id"], orders.author),
            **sums,
            "deposit_fen": orders.deposit,
            "deposit_paid_at": times(np.where(orders.deposit > 0, orders.deposit_at, NEVER)),
            "cancel_reason": cancel_reasons(orders, seed),
            "buyer_remark": words,
            "is_test": orders.is_test,
            "is_brushed": orders.is_brushed,
            "seller_remark": picked(
                _REMARKS, np.where(orders.is_test, 0, np.where(orders.is_brushed, 1, NEVER))
            ),
            "seller_stars": np.where(draws.chance(0.1, count), draws.whole(0, 6, count), -1),
        },
    )


def _ends(orders: Orders, lines: Lines, shipping: Shipping, returns: Returns) -> tuple[Ints, Ints]:
    """When an order is finished (all that was not taken back is) and when it is closed."""
    count = len(orders.shop)
    counted = ~lines.is_gift
    emptied = returns.emptied > 0
    open_lines = np.bincount(lines.order[counted], ~emptied[counted], count)
    done = np.bincount(
        lines.order[counted], (shipping.finished > 0)[counted] & ~emptied[counted], count
    )
    last_finished, last_emptied = np.full(count, NEVER), np.full(count, NEVER)
    np.maximum.at(last_finished, lines.order, np.where(emptied, NEVER, shipping.finished))
    np.maximum.at(last_emptied, lines.order, returns.emptied)
    finished = np.where((open_lines > 0) & (done == open_lines), last_finished, NEVER)
    # What remained may have been finished before the last part was taken back.
    finished = np.where(finished > 0, np.maximum(finished, orders.paid), NEVER)
    closed = np.where(open_lines == 0, last_emptied, orders.closed)
    return finished, closed


def _lines(
    catalogue: Catalogue, orders: Orders, lines: Lines, shipping: Shipping, returns: Returns
) -> pl.DataFrame:
    skus = catalogue.frames["skus"]
    unpaid = np.where(orders.paid < 0, orders.closed, NEVER)[lines.order]
    return frame(
        "order_lines",
        {
            "line_id": lines.ids(orders),
            "order_id": texts(orders.ids[lines.order]),
            "shop_id": picked(catalogue.shop_ids, orders.shop[lines.order]),
            "line_number": lines.number,
            "product_id": skus["product_id"].gather(lines.sku),
            "sku_id": skus["sku_id"].gather(lines.sku),
            "quantity": lines.quantity,
            "is_gift": lines.is_gift,
            **lines.money,
            "shipped_at": times(shipping.shipped),
            "signed_at": times(shipping.signed),
            "finished_at": times(shipping.finished),
            "closed_at": times(np.maximum(returns.emptied, unpaid)),
        },
    )


def _tickets(catalogue: Catalogue, orders: Orders, seed: int) -> pl.DataFrame:
    draws = Draws(seed, "tickets")
    order = np.flatnonzero(draws.chance(0.12, len(orders.shop)))
    count = len(order)
    opened = orders.created[order] + draws.lag(HOUR, count, 1.5, 20 * DAY)
    replies = draws.whole(1, 9, count)
    first = draws.lag(45, count, 1.0, HOUR)
    rated = draws.chance(0.3, count)
    solved = draws.chance(0.93, count)
    return frame(
        "tickets",
        {
            "ticket_id": texts(np.arange(1, count + 1), "TK"),
            "shop_id": picked(catalogue.shop_ids, orders.shop[order]),
            "buyer_id": catalogue.frames["buyers"]["buyer_id"].gather(orders.buyer[order]),
            "order_id": texts(orders.ids[order]),
            "agent_id": picked([f"agent-{n:02d}" for n in range(1, 13)], draws.whole(0, 12, count)),
            "opened_at": times(opened),
            "first_reply_seconds": first,
            "reply_count": replies,
            "reply_seconds": first + (replies - 1) * draws.lag(60, count, 0.7, HOUR),
            "rating": pl.select(
                pl.when(pl.Series(rated)).then(pl.Series(draws.whole(1, 6, count)))
            ).to_series(),
            "resolved_at": times(np.where(solved, opened + draws.lag(2 * HOUR, count), NEVER)),
        },
    )
