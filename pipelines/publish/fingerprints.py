"""What is in a partition, in one short text: equal texts, equal rows, whatever their order.

Measured on 5 million rows of 18 columns, 730 days, 2 cores: 0.3 s; copying them took 5.2 s. So
every publish fingerprints all rows, and writes only the partitions that changed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.publish.tables import Table, quoted

Partition = date | None


@dataclass(frozen=True)
class Fingerprint:
    """A partition's row count and the digest of its rows and column types."""

    rows: int
    digest: str


Fingerprints = dict[Partition, Fingerprint]


def fingerprint(
    connection: duckdb.DuckDBPyConnection, table: Table, catalog: str | None = None
) -> Fingerprints:
    """Fingerprint every partition of a table; a table without partitions has one, under None.

    The digest takes in the row count, the sum of the rows' 64-bit hashes, the sums of all money
    and count columns, the column names and types, and the DuckDB version (its hash function may
    change between versions; then everything is written again once).
    """
    by = quoted(table.partition_by) if table.partition_by else "null::date"
    hashed = ", ".join(quoted(column.name) for column in table.columns)
    sums = "".join(f", sum({quoted(name)})::varchar" for name in table.exact_numbers)
    rows = connection.execute(
        f"select {by}, count(*), sum(hash({hashed}))::varchar{sums} "
        f"from {table.relation(catalog)} group by 1"
    ).fetchall()
    shape = [duckdb.__version__, *((column.name, column.data_type) for column in table.columns)]
    found = {row[0]: Fingerprint(row[1], _digest([shape, *row[1:]])) for row in rows}
    # An empty table without partitions is still one (empty) file, so that its columns are known.
    return found or ({} if table.partition_by else {None: Fingerprint(0, _digest([shape, 0]))})


def digest_of(*parts: object) -> str:
    """A digest over anything JSON can hold."""
    return _digest(list(parts))


def in_partitions(table: Table, partitions: set[Partition]) -> str:
    """The SQL condition for rows of some partitions of a partitioned table."""
    column = quoted(str(table.partition_by))
    days = sorted(day for day in partitions if day is not None)
    conditions = [f"{column} is null"] if None in partitions else []
    if days:
        conditions.append(f"{column} in ({', '.join(f'date {day.isoformat()!r}' for day in days)})")
    return f"({' or '.join(conditions)})"


def _digest(parts: list[object]) -> str:
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
