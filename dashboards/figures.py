"""The figures of a page as its blocks read them: plain values, made in ``query.py`` only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from dashboards.filters import Filters
from dashboards.spec import Page
from metrics_dictionary.catalog import MetricEntry
from pipelines.publish.versions import PublishedVersion

Marks = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Figures:
    """One row of an answer: dimensions, metrics, their compared values and marks."""

    values: Mapping[str, Any] = field(default_factory=dict)
    marks: Mapping[str, Marks] = field(default_factory=dict)

    def number(self, metric: str) -> Decimal | int | None:
        """The metric's value; None is undefined."""
        value: Decimal | int | None = self.values.get(metric)
        return value

    def previous(self, metric: str) -> Decimal | int | None:
        """The value of the compared period."""
        value: Decimal | int | None = self.values.get(f"{metric}__prev")
        return value

    def change(self, metric: str) -> Decimal | None:
        """The change as a ratio, as the semantic layer computed it."""
        value: Decimal | None = self.values.get(f"{metric}__change")
        return value

    def marks_of(self, metric: str) -> Marks:
        """Why the number needs care: undated, immature, duplicates, …."""
        return self.marks.get(metric) or {}


@dataclass(frozen=True)
class PageData:
    """All figures of one page for one set of filters, from one published version.

    ``left_out`` says for a metric why it has no figures; ``uncompared`` why nothing is compared.
    """

    page: Page
    filters: Filters
    version: PublishedVersion
    entries: Mapping[str, MetricEntry]
    labels: Mapping[str, Mapping[str, str]]
    totals: Figures
    series: tuple[Figures, ...]
    breakdowns: Mapping[str, tuple[Figures, ...]]
    calendar: tuple[Mapping[str, Any], ...]
    left_out: Mapping[str, str]
    uncompared: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened at all in this range for these filters."""
        return not any(
            row.number(name)
            for row in (self.totals, *self.series)
            for name in (*self.page.total_metrics(), *self.page.series_metrics())
        )

    def label(self, dimension: str, key: str) -> str:
        """A member's name; its key where the dimension has no names."""
        return self.labels.get(dimension, {}).get(key, key)
