"""The shape of an adapter: one platform's words for the world's rows.

Data flow: HTTP request -> ``app`` (faults, limits, counting) -> the adapter that owns the path ->
world rows as they stand at the clock -> the platform's answer. An adapter never changes the world.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

import orjson
import polars as pl

from pipelines.sandbox.clock import Clock
from pipelines.sandbox.commits import LATE_BY, Commits
from pipelines.sandbox.listing import Listing
from pipelines.sandbox.tokens import TokenDesk

T = TypeVar("T")


@dataclass(frozen=True)
class Request:
    """One HTTP request; query and form parameters are decoded, the body stays as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - JSON
        """The body as JSON; None where it is none."""
        try:
            return orjson.loads(self.body) if self.body else {}
        except orjson.JSONDecodeError:
            return None


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Account:
    """Someone who can log in, with what they need for it."""

    shop_key: str
    channel: str
    kind: str
    name: str
    platform_shop_id: str
    parent_shop_key: str | None
    settings: Mapping[str, str]
    credentials: Mapping[str, str]


class Outside:
    """What an adapter sees: the world, the clock, tokens and secrets."""

    def __init__(self, frames: Mapping[str, pl.DataFrame], clock: Clock) -> None:
        self.frames = frames
        self._clock = clock
        self._seed = str(frames["company"]["seed"][0])
        self.tokens = TokenDesk(self.now, self._seed)
        self._cache: dict[tuple[Any, ...], Any] = {}
        self._cached_at: datetime | None = None
        self._commits = Commits()
        self._looking_back_to: datetime | None = None

    def now(self) -> datetime:
        """The sandbox's clock; it stands still until it is advanced."""
        return self._looking_back_to or self._clock.now()

    def commit_by(self, commits: Commits) -> None:
        """Show changes as they are committed from now on."""
        self._commits = commits
        self._cache.clear()

    def secret(self, *names: str) -> str:
        """A secret of that name, the same for the same world."""
        return hashlib.sha256("/".join((self._seed, *names)).encode()).hexdigest()[:40]

    def rendered(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """What was made for a key, made again once the clock has moved."""
        if self._cached_at != self.now():
            self._cache.clear()
            self._cached_at = self.now()
        if key not in self._cache:
            made: Any = make()
            if isinstance(made, Listing) and self._looking_back_to is None:
                made = self._as_committed(key, made, make)
            self._cache[key] = made
        return cast(T, self._cache[key])

    def _as_committed(
        self, key: tuple[Any, ...], listing: Listing, make: Callable[[], Any]
    ) -> Listing:
        """A listing with what is committed late, for every adapter alike."""
        since = max(self.now() - LATE_BY, self.frames["company"]["clock_at"][0])

        def before() -> Listing:
            with self._looking_back(since):
                return cast(Listing, make())

        return self._commits.over(key, listing, int(since.timestamp()), before)

    @contextmanager
    def _looking_back(self, moment: datetime) -> Iterator[None]:
        """Show an earlier clock, with nothing made for the present one."""
        kept, self._cache = self._cache, {}
        self._looking_back_to = self._cached_at = moment
        try:
            yield
        finally:
            self._looking_back_to = None
            self._cache, self._cached_at = kept, self.now()


class Adapter(ABC):
    """One platform, in one small file (and its renderers)."""

    channel: str
    # Where the faults of records strike: JSON lists that hold records, and a field of them that
    # turns into an object of another type.
    record_lists: tuple[str, ...]
    flipped_field: str
    # For the books: metrics that nobody who asks this platform could know; whether an order that
    # was never paid is none here.
    untold: tuple[str, ...] = ()
    tells_once_paid: bool = False

    @abstractmethod
    def owns(self, request: Request) -> bool:
        """Whether a request is for this platform."""

    @abstractmethod
    def accounts(self, outside: Outside) -> list[Account]:
        """Who can log in."""

    @abstractmethod
    def answer(self, request: Request, outside: Outside) -> Answer:
        """Check signature, token and parameters; render what is visible now."""

    @abstractmethod
    def method(self, request: Request) -> str:
        """The platform's name of what is asked, for counting."""

    @abstractmethod
    def endless(self, body: bytes) -> bytes:
        """A list's answer that promises more without end; other answers as they are."""

    @abstractmethod
    def fault(self, kind: str, request: Request) -> Answer | None:
        """``rate_limited``, ``busy`` or ``token_dead`` in the platform's own words."""
