"""Windows that are decoded together: what one of them does wrong costs no other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest

from pipelines.gateway import errors
from pipelines.gateway.connector import Connector, Page, Stream, Window
from pipelines.gateway.sink import Sink
from pipelines.gateway.windows import Pull
from pipelines.pulling import Puller, PullRow
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI

START = datetime(2026, 11, 14, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)


class Platform:
    """Answers hour by hour: a record whose id is the hour, or what was prepared for it."""

    def __init__(self) -> None:
        self.shop = Shop(shop_key="s", channel="toy", name="s")
        self.settings: Mapping[str, str] = {}
        self.requests = 0
        self.pages = 1  # a window
        # hour -> answers in this order; the last one stays
        self.prepared: dict[int, list[str | Exception]] = {}

    def now(self) -> datetime:
        return START + timedelta(days=1)

    def close(self) -> None:
        """Keeps nothing open."""

    def answer(self, hour: int) -> bytes:
        self.requests += 1
        answers = self.prepared.get(hour, [json.dumps({"list": [{"id": hour}]})])
        said = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(said, Exception):
            raise said
        return said.encode()


def read(session: Platform, window: Window) -> Iterator[Page]:
    hour = (window.start - START) // HOUR
    for _ in range(session.pages):
        yield Page(session.answer(hour), ("list",))


STREAM = Stream("things", "东西", {"id": pl.Int64}, ("id",), read)
CONNECTOR = Connector("toy", "玩具", {"toy": "shop"}, "", (), None, (STREAM,), lambda _: "")
Pulled = Callable[[int], tuple[list[PullRow], str, list[int]]]


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def pulled(platform: Platform, tmp_path: Path) -> Pulled:
    """Pull so many hours: each window's row, the failure, the ids that landed."""

    def of(hours: int) -> tuple[list[PullRow], str, list[int]]:
        pulls = [
            Pull("incremental", Window(START + n * HOUR, START + (n + 1) * HOUR))
            for n in range(hours)
        ]
        with Sink(CONNECTOR, tmp_path, "load", b"k" * 32, "256MB") as sink:
            puller = Puller(platform, STREAM, sink, sweep=lambda: None, asks_again=True)
            rows, error = puller.pull(pulls, lambda: False)
            assert pulls == []
            sink.write_quarantine()
            files = {file.table: file.path for file in sink.files()}
        landed: list[Any] = pq.read_table(files["things"])["id"].to_pylist()
        rows_in_quarantine = pq.read_table(files["quarantine"]) if "quarantine" in files else []
        assert len(rows_in_quarantine) == sink.refusals(STREAM, "s")
        return rows, error, landed

    return of


def said(rows: list[PullRow]) -> list[tuple[str, int]]:
    return [(row["status"], row["requests"]) for row in rows]


def test_many_windows_come_through_each_asked_once(platform: Platform, pulled: Pulled) -> None:
    rows, error, landed = pulled(60)
    assert (error, landed) == ("", list(range(60)))
    assert said(rows) == [("ok", 1)] * 60
    assert rows[59]["window_end"].isoformat() == "2026-11-16T12:00:00"


def test_windows_before_one_that_fails_are_whole_and_those_behind_it_wait(
    platform: Platform, pulled: Pulled
) -> None:
    platform.prepared[2] = [errors.ParameterRefused("no such window")]
    rows, error, landed = pulled(5)
    assert (error, landed) == ("no such window", [0, 1])
    assert said(rows) == [("ok", 1), ("ok", 1), ("failed", 1)]


@pytest.mark.parametrize(
    "once", ['{"list": [{"id": 2}', errors.EndlessPaging("in circles")], ids=["half", "endless"]
)
def test_a_doubtful_answer_has_its_windows_asked_again_one_by_one(
    platform: Platform, pulled: Pulled, once: str | Exception
) -> None:
    platform.prepared[2] = [once, json.dumps({"list": [{"id": 2}]})]
    rows, error, landed = pulled(4)
    assert (error, sorted(set(landed))) == ("", [0, 1, 2, 3])
    assert [status for status, _ in said(rows)] == ["ok"] * 4
    assert sum(requests for _, requests in said(rows)) == platform.requests


def test_a_failure_hides_no_broken_answer_of_the_windows_before_it(
    platform: Platform, pulled: Pulled
) -> None:
    platform.pages = 4  # so that the first windows are under way when a later one fails
    platform.prepared[2] = ['{"list": [{"id": 2}', json.dumps({"list": [{"id": 2}]})]
    platform.prepared[20] = [errors.ParameterRefused("no such window")]
    rows, error, landed = pulled(22)
    assert (error, sorted(set(landed))) == ("no such window", list(range(20)))
    assert [status for status, _ in said(rows)] == ["ok"] * 20 + ["failed"]


def test_what_never_gets_better_ends_the_stream_and_spoils_nothing_before_it(
    platform: Platform, pulled: Pulled
) -> None:
    platform.prepared[1] = [errors.EndlessPaging("in circles")]
    rows, error, landed = pulled(3)
    assert (error, landed) == ("in circles", [0])
    assert [status for status, _ in said(rows)] == ["ok", "failed"]


def test_a_record_that_stays_broken_is_quarantined_once(platform: Platform, pulled: Pulled) -> None:
    platform.prepared[1] = [json.dumps({"list": [{"id": "one"}, {"id": 11}]})]
    rows, error, landed = pulled(3)
    assert error == ""
    assert set(landed) == {0, 11, 2}
    assert [status for status, _ in said(rows)] == ["ok"] * 3


def test_only_silence_means_that_a_platform_is_down(platform: Platform, tmp_path: Path) -> None:
    told = {}
    for failure in (errors.Unreachable("cut"), errors.PlatformBusy("502"), errors.Throttled("9")):
        platform.prepared[0] = [failure]
        with Sink(CONNECTOR, tmp_path, "load", b"k" * 32, "256MB") as sink:
            puller = Puller(platform, STREAM, sink, sweep=lambda: None, asks_again=True)
            puller.pull([Pull("incremental", Window(START, START + HOUR))], lambda: False)
        told[type(failure).__name__] = puller.is_down
    assert told == {"Unreachable": True, "PlatformBusy": True, "Throttled": False}
