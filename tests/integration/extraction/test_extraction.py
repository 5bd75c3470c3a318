"""A shop from the sandbox into the lake: faults, kills and reruns change nothing."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import time
from pathlib import Path

import duckdb
import pytest

from pipelines.extraction import ExtractionReport, extract
from pipelines.gateway.catalogue import connectors
from pipelines.landing import RawLake
from pipelines.registry.credentials import CredentialStore
from pipelines.registry.seeding import seed_accounts
from pipelines.sandbox.process import SandboxHandle, sandbox
from pipelines.settings import Settings
from tests.integration.extraction import lake

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("extraction")]
SHOP = "doudian-08"
TABLES = {
    "orders": "order_id", "aftersales": "aftersale_info.aftersale_id",
    "aftersale_details": "aftersale_id", "products": "product_id", "skus": "id",
    "settlement_bills": "request_no", "parcel_routes": "tracking_no",
}  # fmt: skip


def pull(home: Settings, running: SandboxHandle, *shops: str) -> ExtractionReport:
    return lake.pull(home, running, "doudian", *(shops or (SHOP,)))


def content(home: Settings) -> dict[str, list[str]]:
    return lake.content(home, "doudian", TABLES)


@pytest.fixture(scope="module")
def plain(running: SandboxHandle, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    home = lake.home_of(tmp_path_factory.mktemp("plain"), running)
    assert pull(home, running).failures() == []
    return content(home)


def test_all_streams_land_and_fit_their_declaration(home: Settings, running: SandboxHandle) -> None:
    report = pull(home, running)
    assert report.failures() == []
    assert {each.stream for each in report.streams} == {*TABLES, "shop_infos"}
    assert lake.broken_promises(home, "doudian") == []


def test_pulling_again_adds_nothing_new(
    home: Settings, running: SandboxHandle, plain: dict[str, list[str]]
) -> None:
    first = pull(home, running)
    again = pull(home, running)
    assert content(home) == plain
    assert lake.requests_of(again) < lake.requests_of(first) / 4
    assert sum(each.rows for each in again.streams) < sum(each.rows for each in first.streams) / 4


@pytest.mark.parametrize("profile", ["realistic", "hostile"])
def test_faults_change_no_record(
    home: Settings, running: SandboxHandle, plain: dict[str, list[str]], profile: str
) -> None:
    for seed in range(1, 6):
        running.faults(profile, seed)
        if not pull(home, running).failures():
            break
    assert content(home) == plain


def test_an_endless_list_ends_with_a_clear_error_and_spoils_no_other(
    home: Settings, running: SandboxHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.gateway import paging

    monkeypatch.setattr(paging, "_MOST_PAGES", 0)
    report = pull(home, running)
    failed = {each.stream: each.error for each in report.streams if each.error}
    assert "The platform promises" in failed["orders"]
    assert "settlement_bills" not in failed or "circles" in failed["settlement_bills"]
    assert any(each.rows for each in report.streams if each.stream == "shop_infos")


def test_a_dead_shop_leaves_the_others_fresh_and_says_why(
    home: Settings, running: SandboxHandle
) -> None:
    CredentialStore(home).set("doudian-07", {"app_secret": "not-the-secret"})
    report = pull(home, running, "doudian-07", SHOP)
    (failure, *_) = report.failures()
    assert failure.startswith("doudian-07")
    assert "验签失败" in failure
    assert all(each.error == "" for each in report.streams if each.shop_key == SHOP)
    assert len(content(home)["orders"]) > 100


def test_a_shop_whose_owner_took_the_authorisation_back(
    home: Settings, running: SandboxHandle
) -> None:
    assert pull(home, running, "doudian-06").failures() == []
    running.kill_tokens("doudian-06")
    (failure, *_) = pull(home, running, "doudian-06").failures()
    assert "店铺" in failure


def _pull_in_child(home: Path, url: str) -> None:
    extract(
        Settings(home=home, pii_key=lake.KEY, _env_file=None), connectors()["doudian"],
        sandbox_url=url, shops=[SHOP],
    )  # fmt: skip


@pytest.mark.parametrize("moment", ["tmp/**/orders.parquet", "raw/raw_doudian/orders/*/*.parquet"])
def test_a_killed_pull_is_simply_run_again(
    home: Settings, running: SandboxHandle, plain: dict[str, list[str]], moment: str
) -> None:
    child = multiprocessing.get_context("spawn").Process(
        target=_pull_in_child, args=(home.home, running.url)
    )
    child.start()
    deadline = time.monotonic() + 120
    while not list(home.home.glob(moment)) and child.is_alive():
        assert time.monotonic() < deadline, "the moment never came"
        time.sleep(0.01)
    if child.pid and child.is_alive():
        os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert pull(home, running).failures() == []
    assert content(home) == plain


def test_time_moves_on_and_only_what_is_new_travels(tmp_path: Path) -> None:
    home = Settings(home=tmp_path / "home", _env_file=None)
    with sandbox(home) as handle:
        seed_accounts(home, handle.accounts())
        first = pull(home, handle)
        before = len(content(home)["orders"])
        handle.advance(26 * 3600)
        second = pull(home, handle)
        assert len(content(home)["orders"]) > before
    orders = [each for each in second.streams if each.stream == "orders"]
    assert sum(each.rows for each in orders) < before
    assert lake.requests_of(second) < lake.requests_of(first) / 2


def test_a_backfill_does_not_move_the_mark(home: Settings, running: SandboxHandle) -> None:
    from datetime import datetime

    from pipelines.settings import SHANGHAI

    since = datetime(2026, 11, 1, tzinfo=SHANGHAI)
    extract(
        home, connectors()["doudian"], sandbox_url=running.url, shops=[SHOP], since=since,
        until=datetime(2026, 11, 3, tzinfo=SHANGHAI),
    )  # fmt: skip
    files = RawLake(home).tables("doudian")["pulls"]
    kinds = duckdb.sql(f"SELECT DISTINCT kind FROM read_parquet({files})").fetchall()
    assert kinds == [("backfill",)]
    assert any(each.rows > 100 for each in pull(home, running).streams if each.stream == "orders")


def test_no_buyer_is_in_the_lake_in_clear(home: Settings, running: SandboxHandle) -> None:
    from pipelines.sandbox.world.generate import generate

    pull(home, running)
    buyers = generate("small")["buyers"]
    told = "\n".join("\n".join(rows) for rows in content(home).values())
    assert not set(re.findall(r"1\d{10}", told)) & set(buyers["phone"])
    assert re.findall(r"号\d+室", told) == []
    assert re.search(r"号\d+室", buyers["address"][0])
