"""Records of one list endpoint, rendered once and cut into pages from bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl


@dataclass(frozen=True)
class Listing:
    """Rendered records in the order of a time (epoch seconds), ids beside them."""

    at: np.ndarray
    ids: list[str]
    records: list[bytes]

    @classmethod
    def of(cls, frame: pl.DataFrame, at: str, key: str, record: str) -> Listing:
        """From a frame with a column each: epoch seconds, id, JSON text."""
        frame = frame.sort(at, key)
        return cls(
            frame[at].to_numpy(),
            frame[key].to_list(),
            [text.encode() for text in frame[record].to_list()],
        )

    def window(self, start: int | None, end: int | None) -> range:
        """Positions of start <= time < end."""
        low = 0 if start is None else int(np.searchsorted(self.at, start, side="left"))
        high = len(self.ids) if end is None else int(np.searchsorted(self.at, end, side="left"))
        return range(low, max(low, high))

    def page(self, positions: Sequence[int]) -> bytes:
        """The records at those positions as the inside of a JSON array."""
        return b",".join(self.records[position] for position in positions)


def page_of(positions: Sequence[int], page: int, size: int) -> Sequence[int]:
    """One page, numbered from 0."""
    return positions[page * size : (page + 1) * size]
