"""The sandbox's company in a home: what it should say (the world's own books) and what it says."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl

from metrics_dictionary.catalog import Catalog
from metrics_dictionary.query import MetricQuery, MetricReader
from pipelines.gateway.catalogue import connectors
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.truth import truth
from pipelines.sandbox.world.storage import read_world
from pipelines.settings import Settings
from tests.e2e.conftest import Home

CHANNELS = tuple(connectors())  # of those, the shops of the world count
_AT_ONCE = 12  # metrics a question


def settings_of(home: Home) -> Settings:
    return Settings(home=home.path, _env_file=None)


def world_of(home: Home) -> dict[str, pl.DataFrame]:
    return read_world(home.path / "sandbox" / "world")


def now_of(home: Home) -> datetime:
    return Clock(settings_of(home)).now()


def books_of(home: Home, channels: tuple[str, ...] = CHANNELS) -> pl.DataFrame:
    """What the world says at its clock: metric, shop, day, value."""
    return truth(world_of(home), now_of(home), channels)


def differences(home: Home, channels: tuple[str, ...] = CHANNELS) -> list[str]:
    """Every metric, shop and day where the published number is not the world's."""
    books = books_of(home, channels)
    reader = MetricReader(settings_of(home))
    metrics = [
        name for name in books["metric"].unique(maintain_order=True) if name in _ids(reader.catalog)
    ]
    days = books["day"]
    expected = _expected(books, reader.catalog)
    said: dict[tuple[str, str, date], Any] = {}
    shops = sorted(set(books["shop"]))
    for start in range(0, len(metrics), _AT_ONCE):
        asked = tuple(metrics[start : start + _AT_ONCE])
        query = MetricQuery(
            metrics=asked,
            by=("shop", "day"),
            start=days.min(),
            end=days.max(),
            where={"shop": tuple(shops)},
        )
        for row in reader.run(query).rows:
            said |= {(name, row["shop"], row["day"]): row[name] for name in asked}
    return [
        f"{metric} {shop} {day}: truth {expected.get(key)}, published {said.get(key)}"
        for key in sorted(expected.keys() | said.keys())
        for metric, shop, day in [key]
        if (expected.get(key) or 0) != (said.get(key) or 0)
    ]


def compared(home: Home) -> set[str]:
    """The metrics that were held against the books."""
    books = books_of(home)
    return set(books["metric"].unique()) & _ids(MetricReader(settings_of(home)).catalog)


def _ids(catalog: Catalog) -> set[str]:
    return {entry.id for entry in catalog.entries}


def _expected(books: pl.DataFrame, catalog: Catalog) -> dict[tuple[str, str, date], Decimal]:
    """The books' figures, rounded as the dictionary shows them."""
    rounded = {}
    for metric, shop, day, value in books.iter_rows():
        if metric in _ids(catalog) and value is not None:
            step = Decimal(1).scaleb(-catalog[metric].decimals)
            rounded[metric, shop, day] = Decimal(value).quantize(step, ROUND_HALF_UP)
    return rounded
