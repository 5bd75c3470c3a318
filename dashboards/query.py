"""The only place where pages ask the semantic layer, and the only place where scope is enforced.

Data flow: page + filters + who asks -> a few ``MetricQuery`` (one for the totals, one over time,
one for each dimension) -> ``PageData``. Results are kept by published version and narrowed query,
so a new version is seen at once and two readers never share what only one of them may see.
What does not belong here: how a number is written or drawn.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any, Protocol

import structlog

from dashboards.figures import Figures, PageData
from dashboards.filters import Choices, Filters, defaults
from dashboards.spec import Page, check
from metrics_dictionary.catalog import MetricEntry
from metrics_dictionary.periods import earlier_range
from metrics_dictionary.query import MetricQuery, MetricResult
from pipelines.errors import KoujingError
from pipelines.publish.versions import PublishedVersion

log = structlog.get_logger(__name__)

CACHED_RESULTS = 256
SCOPED_DIMENSIONS = ("channel", "shop")
# Members of other dimensions (products, creatives) would name what a narrowed reader may not see.
OPEN_DIMENSIONS = ("province",)


class OutOfScopeError(KoujingError):
    """What was asked lies outside what this reader may see."""

    exit_code = 6


class Catalog(Protocol):
    """The dictionary, as far as pages use it."""

    @property
    def entries(self) -> tuple[MetricEntry, ...]:
        """Every metric of the dictionary."""


class Reader(Protocol):
    """What pages need of ``metrics_dictionary.query.MetricReader``; the tests' fake has it too."""

    @property
    def catalog(self) -> Catalog:
        """The dictionary of the published version."""

    @property
    def version(self) -> PublishedVersion:
        """The version that the next query reads."""

    def run(self, query: MetricQuery) -> MetricResult:
        """Answer a query."""

    def dimension_values(self, dimension: str) -> list[tuple[str, str]]:
        """Keys and labels of a dimension's members."""

    def calendar(self, start: date, end: date) -> list[dict[str, Any]]:
        """Business days with their holiday and promotion names."""

    def data_range(self) -> tuple[date, date]:
        """First and last business day with data."""


@dataclass(frozen=True)
class Scope:
    """What one reader may see; an empty set is everything."""

    channels: frozenset[str] = frozenset()
    shops: frozenset[str] = frozenset()

    def allowed(self, dimension: str) -> frozenset[str]:
        """The members that may be seen; empty is all of them."""
        return {"channel": self.channels, "shop": self.shops}.get(dimension, frozenset())

    @property
    def restricted(self) -> tuple[str, ...]:
        """The dimensions that are narrowed."""
        return tuple(name for name in SCOPED_DIMENSIONS if self.allowed(name))


