"""The shape of a connector: what a platform's folder says, and what the gateway then does with it.

Data flow: registry -> Account -> PlatformClient or database -> Stream.read -> Page or Rows ->
(gateway: decode, hash, quarantine) -> Parquet -> landing. A connector knows the wire and nothing of
the business; it never writes a file, never sleeps, never retries by itself and never sees Dagster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

import polars as pl
import pyarrow as pa

from pipelines.registry.shops import Shop, ShopKind

PiiRule = Literal["hash", "drop"]
# Declared for a field whose shape the platform does not fix: kept as the JSON text that came.
ANY_JSON = pl.Binary


@dataclass(frozen=True)
class Window:
    """Half-open [start, end), aware datetimes in Asia/Shanghai."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Page:
    """One response as received, and where its records stand in it.

    ``path`` leads to a list of objects, or (``is_list`` false) to one, which is then the only
    record; ``()`` is the whole body. ``constants`` are columns that the request knows and the
    answer does not (declared in ``Stream.constants``).
    """

    body: bytes
    path: tuple[str, ...]
    constants: Mapping[str, str | int] = field(default_factory=dict)
    is_list: bool = True

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return len(self.body)


@dataclass(frozen=True)
class Rows:
    """A batch of a database's rows; columns that nobody declared are texts named ``_extra.…``."""

    table: pa.Table

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return int(self.table.nbytes)


class Account(Protocol):
    """One account's way to its source, whatever it speaks."""

    shop: Shop
    settings: Mapping[str, str]
    requests: int

    def now(self) -> datetime:
        """The source's clock, Asia/Shanghai: a machine's own may be wrong."""

    def close(self) -> None:
        """End what is kept open for this account alone."""


class Session(Account, Protocol):
    """One account's signed way to its platform: throttled, retried, its token kept fresh."""

    def call(self, method: str, params: Mapping[str, Any]) -> bytes:
        """Call a method of the platform; returns the body of a successful answer as received.

        Raises:
            pipelines.gateway.errors.PlatformError: The platform refused, in its own code and words.
        """


@dataclass(frozen=True)
class Revisit:
    """A scheduled deeper re-pull: once every ``every``, all windows since ``reach`` ago again."""

    every: timedelta
    reach: timedelta


@dataclass(frozen=True)
class Stream:
    """One raw table of one platform.

    Attributes:
        table: Raw table name.
        title: What it holds, Chinese name included.
        fields: The record as the platform words it, nested as it comes; anything else is kept as
            JSON text in ``_extra`` and reported.
        key: Fields (or constants) that identify a record within its shop.
        read: All pages of one window, in the order in which nothing can be missed.
        version: Dotted path of the field that orders versions (update time); empty: when observed.
        constants: Extra columns filled from ``Page.constants``.
        pii: Dotted field path -> ``hash`` (keyed, stable) or ``drop`` (never landed).
        overlap: How far before the watermark each pull begins again (late commits).
        max_window: The widest window of one request series.
        horizon: How far back the platform answers; also the first pull's reach.
        revisits: Deeper re-pulls.
        whole_days: Windows are cut at midnight (reports by day).
        keys: All keys that are there now, for sources that delete records without a word: what the
            lake has beside them is gone. None: nothing is ever deleted, or nobody can tell.
        sweep_every: How often they are asked for.
        is_whole: Each pull reads a whole list: what the lake has beside it is gone from it.
        may_lose: The largest share of the known records that is believed to be gone at once.
    """

    table: str
    title: str
    fields: Mapping[str, pl.DataType | type[pl.DataType]]
    key: tuple[str, ...]
    read: Callable[[Any, Window], Iterator[Page | Rows]]
    version: str = ""
    constants: Mapping[str, pl.DataType | type[pl.DataType]] = field(default_factory=dict)
    pii: Mapping[str, PiiRule] = field(default_factory=dict)
    overlap: timedelta = timedelta(minutes=30)
    max_window: timedelta = timedelta(days=1)
    horizon: timedelta = timedelta(days=90)
    revisits: tuple[Revisit, ...] = ()
    whole_days: bool = False
    keys: Callable[[Any], Iterator[pa.Table]] | None = None
    sweep_every: timedelta = timedelta(days=1)
    is_whole: bool = False
    may_lose: float = 0.5


@dataclass(frozen=True)
class CredentialField:
    """One thing that a shop's owner has to hand over; a token is got with it where it logs in.

    ``hint`` says where it is or what it looks like, ``pattern`` (a whole match) lets a slip of the
    hand be refused at once: none where the platform does not say.
    """

    name: str
    title: str
    secret: bool = True
    required: bool = True
    hint: str = ""
    logs_in: bool = True
    pattern: str = ""


@dataclass(frozen=True)
class Connector:
    """A platform's folder says ``CONNECTOR = Connector(...)``; nothing else of it is read.

    Attributes:
        channel: Slug: folder, raw schema, staging folder.
        title: The platform's name.
        serves: Registry channel to the kind of account that it pulls there, its own channel among
            them (buyin pulls the shops of 抖店 besides institutions of its own).
        base_url: The platform's own gateway; a setting or the shop's own overrides it.
        credentials: What it needs from the owner. Shared by channel of the shop.
        client: Makes the platform's client (signing, tokens, error codes) for a session over HTTP.
        streams: What it loads, in the order in which it loads it.
        check: One signed call that proves that the credentials work; returns what it saw, in words.
        per_second: Calls a second that one app may make.
        opens: Makes the session itself where the source is not spoken to over HTTP (a database).
    """

    channel: str
    title: str
    serves: Mapping[str, ShopKind]
    base_url: str
    credentials: tuple[CredentialField, ...]
    client: Callable[..., Any] | None
    streams: tuple[Stream, ...]
    check: Callable[[Any], str]
    per_second: float = 20
    opens: Callable[..., Account] | None = None

    def pulls(self, shop: Shop) -> bool:
        """Whether an account is one of those."""
        return self.serves.get(shop.channel) == shop.kind
