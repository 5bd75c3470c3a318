"""Proof that pages hold nothing but what was read of them, by counting instead of reading again.

``json_transform`` reads what is declared and is silent about the rest: fields that nobody declared
are passed over, values of another kind become null. Both leave more values on the page than were
read: each ``":`` in the text of a page's records is a field with a value, unless ``null`` follows,
and each cell that is not null is one that was read. Nothing makes up for a value that is missing,
so equal counts say that everything was read. What could be read and be wrong all the same (a value
that turns into the declared kind, as 12.5 into 12) and what could not be counted (names written
with escapes) is found by one regular expression. A false alarm costs a second look at the pages
(``decode``), never a record.

Measured on 60 MB of 抖店 orders: 0.45 s; their structure by ``json_structure`` takes 1.2 s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.gateway import shapes
from pipelines.gateway.connector import Page, Stream

# How often each stands in a text, added up, is how many fields have a value. What stands behind a
# backslash is inside a text: records in JSON within a text are no records.
_MARKS = ((b'":', 1), (b'":null', -1), (b'\\":', -1), (b'\\":null', 1))
# What stands behind a name where its value is of another kind than declared. Whole numbers that
# 63 bits may not hold are among them.
_ANOTHER_KIND: Mapping[str, str] = {
    "VARCHAR": r"[\[{tf]",
    "BIGINT": rf"(?:[^-\dn]|-?\d+[.eE]|-?{shapes.OVERSIZED})",
    "DOUBLE": r"[^-\dn]",
    "BOOLEAN": r"[^tfn]",
}
_OBJECTS, _VALUES = "objects", "list of values"
# A blank before a colon, a backslash that ends a name, word characters and quotes as escapes.
_WRITTEN_OTHERWISE = r'"\s+:|\\\\":|\\u00(?:22|3\d|[46][1-9A-Fa-f]|[57][\dAa]|5[Ff])'


class Proof:
    """What one stream's pages are held against."""

    def __init__(self, stream: Stream) -> None:
        self._fields = shapes.landed(stream.fields, {})
        self._alarm = _alarm(self._fields)

    def holds(self, pages: Sequence[Page], texts: pa.Array, records: pa.StructArray) -> bool:
        """Whether all that the pages' records have was read, as what it is.

        Args:
            pages: As received.
            texts: Their bodies.
            records: What was read of all of them.
        """
        written = [_written(page) for page in pages]
        if self._alarm is None or -1 in written:
            return False
        told = _values(records, self._fields) - records.null_count
        return told == sum(written) and not _any(texts, self._alarm)


def _written(page: Page) -> int:
    """How many values stand in the text of a page's records; -1 where that cannot be told.

    What stands behind the records or is taken for them counts as well: too many, never too few.
    """
    start = 0
    for name in page.path:
        mark = f'"{name}":'.encode()
        start = page.body.find(mark, start) + len(mark)
        if start < len(mark):
            return -1
    if not page.body.startswith((b"[" if page.is_list else b"{", b"null"), start):
        return -1
    end = page.body.rfind(b"]") if page.is_list else len(page.body)
    marks = _MARKS if b"\\" in page.body else _MARKS[:2]
    return sum(sign * page.body.count(mark, start, end) for mark, sign in marks)


def _values(objects: pa.StructArray, fields: Mapping[str, Any]) -> int:
    """How many of the objects' fields have a value, at all depths."""
    told = 0
    for name, kind in fields.items():
        cells = objects.field(name)
        told += len(cells) - cells.null_count
        if isinstance(kind, dict):
            told += _values(cells, kind)
        elif isinstance(kind, list):
            inner = cells.flatten()
            # An item that is no object was not read, and is no field that could be missing.
            told += _values(inner, kind[0]) - inner.null_count
        elif kind is shapes.FREE:
            told += sum(sign * _occurrences(cells, mark.decode()) for mark, sign in _MARKS)
    return told


def _occurrences(cells: pa.Array, mark: str) -> int:
    return pc.sum(pc.count_substring(cells, mark)).as_py() or 0


def _any(texts: pa.Array, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(texts, pattern)).as_py())


def _alarm(fields: Mapping[str, Any]) -> str | None:
    """The expression that finds what counting does not; None where there are other such things."""
    names: dict[str, set[str]] = {}
    for name, kind in _kinds(fields):
        names.setdefault(kind, set()).add(name)
    plain = all(re.fullmatch(r"\w+", name, re.ASCII) for name in set().union(*names.values()))
    if not plain or _VALUES in names:
        return None
    rules = [
        rf'"(?:{"|".join(sorted(names[kind]))})":\s*{another}'
        for kind, another in _ANOTHER_KIND.items()
        if kind in names
    ]
    return "|".join([*rules, _WRITTEN_OTHERWISE])


def _kinds(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """All names with DuckDB's word for their type; ours where they hold objects or lists."""
    for name, kind in fields.items():
        inner = kind[0] if isinstance(kind, list) else kind
        if isinstance(inner, dict):
            yield name, _OBJECTS
            yield from _kinds(inner)
        else:
            yield name, _VALUES if isinstance(kind, list) else inner[0]
