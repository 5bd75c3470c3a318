"""The serving database of a version: native tables, copied from the build, with Chinese comments.

Data flow: build database (read-only) + a copy of the current version -> a new ``koujing.duckdb``.
A copy of the current version is patched by the days that changed: copying 200 MB takes 0.1 s,
writing 5 million rows anew 5 s. The patched copy is never trusted: what to patch is found by
comparing rows (fingerprints), and the audit compares all of them again.
What does not belong here: the Parquet export, the metrics' SQL.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.errors import BuildFailedError
from pipelines.publish.fingerprints import Fingerprints, Partition, fingerprint, in_partitions
from pipelines.publish.tables import METRICS, Column, Table, quoted, text_literal
from pipelines.publish.versions import PublishedVersion
from pipelines.settings import Settings

BUILD = "build"
# Above this share of changed rows a table is written anew: deleting and inserting costs more.
_PATCH_AT_MOST = 0.3
_FREE_AT_MOST = 0.3

README = Table(
    schema="main",
    name="readme",
    description="说明: 这个库里有什么, 从哪里看起",
    columns=(
        Column("topic", "VARCHAR", "主题"),
        Column("note", "VARCHAR", "说明文字"),
    ),
)
_README_ROWS = (
    ("数据表", "schema marts: 维度表 dim_*, 事实表 fct_*, 汇总表 agg_*; 每张表每一列都有中文注释"),
    (
        "看注释",
        "select table_name, column_name, comment from duckdb_columns() where schema_name = 'marts'",
    ),
    (
        "指标字典",
        "metrics.metric_dictionary: 每个指标一行, 含公式、时间口径、单位、负责人; "
        "别名见 metrics.metric_aliases",
    ),
    (
        "指标日表",
        "metrics.metrics_daily: 指标 × 日 × 店铺; 只存可以相加的指标, "
        "比率请用 koujing metric query 按口径重算",
    ),
    (
        "版本",
        "metrics.published_version: 本文件是哪一版、数据截至何时; 一个连接从头到尾只看到这一版",
    ),
    ("新版本", "重新打开 serving/koujing.duckdb 即为最新一版; 历史版本见 koujing versions"),
)
VERSION_TABLE = Table(
    schema=METRICS,
    name="published_version",
    description="本库的发布版本, 只有一行",
    columns=(
        Column("version", "VARCHAR", "版本名, 取自发布时刻, 如 v20261122.013005"),
        Column("published_at", "TIMESTAMP", "发布时刻 (北京时间)"),
        Column("data_until", "TIMESTAMP", "数据截至: 最新一笔业务发生的时刻 (北京时间)"),
        Column("as_of", "TIMESTAMP", "最新一次从平台导出或抽取的时刻 (北京时间)"),
        Column("schema_version", "VARCHAR", "表结构 (数据契约) 的版本"),
        Column("shops_total", "BIGINT", "在用的店铺数, 不含广告账户与只作观察的他人店铺"),
        Column("shops_fresh", "BIGINT", "数据新鲜的店铺数: 导出时刻距 as_of 不超过一天"),
    ),
)


@contextmanager
def opened_with_build(
    database: Path, settings: Settings, *, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a version's database, with the build attached read-only as ``build``.

    Raises:
        BuildFailedError: There is no build database, or a build is writing to it.
    """
    if not settings.warehouse_path.exists():
        raise BuildFailedError(
            f"There is no warehouse at {settings.warehouse_path}.", "Run `koujing run` to build it."
        )
    with duckdb.connect(
        str(database),
        read_only=read_only,
        config={"memory_limit": settings.duckdb_memory_limit},
    ) as connection:
        try:
            build = text_literal(str(settings.warehouse_path))
            connection.execute(f"attach {build} as {BUILD} (read_only)")
        except duckdb.Error as error:
            raise BuildFailedError(
                f"The warehouse {settings.warehouse_path} cannot be read: {error}",
                "A run is probably writing to it: publish when it has ended.",
            ) from error
        yield connection


def start_from(base: Path | None, database: Path) -> bool:
    """Lay the current version's file as the new one's beginning, if that saves work.

    Returns:
        Whether there is a beginning; no when the current one is too full of holes.
    """
    if base is None or not base.exists() or _holes(base) > _FREE_AT_MOST:
        return False
    shutil.copyfile(base, database)
    return True


