"""`make run` on a bare clone: a company in a box, every number equal to the world's own books."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.e2e.company import compared, differences, world_of
from tests.e2e.conftest import Home, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("company")]


@pytest.fixture(scope="module")
def home(make_home: Callable[[], Home]) -> Home:
    home = make_home()
    printed = home.run("run")
    assert "Published v" in printed
    assert "Partly stale" not in printed
    return home


def test_every_metric_equals_the_books_by_shop_and_day(home: Home) -> None:
    assert len(compared(home)) > 60
    assert differences(home) == []


def test_the_registry_holds_the_company(home: Home) -> None:
    shops = json.loads(home.run("shop", "list", "--json"))
    assert sum(shop["kind"] == "shop" for shop in shops) == 38
    assert sum(shop["kind"] == "ad_account" for shop in shops) == 8


def test_no_buyer_is_anywhere_in_clear(home: Home) -> None:
    """The world itself is the outside and holds them; nothing else of the home may."""
    buyers = world_of(home)["buyers"].filter(pl.col("channel") == "doudian")
    planted = {
        value.encode() for name in ("name", "phone", "address") for value in buyers[name].to_list()
    }
    phones = {value.encode() for value in buyers["phone"].to_list()}
    found = [
        str(path.relative_to(home.path))
        for path in home.path.rglob("*")
        if path.is_file() and "sandbox" not in path.relative_to(home.path).parts[:1]
        if _holds(path, phones, planted)
    ]
    assert found == []


def _holds(path: Path, phones: set[bytes], planted: set[bytes]) -> bool:
    """Whether a file holds a planted value; Parquet and DuckDB are read, not just grepped."""
    if path.suffix == ".parquet":
        frame = pl.read_parquet(path)
        text = frame.select(
            pl.col(name).cast(pl.String) for name, kind in frame.schema.items() if kind == pl.String
        )
        content = "\n".join(
            value for column in text.get_columns() for value in column.drop_nulls().unique()
        ).encode()
    else:
        content = path.read_bytes()
    return any(value in content for value in (planted if path.suffix == ".parquet" else phones))


def test_only_what_is_new_travels_and_the_numbers_follow(make_home: Callable[[], Home]) -> None:
    home = make_home()
    home.run("run")
    first = _requests(home)
    home.run("sandbox", "advance", "26h")
    home.run("run")
    second = _requests(home) - first
    assert differences(home) == []
    # A day and a bit more of fourteen: a second full pull would double the requests.
    assert 0 < second < first / 2


def _requests(home: Home) -> int:
    """Calls that reached the platforms, as the lake's own record of pulls tells them."""
    pulls = [
        pl.read_parquet(path, columns=["requests"])
        for channel in ("doudian", "qianchuan", "buyin")
        for path in (home.path / "raw" / f"raw_{channel}" / "pulls").rglob("*.parquet")
    ]
    return int(pl.concat(pulls)["requests"].sum())


@pytest.mark.parametrize("profile", ["realistic", "hostile"])
def test_faults_on_the_way_change_no_number(make_home: Callable[[], Home], profile: str) -> None:
    home = make_home()
    home.run("run", "--faults", profile)
    home.run("run", "--faults", profile)  # what a fault delayed comes with the overlap
    assert differences(home) == []


@pytest.mark.parametrize("seconds", [4, 9, 15])
def test_a_run_killed_while_pulling_and_run_again_gives_the_same_numbers(
    make_home: Callable[[], Home], seconds: int
) -> None:
    home = make_home()
    process = home.start("run", "--faults", "realistic")
    wait_for(lambda: _landed(home.path) >= seconds, process)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    home.run("run")
    assert differences(home) == []


def _landed(home: Path) -> int:
    """How far a run has come: raw tables that have a file, finished or not."""
    return len({path.parent.parent for path in home.glob("raw/raw_*/*/load_date=*/*.parquet")})


def test_a_dead_token_leaves_the_other_shops_fresh(make_home: Callable[[], Home]) -> None:
    home = make_home()
    home.run("run")
    home.run("shop", "set", "doudian-03", "--credential", "app_secret=not-the-secret")
    home.run("sandbox", "advance", "26h")
    printed = home.run("run")
    assert "Partly stale" in printed
    assert "doudian-03" in printed
    checked = home.run("shop", "check", "doudian-03", exit_code=1)
    assert "app_secret" in checked or "signature" in checked.lower()
    assert "doudian-03" in home.run("doctor", exit_code=1)
    assert {line.split()[1] for line in differences(home)} == {"doudian-03"}
