"""Records that move while a list is paged, and changes committed late: nothing is lost for good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import orjson
import polars as pl
import pytest

from pipelines.extraction import extract
from pipelines.gateway.catalogue import connectors
from pipelines.gateway.connector import Connector, Session, Stream, Window
from pipelines.gateway.session import open_session
from pipelines.landing import RawLake
from pipelines.registry.shops import ShopRegistry
from pipelines.sandbox.process import SandboxHandle, sandbox
from pipelines.sandbox.world.generate import generate
from pipelines.settings import Settings
from pipelines.sources.doudian import streams
from tests.integration.extraction import lake
from tests.integration.extraction.conftest import in_no_time

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("moving")]
SHOP = "doudian-03"
OVERLAP = timedelta(minutes=30)
SIZE = 20
SEEDS = range(1, 33)
LATELY = timedelta(days=2)

Updated = dict[str, int]  # when each order was updated, epoch seconds
Read = Callable[[Session, Window], Updated]


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    """A sandbox whose clock the tests move on: only what happens then can be late."""
    with sandbox(Settings(home=tmp_path_factory.mktemp("moved"), _env_file=None)) as handle:
        yield handle


@pytest.fixture
def home(
    tmp_path: Path, moved: SandboxHandle, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    in_no_time(monkeypatch)
    moved.faults("none")
    yield lake.home_of(tmp_path / "home", moved)
    moved.faults("none")


def in_pages(answers: Iterator[bytes]) -> Updated:
    found = {}
    for body in answers:
        for order in orjson.loads(body)["data"]["shop_order_list"]:
            found[order["order_id"]] = order["update_time"]
    return found


def forwards(asking: Session, window: Window) -> Updated:
    """As most clients do: page 0, 1, 2, until all are read."""

    def answers() -> Iterator[bytes]:
        page, total = 0, 1
        while page * SIZE < total:
            asked = {
                "order_by": "update_time", "order_asc": True,
                "update_time_start": int(window.start.timestamp()),
                "update_time_end": int(window.end.timestamp()), "page": page, "size": SIZE,
            }  # fmt: skip
            body = asking.call("order.searchList", asked)
            page, total = page + 1, orjson.loads(body)["data"]["total"]
            yield body

    return in_pages(answers())


def ours(asking: Session, window: Window) -> Updated:
    return in_pages(page.body for page in streams.read_orders(asking, window))


def test_an_order_that_moves_hides_another_from_who_pages_forwards_and_none_from_us(
    home: Settings, moved: SandboxHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PAGE_SIZE", SIZE)
    moved.advance(2 * 3_600)
    shop = ShopRegistry(home).get(SHOP)
    with open_session(home, connectors()["doudian"], shop, moved.url) as asking:
        now = asking.now()
        window = Window(now - timedelta(days=30), now)
        # What no later pull would ask for again.
        settled = {
            order
            for order, updated in forwards(asking, window).items()
            if updated < (now - OVERLAP).timestamp()
        }

        def missed(read: Read, seed: int) -> set[str]:
            moved.faults("realistic", seed)
            return settled - read(asking, window).keys()

        assert len(settled) > 500
        harmful = next(seed for seed in SEEDS if missed(forwards, seed))
        assert not any(missed(ours, seed) for seed in (harmful, *range(1, 6)))


def orders_alone(overlap: timedelta) -> Connector:
    """抖店 with only its orders, and another overlap."""
    whole = connectors()["doudian"]
    (stream,) = (each for each in whole.streams if each.table == "orders")
    return replace(whole, streams=(replace(stream, overlap=overlap),))


def pulled_orders(home: Settings, moved: SandboxHandle, overlap: timedelta) -> Updated:
    report = extract(home, orders_alone(overlap), sandbox_url=moved.url, shops=[SHOP])
    assert report.failures() == []
    newest = lake.newest(home, "doudian", "orders", "order_id")
    return dict(newest.select("order_id", "update_time").iter_rows())


def seed_with_late_orders(home: Settings, moved: SandboxHandle) -> int:
    shop = ShopRegistry(home).get(SHOP)
    with open_session(home, connectors()["doudian"], shop, moved.url) as asking:
        window = Window(asking.now() - timedelta(days=30), asking.now())
        everything = ours(asking, window)

        def shows_less(seed: int) -> bool:
            moved.faults("realistic", seed)
            ours(asking, window)  # what moves is where it belongs when read again, late ones not
            return ours(asking, window) != everything

        return next(seed for seed in SEEDS if shows_less(seed))


def test_a_late_order_is_lost_without_an_overlap_and_found_by_it(
    home: Settings, moved: SandboxHandle, tmp_path: Path
) -> None:
    moved.advance(2 * 3_600)
    seed = seed_with_late_orders(home, moved)
    without = lake.home_of(tmp_path / "without", moved)
    moved.faults("realistic", seed)
    first_end = moved.now().timestamp()
    pulled_orders(home, moved, OVERLAP)
    pulled_orders(without, moved, timedelta())
    moved.advance(3_600)
    found = pulled_orders(home, moved, OVERLAP)
    lost = pulled_orders(without, moved, timedelta())
    moved.faults("none")
    plain = lake.home_of(tmp_path / "plain", moved)
    true = pulled_orders(plain, moved, OVERLAP)

    def before_the_first_end(orders: Updated) -> set[tuple[str, int]]:
        return {each for each in orders.items() if true[each[0]] < first_end}

    assert before_the_first_end(found) == before_the_first_end(true)
    late = before_the_first_end(true) - before_the_first_end(lost)
    assert late
    assert all(updated >= first_end - 20 * 60 for _, updated in late)


def happened(home: Settings, channel: str) -> set[tuple[str, str]]:
    """All versions that landed of what happens; an account's own state has no past."""
    landed = RawLake(home).tables(channel)
    return {
        (stream.table, text)
        for stream in connectors()[channel].streams
        if stream.overlap and stream.table in landed
        for (text,) in duckdb.sql(
            "SELECT CAST(to_json(record) AS VARCHAR) FROM (SELECT * EXCLUDE (_line, _dlt_load_id,"
            f" _extra, _version) FROM read_parquet({landed[stream.table]})) AS record"
        ).fetchall()
    }


