"""What a landed API table must look like, as a pandera schema made from its stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.gateway.connector import Stream
from pipelines.gateway.decode import landed_schema

if TYPE_CHECKING:
    import polars as pl


def check_stream(stream: Stream, frame: pl.DataFrame) -> list[str]:
    """Hold landed rows against their stream's declaration.

    Returns:
        One sentence a broken promise, none if all hold. Values are never quoted.
    """
    import pandera.polars as pa
    from pandera.errors import SchemaErrors

    failures = []
    try:
        pa.DataFrameSchema(_columns(stream)).validate(frame, lazy=True)
    except SchemaErrors as errors:
        for case in errors.failure_cases.unique(["column", "check"]).iter_rows(named=True):
            column = case["column"] or case["failure_case"]
            failures.append(f"{stream.table}.{column}: {case['check']}")
    return sorted(set(failures))


def _columns(stream: Stream) -> dict[str, Any]:
    import pandera.polars as pa
    import polars as pl

    declared = pl.from_arrow(landed_schema(stream).empty_table())
    assert isinstance(declared, pl.DataFrame), "a table, not a column"
    keys = {"shop_key", "_version", "_dlt_load_id", *stream.key}
    hashed = {name for name, rule in stream.pii.items() if rule == "hash" and "." not in name}
    columns = {}
    for name, kind in declared.schema.items():
        checks = []
        if name in hashed:
            checks.append(pa.Check.str_matches(r"^[0-9a-f]{64}$", name="a keyed hash"))
        if name in keys and kind == pl.String:
            checks.append(pa.Check.str_length(min_value=1, name="never empty"))
        # A table that was landed before a field was declared lacks it: it is null there.
        columns[name] = pa.Column(kind, checks, nullable=name not in keys, required=name in keys)
    return columns
