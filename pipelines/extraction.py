"""Pulls a connector's shops into the raw lake: what is new, what is due again, what was asked for.

Data flow: registry + the lake's own record of pulls -> windows -> sessions -> pages -> sink ->
one dlt load. The lake is the only memory: a load that was not completed never happened, so a run
killed at any moment is simply run again. What does not belong here: a platform's wire
(``sources/``), a record's meaning (dbt).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pipelines.errors import KoujingError
from pipelines.freshness import ALL_STREAMS
from pipelines.gateway.catalogue import raw_schemas
from pipelines.gateway.connector import Account, Connector, Stream
from pipelines.gateway.histories import Key, histories
from pipelines.gateway.http import HttpTransport
from pipelines.gateway.session import session_of
from pipelines.gateway.sink import Sink
from pipelines.gateway.sweep import sweep
from pipelines.gateway.windows import History, Pull, asked_for, planned, reach_of
from pipelines.landing import LandedFile, RawLake, lake_lock, land_files
from pipelines.pulling import Puller, PullRow, StreamReport, pull_row
from pipelines.registry.keys import pii_key
from pipelines.registry.shops import Shop, ShopRegistry
from pipelines.settings import Settings

_AT_ONCE = 4  # shops side by side; the platform's limit is the app's, not the shop's
_ROWS_A_LOAD = 200_000
_DECODE_MEMORY = "512MB"
_DOWN_AFTER = 2  # streams of an account in a row; each was asked for half a minute

Progress = Callable[[str], None]


@dataclass
class ExtractionReport:
    """What came of a connector's pull."""

    channel: str
    streams: list[StreamReport] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)  # what of a backfill could not be asked for

    def failures(self) -> list[str]:
        """One sentence a shop and reason, in the platform's words."""
        by_reason: dict[tuple[str, str], list[str]] = {}
        for each in self.streams:
            if each.error:
                by_reason.setdefault((each.shop_key, each.error), []).append(each.stream)
        return [
            f"{shop} ({self.channel}: {', '.join(streams)}): {error}"
            for (shop, error), streams in by_reason.items()
        ]


@dataclass(frozen=True)
class _Plan:
    """What to pull of one stream of one shop."""

    stream: Stream
    pulls: list[Pull]


def extract(  # noqa: PLR0913 - one argument an option of `koujing run`
    settings: Settings,
    connector: Connector,
    *,
    sandbox_url: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    full_refresh: bool = False,
    shops: Sequence[str] | None = None,
    progress: Progress = lambda _: None,
) -> ExtractionReport:
    """Pull a connector's shops and land what they say.

    A shop or stream that fails is recorded with the platform's words and leaves the others fresh;
    what it gave in windows that came to their end is kept.

    Args:
        settings: The home.
        connector: What to pull.
        sandbox_url: Stands in for base URLs ``sandbox://``.
        since: A backfill from here on; watermarks stay.
        until: The backfill's end.
        full_refresh: Everything that the platforms still answer for.
        shops: Only these; all active ones that the connector serves where it is not said.
        progress: Told of each shop that is done.

    Raises:
        KoujingError: The lake is locked, or a load could not be completed.
    """
    chosen = [
        shop
        for shop in ShopRegistry(settings).all()
        if connector.pulls(shop)
        and shop.status == "active"
        and (shops is None or shop.shop_key in shops)
    ]
    backfill = (since, until) if since or until else (None, None) if full_refresh else None
    with lake_lock(settings, connector.channel) as scratch, HttpTransport() as transport:
        extraction = _Extraction(
            settings, connector, sandbox_url, backfill, progress=progress, scratch=scratch
        )
        for group in _groups(chosen):
            extraction.land(group, transport)
    return extraction.report


def _groups(shops: Sequence[Shop]) -> list[list[Shop]]:
    """Shops that share a load."""
    size = 2 * _AT_ONCE
    return [list(shops[start : start + size]) for start in range(0, len(shops), size)]


