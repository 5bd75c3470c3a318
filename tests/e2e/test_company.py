"""`make run` on a bare clone: a company in a box, every number equal to the world's own books."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.gateway.catalogue import connectors
from tests.e2e.company import compared, differences, world_of
from tests.e2e.conftest import Home, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("company")]
_FIRST = ("doudian", "qianchuan", "buyin")  # have landed, each as a whole, before the kill


@dataclass
class Story:
    """What was seen of one home: after its first run, and a day later with two things amiss.

    The first run, under hostile faults, was killed while it pulled, and run again under realistic
    ones. A day later one shop is locked out and one channel (京东) is down.
    """

    printed: str
    shops: list[dict[str, Any]]
    compared: set[str]
    differences: list[str]
    in_clear: list[str]
    requests: int
    checked: str
    doctor: str
    later_printed: str
    later_differences: list[str]
    later_requests: int


@pytest.fixture(scope="module")
def story(make_home: Callable[[], Home]) -> Story:
    home = make_home()
    process = home.start("run", "--faults", "hostile")
    wait_for(lambda: all(map(partial(_landed, home.path), _FIRST)), process)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not all(map(partial(_landed, home.path), connectors())), "too late to kill a pull"
    printed = home.run("run", "--faults", "realistic")
    first = (compared(home), differences(home), _in_clear(home), _requests(home))
    home.run("sandbox", "advance", "26h")
    home.run("shop", "set", "doudian-03", "--credential", "app_secret=not-the-secret")
    later = home.run("run", "--faults", "reset@jd")
    return Story(
        printed,
        json.loads(home.run("shop", "list", "--json")),
        *first,
        checked=home.run("shop", "check", "doudian-02", "doudian-03", exit_code=1),
        doctor=home.run("doctor", exit_code=1),
        later_printed=later,
        later_differences=differences(home),
        later_requests=_requests(home) - first[-1],
    )


def test_the_run_ends_with_a_summary(story: Story) -> None:
    assert "Published v" in story.printed
    assert "Partly stale" not in story.printed
    assert "doudian-01 orders" in story.printed  # progress is told shop by shop


def test_every_metric_equals_the_books_by_shop_and_day(story: Story) -> None:
    assert len(story.compared) == 125
    assert story.differences == []


def test_the_registry_holds_the_whole_company(story: Story) -> None:
    assert sum(shop["kind"] == "shop" for shop in story.shops) == 38


def test_no_buyer_is_anywhere_in_clear(story: Story) -> None:
    assert story.in_clear == []


def test_a_day_later_only_what_is_new_travels(story: Story) -> None:
    assert 0 < story.later_requests < story.requests / 2


def test_who_does_not_answer_leaves_all_others_fresh_and_is_named(story: Story) -> None:
    stale = story.later_printed.split("Partly stale")[1]
    amiss = {"doudian-03", *(shop["shop_key"] for shop in story.shops if shop["channel"] == "jd")}
    assert len(amiss) == 6
    assert set(re.findall(r"^  (\S+): ", stale, re.MULTILINE)) == amiss
    assert stale.count("2026-11-14 20:00") == 6  # since when: the clock of the first run
    # All others stand at the new time, to the cent; these stand where they were.
    assert {line.split()[1] for line in story.later_differences} == amiss
    assert "验签失败" in story.checked
    assert "app_secret" in story.checked
    assert "authorised" in story.checked
    assert "doudian-03" in story.doctor


def _landed(home: Path, channel: str) -> bool:
    """Whether the record of a channel's pulls is there."""
    return any((home / "raw" / f"raw_{channel}" / "pulls").rglob("*.parquet"))


def _requests(home: Home) -> int:
    """Calls that reached the platforms, as the lake's own record of pulls tells them."""
    pulls = [
        pl.read_parquet(path, columns=["requests"])
        for channel in ("doudian", "buyin")  # 千川 is asked for its last 14 days each time
        for path in (home.path / "raw" / f"raw_{channel}" / "pulls").rglob("*.parquet")
    ]
    return int(pl.concat(pulls)["requests"].sum())


def _in_clear(home: Home) -> list[str]:
    """Files that hold a buyer's phone or address; the world itself is the outside and may."""
    phones = set(world_of(home)["buyers"]["phone"])
    return [
        str(path.relative_to(home.path))
        for path in home.path.rglob("*")
        if path.is_file() and path.relative_to(home.path).parts[0] != "sandbox"
        if _holds(_text_of(path), phones)
    ]


def _text_of(path: Path) -> str:
    """A file's text; Parquet is read, since its pages are compressed."""
    if path.suffix != ".parquet":
        return path.read_bytes().decode("utf-8", "replace")
    return pl.read_parquet(path).write_ndjson()


def _holds(text: str, phones: set[str]) -> bool:
    found = set(re.findall(r"(?<!\d)1\d{10}(?!\d)", text))
    return bool(found & phones) or re.search(r"[路街巷道]\d+号\d+室", text) is not None
