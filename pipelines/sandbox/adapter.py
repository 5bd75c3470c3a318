"""The shape of an adapter: one platform's words for the world's rows.

Data flow: HTTP request -> ``app`` (faults, limits, counting) -> the adapter that owns the path ->
world rows as they stand at the clock -> the platform's answer. An adapter never changes the world.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

import orjson
import polars as pl

from pipelines.sandbox.clock import Clock
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

    def now(self) -> datetime:
        """The sandbox's clock; it stands still until it is advanced."""
        return self._clock.now()

    def secret(self, *names: str) -> str:
        """A secret of that name, the same for the same world."""
        return hashlib.sha256("/".join((self._seed, *names)).encode()).hexdigest()[:40]

    def rendered(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """What was made for a key, made again once the clock has moved."""
        if self._cached_at != self.now():
            self._cache.clear()
            self._cached_at = self.now()
        if key not in self._cache:
            self._cache[key] = make()
        return cast(T, self._cache[key])


class Adapter(ABC):
    """One platform, in one small file (and its renderers)."""

    channel: str
    # Where the faults of records strike: JSON lists that hold records, and a field of them that
    # turns into an object of another type.
    record_lists: tuple[str, ...]
    flipped_field: str

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
