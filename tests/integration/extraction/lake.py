"""Pulling a channel's shops into a home, and what its lake then holds."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from pipelines.extraction import ExtractionReport, extract
from pipelines.gateway.catalogue import connectors
from pipelines.gateway.checks import check_stream
from pipelines.gateway.connector import Connector
from pipelines.landing import RawLake
from pipelines.registry.seeding import seed_accounts
from pipelines.registry.shops import ShopRegistry
from pipelines.sandbox.process import SandboxHandle
from pipelines.sandbox.world.generate import generate
from pipelines.settings import Settings

# One key for all homes: what is hashed can then be compared between them.
KEY = "a made-up key of more than 32 bytes for tests"


def home_of(path: Path, running: SandboxHandle) -> Settings:
    """A new home with all accounts of a sandbox."""
    return copy_of(Path(_registered(running).name), path)


@cache
def _registered(running: SandboxHandle) -> TemporaryDirectory[str]:
    """One such home for a sandbox: to register 49 accounts takes longer than most tests."""
    folder = TemporaryDirectory()
    settings = Settings(home=Path(folder.name), pii_key=KEY, _env_file=None)
    seed_accounts(settings, running.accounts())
    return folder


def copy_of(home: Path, path: Path) -> Settings:
    """A home with all that another one holds."""
    shutil.copytree(home, path, dirs_exist_ok=True)
    return Settings(home=path, pii_key=KEY, _env_file=None)


@cache
def _orders_of() -> Counter[str]:
    return Counter(generate("small")["orders"]["shop_id"])


def accounts(home: Settings, connector: Connector) -> list[str]:
    """The connector's shops or ad accounts that sell, the quietest first; all where none does."""
    sales = _orders_of()
    selling = {
        each.shop_key: sales[each.parent_shop_key or each.shop_key]
        for each in ShopRegistry(home).all()
        if connector.pulls(each)
    }
    known = sorted(selling, key=lambda key: (selling[key], key))
    return [key for key in known if selling[key]] or known


def pull(home: Settings, running: SandboxHandle, channel: str, *shops: str) -> ExtractionReport:
    return extract(home, connectors()[channel], sandbox_url=running.url, shops=shops)


def requests_of(report: ExtractionReport) -> int:
    return sum(each.requests for each in report.streams)


def broken_promises(home: Settings, channel: str) -> list[str]:
    """What of a channel's streams did not land, or not as declared."""
    tables = RawLake(home).tables(channel)
    failures = ["records in quarantine"] if "quarantine" in tables else []
    for stream in connectors()[channel].streams:
        if stream.table not in tables:
            failures.append(f"{stream.table}: nothing landed")
        for file in tables.get(stream.table, []):
            failures += check_stream(stream, pl.read_parquet(file))
    return failures


def newest(home: Settings, channel: str, table: str, key: str) -> pl.DataFrame:
    """The newest version of every record, without what a pull adds to it.

    Args:
        home: Whose lake.
        channel: Its raw tables.
        table: Raw table.
        key: The columns that identify a record within its shop, as SQL.
    """
    return duckdb.sql(
        "SELECT * EXCLUDE (_line, _dlt_load_id, _extra, _version)"
        f" FROM read_parquet({RawLake(home).tables(channel)[table]}, hive_partitioning = false)"
        f" QUALIFY row_number() OVER (PARTITION BY shop_key, {key}"
        " ORDER BY _version DESC, _dlt_load_id DESC, _line DESC) = 1"
    ).pl()


def content(home: Settings, channel: str, keys: Mapping[str, str]) -> dict[str, list[str]]:
    """The newest records of some tables as sorted texts, to compare lakes with."""
    return {
        table: sorted(newest(home, channel, table, key).write_ndjson().splitlines())
        for table, key in keys.items()
    }
