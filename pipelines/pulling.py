"""One stream of one account: its windows into the sink, and what came of each.

Data flow: windows -> the connector's read -> pages -> sink. Windows are decoded together where
they are small: reading a handful of records costs as much as reading a batch. What is doubtful
about such a group (a record that breaks its declaration, an answer that is no JSON) is asked for
again window by window, so that one bad answer costs its window and no other.
What does not belong here: which windows (``gateway/windows``), when a load ends (``extraction``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from pipelines.errors import KoujingError
from pipelines.gateway.connector import Account, Stream
from pipelines.gateway.decode import Fetched
from pipelines.gateway.errors import EndlessPaging, MalformedAnswer, PlatformBusy, Unreachable
from pipelines.gateway.sink import Sink
from pipelines.gateway.windows import Pull
from pipelines.settings import SHANGHAI, shanghai_now

_ASKED_AGAIN = 2  # windows whose records broke their declaration
_TOGETHER = 24  # windows
_DOUBTFUL = (MalformedAnswer, EndlessPaging)
_log = structlog.get_logger()
PullRow = dict[str, Any]


@dataclass
class StreamReport:
    """What came of one shop's stream."""

    shop_key: str
    stream: str
    windows: int = 0
    requests: int = 0
    rows: int = 0
    quarantined: int = 0
    error: str = ""

    def said(self) -> str:
        """The report in a line."""
        told = f"{self.shop_key} {self.stream}: {self.rows:,} records, {self.requests} requests"
        if self.quarantined:
            told += f", {self.quarantined} in quarantine"
        return f"{told}: {self.error}" if self.error else told


@dataclass
class Puller:
    """Pulls one stream of one account.

    Attributes:
        session: The account.
        stream: What to pull.
        sink: Where pages go.
        sweep: Finds what was deleted, for the pulls of that kind.
        asks_again: Whether another answer may be a better one; a database says the same again.
        is_down: The platform gave no answer of its own, however often it was asked.
    """

    session: Account
    stream: Stream
    sink: Sink
    sweep: Callable[[], None]
    asks_again: bool
    is_down: bool = False

    def pull(self, pulls: list[Pull], enough: Callable[[], bool]) -> tuple[list[PullRow], str]:
        """Take pulls off the list until it is empty or there is enough; a failure empties it.

        Returns:
            What the lake keeps of each, and the platform's words where one failed.
        """
        done: list[PullRow] = []
        error = ""
        while pulls and not enough():
            group = self._next(pulls)
            del pulls[: len(group)]
            before = self.session.requests
            together = self._together(group)
            rows, error = together if together is not None else self._one_by_one(group)
            # What was asked in vain is told with the first window.
            told = sum(row["requests"] for row in rows)
            rows[0]["requests"] += self.session.requests - before - told
            done += rows
            if error:
                pulls.clear()
        return done, error

    def _next(self, pulls: list[Pull]) -> list[Pull]:
        """Pulls that are made together: of one kind, a sweep alone."""
        size = 1 if pulls[0].kind == "sweep" else _TOGETHER
        return [each for each in pulls[:size] if each.kind == pulls[0].kind]

    def _together(self, group: list[Pull]) -> tuple[list[PullRow], str] | None:
        """All windows, decoded at the end; None where something was doubtful.

        What the platform refused is no doubt: it fails, windows before it are whole and stay.
        """
        refused_before = self._refused()
        rows: list[PullRow] = []
        error = ""
        for pull in group:
            try:
                row, error = self._tried(pull, partial(self._fetch, pull))
            except _DOUBTFUL:
                self.sink.forget(self.stream, self._shop)
                return None
            rows.append(row)
            if error:
                self.sink.forget_window(self.stream, self._shop)
                break
            self.sink.end_window(self.stream, self._shop)
        try:
            self.sink.flush(self.stream, self._shop)
        except KoujingError:  # no JSON, or a column of another type: its own window will say so
            return None
        if self.asks_again and self._refused() > refused_before:
            self.sink.take_back(self.stream, self._shop, refused_before)
            return None
        return rows, error

    def _one_by_one(self, group: list[Pull]) -> tuple[list[PullRow], str]:
        """Each window by itself, asked for again where its records break their declaration."""
        rows: list[PullRow] = []
        for pull in group:
            row, error = self._tried(pull, partial(self._insisted, pull))
            rows.append(row)
            if error:
                self.sink.forget(self.stream, self._shop)
                return rows, error
        return rows, ""

    def _fetch(self, pull: Pull) -> None:
        if pull.kind == "sweep":
            self.sweep()
            return
        observed = self.session.now().replace(tzinfo=None)
        for page in self.stream.read(self.session, pull.window):
            self.sink.add(self.stream, Fetched(self._shop, page, observed))

    def _insisted(self, pull: Pull) -> None:
        """All pages of a window, decoded; asked for again while that may mend something.

        Raises:
            KoujingError: The platform refused, never came to an end, or said what is no JSON.
        """
        refused_before = self._refused()
        for attempts_left in reversed(range(1 + _ASKED_AGAIN * self.asks_again)):
            try:
                self._fetch(pull)
                self.sink.flush(self.stream, self._shop)
            except _DOUBTFUL as failed:
                if not attempts_left:
                    raise KoujingError(failed.message, failed.hint) from failed
                self.sink.forget(self.stream, self._shop)
                continue
            if self._refused() == refused_before or not attempts_left:
                return
            # What was refused may have been the answer's fault: only what stays is quarantined.
            self.sink.take_back(self.stream, self._shop, refused_before)

    def _tried(self, pull: Pull, make: Callable[[], None]) -> tuple[PullRow, str]:
        """One pull's row, and why it failed.

        Raises:
            MalformedAnswer, EndlessPaging: Another answer may be a better one.
        """
        started, before = shanghai_now(), self.session.requests
        error = ""
        try:
            make()
        except _DOUBTFUL:
            raise
        except Exception as failed:
            error = (
                failed.message
                if isinstance(failed, KoujingError)
                else f"{type(failed).__name__} while reading"
            )
            self.is_down = isinstance(failed, Unreachable | PlatformBusy)
            _log.warning("pull failed", shop=self._shop, stream=self.stream.table, error=error)
        row = pull_row(
            self._shop,
            self.stream.table,
            pull=pull,
            started=started,
            requests=self.session.requests - before,
            error=error,
        )
        return row, error

    def _refused(self) -> int:
        return self.sink.refusals(self.stream, self._shop)

    @property
    def _shop(self) -> str:
        return self.session.shop.shop_key


def pull_row(  # noqa: PLR0913 - a row's columns
    shop: str,
    stream: str,
    *,
    pull: Pull | None = None,
    started: datetime | None = None,
    requests: int = 0,
    error: str = "",
) -> PullRow:
    """What the lake keeps of a pull: a row of the raw table ``pulls``."""
    now = shanghai_now()
    return {
        "shop_key": shop,
        "stream": stream,
        "kind": pull.kind if pull else "incremental",
        "window_start": _wall(pull.window.start) if pull else None,
        "window_end": _wall(pull.window.end) if pull else None,
        "started_at": _wall(started or now),
        "finished_at": _wall(now),
        "requests": requests,
        "rows": 0,
        "quarantined": 0,
        "unknown_fields": None,
        "status": "failed" if error else "ok",
        "error": error or None,
    }


def _wall(moment: datetime) -> datetime:
    return moment.astimezone(SHANGHAI).replace(tzinfo=None)
