"""The world's own books: its metrics in polars, sharing no code or SQL with what they prove.

``truth(frames, now, channels)`` is one row a metric, shop and day. What counts is said where it is
counted: ``books`` what is visible and which orders count, then a file a section of the catalogue
(``transactions``, ``refunds``, ``advertising``, ``live``, ``commissions``, ``settlement``,
``fulfilment``), ``derived`` for figures made of figures, and ``untold`` what a platform keeps to
itself. A day without a figure has no row or a 0: additive ones are 0 there, ratios undefined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from pipelines.sandbox.truth.advertising import advertising_figures
from pipelines.sandbox.truth.books import Books, Figures
from pipelines.sandbox.truth.commissions import commission_figures
from pipelines.sandbox.truth.derived import derived_figures
from pipelines.sandbox.truth.fulfilment import fulfilment_figures
from pipelines.sandbox.truth.live import live_figures
from pipelines.sandbox.truth.refunds import refund_figures
from pipelines.sandbox.truth.settlement import settlement_figures
from pipelines.sandbox.truth.transactions import transaction_figures
from pipelines.sandbox.truth.untold import told

__all__ = ["truth"]

_SECTIONS = (
    transaction_figures,
    refund_figures,
    advertising_figures,
    live_figures,
    commission_figures,
    settlement_figures,
    fulfilment_figures,
)


def truth(
    frames: Mapping[str, pl.DataFrame], now: datetime, channels: Sequence[str]
) -> pl.DataFrame:
    """The figures of some channels at a moment.

    Returns:
        metric, shop, day, value (Decimal; money in yuan; 12 decimals).
    """
    books = Books(frames, now)
    figures: Figures = {}
    for section in _SECTIONS:
        figures |= section(books)
    figures |= derived_figures(figures)
    booked = pl.concat(
        frame.select(pl.lit(metric).alias("metric"), "shop", "day", "value")
        for metric, frame in figures.items()
    ).filter(books.shops_of(*channels, named="shop"))
    return told(booked, books).sort("metric", "shop", "day")
