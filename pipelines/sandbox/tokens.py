"""Access and refresh tokens of the sandbox: given out, checked, refreshed, killed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Pair:
    """A pair of tokens and how long each lives, on the sandbox's clock."""

    owner: str
    access: str
    refresh: str
    access_until: datetime
    refresh_until: datetime


class TokenDesk:
    """Gives out tokens; in memory, so a restart asks everybody to log in again."""

    def __init__(self, now: Callable[[], datetime], seed: str) -> None:
        self._now = now
        self._seed = seed
        self._issued = 0
        self._by_access: dict[str, Pair] = {}
        self._by_refresh: dict[str, Pair] = {}
        self._withdrawn: set[str] = set()

    def issue(self, owner: str, access_for: timedelta, refresh_for: timedelta) -> Pair:
        """A new pair for an owner; earlier ones live on until they end."""
        self._issued += 1
        name = f"{self._seed}/{owner}/{self._issued}/{self._now().isoformat()}"
        access = hashlib.sha256(f"access/{name}".encode()).hexdigest()
        refresh = hashlib.sha256(f"refresh/{name}".encode()).hexdigest()
        now = self._now()
        pair = Pair(owner, access, refresh, now + access_for, now + refresh_for)
        self._by_access[access] = pair
        self._by_refresh[refresh] = pair
        return pair

    def holder(self, access: str) -> Pair | None:
        """The pair of an access token that was given out, expired or not."""
        return self._by_access.get(access)

    def by_refresh(self, refresh: str) -> Pair | None:
        """The pair of a refresh token that is known."""
        return self._by_refresh.get(refresh)

    def live(self, owner: str) -> Pair | None:
        """The newest pair of an owner whose access token still works."""
        pairs = [each for each in self._by_access.values() if each.owner == owner]
        return next(filter(self.is_live, reversed(pairs)), None)

    def has_pair(self, owner: str) -> bool:
        """Whether an owner holds a pair that can still be refreshed."""
        pairs = (pair for pair in self._by_refresh.values() if pair.owner == owner)
        return any(self._now() < pair.refresh_until for pair in pairs)

    def is_live(self, pair: Pair) -> bool:
        """Whether its access token still works."""
        return self._now() < pair.access_until and pair.access in self._by_access

    def is_withdrawn(self, owner: str) -> bool:
        """Whether an owner took the authorisation back."""
        return owner in self._withdrawn

    def end(self, pair: Pair, within: timedelta = timedelta()) -> None:
        """End a pair, at once or after a grace."""
        self._by_refresh.pop(pair.refresh, None)
        if within:
            until = min(pair.access_until, self._now() + within)
            self._by_access[pair.access] = replace(pair, access_until=until)
        else:
            self._by_access.pop(pair.access, None)

    def kill(self, owner: str) -> None:
        """All tokens of an owner die, and the authorisation with them."""
        for pair in [each for each in self._by_access.values() if each.owner == owner]:
            self.end(pair)
        self._withdrawn.add(owner)
