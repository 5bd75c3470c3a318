"""What a published table is: its columns, their meaning, the day it is cut by.

Data flow: build database (names, types) + dbt manifest (descriptions, meta) -> ``Table``.
What does not belong here: rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import BuildFailedError

MARTS = "marts"
METRICS = "metrics"
_CHINESE = re.compile(r"[㐀-鿿]")
_EXACT_NUMBER = re.compile(r"^(DECIMAL\(.*\)|U?(TINY|SMALL|BIG)INT|U?INTEGER|HUGEINT)$")
_TABLE_LIKE = ("table", "incremental", "seed", "snapshot")
_SHOWN = 12


@dataclass(frozen=True)
class Column:
    """A column: its DuckDB type, and its meaning in Chinese."""

    name: str
    data_type: str
    description: str
    required: bool = False

    @property
    def is_exact_number(self) -> bool:
        """Whether a sum over it is exact, so that copies can be compared by it."""
        return bool(_EXACT_NUMBER.match(self.data_type))


@dataclass(frozen=True)
class Table:
    """A table to publish.

    Attributes:
        partition_by: The DATE column that its Parquet is cut by; None: one file.
    """

    schema: str
    name: str
    description: str
    columns: tuple[Column, ...]
    partition_by: str | None = None

    @property
    def key(self) -> str:
        """``marts.fct_orders``."""
        return f"{self.schema}.{self.name}"

    def relation(self, catalog: str | None = None) -> str:
        """The quoted name for SQL, in the connection's own catalog or in another one."""
        return ".".join(quoted(part) for part in (catalog, self.schema, self.name) if part)

    @property
    def exact_numbers(self) -> tuple[str, ...]:
        """Columns whose sums prove a copy: money, counts."""
        return tuple(column.name for column in self.columns if column.is_exact_number)


def quoted(name: str) -> str:
    """An identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(text: str) -> str:
    """A text, as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def describe_marts(
    connection: duckdb.DuckDBPyConnection, catalog: str, manifest_path: Path
) -> tuple[Table, ...]:
    """Every table of the build's ``marts`` with what dbt says of it, by name.

    Args:
        connection: Has the build database attached.
        catalog: The name it is attached under.
        manifest_path: dbt's ``manifest.json``.

    Raises:
        BuildFailedError: The build lacks a table that dbt describes, or holds one (or a column)
            that nobody describes in Chinese, or a partition column is not a date.
    """
    models = _models(manifest_path)
    found = _columns(connection, catalog)
    if not found:
        raise BuildFailedError(
            "The warehouse holds no table in schema marts.", "Run `koujing run` to build it."
        )
    tables = tuple(_table(name, found[name], models.get(name, {})) for name in sorted(found))
    views = _views(connection, catalog)
    complaints = [
        f"marts.{name}: dbt describes it, the build lacks it" for name in _gone(models, found)
    ]
    complaints += [f"marts.{name}: is a view, not a table" for name in views]
    complaints += [complaint for table in tables for complaint in undescribed(table)]
    complaints += [complaint for table in tables for complaint in _wrong_partition(table)]
    refuse(
        complaints, "Describe it in the dbt model's YAML (or drop the stale table), then run again."
    )
    return tables


def undescribed(table: Table) -> list[str]:
    """What of a table an analyst could not read the meaning of, in Chinese."""
    missing = [] if _CHINESE.search(table.description) else [f"{table.key}: no Chinese description"]
    return missing + [
        f"{table.key}.{column.name}: no Chinese description"
        for column in table.columns
        if not _CHINESE.search(column.description)
    ]


def refuse(complaints: Sequence[str], hint: str) -> None:
    """Stop the publish if there is anything to complain about.

    Raises:
        BuildFailedError: There is; it names the first dozen.
    """
    if complaints:
        shown = "\n  ".join(complaints[:_SHOWN])
        more = f"\n  and {len(complaints) - _SHOWN} more" if len(complaints) > _SHOWN else ""
        raise BuildFailedError(
            f"Not published, the last good version stays:\n  {shown}{more}", hint
        )


def _models(manifest_path: Path) -> dict[str, dict[str, Any]]:
    """The marts models of dbt's manifest, by table name."""
    try:
        manifest = json.loads(manifest_path.read_bytes())
    except FileNotFoundError as error:
        raise BuildFailedError(
            f"There is no dbt manifest at {manifest_path}.", "Run `koujing run` to build first."
        ) from error
    return {
        node.get("alias") or node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed", "snapshot") and node["schema"] == MARTS
    }


def _gone(
    models: dict[str, dict[str, Any]], found: dict[str, list[tuple[str, str, bool]]]
) -> list[str]:
    return sorted(
        name
        for name, node in models.items()
        if name not in found and node.get("config", {}).get("materialized") in _TABLE_LIKE
    )


def _columns(
    connection: duckdb.DuckDBPyConnection, catalog: str
) -> dict[str, list[tuple[str, str, bool]]]:
    """Columns of the marts tables: name, type, whether null is refused."""
    rows = connection.execute(
        """
        select columns.table_name, columns.column_name, columns.data_type, not columns.is_nullable
        from duckdb_columns() as columns
        inner join duckdb_tables() as tables using (database_name, schema_name, table_name)
        where columns.database_name = ? and columns.schema_name = ?
        order by columns.table_name, columns.column_index
        """,
        [catalog, MARTS],
    ).fetchall()
    found: dict[str, list[tuple[str, str, bool]]] = {}
    for table, column, data_type, required in rows:
        found.setdefault(table, []).append((column, data_type, required))
    return found


def _views(connection: duckdb.DuckDBPyConnection, catalog: str) -> list[str]:
    rows = connection.execute(
        "select view_name from duckdb_views() where database_name = ? and schema_name = ?",
        [catalog, MARTS],
    ).fetchall()
    return sorted(str(name) for (name,) in rows)


def _table(name: str, columns: list[tuple[str, str, bool]], node: dict[str, Any]) -> Table:
    described = {key.lower(): value for key, value in node.get("columns", {}).items()}
    meta = {**node.get("meta", {}), **node.get("config", {}).get("meta", {})}
    return Table(
        schema=MARTS,
        name=name,
        description=str(node.get("description", "")).strip(),
        columns=tuple(
            Column(
                name=column,
                data_type=data_type,
                description=str(described.get(column.lower(), {}).get("description", "")).strip(),
                required=required,
            )
            for column, data_type, required in columns
        ),
        partition_by=meta.get("export_partition"),
    )


def _wrong_partition(table: Table) -> list[str]:
    if table.partition_by is None:
        return []
    types = {column.name: column.data_type for column in table.columns}
    if types.get(table.partition_by) == "DATE":
        return []
    return [f"{table.key}: export_partition '{table.partition_by}' is not one of its DATE columns"]
