"""What must be said beside a number: undated refunds, missing fields, twins, young cohorts.

Which metric needs which mark stands in the dictionary (``config.meta.marks``,
``restatement_days``); this module only finds out whether it applies to the rows of an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metrics_dictionary.catalog import TIME_GRAINS, Catalog, Mark
from metrics_dictionary.engine import FIRST_DAY
from metrics_dictionary.periods import period_end

if TYPE_CHECKING:
    from metrics_dictionary.query import MetricQuery

Row = dict[str, Any]
RowMarks = dict[str, dict[str, dict[str, Any]]]
Ask = Callable[[tuple[str, ...], tuple[str, ...], date | None, date | None], list[Row]]

# Refunds come up to this many days after the payment; those without a date may lie in any of them.
_REFUND_LAG = timedelta(days=90)

# Nothing but records that lack the field: the number is unknown, and 0 would be a lie.
_UNKNOWABLE = {"undated", "incomplete"}

_WORDS = {
    "undated": (
        "有 {figure} 元退款来源未给退款时间，无法按退款日计入，也不推测",
        "{figure} CNY of refunds came without a refund date: in no day, and none is guessed",
    ),
    "incomplete": (
        "来源未给出所需字段的有 {figure}（{name}），不在本数之内",
        "{figure} came without the field this needs ({id}); they are not in this number",
    ),
    "duplicates": (
        "其中 {figure} 元消耗来自数字完全相同的不同创意，疑似重复，未剔除",
        "{figure} CNY of spend stands under creatives with identical numbers: kept, suspected",
    ),
}


def mark_rows(
    query: MetricQuery, rows: list[Row], catalog: Catalog, ask: Ask, as_of: date
) -> list[RowMarks]:
    """The marks of each row. A value that cannot be known is set to None in ``rows``.

    Args:
        query: The question, metrics as ids.
        rows: Its answer, changed in place.
        catalog: The dictionary.
        ask: Answers a further question under the same filter.
        as_of: When the data was taken: cohorts younger than their window are immature.

    Returns:
        For each row: metric id to mark kind to its words and figures.
    """
    marks: list[RowMarks] = [{} for _ in rows]
    groups = tuple(name for name in query.by if name not in TIME_GRAINS)
    wanted = {metric: pairs for metric in query.metrics if (pairs := catalog.marks_of(metric))}
    figures = _figures(query, wanted, groups, catalog, ask)
    for row, row_marks in zip(rows, marks, strict=True):
        key = tuple(row[name] for name in groups)
        for metric, pairs in wanted.items():
            for mark, bearer in pairs:
                figure = figures.get(mark.metric, {}).get(key)
                if not figure:
                    continue
                row_marks.setdefault(metric, {})[mark.kind] = _words(mark, catalog, figure)
                if mark.kind in _UNKNOWABLE and not figures[bearer].get(key):
                    row[metric] = None
    for row, row_marks in zip(rows, marks, strict=True):
        _mark_maturity(query, row, row_marks, catalog, as_of)
    return marks


def _figures(
    query: MetricQuery,
    wanted: dict[str, tuple[tuple[Mark, str], ...]],
    groups: tuple[str, ...],
    catalog: Catalog,
    ask: Ask,
) -> dict[str, dict[tuple[Any, ...], Decimal | int]]:
    """The marking metrics (and the metrics they mark), by group over the whole range.

    Over the range and not by day: a refund without a date may belong to any day of it.
    """
    pairs = {pair for found in wanted.values() for pair in found}
    figures: dict[str, dict[tuple[Any, ...], Decimal | int]] = {}
    undated = {mark.metric for mark, _ in pairs if mark.kind == "undated"}
    others = {mark.metric for mark, _ in pairs} - undated
    bearers = {bearer for mark, bearer in pairs if mark.kind in _UNKNOWABLE}
    earliest = None if query.start is None else max(query.start - _REFUND_LAG, FIRST_DAY)
    for metrics, start in ((undated, earliest), (others | bearers, query.start)):
        for metric in sorted(metrics):
            by = tuple(name for name in groups if name in catalog[metric].dimensions)
            for row in ask((metric,), by, start, query.end) if by == groups else []:
                figures.setdefault(metric, {})[tuple(row[name] for name in groups)] = row[metric]
        for metric in metrics:
            figures.setdefault(metric, {})
    return figures


def _words(mark: Mark, catalog: Catalog, figure: Decimal | int) -> dict[str, Any]:
    entry = catalog[mark.metric]
    zh, en = _WORDS[mark.kind]
    shown = {"figure": f"{figure:,}", "name": entry.zh, "id": entry.id}
    return {
        "metric": mark.metric,
        "value": str(figure),
        "zh": zh.format(**shown),
        "en": en.format(**shown),
    }


def _mark_maturity(
    query: MetricQuery, row: Row, row_marks: RowMarks, catalog: Catalog, as_of: date
) -> None:
    """A cohort younger than its restatement window still moves: say until when."""
    last_day = _last_day(query, row, as_of)
    for metric in query.metrics:
        window = catalog[metric].restatement_days
        mature_on = last_day + timedelta(days=window)
        if window and row[metric] is not None and mature_on > as_of:
            row_marks.setdefault(metric, {})["immature"] = {
                "mature_on": mature_on.isoformat(),
                "zh": f"未成熟：{mature_on:%Y-%m-%d} 前仍会变动",
                "en": f"immature: moves until {mature_on:%Y-%m-%d}",
            }


def _last_day(query: MetricQuery, row: Row, as_of: date) -> date:
    ends = [period_end(row[grain], grain) for grain in query.by if grain in TIME_GRAINS]
    return min([*ends, query.end or as_of, as_of])
