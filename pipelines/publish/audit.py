"""The audit of a version, before anyone sees it: is it the build, whole, described and exact?

Everything is read anew from the finished files, over another path than the one that wrote them:
serving database, build database and Parquet must agree on rows and on every exact sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path

import duckdb

from pipelines.publish.export import ExportTable, Manifest, is_whole
from pipelines.publish.fingerprints import Fingerprints, fingerprint
from pipelines.publish.metric_tables import (
    DAILY_TABLE,
    DICTIONARY_TABLE,
    Dictionary,
    whole_sums,
)
from pipelines.publish.serving import BUILD, README, VERSION_TABLE, opened_with_build
from pipelines.publish.tables import Table, quoted, refuse, text_literal
from pipelines.settings import Settings

_HINT = (
    "This is a fault of the outlet or of the disk. Run `koujing publish` again; "
    "report it if it stays."
)


def audit(
    database: Path,
    settings: Settings,
    marts: Mapping[Table, Fingerprints],
    manifest: Manifest,
    dictionary: Dictionary,
) -> None:
    """Check a finished version.

    Args:
        database: The new serving database, closed by its writer.
        settings: The home.
        marts: The marts tables with the fingerprints of the build's rows.
        manifest: What was exported.
        dictionary: Asked for each metric as a whole.

    Raises:
        BuildFailedError: Something does not agree; it says what.
    """
    with opened_with_build(database, settings, read_only=True) as connection:
        complaints = [*_table_complaints(connection, manifest), *_comment_complaints(connection)]
        refuse(complaints, _HINT)
        for table, wanted in marts.items():
            complaints += _copy_complaints(connection, table, wanted)
        for exported in manifest.tables:
            complaints += _export_complaints(connection, exported, settings.export_dir)
        complaints += _metric_complaints(connection, dictionary)
    refuse(complaints, _HINT)


def _table_complaints(connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> Iterable[str]:
    rows = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() "
        "where database_name = current_database()"
    ).fetchall()
    there = {str(name) for (name,) in rows}
    wanted = {table.name for table in manifest.tables} | {README.key, VERSION_TABLE.key}
    yield from (f"{name}: is missing in the serving database" for name in sorted(wanted - there))
    yield from (f"{name}: does not belong there" for name in sorted(there - wanted))


def _comment_complaints(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        """
        select schema_name || '.' || table_name as name from duckdb_tables()
        where database_name = current_database() and coalesce(comment, '') = ''
        union all
        select schema_name || '.' || table_name || '.' || column_name from duckdb_columns()
        where database_name = current_database() and not internal and coalesce(comment, '') = ''
        order by name
        """
    ).fetchall()
    return [f"{name}: has no comment in the serving database" for (name,) in rows]


def _copy_complaints(
    connection: duckdb.DuckDBPyConnection, table: Table, wanted: Fingerprints
) -> Iterable[str]:
    """Serving against build: all rows by fingerprint, and counts and sums by plain SQL."""
    if fingerprint(connection, table) != wanted:
        yield f"{table.key}: the rows served are not the rows built"
    names = table.exact_numbers
    served = _sums(connection, table.relation(), names)
    built = _sums(connection, table.relation(BUILD), names)
    yield from _differences(table.key, "served", served, "built", built)


def _export_complaints(
    connection: duckdb.DuckDBPyConnection, exported: ExportTable, export_dir: Path
) -> Iterable[str]:
    """Parquet against serving: files as the manifest says, types kept, counts and sums equal."""
    listed = sum(file.rows for file in exported.files)
    if listed != exported.rows:
        yield f"{exported.name}: the manifest lists {listed} rows in files, {exported.rows} in all"
    lost = [file.path for file in exported.files if not is_whole(export_dir, file)]
    yield from (f"{path}: is missing or has another size than listed" for path in lost)
    if exported.files and not lost:
        try:
            yield from _content_complaints(connection, exported, export_dir)
        except duckdb.Error as error:
            yield f"{exported.name}: its Parquet cannot be read: {error}"


def _content_complaints(
    connection: duckdb.DuckDBPyConnection, exported: ExportTable, export_dir: Path
) -> Iterable[str]:
    paths = ", ".join(text_literal(str(export_dir / file.path)) for file in exported.files)
    connection.execute(
        "create or replace temp view exported as "
        f"select * from read_parquet([{paths}], hive_partitioning = false)"
    )
    types = {row[0]: row[1] for row in connection.execute("describe exported").fetchall()}
    for column in exported.columns:
        if types.get(column.name) != column.type:
            yield (
                f"{exported.name}.{column.name}: is {column.type}, Parquet holds "
                f"{types.get(column.name, 'nothing')}; cast it in the model"
            )
    schema, _, name = exported.name.partition(".")
    names = tuple(exported.totals)
    read = _sums(connection, "exported", names)
    served = _sums(connection, f"{quoted(schema)}.{quoted(name)}", names)
    yield from _differences(exported.name, "exported", read, "served", served)
    told = {"rows": Decimal(exported.rows)} | {
        key: None if value is None else Decimal(value) for key, value in exported.totals.items()
    }
    yield from _differences(exported.name, "in the manifest", told, "served", served)


def _metric_complaints(
    connection: duckdb.DuckDBPyConnection, dictionary: Dictionary
) -> Iterable[str]:
    """The daily metrics against the dictionary: every metric, asked as a whole, is their sum."""
    if not _sums(connection, DICTIONARY_TABLE.relation(), ())["rows"]:
        yield "metrics.metric_dictionary: is empty"
    rows = connection.execute(
        f"select metric_id, sum(value) from {DAILY_TABLE.relation()} group by 1"
    ).fetchall()
    daily = {str(metric): Decimal(value) for metric, value in rows}
    for metric, whole in whole_sums(connection, dictionary).items():
        if daily.get(metric, Decimal(0)) != whole:
            yield (
                f"metrics.metrics_daily: {metric} sums to {daily.get(metric, 0)}, "
                f"asked as a whole it is {whole}"
            )


def _sums(
    connection: duckdb.DuckDBPyConnection, relation: str, names: tuple[str, ...]
) -> dict[str, Decimal | None]:
    """Row count and exact sums of a relation."""
    sums = "".join(f", sum({quoted(name)})" for name in names)
    row = connection.execute(f"select count(*){sums} from {relation}").fetchone()
    assert row is not None
    values = [None if value is None else Decimal(value) for value in row]
    return dict(zip(("rows", *names), values, strict=True))


def _differences(
    table: str,
    one: str,
    left: Mapping[str, Decimal | None],
    other: str,
    right: Mapping[str, Decimal | None],
) -> Iterable[str]:
    for name, value in left.items():
        if value != right[name]:
            yield f"{table}: {name} is {value} {one}, {right[name]} {other}"
