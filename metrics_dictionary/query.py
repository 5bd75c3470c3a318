"""Asking for numbers: one question, one published version, one answer with its marks.

Pages, the command line and tests ask here and nowhere else. Data flow: question -> engine (SQL) ->
published database -> exact decimals, marks and comparisons. What does not belong here: a formula.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from threading import Lock
from typing import TYPE_CHECKING, Any

import duckdb
from pydantic import BaseModel, ConfigDict

from metrics_dictionary.catalog import TIME_GRAINS, Catalog, MetricEntry
from metrics_dictionary.engine import FIRST_DAY, LAST_DAY, MetricEngine
from metrics_dictionary.marks import RowMarks, mark_rows
from metrics_dictionary.periods import Comparison, earlier_day, earlier_range
from pipelines.errors import NothingPublishedError, UsageError
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.publish.versions import PublishedVersion

Row = dict[str, Any]

# Where each dimension's values and their names stand in the published database.
_DIMENSION_VALUES = {
    "shop": "SELECT shop_key, shop_name FROM marts.dim_shops ORDER BY shop_key",
    "channel": (
        "SELECT DISTINCT channel, channel_name, sort_order FROM marts.dim_channels"
        " SEMI JOIN marts.dim_shops USING (channel) ORDER BY sort_order"
    ),
    "province": "SELECT DISTINCT province, province FROM marts.fct_order_lines ORDER BY 1",
    "product": (
        "SELECT product_id, max(product_name) FROM marts.fct_order_lines GROUP BY 1 ORDER BY 1"
    ),
    "sku": "SELECT sku_id, max(sku_text) FROM marts.fct_order_lines GROUP BY 1 ORDER BY 1",
    "author": (
        "SELECT author_id, max(author_name) FROM (SELECT author_id, CAST(NULL AS VARCHAR) AS"
        " author_name FROM marts.fct_order_lines UNION ALL SELECT author_id, author_name"
        " FROM marts.fct_live_sessions) GROUP BY 1 ORDER BY 1"
    ),
    "session": (
        "SELECT session_id, max(title) FROM (SELECT session_id, CAST(NULL AS VARCHAR) AS title"
        " FROM marts.fct_order_lines UNION ALL SELECT session_id, title"
        " FROM marts.fct_live_sessions) GROUP BY 1 ORDER BY 1"
    ),
    "plan": "SELECT plan_id, max(plan_name) FROM marts.fct_ad_daily GROUP BY 1 ORDER BY 1",
    "creative": "SELECT DISTINCT creative_id, creative_id FROM marts.fct_ad_daily ORDER BY 1",
}
DIMENSIONS = (*TIME_GRAINS, *_DIMENSION_VALUES)


class MetricQuery(BaseModel):
    """A question to the dictionary. ``start`` and ``end`` are inclusive business days."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    where: Mapping[str, tuple[str, ...]] = {}
    compare: Comparison | None = None


@dataclass(frozen=True)
class MetricResult:
    """The answer: rows (dimension and metric id to value) and, beside each row, its marks.

    Money, rates and ratios are ``Decimal`` with the metric's own decimals, counts are ``int``,
    undefined is None. With a comparison each metric also has ``<id>__prev`` and
    ``<id>__change`` (a ratio with 4 decimals; None without a base).
    """

    query: MetricQuery
    version: PublishedVersion
    rows: list[Row]
    marks: list[RowMarks] = field(default_factory=list)