class Semantics:
    """The pages' door to the semantic layer.

    Args:
        open_reader: Opens the reader; called again as long as nothing is published.
        shop_channels: The channel of every registered shop, so that a reader of one channel is
            offered the shops of that channel only.
    """

    def __init__(
        self, open_reader: Callable[[], Reader], shop_channels: Callable[[], Mapping[str, str]]
    ) -> None:
        self._open = open_reader
        self._shop_channels = shop_channels
        self._opened: Reader | None = None
        self._cache: OrderedDict[tuple[str, str], MetricResult] = OrderedDict()
        self._opening, self._running = Lock(), Lock()

    @property
    def version(self) -> PublishedVersion:
        """The published version.

        Raises:
            NothingPublishedError: There is none yet.
        """
        return self._reader.version

    @property
    def entries(self) -> dict[str, MetricEntry]:
        """The dictionary by metric id."""
        return {entry.id: entry for entry in self._reader.catalog.entries}

    def run(self, scope: Scope, query: MetricQuery) -> MetricResult:
        """Answer a query within a scope, from the cache where this version has answered it.

        Raises:
            OutOfScopeError: Only members outside the scope were asked for, or a metric that cannot
                be narrowed to it.
        """
        narrowed = self._narrow(scope, query)
        text = narrowed.model_dump_json()
        # One at a time: DuckDB takes every core for one query, and a page's twin waits for the
        # first one's answer instead of computing it again.
        with self._running:
            key = (self.version.version, text)
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
            result = self._reader.run(narrowed)
            self._cache[(result.version.version, text)] = result
            while len(self._cache) > CACHED_RESULTS:
                self._cache.popitem(last=False)
            return result

    def members(self, scope: Scope, dimension: str) -> dict[str, str]:
        """The members of a dimension that the scope allows: key -> name.

        Raises:
            OutOfScopeError: The scope cannot narrow this dimension.
        """
        if scope.restricted and dimension not in (*SCOPED_DIMENSIONS, *OPEN_DIMENSIONS):
            raise OutOfScopeError(
                f"“{dimension}”的成员不能按你的数据范围筛选。", "请联系管理员调整数据范围。"
            )
        found = dict(self._reader.dimension_values(dimension))
        allowed = scope.allowed(dimension)
        if allowed:
            found = {key: label for key, label in found.items() if key in allowed}
        channel_of = self._shop_channels() if scope.restricted else {}
        if dimension == "shop" and scope.channels:
            found = {
                key: name for key, name in found.items() if channel_of.get(key) in scope.channels
            }
        if dimension == "channel" and scope.shops:
            own = {channel_of.get(shop) for shop in scope.shops}
            found = {key: name for key, name in found.items() if key in own}
        return found

    def choices(self, scope: Scope, page: Page) -> Choices:
        """What the filters of a page offer to this reader."""
        first, last = self._reader.data_range()
        return Choices(
            first=first,
            last=last,
            shops=self.members(scope, "shop"),
            channels=self.members(scope, "channel"),
            sorts=page.sortable(),
        )

    def page_data(self, scope: Scope, page: Page, filters: Filters) -> PageData:
        """Every figure of a page.

        Raises:
            UsageError: The page names what the published dictionary does not have.
            OutOfScopeError: See ``run``.
        """
        for _ in range(3):
            data, versions = self._ask(scope, page, filters)
            # A version published between two of the queries: ask again, never mix two versions.
            if len(versions) == 1:
                return data
        raise KoujingError("数据正在发布，页面没有取到同一版本的数字。", "请稍后重试。")

    def warm(self, page: Page) -> None:
        """Answer a page's first visit ahead: the first compilation of its metrics takes seconds."""
        scope = Scope()
        try:
            self.page_data(scope, page, defaults(self.choices(scope, page)))
        except KoujingError as error:
            log.info("page_not_warmed", page=page.path, reason=error.message)

    def _ask(self, scope: Scope, page: Page, filters: Filters) -> tuple[PageData, set[str]]:
        version, entries = self.version, self.entries
        check(page, entries)
        left_out = _cannot_narrow(page, entries, scope, filters)
        earlier = _Earlier.of(filters, self._reader.data_range()[0])
        asking = _Asking(self, scope, filters, earlier, left_out)
        totals = asking.ask(page.total_metrics())
        breakdowns = {by: asking.ask(names, (by,)) for by, names in page.breakdowns().items()}
        for by, metric in page.vanishing():
            breakdowns[by] += asking.vanished(metric, by, breakdowns[by])
        data = PageData(
            page=page,
            filters=filters,
            version=version,
            entries=entries,
            labels={by: self.members(scope, by) for by in breakdowns},
            totals=totals[0] if totals else Figures(),
            series=asking.ask(page.series_metrics(), (filters.drawn_grain,)),
            breakdowns=breakdowns,
            calendar=tuple(self._reader.calendar(filters.start, filters.end)),
            left_out=left_out,
            uncompared=earlier.why_not,
        )
        return data, asking.versions | {version.version}

    def _narrow(self, scope: Scope, query: MetricQuery) -> MetricQuery:
        if not scope.restricted:
            return query
        entries = self.entries
        for name in query.metrics:
            if any(by not in entries[name].dimensions for by in scope.restricted):
                raise OutOfScopeError(
                    f"{entries[name].zh}不能按你的数据范围统计，因此不显示。",
                    "请联系管理员（经理角色）调整数据范围。",
                )
        where = dict(query.where)
        for dimension in scope.restricted:
            # What the data does not have yet cannot be asked for; it is nobody's figure either.
            allowed = scope.allowed(dimension) & self._known(dimension)
            asked = where.get(dimension)
            kept = tuple(sorted(allowed if asked is None else allowed.intersection(asked)))
            if not kept:
                raise OutOfScopeError(
                    "你的数据范围内没有所选的店铺或渠道，或它们还没有数据。",
                    "请联系管理员（经理角色）开通。",
                )
            where[dimension] = kept
        return query.model_copy(update={"where": where})

    def _known(self, dimension: str) -> frozenset[str]:
        return frozenset(key for key, _ in self._reader.dimension_values(dimension))

    @property
    def _reader(self) -> Reader:
        with self._opening:
            if self._opened is None:
                self._opened = self._open()
            return self._opened


