"""Which windows are pulled: nothing twice without need, nothing missed."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from pipelines.gateway.connector import Connector, Revisit, Stream, Window
from pipelines.gateway.windows import History, Pull, asked_for, planned, reach_of, sliced
from pipelines.settings import SHANGHAI

NOW = datetime(2026, 11, 14, 20, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


def stream(**changed: object) -> Stream:
    settings = {
        "overlap": timedelta(minutes=30), "max_window": 30 * DAY, "horizon": 89 * DAY,
        "revisits": (Revisit(30 * DAY, 89 * DAY), Revisit(7 * DAY, 7 * DAY)), **changed,
    }  # fmt: skip
    return Stream("t", "t", {}, (), lambda *_: iter(()), **settings)  # type: ignore[arg-type]


def test_a_first_pull_reaches_to_the_horizon_without_a_gap() -> None:
    pulls = planned(stream(), History(), NOW)
    assert [pull.kind for pull in pulls] == ["incremental"] * 3
    assert pulls[0].window.start == NOW - 89 * DAY
    assert pulls[-1].window.end == NOW
    assert all(a.window.end == b.window.start for a, b in itertools.pairwise(pulls))


def test_the_next_pull_begins_an_overlap_before_the_mark() -> None:
    mark = NOW - timedelta(hours=1)
    (pull,) = planned(stream(), History(mark, NOW - timedelta(hours=2)), NOW)
    assert pull.window == Window(mark - timedelta(minutes=30), NOW)


def test_deeper_pulls_come_when_due_and_behind_what_is_new() -> None:
    mark, first = NOW - DAY, NOW - 8 * DAY
    kinds = [pull.kind for pull in planned(stream(), History(mark, first), NOW)]
    assert kinds == ["incremental", "revisit"]
    done = [(NOW - 9 * DAY, NOW - 2 * DAY)]
    assert [p.kind for p in planned(stream(), History(mark, first, done), NOW)] == ["incremental"]


def test_a_mark_older_than_the_horizon_is_cut_to_what_the_platform_answers() -> None:
    pulls = planned(stream(revisits=()), History(NOW - 200 * DAY, NOW - 300 * DAY), NOW)
    assert pulls[0].window.start == NOW - 89 * DAY


def test_a_backfill_is_marked_as_one() -> None:
    pulls = asked_for(stream(), NOW, NOW - 3 * DAY, NOW - DAY)
    assert [(pull.kind, pull.window) for pull in pulls] == [
        ("backfill", Window(NOW - 3 * DAY, NOW - DAY))
    ]


def test_whole_days_are_cut_at_midnight() -> None:
    windows = sliced(stream(whole_days=True, max_window=DAY), NOW - DAY, NOW)
    midnight = NOW.replace(hour=0)
    assert windows == [Window(midnight - DAY, midnight), Window(midnight, midnight + DAY)]


def test_keys_are_swept_once_a_day_and_after_a_full_refresh() -> None:
    swept = stream(keys=lambda _: iter(()), revisits=())
    mark = NOW - timedelta(hours=1)

    def kinds(history: History) -> list[str]:
        return [pull.kind for pull in planned(swept, history, NOW)]

    assert set(kinds(History())) == {"incremental"}  # the lake knows no key yet
    assert kinds(History(mark, NOW - DAY)) == ["incremental", "sweep"]
    assert kinds(History(mark, NOW - 9 * DAY, swept=mark)) == ["incremental"]
    assert [pull.kind for pull in asked_for(swept, NOW, None, None)][-1] == "sweep"
    assert {pull.kind for pull in asked_for(swept, NOW, NOW - DAY, None)} == {"backfill"}


def test_what_left_a_whole_list_is_looked_for_behind_each_pull_of_it() -> None:
    listed = stream(is_whole=True, overlap=timedelta(), horizon=DAY, revisits=())
    mark = NOW - timedelta(hours=1)

    def kinds(pulls: list[Pull]) -> list[str]:
        return [pull.kind for pull in pulls]

    assert kinds(planned(listed, History(), NOW)) == ["incremental"]  # the lake knows no key yet
    assert kinds(planned(listed, History(mark, mark), NOW)) == ["incremental", "sweep"]
    assert kinds(planned(listed, History(NOW, mark), NOW)) == []
    assert kinds(asked_for(listed, NOW, None, None)) == ["backfill", "sweep"]
    assert kinds(asked_for(listed, NOW, NOW - 3 * DAY, None)) == ["backfill", "sweep"]
    assert kinds(asked_for(listed, NOW, NOW - 3 * DAY, NOW - 2 * DAY)) == []


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        pytest.param(None, None, [], id="everything"),
        pytest.param(NOW - 9 * DAY, NOW, [], id="all of it is answered"),
        pytest.param(
            NOW - 99 * DAY, NOW,
            [
                "T answers only from then on: t 2026-08-17. What is older is in its own exports:"
                " koujing inbox load FILE --shop KEY"
            ],
            id="older in part",
        ),
        pytest.param(
            NOW - 99 * DAY, NOW - 98 * DAY,
            [
                "T answers only from then on: t 2026-08-17; nothing was asked of it. What is older"
                " is in its own exports: koujing inbox load FILE --shop KEY"
            ],
            id="all older",
        ),
        pytest.param(
            NOW - DAY, NOW + DAY,
            ["--until 2026-11-15 20:00 lies ahead of T's clock: asked until 2026-11-14 20:00."],
            id="ends ahead",
        ),
        pytest.param(
            NOW, NOW + DAY,
            [
                "--since 2026-11-14 20:00 lies ahead of T's clock (2026-11-14 20:00): nothing was"
                " asked of it. Name a time that is over."
            ],
            id="begins ahead",
        ),
    ],
)  # fmt: skip
def test_what_of_a_backfill_cannot_be_asked_is_said(
    since: datetime | None, until: datetime | None, said: list[str]
) -> None:
    always_whole = replace(stream(overlap=timedelta(), horizon=DAY), table="list")
    streams = (stream(), always_whole)
    connector = Connector("t", "T", {}, "", (), None, streams, lambda _: "")
    assert reach_of(connector, NOW, since, until) == said
