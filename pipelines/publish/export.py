"""The export of a version: immutable Parquet, one folder a business day, and a manifest.

Data flow: serving database -> ``export/data/<table>/<column>=<day>/<sha256>.parquet``, named by
``export/manifests/<version>.json``. A partition whose rows did not change is not written again:
the manifests of the kept versions say which file holds them.
What does not belong here: which version is current (``outlet.py``).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import duckdb
from pydantic import BaseModel

from pipelines.publish.contract import SchemaChange
from pipelines.publish.durable import flush_folder, place
from pipelines.publish.fingerprints import Fingerprints, Partition, in_partitions
from pipelines.publish.tables import Table, quoted, text_literal

# Days written by one statement: it holds a buffer for each, so that memory stays bounded.
_DAYS_AT_ONCE = 120
_NULL_FOLDER = "__HIVE_DEFAULT_PARTITION__"


class ExportFile(BaseModel):
    """One Parquet file.

    Attributes:
        path: Below the export folder.
        partition: Value by partition column, ISO date or null; empty for a table of one file.
        sha256: Of the file's bytes.
        fingerprint: Of its partition's rows; equal fingerprints, equal rows.
    """

    path: str
    partition: dict[str, str | None]
    rows: int
    bytes: int
    sha256: str
    fingerprint: str


class ExportColumn(BaseModel):
    """A column's name and DuckDB type."""

    name: str
    type: str


class ExportTable(BaseModel):
    """A table in a manifest.

    Attributes:
        totals: Sum by column, as a decimal string, over all rows: for checking what was read.
    """

    name: str
    rows: int
    partition_by: str | None
    columns: list[ExportColumn]
    totals: dict[str, str | None]
    files: list[ExportFile]


class Manifest(BaseModel):
    """All that a version exports. The files it names never change while the version is kept."""

    manifest_version: Literal[1] = 1
    version: str
    published_at: datetime
    data_until: datetime
    as_of: datetime
    schema_version: str
    contract: str
    schema_change: SchemaChange
    tables: list[ExportTable]

    def shape(self) -> dict[str, dict[str, str]]:
        """Column types by column, by table."""
        return {
            table.name: {column.name: column.type for column in table.columns}
            for table in self.tables
        }

    def lacking(self, export_dir: Path) -> list[str]:
        """Files that are not there, or not of the size they were published with."""
        return [
            file.path
            for table in self.tables
            for file in table.files
            if not is_whole(export_dir, file)
        ]

    def paths(self) -> set[str]:
        """Every file, below the export folder."""
        return {file.path for table in self.tables for file in table.files}


_Address = tuple[str, Partition, str]


class Shelf:
    """The files of the kept versions, found by what is in them."""

    def __init__(self, export_dir: Path, manifests: Iterable[Manifest]) -> None:
        self._export_dir = export_dir
        self._files: dict[_Address, dict[str, ExportFile]] = {}
        for manifest in manifests:
            for table in manifest.tables:
                for file in table.files:
                    address = (table.name, partition_of(file), file.fingerprint)
                    self._files.setdefault(address, {})[file.path] = file

    def find(self, table: Table, partition: Partition, digest: str) -> list[ExportFile]:
        """Whole files that hold just these rows; none if there are none."""
        files = list(self._files.get((table.key, partition, digest), {}).values())
        return files if all(is_whole(self._export_dir, file) for file in files) else []


def is_whole(export_dir: Path, file: ExportFile) -> bool:
    """Whether a file is there, in the size it was published with."""
    path = export_dir / file.path
    return path.exists() and path.stat().st_size == file.bytes


def partition_of(file: ExportFile) -> Partition:
    """The day a file holds; None for rows without a day, and for a table of one file."""
    (value,) = file.partition.values() or (None,)
    return date.fromisoformat(value) if value else None


def export_table(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    parts: Fingerprints,
    shelf: Shelf,
    export_dir: Path,
) -> ExportTable:
    """Export one table of the open database; only partitions that no kept file holds are written.

    Returns:
        Its entry in the manifest.
    """
    kept = {day: shelf.find(table, day, part.digest) for day, part in parts.items()}
    missing = sorted((day for day, files in kept.items() if not files), key=_day_order)
    files = [file for found in kept.values() for file in found]
    for start in range(0, len(missing), _DAYS_AT_ONCE):
        days = missing[start : start + _DAYS_AT_ONCE]
        files += _write(connection, table, {day: parts[day].digest for day in days}, export_dir)
    return ExportTable(
        name=table.key,
        rows=sum(part.rows for part in parts.values()),
        partition_by=table.partition_by,
        columns=[ExportColumn(name=column.name, type=column.data_type) for column in table.columns],
        totals=_totals(connection, table),
        files=sorted(files, key=lambda file: file.path),
    )


def _write(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    digests: Mapping[Partition, str],
    export_dir: Path,
) -> Iterator[ExportFile]:
    """Write some partitions aside, then move each file to the place its bytes name."""
    aside = export_dir / ".building" / table.key
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    columns = ", ".join(quoted(column.name) for column in table.columns)
    rows = f"select {columns} from {table.relation()}"
    target, options = aside / "all.parquet", "format parquet, compression zstd"
    if table.partition_by:
        rows += f" where {in_partitions(table, set(digests))}"
        target = aside
        options += f", partition_by ({quoted(table.partition_by)}), write_partition_columns true"
    connection.execute(f"copy ({rows}) to {text_literal(str(target))} ({options})")
    written = sorted(aside.rglob("*.parquet"))
    counts = _row_counts(connection, written)
    for path in written:
        day = _day_of(path, table)
        size, sha256 = path.stat().st_size, _sha256(path)
        target = _folder(export_dir, table, day) / f"{sha256[:24]}.parquet"
        place(path, target)
        flush_folder(target.parent)
        yield ExportFile(
            path=target.relative_to(export_dir).as_posix(),
            partition={table.partition_by: _iso(day)} if table.partition_by else {},
            rows=counts[path.name, path.parent.name],
            bytes=size,
            sha256=sha256,
            fingerprint=digests[day],
        )
    shutil.rmtree(aside)


def _folder(export_dir: Path, table: Table, day: Partition) -> Path:
    folder = export_dir / "data" / table.name
    if table.partition_by is None:
        return folder
    return folder / f"{table.partition_by}={_iso(day) or _NULL_FOLDER}"


def _iso(day: Partition) -> str | None:
    return None if day is None else day.isoformat()


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _row_counts(
    connection: duckdb.DuckDBPyConnection, paths: list[Path]
) -> dict[tuple[str, str], int]:
    """Rows by (file name, folder name), from the files' own footers."""
    rows = connection.execute(
        "select file_name, num_rows from parquet_file_metadata(?)", [[str(path) for path in paths]]
    ).fetchall()
    return {(Path(name).name, Path(name).parent.name): int(count) for name, count in rows}


def _day_of(path: Path, table: Table) -> Partition:
    if table.partition_by is None:
        return None
    value = path.parent.name.removeprefix(f"{table.partition_by}=")
    return None if value == _NULL_FOLDER else date.fromisoformat(value)


def _day_order(day: Partition) -> date:
    return day or date.min


def _totals(connection: duckdb.DuckDBPyConnection, table: Table) -> dict[str, str | None]:
    names = table.exact_numbers
    if not names:
        return {}
    sums = ", ".join(f"sum({quoted(name)})::varchar" for name in names)
    row = connection.execute(f"select {sums} from {table.relation()}").fetchone()
    assert row is not None
    return dict(zip(names, row, strict=True))
