"""A home with a small build, and the sums its readers must find."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.publish.outlet import publish
from pipelines.publish.versions import PublishedVersion
from pipelines.settings import Settings
from tests.fakes.warehouse import FakeDictionary, FakeWarehouse, at


@pytest.fixture
def warehouse(settings: Settings) -> FakeWarehouse:
    return FakeWarehouse(settings).build()


@pytest.fixture
def first(settings: Settings, warehouse: FakeWarehouse) -> PublishedVersion:
    """The first version: 5 123.61 yuan over five paid orders."""
    return publish(settings, FakeDictionary(), at("2026-11-22 01:30:05"))


def ask(database: Path, sql: str) -> list[tuple[object, ...]]:
    """What an analyst gets who opens a database read-only."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(sql).fetchall()