class MetricReader:
    """Reads the published numbers of one home and follows it to newer versions."""

    def __init__(self, settings: Settings) -> None:
        from pipelines.publish.versions import VersionStore

        self._store = VersionStore(settings)
        self._lock = Lock()
        self._open: _OpenVersion | None = None

    @property
    def version(self) -> PublishedVersion:
        """The version that the next answer comes from.

        Raises:
            NothingPublishedError: Nothing has been published yet.
        """
        return self._current().version

    @property
    def catalog(self) -> Catalog:
        """The dictionary of that version."""
        return self._current().engine.catalog

    def run(self, query: MetricQuery) -> MetricResult:
        """Answer one question from one published version.

        Raises:
            NothingPublishedError: Nothing has been published yet.
            UsageError: An unknown or refused metric name, dimension, value or range.
        """
        opened = self._current()
        catalog = opened.engine.catalog
        metrics = tuple(dict.fromkeys(catalog.resolve(name).id for name in query.metrics))
        if not metrics:
            raise UsageError("No metric was named.", "See them with: koujing metric list")
        query = query.model_copy(update={"metrics": metrics})
        for name in (*query.by, *query.where):
            _known_dimension(name)
        for name, values in query.where.items():
            opened.check_values(name, values)
        ask = _asker(opened, query)
        rows = ask(metrics, query.by, query.start, query.end)
        marks = mark_rows(query, rows, catalog, ask, opened.version.as_of.date())
        if query.compare:
            _add_comparison(query, rows, ask)
        return MetricResult(query, opened.version, rows, marks)

    def dimension_values(self, dimension: str) -> list[tuple[str, str]]:
        """A dimension's values and their names, in the order to show them.

        Raises:
            UsageError: No such dimension, or a time grain (its values are the calendar's).
        """
        _known_dimension(dimension)
        if dimension in TIME_GRAINS:
            raise UsageError(f"'{dimension}' is time; its values are the calendar's.")
        return self._current().values(dimension)

    def calendar(self, start: date, end: date) -> list[Row]:
        """The days of a range with what is special about them."""
        cursor = self._current().connection.cursor()
        cursor.execute(
            "SELECT date_day, is_workday, holiday_name, promo_name FROM marts.dim_dates"
            " WHERE date_day BETWEEN ? AND ? ORDER BY date_day",
            [start, end],
        )
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def data_range(self) -> tuple[date, date]:
        """The first and the last business day that any shop has data of.

        Raises:
            NothingPublishedError: The published version holds no dated record.
        """
        row = (
            self._current()
            .connection.cursor()
            .execute(
                "SELECT CAST(min(first_event_at) AS DATE), CAST(max(newest_event_at) AS DATE)"
                " FROM marts.data_freshness WHERE kind <> 'observed'"
            )
            .fetchone()
        )
        if row is None or row[0] is None:
            raise NothingPublishedError(
                "The published version holds no orders, refunds or ads yet.",
                "Load a file (koujing inbox load FILE --shop KEY), then: koujing run",
            )
        return row[0], row[1]

    def _current(self) -> _OpenVersion:
        published = self._store.current()
        if published is None:
            raise NothingPublishedError(
                "Nothing has been published yet.", "Build and publish with: koujing run"
            )
        with self._lock:
            if self._open is None or self._open.version != published:
                manifest = self._store.semantic_manifest(published.version)
                self._open = _OpenVersion(
                    published,
                    # Its own file, not the link: an answer never mixes two versions.
                    duckdb.connect(str(self._store.database(published.version)), read_only=True),
                    _engine_for(self._open, manifest.read_bytes(), lambda: MetricEngine(manifest)),
                    manifest.read_bytes(),
                )
            return self._open


@dataclass
class _OpenVersion:
    version: PublishedVersion
    connection: duckdb.DuckDBPyConnection
    engine: MetricEngine
    manifest: bytes
    _values: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def values(self, dimension: str) -> list[tuple[str, str]]:
        if dimension not in self._values:
            rows = self.connection.cursor().execute(_DIMENSION_VALUES[dimension]).fetchall()
            self._values[dimension] = [
                (str(row[0]), str(row[1] or row[0])) for row in rows if row[0] is not None
            ]
        return self._values[dimension]

    def check_values(self, dimension: str, values: tuple[str, ...]) -> None:
        """Refuse a value that the data does not have: an empty answer would look like a zero."""
        if dimension in TIME_GRAINS:
            raise UsageError(
                f"'{dimension}' cannot be a filter.", "Bound time with --from and --to."
            )
        known = [key for key, _ in self.values(dimension)]
        for value in values:
            if value not in known:
                close = difflib.get_close_matches(value, known, n=3, cutoff=0.4) or known[:5]
                raise UsageError(
                    f"No {dimension} '{value}' in the published data.",
                    f"Near it: {', '.join(close) or 'nothing yet'}.",
                )


Ask = Callable[[tuple[str, ...], tuple[str, ...], date | None, date | None], list[Row]]


def _engine_for(
    opened: _OpenVersion | None, manifest: bytes, make: Callable[[], MetricEngine]
) -> MetricEngine:
    """Keep a warm engine (and its compiled SQL) while the dictionary stays the same."""
    return opened.engine if opened is not None and opened.manifest == manifest else make()


def _asker(opened: _OpenVersion, query: MetricQuery) -> Ask:
    def ask(
        metrics: tuple[str, ...], by: tuple[str, ...], start: date | None, end: date | None
    ) -> list[Row]:
        sql = opened.engine.compile(metrics, by, start, end, query.where)
        cursor = opened.connection.cursor().execute(sql)
        names = [column[0] for column in cursor.description or []]
        entries = opened.engine.catalog
        return [
            {
                name: exact(value, entries[name]) if name in metrics else value
                for name, value in zip(names, values, strict=True)
            }
            for values in cursor.fetchall()
        ]

    return ask


