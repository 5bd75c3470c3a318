"""Declared records in three dialects: Arrow (landed), DuckDB's JSON, and what a page may hold.

The shape of every page is held against the declaration before it is read: DuckDB tells a page's
structure at C speed, so a field that is new or of another type is found on any record and path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl
import pyarrow as pa

from pipelines.gateway.connector import ANY_JSON, PiiRule, Stream

Fields = Mapping[str, Any]  # polars types or classes of one
Path = tuple[str, ...]
_LARGEST = 2**63 - 1
# A whole number that 63 bits may not hold, as an expression: nineteen digits from 922… on, or more.
OVERSIZED = r"(?:9[3-9]\d{17}|92[2-9]\d{16}|\d{20,})"
_SCALARS: Mapping[Any, tuple[str, pa.DataType]] = {
    pl.String: ("VARCHAR", pa.string()),
    pl.Int64: ("BIGINT", pa.int64()),
    pl.Float64: ("DOUBLE", pa.float64()),
    pl.Boolean: ("BOOLEAN", pa.bool_()),
    ANY_JSON: ("JSON", pa.string()),
    # From databases alone, as decimals are: JSON has no such types.
    pl.Datetime: ("TIMESTAMP", pa.timestamp("us")),
}
FREE = _SCALARS[ANY_JSON]
# What a page's structure may say where a type is declared; anything else is looked at by record.
_TAKEN: Mapping[str, frozenset[str]] = {
    # DuckDB says HUGEINT where a page has negative and large whole numbers in one field.
    "VARCHAR": frozenset({"VARCHAR", "BIGINT", "UBIGINT", "HUGEINT", "DOUBLE", "NULL"}),
    "BIGINT": frozenset({"BIGINT", "UBIGINT", "HUGEINT", "NULL"}),
    "DOUBLE": frozenset({"DOUBLE", "BIGINT", "UBIGINT", "HUGEINT", "NULL"}),
    "BOOLEAN": frozenset({"BOOLEAN", "NULL"}),
}


def landed(fields: Fields, pii: Mapping[str, PiiRule], prefix: str = "") -> dict[str, Any]:
    """The fields that are kept: everything but what is dropped, nested alike."""
    kept: dict[str, Any] = {}
    for name, kind in fields.items():
        path = f"{prefix}{name}"
        if pii.get(path) == "drop":
            continue
        kept[name] = _kept(kind, pii, f"{path}.")
    return kept


def _kept(kind: Any, pii: Mapping[str, PiiRule], prefix: str) -> Any:  # noqa: ANN401 - nested types
    if isinstance(kind, pl.List):
        return [_kept(kind.inner, pii, prefix)]
    if isinstance(kind, pl.Struct):
        return landed({field.name: field.dtype for field in kind.fields}, pii, prefix)
    if isinstance(kind, pl.Decimal):
        precision, scale = kind.precision, kind.scale
        return f"DECIMAL({precision}, {scale})", pa.decimal128(precision, scale)
    return _SCALARS[_scalar(kind)]


def _scalar(kind: Any) -> Any:  # noqa: ANN401 - a polars type or class of one
    return kind if isinstance(kind, type) else type(kind)


def arrow_type(node: Any) -> pa.DataType:  # noqa: ANN401 - a node of ``landed``
    """The Arrow type of a kept field."""
    if isinstance(node, dict):
        return pa.struct([(name, arrow_type(child)) for name, child in node.items()])
    if isinstance(node, list):
        return pa.list_(arrow_type(node[0]))
    return node[1]


def json_type(node: Any) -> Any:  # noqa: ANN401
    """The same for DuckDB's ``json_transform``."""
    if isinstance(node, dict):
        return {name: json_type(child) for name, child in node.items()}
    if isinstance(node, list):
        return [json_type(node[0])]
    return node[0]


def fits(structure: Any, kind: Any) -> bool:  # noqa: ANN401 - a node of DuckDB's json_structure
    """Whether a page's structure holds nothing that the declaration does not."""
    if structure == "NULL":
        return True
    if isinstance(kind, pl.List):
        return isinstance(structure, list) and fits(structure[0], kind.inner)
    if isinstance(kind, pl.Struct):
        return fields_fit(structure, {field.name: field.dtype for field in kind.fields})
    declared = _SCALARS[_scalar(kind)][0]
    if declared == "JSON":
        return True
    return isinstance(structure, str) and structure in _TAKEN[declared]


def fields_fit(structure: Any, fields: Fields) -> bool:  # noqa: ANN401
    """The same for an object."""
    return isinstance(structure, dict) and all(
        name in fields and fits(child, fields[name]) for name, child in structure.items()
    )


def misfits(record: Any, kind: Any, path: Path = ()) -> Iterator[tuple[Path, Any, bool]]:  # noqa: ANN401
    """Each value of a record that does not fit: its path, the value, whether its field is unknown.

    Unknown fields do no harm; a known one of another type breaks the record.
    """
    if record is None:
        return
    if isinstance(kind, pl.List):
        if not isinstance(record, list):
            yield path, record, False
            return
        for each in record:
            yield from misfits(each, kind.inner, path)
    elif isinstance(kind, pl.Struct):
        yield from _field_misfits(record, {f.name: f.dtype for f in kind.fields}, path)
    elif not _is(record, _SCALARS[_scalar(kind)][0]):
        yield path, record, False


def _field_misfits(record: Any, fields: Fields, path: Path) -> Iterator[tuple[Path, Any, bool]]:  # noqa: ANN401
    if not isinstance(record, dict):
        yield path, record, False
        return
    for name, value in record.items():
        if name in fields:
            yield from misfits(value, fields[name], (*path, name))
        else:
            yield (*path, name), value, True


def record_misfits(record: Any, stream: Stream) -> Iterator[tuple[Path, Any, bool]]:  # noqa: ANN401
    """The same for a stream's record."""
    return _field_misfits(record, stream.fields, ())


def _is(value: Any, declared: str) -> bool:  # noqa: ANN401
    """Whether a JSON value is one of the declared type; numbers may come as text."""
    if declared == "JSON":
        return True
    if declared == "BOOLEAN" or isinstance(value, bool | dict | list):
        return declared == "BOOLEAN" and isinstance(value, bool)
    # An empty text is how some say that there is no number.
    return declared == "VARCHAR" or value == "" or _is_number(value, whole=declared == "BIGINT")


def _is_number(value: str | float, *, whole: bool) -> bool:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return False
    if not number.is_finite():
        return False
    return not whole or (number == int(number) and abs(number) <= _LARGEST)