class _Extraction:
    """One call of ``extract``."""

    def __init__(  # noqa: PLR0913 - what it is made of
        self,
        settings: Settings,
        connector: Connector,
        sandbox_url: str | None,
        backfill: tuple[datetime | None, datetime | None] | None,
        *,
        progress: Progress,
        scratch: Path,
    ) -> None:
        self.report = ExtractionReport(connector.channel)
        self._settings = settings
        self._connector = connector
        self._sandbox_url = sandbox_url
        self._backfill = backfill
        self._progress = progress
        self._scratch = scratch
        self._key = pii_key(settings)
        self._failed_to_open: list[PullRow] = []
        self._unanswered: dict[str, list[str]] = defaultdict(list)  # shop -> streams in a row

    def land(self, shops: Sequence[Shop], transport: HttpTransport) -> None:
        """Pull a group of shops in as many loads as their rows ask for."""
        opened = self._opened(shops, transport, histories(self._settings, self._connector))
        sessions = [session for session, _ in opened]
        left = {session.shop.shop_key: plans for session, plans in opened}
        with ExitStack() as stack:
            for session in sessions:
                stack.callback(session.close)
            while any(left.values()) or self._failed_to_open:
                tables = tuple(raw_schemas(self._connector))
                land_files(
                    self._settings,
                    self._connector.channel,
                    tables,
                    lambda load_id, folder: self._load(sessions, left, load_id, folder),
                )
                self._failed_to_open = []

    def _opened(
        self, shops: Sequence[Shop], transport: HttpTransport, known: dict[Key, History]
    ) -> list[tuple[Account, list[_Plan]]]:
        """The shops that can be asked, and for what."""
        opened = []
        for shop in shops:
            try:
                session = session_of(
                    self._settings,
                    self._connector,
                    shop,
                    sandbox_url=self._sandbox_url,
                    transport=transport,
                )
                opened.append((session, self._plans(session, known)))
            except KoujingError as error:
                self._failed_to_open.append(pull_row(shop.shop_key, ALL_STREAMS, error=str(error)))
                self.report.streams.append(
                    StreamReport(shop.shop_key, ALL_STREAMS, error=error.message)
                )
        return opened

    def _plans(self, session: Account, known: dict[Key, History]) -> list[_Plan]:
        """What to ask of each stream; one that nothing is to be asked of has no plan."""
        now = session.now()
        if self._backfill is not None and not self.report.notices:
            self.report.notices = reach_of(self._connector, now, *self._backfill)
            for notice in self.report.notices:
                self._progress(notice)
        plans = []
        for stream in self._connector.streams:
            if self._backfill is not None:
                pulls = asked_for(stream, now, *self._backfill)
            else:
                history = known.get((session.shop.shop_key, stream.table), History())
                pulls = planned(stream, history, now)
            plans.append(_Plan(stream, pulls))
        return [plan for plan in plans if plan.pulls]

    def _load(
        self,
        sessions: Sequence[Account],
        left: dict[str, list[_Plan]],
        load_id: str,
        folder: Path,
    ) -> list[LandedFile]:
        """One load: fetch until enough rows are there; plans that are done leave ``left``."""
        rows: list[PullRow] = list(self._failed_to_open)

        def pull(session: Account) -> list[PullRow]:
            plans = left[session.shop.shop_key]
            done: list[PullRow] = []
            while plans and sink.rows_in_all < _ROWS_A_LOAD:
                done += self._pull_stream(session, plans[0], sink)
                if not plans[0].pulls:
                    plans.pop(0)
            return done

        with Sink(self._connector, folder, load_id, self._key, _DECODE_MEMORY) as sink:
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                for done in pool.map(pull, sessions):
                    rows += done
            sink.write_quarantine()
            sink.write_pulls(rows)
            return sink.files()

    def _pull_stream(self, session: Account, plan: _Plan, sink: Sink) -> list[PullRow]:
        """Pull a stream's windows in order; a failure ends the stream, what is whole stays."""
        shop, stream = session.shop.shop_key, plan.stream
        if len(self._unanswered[shop]) >= _DOWN_AFTER:
            return self._not_asked(shop, plan)
        puller = Puller(
            session,
            stream,
            sink,
            sweep=lambda: self._sweep(session, stream, sink),
            # A database answers the same when it is asked again.
            asks_again=self._connector.opens is None,
        )
        done, error = puller.pull(plan.pulls, lambda: sink.rows_in_all >= _ROWS_A_LOAD)
        self._unanswered[shop] = [*self._unanswered[shop], error] if puller.is_down else []
        report = StreamReport(
            shop,
            stream.table,
            windows=len(done),
            requests=sum(row["requests"] for row in done),
            rows=sink.rows[shop, stream.table],
            quarantined=sink.refusals(stream, shop),
            error=error,
        )
        self.report.streams.append(report)
        if done:
            done[-1] |= {
                "rows": report.rows,
                "quarantined": report.quarantined,
                "unknown_fields": sink.unknown_fields(shop, stream.table),
            }
        self._progress(report.said())
        return done

    def _not_asked(self, shop: str, plan: _Plan) -> list[PullRow]:
        """What stands for the pulls of a stream whose platform is down: an outage ends no run."""
        error = self._unanswered[shop][-1]
        row = pull_row(shop, plan.stream.table, pull=plan.pulls[0], error=error)
        plan.pulls.clear()
        report = StreamReport(shop, plan.stream.table, error=error)
        self.report.streams.append(report)
        self._progress(report.said())
        return [row]

    def _sweep(self, session: Account, stream: Stream, sink: Sink) -> None:
        """Find what was deleted since the last sweep, or what left a list that was just read.

        Raises:
            PlatformError: The database refused, or too much is gone to be believed.
        """
        listed = sink.listed(stream, session.shop.shop_key)
        if stream.is_whole and listed is None:
            return
        found = sweep(
            stream,
            session,
            RawLake(self._settings).tables(self._connector.channel),
            listed,
            key=self._key,
            scratch=self._scratch,
            believes_all=self._backfill == (None, None),
        )
        if found is not None:
            sink.write_deletions(found)