def busiest(home: Settings, connector: Connector, now: datetime) -> str:
    """The account with the most orders that are placed or paid shortly before a moment."""
    recent = pl.any_horizontal(
        pl.col("created_at", "paid_at").is_between(now - OVERLAP, now, closed="left")
    )
    count = Counter(generate("small")["orders"].filter(recent)["shop_id"])
    return max(
        (each for each in ShopRegistry(home).all() if connector.pulls(each)),
        key=lambda each: count[each.parent_shop_key or each.shop_key],
    ).shop_key


def lately(channel: str, later: timedelta) -> Connector:
    """A connector whose first pull reaches back a few days: what moves and is late is new.

    Its later pulls reach back a little further than they would: the sandbox's clock stands still,
    and it takes whoever asks for the same window again for the same pull.
    """
    whole = connectors()[channel]

    def short(stream: Stream) -> Stream:
        reach = max(LATELY, stream.overlap + timedelta(hours=1))
        overlap = stream.overlap + later if stream.overlap else stream.overlap
        return replace(stream, horizon=min(stream.horizon, reach), overlap=overlap)

    return replace(whole, streams=tuple(map(short, whole.streams)))


def until_nothing_fails(
    home: Settings,
    moved: SandboxHandle,
    channel: str,
    shop: str,
    later: timedelta = timedelta(),
) -> None:
    for _ in range(9):
        connector = lately(channel, later)
        report = extract(home, connector, sandbox_url=moved.url, shops=[shop])
        if not report.failures():
            return
    raise AssertionError(f"{channel} never came through")


@pytest.mark.parametrize("channel", connectors())
def test_everything_has_landed_after_the_next_pull_whatever_moved_or_was_late(
    home: Settings, moved: SandboxHandle, tmp_path: Path, channel: str
) -> None:
    moved.advance(2 * 3_600)
    shop = busiest(home, connectors()[channel], moved.now())
    plain = lake.home_of(tmp_path / "plain", moved)
    until_nothing_fails(plain, moved, channel, shop)
    moved.faults("hostile", 3)
    until_nothing_fails(home, moved, channel, shop)
    # The next pull: nothing is late for it.
    until_nothing_fails(home, moved, channel, shop, later=timedelta(minutes=1))
    true = happened(plain, channel)
    assert len(true) > 20
    assert true <= happened(home, channel)
