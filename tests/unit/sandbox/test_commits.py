"""Late commits and records that move: what a list shows, and what a reader of it loses."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from pipelines.gateway.paging import backwards
from pipelines.sandbox.adapter import Outside
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.commits import Commits
from pipelines.sandbox.faults import PROFILES, Faults
from pipelines.sandbox.listing import Listing, page_from, page_of
from pipelines.settings import SHANGHAI, Settings

FIRST = datetime(2026, 11, 14, 20, tzinfo=SHANGHAI)
# Minutes after the first clock at which an order changes.
CHANGES = {
    "a": (-50,),
    "b": (-40,),
    "c": (-30, 9),
    "d": (-20,),
    "e": (12,),  # is new
    "f": (-60, -1),  # changed before the first clock
}
ALL_MOVE, ALL_LATE = {"moving": 1.0}, {"late": 1.0}


def outside(settings: Settings, shares: dict[str, float]) -> Outside:
    clock = Clock(settings)
    clock.set(FIRST)
    company = pl.DataFrame({"seed": [1], "clock_at": [FIRST]})
    made = Outside({"company": company}, clock)
    made.commit_by(Commits(1, **shares))
    return made


def at(minutes: int) -> int:
    return int(FIRST.timestamp()) + 60 * minutes


def orders(world: Outside) -> Listing:
    """What an adapter does: records as they stand at the clock, by the time of their change."""

    def make() -> Listing:
        now = (world.now() - FIRST) / timedelta(minutes=1)
        seen = {key: [each for each in times if each < now] for key, times in CHANGES.items()}
        rows = [(at(max(times)), key, f"{key}{len(times)}") for key, times in seen.items() if times]
        frame = pl.DataFrame(rows, ("at", "key", "record"), orient="row")
        return Listing.of(frame, "at", "key", "record")

    return world.rendered(("orders",), make)


def advance(world: Outside, minutes: int) -> None:
    world._clock.advance(timedelta(minutes=minutes))


def asked(world: Outside, start: int, page: int = 0, size: int = 99) -> str:
    """A page of the orders that changed from a minute on."""
    positions = orders(world).window(at(start), None)
    return orders(world).page(page_of(positions, page, size)).decode()


def test_what_happened_before_the_first_clock_is_committed(settings: Settings) -> None:
    assert asked(outside(settings, ALL_LATE), -60) == "a1,b1,c1,d1,f2"


def test_without_faults_a_list_shows_everything_at_once(settings: Settings) -> None:
    world = outside(settings, {})
    advance(world, 15)
    assert asked(world, -60) == "a1,b1,d1,f2,c2,e1"


def test_a_late_change_is_lost_without_an_overlap_and_found_with_it(settings: Settings) -> None:
    world = outside(settings, ALL_LATE)
    advance(world, 15)
    assert asked(world, -60) == "a1,b1,c1,d1,f2"  # the old c, and no e
    assert asked(world, -60) == "a1,b1,c1,d1,f2"  # as long as it is this pull that asks
    advance(world, 20)
    assert asked(world, 15) == ""
    assert asked(world, 15 - 30) == "f2,c2,e1"


def test_a_late_change_is_there_for_the_next_pull_though_the_clock_stands(
    settings: Settings,
) -> None:
    world = outside(settings, ALL_LATE)
    advance(world, 15)
    asked(world, -60)
    assert asked(world, 15 - 30) == "f2,c2,e1"
    # What was shown once stays, whoever asks, and when the clock goes on by a little.
    advance(world, 1)
    assert asked(world, -60) == "a1,b1,d1,f2,c2,e1"


def test_a_record_that_moves_makes_a_forward_reader_miss_another(settings: Settings) -> None:
    world = outside(settings, ALL_MOVE)
    advance(world, 15)
    seen = [asked(world, -60, page, 2) for page in (0, 1, 2)]
    assert seen == ["a1,b1", "c1,d1", "c2,e1"]  # f was on page 2 and slipped to page 1


def test_read_from_the_end_nothing_is_missed_and_the_next_pull_has_the_moved_one(
    settings: Settings,
) -> None:
    world = outside(settings, ALL_MOVE)
    advance(world, 15)
    seen = backwards(lambda page: asked(world, -60, page, 2).encode(), size=2, total=lambda _: 6)
    assert list(seen) == [b"f2,e1", b"c1,d1", b"a1,b1"]
    assert asked(world, 15 - 30) == "f2,c2,e1"


def test_a_cursor_that_is_a_position_misses_none_though_it_reads_forwards(
    settings: Settings,
) -> None:
    world = outside(settings, ALL_MOVE)
    advance(world, 15)
    seen, cursor = [], 0
    for _ in range(3):
        chosen, following = page_from(orders(world).window(at(-60), None), cursor, 2)
        seen.append(orders(world).page(chosen))
        cursor = following or 0
    # c comes as it was, and with what has moved; f does not slip.
    assert seen == [b"a1,b1", b"c1,d1", b"f2,c2"]
    assert cursor > 0


def test_a_record_whose_old_place_is_not_asked_for_does_not_move(settings: Settings) -> None:
    world = outside(settings, ALL_MOVE)
    advance(world, 15)
    assert asked(world, -15) == "f2,c2,e1"


def test_a_list_whose_order_does_not_follow_the_changes_shows_them_at_once(
    settings: Settings,
) -> None:
    world = outside(settings, ALL_LATE)
    advance(world, 15)
    records = {False: "new", True: "old"}

    def by_creation() -> Listing:
        looks_back = world.now() == FIRST
        row = {"at": [at(0)], "key": ["g"], "record": [records[looks_back]]}
        return Listing.of(pl.DataFrame(row), "at", "key", "record")

    made = world.rendered(("created",), by_creation)
    assert made.page(made.window(None, None)) == b"new"


def test_an_order_is_late_in_every_list_and_only_a_share_of_them_is() -> None:
    chosen = [Faults("realistic", 7).commits()._moves(str(number)) for number in range(10_000)]
    assert chosen == [
        Faults("realistic", 7).commits()._moves(str(number)) for number in range(10_000)
    ]
    assert 900 < chosen.count(True) < 1_100
    assert 900 < chosen.count(False) < 1_100
    assert {"moving", "late"} <= PROFILES["realistic"].keys() & PROFILES["hostile"].keys()
    assert {Faults().commits()._moves(str(number)) for number in range(100)} == {None}
