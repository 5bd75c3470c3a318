"""How far accounts were pulled, from pulls on record that are written here by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.freshness import ALL_STREAMS, pulled, stale
from pipelines.gateway.catalogue import connectors
from pipelines.landing import LandedFile, RawLake, lake_lock, land_files
from pipelines.settings import Settings

CONNECTOR = connectors()["buyin"]
FIRST, SECOND = (stream.table for stream in CONNECTOR.streams[:2])


def at(hour: int) -> datetime:
    return datetime(2026, 11, 14, hour)  # noqa: DTZ001 - wall clock of the platform


def row(
    shop: str, stream: str, tried: int, until: int | None, error: str | None = None,
    kind: str = "incremental",
) -> dict[str, object]:  # fmt: skip
    return {
        "shop_key": shop, "stream": stream, "kind": kind, "finished_at": at(tried),
        "window_end": None if until is None else at(until),
        "status": "failed" if error else "ok", "error": error,
    }  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, _env_file=None)


def landed(settings: Settings, *rows: dict[str, object]) -> Sequence[tuple[str, str, str]]:
    """Each account with how far it was pulled and why no further."""

    def write(load_id: str, folder: Path) -> list[LandedFile]:
        frame = pl.DataFrame(list(rows), infer_schema_length=None).with_columns(
            pl.col("error").cast(pl.String),
            pl.col("window_end").cast(pl.Datetime("us")),
            _dlt_load_id=pl.lit(load_id),
        )
        frame.write_parquet(folder / "pulls.parquet")
        return [LandedFile("pulls", folder / "pulls.parquet", frame.height)]

    with lake_lock(settings, CONNECTOR.channel):
        land_files(settings, CONNECTOR.channel, ["pulls"], write)
    assert RawLake(settings).tables(CONNECTOR.channel)
    return [
        (each.shop_key, f"{each.complete_until:%H}" if each.complete_until else "", each.error)
        for each in pulled(settings, CONNECTOR)
    ]


def test_an_account_is_as_fresh_as_its_least_fresh_stream(settings: Settings) -> None:
    told = landed(
        settings,
        row("a", FIRST, 9, 8), row("a", FIRST, 12, 11), row("a", SECOND, 9, 7),
        row("b", FIRST, 9, 8), row("b", SECOND, 9, None, "限流"),
    )  # fmt: skip
    assert told == [("a", "07", ""), ("b", "", "限流")]


def test_a_backfill_makes_nothing_fresher(settings: Settings) -> None:
    told = landed(settings, row("a", FIRST, 9, 8), row("a", FIRST, 12, 11, kind="backfill"))
    assert told == [("a", "08", "")]


def test_an_account_that_could_not_be_opened_is_stale_until_it_can(settings: Settings) -> None:
    told = landed(
        settings,
        row("a", FIRST, 9, 8), row("a", ALL_STREAMS, 10, None, "unreachable"),
        row("b", ALL_STREAMS, 8, None, "unreachable"), row("b", FIRST, 9, 8),
        row("c", ALL_STREAMS, 9, None, "unreachable"),
    )  # fmt: skip
    assert told == [("a", "08", "unreachable"), ("b", "08", ""), ("c", "", "unreachable")]


def test_what_is_stale_is_said_with_since_when(settings: Settings) -> None:
    landed(settings, row("a", FIRST, 9, 8), row("a", FIRST, 10, 9, "验签失败"))
    landed_again = pulled(settings, CONNECTOR)
    assert list(stale(landed_again)) == [
        ("a", f"{CONNECTOR.title} fresh until 2026-11-14 08:00: 验签失败")
    ]


def test_a_home_without_pulls_has_nothing_to_tell(settings: Settings) -> None:
    assert pulled(settings, CONNECTOR) == []
