"""Records of one list endpoint, rendered once and cut into pages from bytes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

Name = tuple[Any, ...]
Asked = tuple[int | None, int | None]


@dataclass
class Change:
    """A record's newest change, which a list does not show before it is committed.

    The sandbox's clock stands still, so requests are what time is made of. A record that moves is
    committed once a page with its old place has been served: the worst moment for a reader. Late
    ones are, once the list is asked for with another window, which is a later pull.

    Attributes:
        name: The listing's key and the record's id.
        before: Position of the record as it was; None where it was not there.
        after: Position of the record as it is.
        moves: Whether it is committed while the list is being paged, else after that.
        committed: Names of the changes that were committed: what was shown once stays.
    """

    name: Name
    before: int | None
    after: int
    moves: bool
    committed: set[Name]
    first_asked: Asked | None = None

    def asked(self, window: Asked, whole: range) -> None:
        """Take note of a window, and of the positions in it."""
        if self.after not in whole:
            return
        self.first_asked = self.first_asked or window
        leaves_nothing = self.moves and self.before not in whole
        if leaves_nothing or window != self.first_asked:
            self.committed.add(self.name)

    def served(self, positions: Sequence[int]) -> None:
        """Take note of a page that was answered."""
        if self.moves and self.before in positions:
            self.committed.add(self.name)

    def hidden(self) -> int | None:
        """The position that is not shown now."""
        return self.before if self.name in self.committed else self.after


@dataclass(frozen=True)
class Listing:
    """Rendered records in the order of a time (epoch seconds), ids beside them.

    A record with a change that is not committed yet has two positions, of which one is shown.
    """

    at: np.ndarray
    ids: list[str]
    records: list[bytes]
    changes: Sequence[Change] = ()

    @classmethod
    def of(cls, frame: pl.DataFrame, at: str, key: str, record: str) -> Listing:
        """From a frame with a column each: epoch seconds, id, JSON text."""
        frame = frame.sort(at, key)
        return cls(
            frame[at].to_numpy(),
            frame[key].to_list(),
            [text.encode() for text in frame[record].to_list()],
        )

    def window(self, start: int | None, end: int | None) -> Sequence[int]:
        """Positions of start <= time < end."""
        low = 0 if start is None else int(np.searchsorted(self.at, start, side="left"))
        high = len(self.ids) if end is None else int(np.searchsorted(self.at, end, side="left"))
        whole = range(low, max(low, high))
        for change in self.changes:
            change.asked((start, end), whole)
        hidden = {each for change in self.changes if (each := change.hidden()) in whole}
        return [each for each in whole if each not in hidden] if hidden else whole

    def page(self, positions: Sequence[int]) -> bytes:
        """The records at those positions as the inside of a JSON array."""
        for change in self.changes:
            change.served(positions)
        return b",".join(self.records[position] for position in positions)


def page_of(positions: Sequence[int], page: int, size: int) -> Sequence[int]:
    """One page, numbered from 0."""
    return positions[page * size : (page + 1) * size]


def page_from(positions: Sequence[int], cursor: int, size: int) -> tuple[Sequence[int], int | None]:
    """A page from a position on, and the next page's first position, None at the end.

    A cursor is a position, not a count: what leaves its place meanwhile hides nothing behind it.
    """
    first = bisect_left(positions, cursor)
    following = positions[first + size] if first + size < len(positions) else None
    return positions[first : first + size], following
