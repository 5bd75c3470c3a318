"""What a landed table must look like, as pandera schemas made from its mapping.

The loader keeps these promises; the check proves it on what lies in the lake, so that a changed
mapping, a changed library or a file put there by hand shows on the lineage before dbt reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.sources.inbox.mapping import MappedField, Mapping, shipped_mappings

if TYPE_CHECKING:
    import polars as pl

_ORIGIN = ("shop_key", "_file_id", "_file_name", "_version", "_dlt_load_id")


def check_table(kind: str, frame: pl.DataFrame) -> list[str]:
    """Hold a landed table against its mapping.

    Args:
        kind: One of the shipped kinds.
        frame: The rows of its Parquet files.

    Returns:
        One sentence a broken promise, none if all hold. Cells are never quoted.
    """
    import pandera.polars as pa
    from pandera.errors import SchemaErrors

    mapping = shipped_mappings()[kind]
    schema = pa.DataFrameSchema(_columns(mapping))
    failures = []
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        for case in errors.failure_cases.unique(["column", "check"]).iter_rows(named=True):
            column = case["column"] or case["failure_case"]
            failures.append(f"{kind}.{column}: {case['check']}")
    return sorted(set(failures))


def _columns(mapping: Mapping) -> dict[str, Any]:
    import pandera.polars as pa
    import polars as pl

    columns = {field.name: _column(mapping, field) for field in mapping.fields}
    for name in _ORIGIN:
        columns[name] = pa.Column(pl.String, [_never_empty()])
    columns["_line"] = pa.Column(pl.Int64, [pa.Check.ge(1)])
    columns["_exported_at"] = pa.Column(pl.Datetime("us"))
    columns["_extra"] = pa.Column(pl.String, nullable=True)
    return columns


def _column(mapping: Mapping, field: MappedField) -> Any:  # noqa: ANN401 - pandera is untyped
    import pandera.polars as pa

    checks = []
    if field.non_negative:
        checks.append(pa.Check.ge(0, name="not below zero"))
    if field.name in mapping.grain and field.type == "id":
        checks.append(_never_empty())
    if field.pii in ("province", "city"):
        checks.append(pa.Check.str_matches(r"^\D{2,12}$", name="a place without digits"))
    if field.pii == "hash":
        checks.append(pa.Check.str_matches(r"^[0-9a-f]{64}$", name="a keyed hash"))
    needed = field.required or field.name in mapping.grain
    # A column that the export lacks is not in its file; one that every row needs always is.
    return pa.Column(_polars_type(field), checks, nullable=not needed, required=needed)


def _never_empty() -> Any:  # noqa: ANN401 - pandera is untyped
    import pandera.polars as pa

    return pa.Check.str_length(min_value=1, name="never empty")


def _polars_type(field: MappedField) -> Any:  # noqa: ANN401 - a polars type or class of one
    import polars as pl

    types: dict[str, Any] = {
        "money": pl.Decimal(18, 2),
        "rate": pl.Decimal(18, 6),
        "ratio": pl.Decimal(18, 4),
        "count": pl.Int64,
        "datetime": pl.Datetime("us"),
        "date": pl.Date,
    }
    return types.get(field.type, pl.String)