@dataclass(frozen=True)
class _Earlier:
    """The range that the asked one is compared with, and why it cannot be, where it cannot."""

    start: date
    end: date
    why_not: str

    @classmethod
    def of(cls, filters: Filters, first: date) -> _Earlier:
        """See that the data reaches back: a half-empty period would make every change a rise."""
        start, end = earlier_range(filters.start, filters.end, filters.compare)
        reason = "无数据" if end < first else "数据不全" if start < first else ""
        return cls(start, end, reason and f"{filters.compare_words}{reason}")


class _Asking:
    """The questions of one page for one set of filters."""

    def __init__(
        self,
        semantics: Semantics,
        scope: Scope,
        filters: Filters,
        earlier: _Earlier,
        left_out: Mapping[str, str],
    ) -> None:
        self._semantics = semantics
        self._scope = scope
        self._filters = filters
        self._where = {name: members for name, members in _chosen(filters) if members}
        self._earlier = earlier
        self._left_out = left_out
        self.versions: set[str] = set()

    def ask(self, metrics: Sequence[str], by: tuple[str, ...] = ()) -> tuple[Figures, ...]:
        """The figures of some metrics, with those of the compared period where there is one."""
        return self._run(
            metrics,
            MetricQuery(
                metrics=(),
                by=by,
                start=self._filters.start,
                end=self._filters.end,
                where=self._where,
                compare=None if self._earlier.why_not else self._filters.compare,
            ),
        )

    def vanished(self, metric: str, by: str, present: Sequence[Figures]) -> tuple[Figures, ...]:
        """The members that had a figure in the compared period and have no row in this one."""
        if self._earlier.why_not:
            return ()
        here = {row.values.get(by) for row in present}
        before = self._run(
            (metric,),
            MetricQuery(
                metrics=(),
                by=(by,),
                start=self._earlier.start,
                end=self._earlier.end,
                where=self._where,
            ),
        )
        return tuple(
            Figures({by: row.values[by], f"{metric}__prev": row.number(metric)})
            for row in before
            if row.number(metric) and row.values[by] not in here
        )

    def _run(self, metrics: Sequence[str], query: MetricQuery) -> tuple[Figures, ...]:
        asked = tuple(name for name in metrics if name not in self._left_out)
        if not asked:
            return ()
        result = self._semantics.run(self._scope, query.model_copy(update={"metrics": asked}))
        self.versions.add(result.version.version)
        return tuple(map(Figures, result.rows, result.marks))


def _cannot_narrow(
    page: Page, entries: Mapping[str, MetricEntry], scope: Scope, filters: Filters
) -> dict[str, str]:
    """The page's metrics that the filters or the scope cannot narrow, with the reason in words."""
    words = {"shop": "店铺", "channel": "渠道"}
    narrowing = set(scope.restricted) | {name for name, chosen in _chosen(filters) if chosen}
    found = {}
    for name in {*page.total_metrics(), *page.series_metrics()}:
        missing = [words[by] for by in sorted(narrowing) if by not in entries[name].dimensions]
        if missing:
            found[name] = f"不能按{'、'.join(missing)}统计"
    return found


def _chosen(filters: Filters) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return (("channel", filters.channels), ("shop", filters.shops))
