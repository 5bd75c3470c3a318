"""A reader in another process, all the time, while versions are published and pruned."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from pipelines.publish.outlet import publish
from pipelines.publish.versions import PublishedVersion
from pipelines.settings import Settings
from tests.fakes.warehouse import FakeDictionary, FakeWarehouse, at

pytestmark = pytest.mark.integration

# One connection is held from beginning to end; another is opened anew for every look.
READER = """
import json, sys
import duckdb

sql = '''
select
    (select version from metrics.published_version),
    (select sum(paid_amount)::varchar from marts.fct_orders),
    (
        select sum(value)::decimal(18, 2)::varchar
        from metrics.metrics_daily where metric_id = 'pay_amt'
    )
'''
held = duckdb.connect(sys.argv[1], read_only=True)
while True:
    with duckdb.connect(sys.argv[1], read_only=True) as fresh:
        seen = fresh.execute(sql).fetchone()
    print(json.dumps({"held": held.execute(sql).fetchone(), "fresh": seen}), flush=True)
"""


@pytest.fixture
def reader(settings: Settings, first: PublishedVersion) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", READER, str(settings.serving_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def looks(reader: subprocess.Popen[str], until: str) -> Iterator[dict[str, Any]]:
    """What the reader saw, up to its first look at a version."""
    assert reader.stdout is not None
    for line in reader.stdout:
        look = json.loads(line)
        yield look
        if look["fresh"][0] == until:
            return
    assert reader.stderr is not None
    pytest.fail(f"the reader ended: {reader.stderr.read()}")


def test_a_reader_never_blocks_a_publish_and_never_sees_half_a_version(
    settings: Settings,
    warehouse: FakeWarehouse,
    first: PublishedVersion,
    reader: subprocess.Popen[str],
) -> None:
    keeping_two = settings.model_copy(update={"keep_versions": 2})
    seen = list(looks(reader, until=first.version))
    for day in range(1, 7):
        warehouse.sql(
            f"insert into marts.fct_orders values "
            f"('tmall-a', 'taobao', '2{day}', '2026-11-1{day}', 1000, 1)"
        )
        published = publish(keeping_two, FakeDictionary(), at(f"2026-12-0{day} 01:30:05"))
        seen += looks(reader, until=published.version)

    paid = {
        "v20261122.013005": "5123.61",
        "v20261201.013005": "6123.61",
        "v20261202.013005": "7123.61",
        "v20261203.013005": "8123.61",
        "v20261204.013005": "9123.61",
        "v20261205.013005": "10123.61",
        "v20261206.013005": "11123.61",
    }
    assert {look["fresh"][0] for look in seen} == paid.keys()
    for look in seen:
        version = look["fresh"][0]
        assert look["fresh"] == [version, paid[version], paid[version]]
        assert look["held"] == [first.version, "5123.61", "5123.61"]