def _holes(database: Path) -> float:
    """The share of a database file's blocks that hold nothing."""
    with duckdb.connect(str(database), read_only=True) as connection:
        row = connection.execute(
            "select free_blocks, total_blocks from pragma_database_size() "
            "where database_name = current_database()"
        ).fetchone()
    assert row is not None
    return row[0] / row[1] if row[1] else 0.0


def copy_marts(connection: duckdb.DuckDBPyConnection, tables: Mapping[Table, Fingerprints]) -> None:
    """Bring the marts of the open database to the build's state, and drop what is not in it."""
    for schema in {table.schema for table in tables}:
        connection.execute(f"create schema if not exists {quoted(schema)}")
    _drop_strangers(connection, tables)
    for table, wanted in tables.items():
        if _has_same_columns(connection, table):
            _patch(connection, table, wanted)
        else:
            _rewrite(connection, table)


def _drop_strangers(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[Table, Fingerprints]
) -> None:
    schemas = {table.schema for table in tables}
    keep = {(table.schema, table.name) for table in tables}
    rows = connection.execute(
        "select schema_name, table_name from duckdb_tables() "
        "where database_name = current_database()"
    ).fetchall()
    for schema, name in rows:
        if schema in schemas and (schema, name) not in keep:
            connection.execute(f"drop table {quoted(schema)}.{quoted(name)}")


def _has_same_columns(connection: duckdb.DuckDBPyConnection, table: Table) -> bool:
    rows = connection.execute(
        """
        select column_name, data_type from duckdb_columns()
        where database_name = current_database() and schema_name = ? and table_name = ?
        order by column_index
        """,
        [table.schema, table.name],
    ).fetchall()
    return rows == [(column.name, column.data_type) for column in table.columns]


def _patch(connection: duckdb.DuckDBPyConnection, table: Table, wanted: Fingerprints) -> None:
    """Replace the partitions that differ."""
    there = fingerprint(connection, table)
    changed: set[Partition] = {
        day for day in {*wanted, *there} if wanted.get(day) != there.get(day)
    }
    if not changed:
        return
    moved = sum(found[day].rows for found in (wanted, there) for day in changed if day in found)
    total = sum(part.rows for part in wanted.values())
    if table.partition_by is None or moved > total * _PATCH_AT_MOST:
        _rewrite(connection, table)
        return
    condition = in_partitions(table, changed)
    names = ", ".join(quoted(column.name) for column in table.columns)
    connection.execute(f"delete from {table.relation()} where {condition}")
    connection.execute(
        f"insert into {table.relation()} by name select {names} "
        f"from {table.relation(BUILD)} where {condition}"
    )


def _rewrite(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    names = ", ".join(quoted(column.name) for column in table.columns)
    connection.execute(
        f"create or replace table {table.relation()} as select {names} from {table.relation(BUILD)}"
    )


def write_version(connection: duckdb.DuckDBPyConnection, version: PublishedVersion) -> None:
    """Write which version this is, and the note that tells an analyst where to look."""
    create(connection, VERSION_TABLE)
    connection.execute(
        f"insert into {VERSION_TABLE.relation()} values (?, ?, ?, ?, ?, ?, ?)",
        [
            version.version,
            version.published_at.replace(tzinfo=None),
            version.data_until.replace(tzinfo=None),
            version.as_of.replace(tzinfo=None),
            version.schema_version,
            version.shops_total,
            version.shops_fresh,
        ],
    )
    create(connection, README)
    connection.executemany(f"insert into {README.relation()} values (?, ?)", _README_ROWS)


def create(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Make a table, empty, in place of one of that name."""
    columns = ", ".join(f"{quoted(column.name)} {column.data_type}" for column in table.columns)
    connection.execute(f"create schema if not exists {quoted(table.schema)}")
    connection.execute(f"create or replace table {table.relation()} ({columns})")


def comment(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Write a table's and its columns' meaning into the database."""
    connection.execute(f"comment on table {table.relation()} is {text_literal(table.description)}")
    for column in table.columns:
        connection.execute(
            f"comment on column {table.relation()}.{quoted(column.name)} "
            f"is {text_literal(column.description)}"
        )
