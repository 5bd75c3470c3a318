"""Changes that are committed late: after a pull has ended, or while it is paging.

A few records, chosen by the seed, are seen as a copy of the platform sees them that lags
``LATE_BY`` behind. A list then shows such a record as it was, in its old place, or not at all where
it is new; its update time already lies in the past when the change is committed. ``Change`` says
when that is; once the clock is ``LATE_BY`` past the change it is committed in any case.

What happened before the world's first clock was committed long ago: only where time has moved on
can something be late. A list whose order does not follow its records' changes is left alone: no
overlap could find them there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from pipelines.sandbox.listing import Change, Listing, Name

# Within the 30 minutes by which every pull reaches back.
LATE_BY = timedelta(minutes=20)


@dataclass
class Commits:
    """Which records' changes are committed late, and what has been committed meanwhile."""

    seed: int = 0
    late: float = 0  # shares of records
    moving: float = 0
    _committed: set[Name] = field(default_factory=set, init=False)

    def over(
        self, key: Name, listing: Listing, since: int, before: Callable[[], Listing]
    ) -> Listing:
        """A listing that shows late changes as they are committed.

        Args:
            key: Tells it from other listings.
            listing: As it is.
            since: Changes from then on may be late, epoch seconds.
            before: Makes the listing as it was then; only asked for where there are such changes.
        """
        if not self.late + self.moving:
            return listing
        first = int(np.searchsorted(listing.at, since, side="left"))
        chosen = {
            (*key, record): (position, moves)
            for position, record in enumerate(listing.ids[first:], first)
            if (moves := self._moves(record)) is not None
        }
        for name in self._committed & chosen.keys():
            del chosen[name]
        return self._with_old_places(listing, before(), chosen) if chosen else listing

    def waits(self, record: str) -> bool:
        """Whether a record's changes are committed late."""
        return self._moves(record) is not None

    def _moves(self, record: str) -> bool | None:
        """Whether a record's changes are committed while a list is paged; None: they never wait."""
        digest = hashlib.sha256(f"{self.seed}/{record}".encode()).digest()
        drawn = int.from_bytes(digest[:4], "big") / 2**32
        return True if drawn < self.moving else False if drawn < self.moving + self.late else None

    def _with_old_places(
        self, listing: Listing, before: Listing, chosen: Mapping[Name, tuple[int, bool]]
    ) -> Listing:
        places = {record: place for place, record in enumerate(before.ids)}
        old: list[int] = []  # places in ``before``; behind the listing's own positions
        changes: list[tuple[Name, int | None, int, bool]] = []
        for name, (position, moves) in chosen.items():
            place = places.get(name[-1])
            if place is None and not moves:
                changes.append((name, None, position, moves))
            elif place is not None and before.at[place] != listing.at[position]:
                changes.append((name, len(listing.ids) + len(old), position, moves))
                old.append(place)
        at = np.concatenate([listing.at, before.at[old]])
        order = np.argsort(at, kind="stable")
        rank = np.argsort(order)  # where each position has gone
        ids = [*listing.ids, *(before.ids[place] for place in old)]
        records = [*listing.records, *(before.records[place] for place in old)]
        return Listing(
            at[order],
            [ids[each] for each in order],
            [records[each] for each in order],
            [
                Change(
                    name,
                    None if place is None else int(rank[place]),
                    int(rank[position]),
                    moves,
                    self._committed,
                )
                for name, place, position, moves in changes
            ],
        )
