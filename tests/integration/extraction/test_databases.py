"""The mall and the warehouse from the sandbox's PostgreSQL into the lake, and the server's end."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import time
from pathlib import Path

import duckdb
import httpx
import psycopg
import pytest

from pipelines.extraction import extract
from pipelines.gateway.catalogue import connectors
from pipelines.gateway.session import open_session
from pipelines.landing import RawLake
from pipelines.registry.credentials import CredentialStore
from pipelines.registry.seeding import seed_accounts
from pipelines.registry.shops import ShopRegistry
from pipelines.sandbox.process import SandboxHandle, sandbox
from pipelines.sandbox.world.generate import generate
from pipelines.settings import Settings
from tests.integration.extraction import lake

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("databases")]
ACCOUNTS = {"mall": "mall-01", "wms": "wms-01"}


def keys_of(channel: str) -> dict[str, str]:
    return {each.table: ", ".join(each.key) for each in connectors()[channel].streams}


def content(home: Settings, channel: str) -> dict[str, list[str]]:
    return lake.content(home, channel, keys_of(channel))


def address(running: SandboxHandle, name: str) -> dict[str, str]:
    told: dict[str, str] = httpx.get(f"{running.url}/_sandbox/database/{name}", timeout=120).json()
    return told


@pytest.mark.parametrize("channel", ACCOUNTS)
def test_all_tables_land_and_fit_their_declaration(
    home: Settings, running: SandboxHandle, channel: str
) -> None:
    report = lake.pull(home, running, channel, ACCOUNTS[channel])
    assert report.failures() == []
    assert lake.broken_promises(home, channel) == []
    before = content(home, channel)
    again = lake.pull(home, running, channel, ACCOUNTS[channel])
    assert sum(each.rows for each in again.streams) < sum(map(len, before.values())) / 20
    assert content(home, channel) == before


def test_no_buyer_is_in_the_lake_in_clear(home: Settings, running: SandboxHandle) -> None:
    for channel, account in ACCOUNTS.items():
        lake.pull(home, running, channel, account)
    told = "\n".join(
        "\n".join(rows) for channel in ACCOUNTS for rows in content(home, channel).values()
    )
    buyers = generate("small")["buyers"]
    assert not set(re.findall(r"1\d{10}", told)) & set(buyers["phone"])
    assert re.findall(r"号\d+室", told) == []
    assert not set(generate("small")["members"]["member_id"]) & set(re.findall(r"88\d{7}", told))


def test_a_wrong_password_is_said_and_the_right_one_works(
    home: Settings, running: SandboxHandle
) -> None:
    shop = ShopRegistry(home).get("mall-01")
    with open_session(home, connectors()["mall"], shop, running.url) as session:
        said = connectors()["mall"].check(session)
    assert said == "14 tables of schema mall can be read"
    CredentialStore(home).set("mall-01", {"database_url": "postgresql://mall_reader:no@mall/mall"})
    (failure,) = lake.pull(home, running, "mall", "mall-01").failures()
    assert "password authentication failed" in failure


def _pull_in_child(home: Path, url: str) -> None:
    extract(
        Settings(home=home, pii_key=lake.KEY, _env_file=None), connectors()["wms"],
        sandbox_url=url, shops=["wms-01"],
    )  # fmt: skip


@pytest.mark.parametrize("moment", ["tmp/**/parcel.parquet", "raw/raw_wms/parcel/*/*.parquet"])
def test_a_killed_pull_is_simply_run_again(
    home: Settings, running: SandboxHandle, tmp_path: Path, moment: str
) -> None:
    plain = lake.home_of(tmp_path / "plain", running)
    lake.pull(plain, running, "wms", "wms-01")
    child = multiprocessing.get_context("spawn").Process(
        target=_pull_in_child, args=(home.home, running.url)
    )
    child.start()
    deadline = time.monotonic() + 300
    while not list(home.home.glob(moment)) and child.is_alive():
        assert time.monotonic() < deadline, "the moment never came"
        time.sleep(0.01)
    if child.pid and child.is_alive():
        os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert lake.pull(home, running, "wms", "wms-01").failures() == []
    assert content(home, "wms") == content(plain, "wms")


def _gone(home: Settings, table: str) -> int:
    files = RawLake(home).tables("mall")["deletions"]
    return duckdb.sql(f"SELECT * FROM read_parquet({files}) WHERE stream = '{table}'").pl().height


def test_time_moves_on_rows_change_and_some_are_deleted(tmp_path: Path) -> None:
    home = Settings(home=tmp_path / "home", pii_key=lake.KEY, _env_file=None)
    with sandbox(home) as handle:
        seed_accounts(home, handle.accounts())
        first = lake.pull(home, handle, "mall", "mall-01")
        handle.advance(26 * 3600)
        second = lake.pull(home, handle, "mall", "mall-01")
        assert second.failures() == []
        assert sum(each.rows for each in second.streams) < sum(each.rows for each in first.streams)
        files = RawLake(home).tables("mall")["deletions"]
        gone = duckdb.sql(
            f"SELECT DISTINCT stream FROM read_parquet({files}) WHERE is_gone ORDER BY ALL"
        ).fetchall()
        assert gone == [("cart_item",), ("coupon",), ("member",)]
        later = lake.home_of(tmp_path / "later", handle)
        lake.pull(later, handle, "mall", "mall-01")
    # Who reads for the first time finds what the other has, without what is gone.
    for table, rows in content(later, "mall").items():
        assert len(rows) == len(content(home, "mall")[table]) - _gone(home, table), table


def test_the_server_starts_for_who_asks_and_ends_with_the_sandbox(tmp_path: Path) -> None:
    home = Settings(home=tmp_path / "home", _env_file=None)
    with sandbox(home) as handle:
        accounts = {each["shop_key"]: each for each in handle.accounts()}
        url = accounts["mall-01"]["credentials"]["database_url"]
        password = url.partition(":")[2].partition(":")[2].partition("@")[0]
        assert json.dumps(address(handle, "nothing")) == '{"error": "\'nothing\'"}'
        where = address(handle, "mall")
        login = {**where, "user": "mall_reader", "password": password, "dbname": "mall"}
        with psycopg.connect(**login) as connection:
            (now,) = connection.execute("SELECT now()").fetchone()
            assert now == handle.now()
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("DELETE FROM mall.orders")
        handle.advance(3600)
        with psycopg.connect(**login) as connection:
            assert connection.execute("SELECT now()").fetchone() == (handle.now(),)
        handle.kill_tokens("mall-01")
        with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
            psycopg.connect(**login)
    deadline = time.monotonic() + 60
    while Path(where["host"]).exists():
        assert time.monotonic() < deadline, "the server is still there"
        time.sleep(0.1)
