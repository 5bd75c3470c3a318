"""The world's own books: its metrics in polars, sharing no code or SQL with what they prove.

``truth(frames, now, channels)`` is one row a metric, shop and day. What counts:

- Visible is what happened before ``now``. An order counts whose buyer is one: no test, no 补单, no
  sample. Orders that break the amount identity count with the amounts that they have.
- Placed figures stand on the day of placing, paid ones on the day of full payment (pre-sale: the
  balance), refunds on the day of refunding or, ``_by_pay``, of the line's payment.
- A refund is money: what an after-sale of whatever money type really gave back. Exchanges and
  reissues are none.
- A day without a figure has no row: additive ones are 0 there, ratios undefined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from pipelines.sandbox.truth.advertising import advertising_figures
from pipelines.sandbox.truth.live import live_figures
from pipelines.sandbox.truth.payouts import commission_figures, settlement_figures
from pipelines.sandbox.truth.refunds import refund_figures
from pipelines.sandbox.truth.transactions import transaction_figures

__all__ = ["truth"]


def truth(
    frames: Mapping[str, pl.DataFrame], now: datetime, channels: Sequence[str]
) -> pl.DataFrame:
    """The figures of some channels at a moment.

    Returns:
        metric, shop, day, value (Decimal; money in yuan; 12 decimals).
    """
    shops = frames["shops"].filter(pl.col("channel").is_in(list(channels)))["shop_id"]
    figures = [
        *transaction_figures(frames, now, shops),
        *refund_figures(frames, now, shops),
        *advertising_figures(frames, now, shops),
        *live_figures(frames, now, shops),
        *commission_figures(frames, now, shops),
        *settlement_figures(frames, now, shops),
    ]
    return pl.concat(figures).sort("metric", "shop", "day")
