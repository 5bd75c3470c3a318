"""From metric ids to SQL: MetricFlow in process, asked by the dictionary's short dimension names.

MetricFlow writes the SQL and never runs it (its result table turns decimals into floats).
What does not belong here: opening a database, or a formula.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from metrics_dictionary.catalog import TIME_GRAINS, Catalog
from pipelines.errors import UsageError

# The days that dim_dates holds; a query without bounds means all of them. It must still be
# bounded: a record without the metric's date (a refund without a refund time) is of no day.
FIRST_DAY, LAST_DAY = date(2015, 1, 1), date(2027, 12, 31)
# Stand-ins while compiling: a question asked of another range is not compiled again.
_ANY_START, _ANY_END = date(1, 1, 1), date(9999, 12, 31)
_SPINE_COLUMNS = {
    "day": "date_day",
    "week": "week_start",
    "month": "month_start",
    "quarter": "quarter_start",
    "year": "year_start",
}


@dataclass(frozen=True)
class _Question:
    metrics: tuple[str, ...]
    by: tuple[str, ...]
    start: date
    end: date
    where: tuple[tuple[str, tuple[str, ...]], ...]


class MetricEngine:
    """Compiles metric queries of one dictionary version into DuckDB SQL.

    Importing MetricFlow takes seconds, so it is loaded with the first query; compiled SQL is
    kept, since compiling costs more than many queries.
    """

    def __init__(self, semantic_manifest: Path) -> None:
        self.catalog = Catalog.load(semantic_manifest)
        self._text = semantic_manifest.read_text(encoding="utf-8")
        self.dictionary_version = hashlib.sha256(self._text.encode()).hexdigest()[:12]
        self._metricflow: Any = None
        self._lock = Lock()  # MetricFlow numbers its subqueries in global state
        self._compiled = lru_cache(maxsize=512)(self._compile)

    def compile(
        self,
        metrics: Sequence[str],
        by: Sequence[str] = (),
        start: date | None = None,
        end: date | None = None,
        where: Mapping[str, Sequence[str]] | None = None,
    ) -> str:
        """Compile one query.

        Args:
            metrics: Metric ids.
            by: Dimension short names (``day … year``, ``shop``, ``channel``, ``province`` …).
            start: First business day, inclusive; None: as far as the calendar goes.
            end: Last business day, inclusive.
            where: Dimension short name to the values kept.

        Returns:
            SQL with one column a dimension, then one a metric. Asked by a time grain, every
            period of the range is a row: sums and counts are 0 where nothing happened.

        Raises:
            UsageError: A metric cannot be asked by that dimension, or the range is upside down.
        """
        question = _Question(
            tuple(metrics),
            tuple(by),
            start or FIRST_DAY,
            end or LAST_DAY,
            tuple(sorted((name, tuple(values)) for name, values in (where or {}).items())),
        )
        self._check(question)
        sql = self._compiled(replace(question, start=_ANY_START, end=_ANY_END))
        return sql.replace(f"'{_ANY_START}'", f"'{question.start}'").replace(
            f"'{_ANY_END}'", f"'{question.end}'"
        )

    def _check(self, question: _Question) -> None:
        if question.start > question.end:
            raise UsageError(
                f"The range ends ({question.end}) before it starts ({question.start}).",
                "--from and --to are inclusive business days: --from 2026-11-01 --to 2026-11-11",
            )
        if question.start < FIRST_DAY or question.end > LAST_DAY:
            raise UsageError(
                f"The calendar holds {FIRST_DAY} to {LAST_DAY}.",
                "Ask for days within it, or widen calendar_start and calendar_end in "
                "dbt_project/dbt_project.yml.",
            )
        for metric in question.metrics:
            entry = self.catalog[metric]
            asked = (*question.by, *(name for name, _ in question.where))
            for name in asked:
                if name not in entry.dimensions:
                    raise UsageError(
                        f"{entry.id} ({entry.zh}) cannot be asked by '{name}'.",
                        f"It can be asked by: {', '.join(entry.dimensions)}.",
                    )

    def _compile(self, question: _Question) -> str:
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

        with self._lock:
            request = MetricFlowQueryRequest.create(
                metric_names=list(question.metrics),
                group_by_names=[_group_by(name) for name in question.by] or None,
                # Not MetricFlow's own time constraint: by week or month it widens the range to
                # whole periods.
                where_constraints=[
                    "{{ TimeDimension('metric_time', 'day') }}"
                    f" BETWEEN DATE '{question.start}' AND DATE '{question.end}'",
                    *(_condition(name, values) for name, values in question.where),
                ],
            )
            inner = self._engine().explain(request).sql_statement.sql
        return self._dense(question, inner)

    def _dense(self, question: _Question, inner: str) -> str:
        """Put a row where nothing happened: every period of the range, for every group seen."""
        grains = [name for name in question.by if name in TIME_GRAINS]
        groups = [name for name in question.by if name not in TIME_GRAINS]
        # A sum or count over nothing is 0; a ratio over nothing is not a number.
        metrics = ", ".join(
            f"asked.{metric}"
            if self.catalog[metric].additive == "R"
            else f"coalesce(asked.{metric}, 0) AS {metric}"
            for metric in question.metrics
        )
        if not grains:
            columns = "".join(f"asked.{name}, " for name in groups)
            order = f" ORDER BY {', '.join(groups)}" if groups else ""
            return f"WITH asked AS (\n{inner}\n)\nSELECT {columns}{metrics} FROM asked{order}"
        periods = ", ".join(f"{_SPINE_COLUMNS[name]} AS {name}" for name in grains)
        group_list = f"SELECT DISTINCT {', '.join(groups)} FROM asked" if groups else "SELECT 1"
        on = " AND ".join(
            [f"periods.{name} = CAST(asked.metric_time__{name} AS DATE)" for name in grains]
            + [f"groups.{name} IS NOT DISTINCT FROM asked.{name}" for name in groups]
        )
        columns = ", ".join(
            f"periods.{name}" if name in grains else f"groups.{name}" for name in question.by
        )
        order_by = ", ".join(question.by)
        return (
            f"WITH asked AS (\n{inner}\n),\n"
            f"periods AS (SELECT DISTINCT {periods} FROM marts.dim_dates"
            f" WHERE date_day BETWEEN DATE '{question.start}' AND DATE '{question.end}'),\n"
            f"groups AS ({group_list})\n"
            f"SELECT {columns}, {metrics} FROM periods CROSS JOIN groups"
            f" LEFT JOIN asked ON {on} ORDER BY {order_by}"
        )

    def _engine(self) -> Any:  # noqa: ANN401 - MetricFlow is not typed here
        if self._metricflow is None:
            from metricflow.engine.metricflow_engine import MetricFlowEngine
            from metricflow_semantics.model.dbt_manifest_parser import (
                parse_manifest_from_dbt_generated_manifest,
            )
            from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

            manifest = parse_manifest_from_dbt_generated_manifest(self._text)
            self._metricflow = MetricFlowEngine(SemanticManifestLookup(manifest), _duckdb_dialect())
        return self._metricflow


def _duckdb_dialect() -> Any:  # noqa: ANN401 - MetricFlow is not typed here
    """The part of MetricFlow's SqlClient that compiling needs: which dialect to write."""
    from metricflow.protocols.sql_client import SqlEngine
    from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer

    class DuckDbDialect:
        sql_engine_type = SqlEngine.DUCKDB
        sql_plan_renderer = DuckDbSqlPlanRenderer()

    return DuckDbDialect()


def _group_by(name: str) -> str:
    return f"metric_time__{name}" if name in TIME_GRAINS else name


def _condition(name: str, values: Sequence[str]) -> str:
    listed = ", ".join(_literal(value) for value in values)
    return f"{{{{ Entity('{name}') }}}} IN ({listed})"


def _literal(value: str) -> str:
    """A SQL string literal. The condition is a Jinja template first, so braces are spelt out."""
    quoted = (
        value.replace("'", "''")
        .replace("{", "' || chr(123) || '")
        .replace("}", "' || chr(125) || '")
    )
    return f"('{quoted}')"
