"""A platform that plays back answers, and the records that a stream makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson

from pipelines.gateway.connector import Session, Stream, Window
from pipelines.gateway.decode import Decoded, Decoder, Fetched
from pipelines.gateway.pii import prepare_hashing
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI

OBSERVED = datetime(2025, 11, 14, 20, 0)  # noqa: DTZ001 - wall clock of the platform
Answer = Callable[[str, Mapping[str, Any]], Any]


class FakeSession:
    """Implements ``gateway.connector.Session``; keeps what it was asked."""

    def __init__(
        self, shop: Shop, answer: Answer, settings: Mapping[str, str] | None = None
    ) -> None:
        self.shop = shop
        self.settings = dict(settings or {})
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._answer = answer

    def call(self, method: str, params: Mapping[str, Any]) -> bytes:
        self.calls.append((method, dict(params)))
        said = self._answer(method, params)
        return said if isinstance(said, bytes) else orjson.dumps(said)

    def now(self) -> datetime:
        return OBSERVED.replace(tzinfo=SHANGHAI)

    def asked(self, method: str) -> list[dict[str, Any]]:
        """The parameters of each call of a method."""
        return [params for name, params in self.calls if name == method]


def days(first: str, count: int = 1) -> Window:
    """Whole days from midnight on."""
    start = datetime.fromisoformat(first).replace(tzinfo=SHANGHAI)
    return Window(start, start + timedelta(days=count))


def records(stream: Stream, session: Session, window: Window) -> Decoded:
    """What the gateway lands of a window."""
    fetched = [
        Fetched(session.shop.shop_key, page, OBSERVED) for page in stream.read(session, window)
    ]
    with duckdb.connect() as db:
        prepare_hashing(db, b"a key of the test")
        return Decoder(stream, db).decode(fetched, "load-1", 1)


def read_sample(folder: Path, platform: str, name: str) -> dict[str, Any]:
    """A composed sample answer of the platform notes."""
    body = (folder / platform / f"{name}.composed.json").read_bytes()
    found: dict[str, Any] = orjson.loads(body)
    return found
