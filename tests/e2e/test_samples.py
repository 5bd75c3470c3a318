"""A home of files alone: the made-up exports, loaded, built, published, shown.

Its first runs are killed (`kill -9`), before and while dbt builds; the next run gives the numbers
all the same. Kills while pulling: test_company; while publishing: integration/publish/test_crash.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import KOUJING, Home, wait_for
from tests.e2e.samples import TOTALS, expected, figures, load_samples

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("samples")]

_MOMENTS = ("warehouse/koujing.duckdb", "dbt_target/run")  # the second is later than the first


@pytest.fixture(scope="module")
def home(make_home: Callable[[], Home]) -> Home:
    home = make_home()
    load_samples(home)
    for moment in _MOMENTS:
        assert not (home.path / moment).exists()
        process = home.start("run")
        wait_for((home.path / moment).exists, process)
        # Only the run itself: a dbt that it started goes on by itself, as after a real kill -9.
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    printed = home.run("run")
    assert "Published v" in printed
    assert "754,909.00" in printed  # the samples' gross paid amount, worked out outside
    return home


def test_the_samples_numbers_equal_their_independent_totals(home: Home) -> None:
    assert figures(home) == expected()


def test_exception_orders_are_counted_and_kept(home: Home) -> None:
    (row,) = home.query("exception_order_cnt")
    assert row["exception_order_cnt"] == TOTALS["all_shops"]["exception_orders"] == 2


def test_versions_are_listed_and_can_be_rolled_back(home: Home) -> None:
    first = json.loads(home.run("versions", "--format", "json"))[0]["version"]
    home.run("publish")
    newer = json.loads(home.run("versions", "--format", "json"))
    assert len(newer) == 2
    home.run("rollback", first)
    current = [v for v in json.loads(home.run("versions", "--format", "json")) if v["is_current"]]
    assert [version["version"] for version in current] == [first]
    assert figures(home) == expected()
    assert "Kept are" in home.run("rollback", "v19990101.000000", exit_code=2)


def test_answers_come_in_every_format(home: Home, tmp_path: Path) -> None:
    period = ("--from", "2026-11-10", "--to", "2026-11-11")
    table = home.run("metric", "query", "pay_amt", "--by", "day", *period)
    assert "支付金额" in table
    assert "data until" in table
    csv = home.run("metric", "query", "pay_amt", "--by", "day", *period, "--format", "csv")
    assert csv.splitlines()[0] == "day,pay_amt,_marks"
    out = tmp_path / "numbers.parquet"
    home.run("metric", "query", "pay_amt", *period, "--format", "parquet", "--out", str(out))
    assert out.stat().st_size > 0
    assert "--out" in home.run(
        "metric", "query", "pay_amt", *period, "--format", "parquet", exit_code=2
    )


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _fetch(url: str, data: bytes | None = None) -> str:
    request = urllib.request.Request(  # noqa: S310 - our own loopback server
        url, data=data, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return str(answer.read().decode())


def _answers(url: str, data: bytes | None = None) -> bool:
    try:
        _fetch(url, data)
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("command", "path", "word"),
    [("dashboard", "/healthz", "version"), ("dev", "/server_info", "dagster_version")],
)
def test_the_servers_start_and_answer(home: Home, command: str, path: str, word: str) -> None:
    port = _free_port()
    process = subprocess.Popen(
        [KOUJING, command, "--port", str(port)],
        env=home.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: _answers(url + path), process)
        assert word in _fetch(url + path)
        if command == "dev":
            assert _assets(url) >= {"raw/inbox/taobao_orders", "marts/fct_orders", "pages/overview"}
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server and all that it started; one that is slow to go is made to."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _assets(url: str) -> set[str]:
    query = json.dumps({"query": "{ assetNodes { assetKey { path } } }"}).encode()
    nodes = json.loads(_fetch(url + "/graphql", query))["data"]["assetNodes"]
    return {"/".join(node["assetKey"]["path"]) for node in nodes}