def exact(value: Any, entry: MetricEntry) -> Decimal | int | None:  # noqa: ANN401 - a driver's value
    """A driver's value as the dictionary counts it: an int, or a Decimal with its decimals.

    MetricFlow divides in doubles. The 15 digits that a double is sure of give back the quotient
    that was meant, so a half is rounded up as on paper (1.005 is 1.01, not 1.00). What is averaged
    was itself a quotient with twelve places (hours): eight places behind the last one that is shown
    are beyond such a remainder and far before the nearest quotient that is no half.
    """
    if value is None:
        return None
    number = value if isinstance(value, Decimal) else Decimal(f"{value:.15g}")
    if entry.decimals == 0:
        return int(number)
    meant = round(number, entry.decimals + 8)
    return meant.quantize(Decimal(1).scaleb(-entry.decimals), rounding=ROUND_HALF_UP)


def _known_dimension(name: str) -> None:
    if name not in DIMENSIONS:
        close = difflib.get_close_matches(name, DIMENSIONS, n=2)
        hint = f"Did you mean {' or '.join(close)}? " if close else ""
        raise UsageError(f"There is no dimension '{name}'.", f"{hint}All: {', '.join(DIMENSIONS)}.")


def _add_comparison(query: MetricQuery, rows: list[Row], ask: Ask) -> None:
    """Put the earlier period's value and the change beside each value."""
    assert query.compare is not None
    if query.start is None or query.end is None:
        raise UsageError(
            "A comparison needs a range.", "Give both: --from 2026-11-01 --to 2026-11-11"
        )
    coarse = [grain for grain in query.by if grain in TIME_GRAINS and grain != "day"]
    if coarse and query.compare in {"dod", "wow"}:
        raise UsageError(
            f"'{query.compare}' compares days; it says nothing by {coarse[0]}.",
            "Use --compare previous_period, mom or yoy.",
        )
    start, end = earlier_range(query.start, query.end, query.compare)
    if start < FIRST_DAY or end > LAST_DAY:
        raise UsageError(f"The calendar starts on {FIRST_DAY}.", "Compare a later range.")
    earlier = ask(query.metrics, query.by, start, end)
    lookup = _EarlierRows(query, earlier)
    for row in rows:
        before = lookup.of(row)
        for metric in query.metrics:
            previous = before.get(metric)
            row[f"{metric}__prev"] = previous
            row[f"{metric}__change"] = _change(row[metric], previous)


class _EarlierRows:
    """Finds the earlier period's row of a row: days by date, longer periods by their order."""

    def __init__(self, query: MetricQuery, rows: list[Row]) -> None:
        self._query = query
        self._rows = {self._key(row, row): row for row in rows}
        # By position: the k-th week of the range compares with the k-th week of the earlier one.
        self._periods = {
            grain: sorted({row[grain] for row in rows})
            for grain in query.by
            if grain in TIME_GRAINS
        }

    def of(self, row: Row) -> Row:
        mapped = {grain: self._earlier(grain, row[grain]) for grain in self._periods}
        return self._rows.get(self._key(row, mapped), {})

    def _key(self, row: Row, times: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(times[name] if name in TIME_GRAINS else row[name] for name in self._query.by)

    def _earlier(self, grain: str, period: date) -> date | None:
        query = self._query
        assert query.start is not None
        assert query.end is not None
        assert query.compare is not None
        if grain == "day":
            return earlier_day(period, query.start, query.end, query.compare)
        index = _period_index(grain, query.start, period)
        periods = self._periods[grain]
        return periods[index] if index < len(periods) else None


def _period_index(grain: str, start: date, period: date) -> int:
    """How many whole periods lie between the range's first period and this one."""
    if grain == "week":
        return (period - (start - timedelta(days=start.weekday()))).days // 7
    months = (period.year - start.year) * 12 + period.month - start.month
    if grain == "quarter":
        return (period.year - start.year) * 4 + (period.month - 1) // 3 - (start.month - 1) // 3
    return months if grain == "month" else period.year - start.year


def _change(value: Decimal | int | None, previous: Decimal | int | None) -> Decimal | None:
    if value is None or not previous:
        return None
    ratio = (Decimal(value) - Decimal(previous)) / abs(Decimal(previous))
    return ratio.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)
