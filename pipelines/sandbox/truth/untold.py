"""What a channel's platform does not tell: figures that nobody who asks it could know.

The world knows them, so its books would have them; a home that says nothing there is right. Each
platform's adapter says which, ratios of a missing figure among them.
"""

from __future__ import annotations

import polars as pl

from pipelines.sandbox.app import found_adapters
from pipelines.sandbox.truth.books import Books


def told(figures: pl.DataFrame, books: Books) -> pl.DataFrame:
    """Figures (metric, shop and more) without those that the shop's platform does not tell."""
    untold = [
        pl.col("metric").is_in(adapter.untold) & books.shops_of(adapter.channel, named="shop")
        for adapter in found_adapters()
    ]
    return figures.filter(~pl.any_horizontal(untold))
