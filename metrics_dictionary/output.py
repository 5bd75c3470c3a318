"""Answers as people and programs take them: a table, CSV, JSON or Parquet.

JSON and CSV carry money and rates as decimal text and counts as integers: no reader can round
them on the way in.
"""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metrics_dictionary.catalog import Catalog, MetricEntry
from metrics_dictionary.query import MetricQuery, MetricResult

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]


def as_json(result: MetricResult) -> str:
    """A JSON list of row objects; what must be said beside a row stands in its ``_marks``."""
    rows = []
    for row, marks in zip(result.rows, result.marks, strict=True):
        shown = {name: _plain(value) for name, value in row.items()}
        rows.append({**shown, "_marks": marks})
    return json.dumps(rows, ensure_ascii=False, indent=2)


def as_csv(result: MetricResult) -> str:
    """CSV with a header; undefined is empty, marks are the last column."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*columns(result.query), "_marks"])
    for row, marks in zip(result.rows, result.marks, strict=True):
        values = [_plain(row[name]) for name in columns(result.query)]
        said = json.dumps(marks, ensure_ascii=False) if marks else ""
        writer.writerow(["" if value is None else value for value in values] + [said])
    return buffer.getvalue()


def write_parquet(result: MetricResult, catalog: Catalog, path: Path) -> None:
    """Parquet: money and rates as decimals, counts as int64, ids as text, dates as dates."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [pa.field(name, _arrow_type(name, catalog, result)) for name in columns(result.query)]
    fields.append(pa.field("_marks", pa.string()))
    rows = [
        {**row, "_marks": json.dumps(marks, ensure_ascii=False) if marks else None}
        for row, marks in zip(result.rows, result.marks, strict=True)
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema(fields)), path)


def columns(query: MetricQuery) -> list[str]:
    """The columns of an answer, in order."""
    names = list(query.by)
    for metric in query.metrics:
        names.append(metric)
        if query.compare:
            names += [f"{metric}__prev", f"{metric}__change"]
    return names


def readable(value: Any, entry: MetricEntry | None) -> str:  # noqa: ANN401 - any cell of an answer
    """A value as a person reads it in a table: thousands separated, rates as percent."""
    if value is None:
        return "—"
    if entry is None or not isinstance(value, Decimal | int):
        return str(value)
    if entry.unit == "percent":
        return f"{value * 100:.2f}%"
    return f"{value:,}"


def _plain(value: Any) -> Any:  # noqa: ANN401 - any cell of an answer
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _arrow_type(name: str, catalog: Catalog, result: MetricResult) -> pa.DataType:
    import pyarrow as pa

    if name in result.query.by:
        dated = name in {"day", "week", "month", "quarter", "year"}
        return pa.date32() if dated else pa.string()
    if name.endswith("__change"):
        return pa.decimal128(18, 4)
    entry = catalog[name.removesuffix("__prev")]
    return pa.int64() if entry.decimals == 0 else pa.decimal128(38, entry.decimals)
