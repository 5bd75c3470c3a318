"""Random draws that are alike for a seed, and the sizes of worlds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.sandbox.world.schema import TABLES

SHANGHAI = ZoneInfo("Asia/Shanghai")
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
NEVER = -1  # an event that does not happen, in arrays of epoch seconds
MINUTE, HOUR, DAY = 60, 3600, 86_400


@dataclass(frozen=True)
class Size:
    """How long a world is and how much a shop sells on an ordinary day."""

    name: str
    first_day: date
    last_day: date
    orders_a_day: float
    products_a_shop: int
    buyers_a_channel: int

    @property
    def days(self) -> int:
        """Business days with orders."""
        return (self.last_day - self.first_day).days + 1

    @property
    def start(self) -> int:
        """Midnight of the first day, epoch seconds."""
        return epoch(self.first_day)

    @property
    def end(self) -> int:
        """Midnight behind the last day, epoch seconds."""
        return epoch(self.last_day + timedelta(days=1))


CLOCK_AT = datetime(2026, 11, 14, 20, tzinfo=SHANGHAI)
_LAST_DAY = date(2026, 11, 17)
SIZES = {
    size.name: size
    for size in (
        Size("small", date(2026, 11, 1), _LAST_DAY, 34, 12, 2_500),
        Size("demo", date(2026, 8, 17), _LAST_DAY, 34, 20, 9_000),
        Size("large", date(2026, 5, 18), _LAST_DAY, 700, 60, 300_000),
    )
}


def epoch(day: date) -> int:
    """Midnight of a day in Shanghai, epoch seconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).timestamp())


def days_of(seconds: Ints) -> Ints:
    """Business days since 1970 of epoch seconds (Shanghai has had no summer time since 1991)."""
    return (seconds + 8 * HOUR) // DAY


def hours_of(seconds: Ints) -> Ints:
    """Hours of the business day, 0 to 23."""
    return (seconds + 8 * HOUR) % DAY // HOUR


def times(seconds: Ints) -> pl.Series:
    """Epoch seconds as aware times; NEVER becomes null."""
    series = pl.Series(seconds, dtype=pl.Int64)
    series = series.set(series < 0, None)
    return (series * 1_000_000).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone("Asia/Shanghai")


def texts(numbers: Ints, prefix: str = "") -> pl.Series:
    """Numbers as ids."""
    return prefix + pl.Series(numbers).cast(pl.String)


def picked(values: Sequence[str | None] | pl.Series, index: Ints) -> pl.Series:
    """Values by position; position -1 is null."""
    table = pl.concat([pl.Series(values, dtype=pl.String), pl.Series([None], dtype=pl.String)])
    return table.gather(np.where(index < 0, len(values), index))


def frame(table: str, columns: Mapping[str, object]) -> pl.DataFrame:
    """A table of the world: the schema's columns in the schema's order and types."""
    schema = {name: column.dtype for name, column in TABLES[table].columns.items()}
    made = pl.DataFrame(
        {name: value for name, value in columns.items() if name in schema}, strict=False
    )
    return made.select(pl.col(name).cast(kind) for name, kind in schema.items())


class Split:
    """Splits totals of orders to their lines by weight, the odd fen to the heaviest line.

    Args:
        order: The order's position of each line, ascending; every order has a line.
        weight: What each line weighs.
    """

    def __init__(self, order: Ints, weight: Ints) -> None:
        self._order, self._weight = order, weight
        first = np.flatnonzero(np.r_[True, order[1:] != order[:-1]])
        self._whole = np.add.reduceat(weight, first)
        heaviest = np.flatnonzero(weight == np.maximum.reduceat(weight, first)[order])
        of_order = order[heaviest]
        self._heaviest = heaviest[np.r_[True, of_order[1:] != of_order[:-1]]]

    def of(self, total: Ints) -> Ints:
        """One amount a line for one an order; the lines of an order sum to its total."""
        share = total[self._order] * self._weight // np.maximum(self._whole, 1)[self._order]
        share[self._heaviest] += total - np.bincount(self._order, share, len(total)).astype(
            np.int64
        )
        return share


class Draws:
    """A stream of draws of its own for each subject: one subject's change moves no other."""

    def __init__(self, seed: int, subject: str) -> None:
        self.generator = np.random.default_rng([seed, *subject.encode()])

    def whole(self, low: int, high: int, count: int) -> Ints:
        """Whole numbers, low <= x < high."""
        return self.generator.integers(low, high, count, dtype=np.int64)

    def chance(self, share: float | Floats, count: int) -> Flags:
        """True with a probability."""
        return self.generator.random(count) < share

    def one_of(self, shares: Sequence[float], count: int) -> Ints:
        """Positions, by their shares (which need not sum to one)."""
        edges = np.cumsum(shares) / np.sum(shares)
        drawn = self.generator.random(count)
        return np.array(np.searchsorted(edges, drawn, side="right"), dtype=np.int64)

    def lag(self, typical: int, count: int, spread: float = 0.8, longest: int = 60 * DAY) -> Ints:
        """Seconds that something takes: long-tailed around what is typical."""
        drawn = typical * np.exp(self.generator.normal(0, spread, count))
        return np.array(np.clip(drawn, 1, longest), dtype=np.int64)
