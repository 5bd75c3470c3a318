"""The build database: the raw lake as views, the registry's shops as a table, dbt's surroundings.

Data flow: raw lake + registry -> build database -> (dbt). Only a run opens the build database;
readers open the published one (``publish/``). What does not belong here: a column's meaning.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from tenacity import retry, retry_if_exception_message, stop_after_delay, wait_fixed

from pipelines.errors import BuildFailedError
from pipelines.freshness import Pulled, pulled_by_all
from pipelines.landing import RawLake
from pipelines.registry.shops import Shop, ShopRegistry
from pipelines.settings import PROJECT_ROOT, Settings

DBT_PROJECT_DIR = PROJECT_ROOT / "dbt_project"


@dataclass(frozen=True)
class RawTableState:
    """What a raw table holds in complete loads."""

    channel: str
    table: str
    rows: int
    files: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]


@contextmanager
def build_database(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build database, opened for writing and closed again at the end."""
    settings.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    connection = _connect(settings)
    try:
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        yield connection
    finally:
        connection.close()


@retry(
    # A run killed with -9 leaves its dbt behind, which ends by itself within its build.
    retry=retry_if_exception_message(match=".*Could not set lock on file.*"),
    wait=wait_fixed(1),
    stop=stop_after_delay(180),
    reraise=True,
)
def _connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        str(settings.warehouse_path), config={"memory_limit": settings.duckdb_memory_limit}
    )


def attach_lake(
    settings: Settings, channel: str, schemas: Mapping[str, pa.Schema]
) -> list[RawTableState]:
    """Make every raw table of a channel readable in the build database.

    A table is a view over exactly the files of complete loads; one that nothing was landed in yet
    is an empty view with the declared columns, so that models build on an empty home.

    Args:
        settings: The home.
        channel: The raw schema is ``raw_<channel>``.
        schemas: Its raw tables with their declared columns.

    Returns:
        One state a raw table, by name.
    """
    files = RawLake(settings).tables(channel)
    with build_database(settings) as connection:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS raw_{channel}")
        return [
            _attach(connection, channel, table, schema, files.get(table, []))
            for table, schema in sorted(schemas.items())
        ]


def _attach(
    connection: duckdb.DuckDBPyConnection,
    channel: str,
    table: str,
    schema: pa.Schema,
    files: list[str],
) -> RawTableState:
    name = f'raw_{channel}."{table}"'
    connection.register("declared_columns", schema.empty_table())
    columns = [
        (str(row[0]), str(row[1]))
        for row in connection.execute("DESCRIBE declared_columns").fetchall()
    ]
    connection.unregister("declared_columns")
    typed = ", ".join(f'CAST(NULL AS {kind}) AS "{column}"' for column, kind in columns)
    query = f"SELECT {typed} WHERE false"
    if files:
        listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
        # By name: a file landed before a mapping named a column has null there.
        query += (
            f" UNION ALL BY NAME SELECT * FROM read_parquet([{listed}], union_by_name = true,"
            " hive_partitioning = false)"
        )
    connection.execute(f"CREATE OR REPLACE VIEW {name} AS {query}")
    counted = connection.execute(f"SELECT count(*) FROM {name}").fetchall()
    return RawTableState(channel, table, int(counted[0][0]), tuple(files), tuple(columns))


def write_shops(settings: Settings) -> list[Shop]:
    """Write the registry's shops into the build database; returns them."""
    shops = ShopRegistry(settings).all()
    schema = pa.schema((name, pa.string()) for name in Shop.model_fields)
    rows = pa.Table.from_pylist([shop.model_dump() for shop in shops], schema=schema)
    _write_registry_table(settings, "shops", rows)
    return shops


def write_pulls(settings: Settings) -> list[Pulled]:
    """Write how far each account was pulled into the build database; returns it."""
    accounts = pulled_by_all(settings)
    schema = pa.schema(
        [
            ("shop_key", pa.string()), ("connector", pa.string()),
            ("complete_until", pa.timestamp("us")), ("error", pa.string()),
        ]
    )  # fmt: skip
    rows = [
        {
            "shop_key": each.shop_key,
            "connector": each.connector.channel,
            "complete_until": each.complete_until,
            "error": each.error or None,
        }
        for each in accounts
    ]
    _write_registry_table(settings, "pulls", pa.Table.from_pylist(rows, schema=schema))
    return accounts


def _write_registry_table(settings: Settings, name: str, rows: pa.Table) -> None:
    with build_database(settings) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS raw_registry")
        connection.register("written", rows)
        connection.execute(f"CREATE OR REPLACE TABLE raw_registry.{name} AS FROM written")


def dbt_environment(settings: Settings) -> Mapping[str, str]:
    """The environment that dbt needs to build this home, over the process's own."""
    return {
        **os.environ,
        "KOUJING_WAREHOUSE_PATH": str(settings.warehouse_path),
        "KOUJING_DUCKDB_MEMORY_LIMIT": settings.duckdb_memory_limit,
        "DBT_TARGET_PATH": str(settings.dbt_target_dir),
        "DBT_LOG_PATH": str(settings.dbt_target_dir / "logs"),
        # To write every statement down took a tenth of a build; they stand in compiled/ as well.
        "DBT_LOG_LEVEL_FILE": "info",
        "DBT_PROFILES_DIR": str(DBT_PROJECT_DIR),
        "KOUJING_STAGING_MODELS": ",".join(staging_models()),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def staging_models() -> list[str]:
    """The names of all staging models: what follows ``__`` says which record they feed."""
    folder = DBT_PROJECT_DIR / "models" / "staging"
    return sorted(path.stem for path in folder.glob("*/stg_*__*.sql"))


def semantic_manifest_path(settings: Settings) -> Path:
    """The dictionary as dbt parsed it for this home."""
    return settings.dbt_target_dir / "semantic_manifest.json"


def run_dbt(settings: Settings, arguments: list[str]) -> None:
    """Run one dbt command on this home.

    Raises:
        BuildFailedError: dbt failed; its own words are in the message.
    """
    settings.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [str(Path(sys.executable).with_name("koujing-dbt")), *arguments],
        cwd=DBT_PROJECT_DIR,
        env=dict(dbt_environment(settings)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BuildFailedError(
            f"dbt {' '.join(arguments)} failed:\n{done.stdout[-3000:]}{done.stderr[-1000:]}",
            f"The whole log: {settings.dbt_target_dir / 'logs' / 'dbt.log'}",
        )
