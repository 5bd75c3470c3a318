"""Lists that are always read whole: what leaves is told once, and no fault makes anything leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from tenacity import wait_none

from pipelines.extraction import ExtractionReport, extract
from pipelines.gateway import session
from pipelines.gateway.connector import Connector, Rows, Stream, Window
from pipelines.gateway.errors import MalformedAnswer
from pipelines.landing import RawLake
from pipelines.registry.shops import Shop, ShopRegistry
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.process import SandboxHandle, prepare_world, sandbox
from pipelines.settings import SHANGHAI, Settings
from tests.integration.extraction import lake

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("extraction")]
NOON = datetime(2026, 11, 14, 12, tzinfo=SHANGHAI)
Told = list[tuple[str, bool]]


@dataclass
class Team:
    """A shop's list of authors, an hour after it was last asked; a page each."""

    shop: Shop
    pages: list[dict[str, int | str]] = field(default_factory=list)
    breaks_off: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    requests: int = 0
    clock: datetime = NOON

    def now(self) -> datetime:
        return self.clock

    def close(self) -> None:
        self.clock += timedelta(hours=1)

    def read(self, _: Window) -> Iterator[Rows]:
        for page in self.pages:
            rows = {"author_id": list(page), "fans": list(page.values())}
            yield Rows(pl.DataFrame(rows).with_columns(seen="author_id").to_arrow())
        if self.breaks_off:
            raise MalformedAnswer("The last page is half a page")


@dataclass
class Reader:
    """A home that reads the list."""

    home: Settings
    team: Team

    def pull(self, *pages: Mapping[str, int | str], full_refresh: bool = False) -> ExtractionReport:
        self.team.pages = [dict(page) for page in pages]
        stream = Stream(
            "authors", "作者", {"author_id": pl.String, "fans": pl.Int64, "seen": pl.String},
            ("author_id",), Team.read, version="seen", overlap=timedelta(),
            max_window=timedelta(days=365), horizon=timedelta(days=1), is_whole=True,
        )  # fmt: skip
        connector = Connector(
            "toy", "玩具", {"toy": "shop"}, "", (), None, (stream,), lambda _: "",
            opens=lambda *_: self.team,
        )  # fmt: skip
        return extract(self.home, connector, full_refresh=full_refresh)

    def told(self) -> Told:
        return [(key, gone) for _, key, gone in tombstones(self.home, "toy")]


def tombstones(home: Settings, channel: str) -> list[tuple[str, str, bool]]:
    """All that was ever told: stream, key, whether gone."""
    files = RawLake(home).tables(channel).get("deletions", [])
    rows = [row for file in files for row in pl.read_parquet(file).iter_rows(named=True)]
    return [(row["stream"], row["record_key"], row["is_gone"]) for row in rows]


@pytest.fixture
def reader(settings: Settings) -> Reader:
    shop = Shop(shop_key="toy-main", channel="toy", name="玩具店", platform_shop_id="1")
    ShopRegistry(settings).add(shop)
    return Reader(settings, Team(shop))


def test_what_leaves_is_told_once_and_again_when_it_is_back(reader: Reader) -> None:
    assert reader.pull({"a": 1}, {"b": 2}).failures() == []
    for _ in range(2):
        assert reader.pull({"a": 1}).failures() == []
        assert reader.told() == [("b", True)]
    reader.pull({"b": 2}, {"a": 1})
    assert reader.told() == [("b", True), ("b", False)]


def _breaks_off(reader: Reader) -> ExtractionReport:
    reader.team.breaks_off = True
    return reader.pull({"a": 1})


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        pytest.param(_breaks_off, ["half a page"], id="half of a list"),
        pytest.param(
            lambda reader: reader.pull({"a": 1}, {"b": "many"}), [], id="a record in quarantine"
        ),
        pytest.param(lambda reader: reader.pull({}), ["lost 3 of 3 rows"], id="an empty list"),
        pytest.param(
            lambda reader: reader.pull({"a": 1}), ["lost 2 of 3 rows"], id="too few to be believed"
        ),
    ],
)  # fmt: skip
def test_trouble_makes_nothing_leave_and_is_over_with_the_next_list(
    reader: Reader, trouble: Callable[[Reader], ExtractionReport], said: list[str]
) -> None:
    whole = {"a": 1, "b": 2, "c": 3}
    reader.pull(whole)
    failures = trouble(reader).failures()
    assert len(failures) == len(said)
    assert all(words in failure for words, failure in zip(said, failures, strict=True))
    assert reader.told() == []
    reader.team.breaks_off = False
    assert reader.pull(whole).failures() == []
    assert reader.told() == []


def test_a_full_refresh_believes_what_is_gone(reader: Reader) -> None:
    reader.pull({"a": 1, "b": 2})
    (failure,) = reader.pull({}).failures()
    assert "koujing run --full-refresh" in failure
    assert reader.pull({}, full_refresh=True).failures() == []
    assert sorted(reader.told()) == [("a", True), ("b", True)]


# --- a platform's list ------------------------------------------------------------------------

SHOP, LEAVING = "doudian-07", "3650000000000083249"  # off the shelf on 11-11 at 16:30:21


@pytest.fixture
def before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxHandle]:
    """A sandbox that shows noon of that day."""
    monkeypatch.setattr(session, "_BACKOFF", wait_none())
    outside = Settings(home=tmp_path / "outside", _env_file=None)
    prepare_world(outside, "small")
    Clock(outside).set(datetime(2026, 11, 11, 12, tzinfo=SHANGHAI))
    with sandbox(outside) as handle:
        yield handle


def test_a_product_that_is_offered_no_more_leaves_whatever_goes_wrong(
    tmp_path: Path, before: SandboxHandle
) -> None:
    home = lake.home_of(tmp_path / "home", before)
    assert lake.pull(home, before, "buyin", SHOP).failures() == []
    for seed, fault in enumerate(["hostile"] * 2 + ["type_flip"] * 2):
        before.faults(fault, seed)
        before.advance(3600)
        lake.pull(home, before, "buyin", SHOP)
    assert tombstones(home, "buyin") == []
    for seed, fault in enumerate(["hostile"] * 3 + ["none"] * 2):
        before.faults(fault, seed)
        before.advance(3600)
        lake.pull(home, before, "buyin", SHOP)
    assert tombstones(home, "buyin") == [("alliance_products", LEAVING, True)]
    kept = lake.newest(home, "buyin", "alliance_products", "product_id")
    assert LEAVING in kept["product_id"].to_list()  # its last row stays in the lake
