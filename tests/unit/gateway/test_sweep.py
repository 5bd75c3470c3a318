"""What left a list that was read whole, by what the lake knew of it before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import cast

import polars as pl
import pyarrow as pa
import pytest

from pipelines.gateway.connector import Account, Stream
from pipelines.gateway.errors import ParameterRefused
from pipelines.gateway.sweep import sweep
from pipelines.registry.shops import Shop
from pipelines.settings import SHANGHAI

NOW = datetime(2026, 11, 14, 20, tzinfo=SHANGHAI)
LIST = Stream(
    "authors", "t", {"author_id": pl.String}, ("author_id",), lambda *_: iter(()), is_whole=True
)


class ListReader:
    """An account that is asked for nothing more: its list was read."""

    shop = Shop(shop_key="m", channel="t", name="M")

    def now(self) -> datetime:
        return NOW


class Lake:
    """A raw table and its tombstones, a file a load."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.landed: dict[str, list[str]] = {}

    def land(self, load: str, table: str, rows: list[dict[str, object]]) -> None:
        file = self.folder / f"{table}-{load}.parquet"
        pl.DataFrame([{**row, "_dlt_load_id": load} for row in rows]).write_parquet(file)
        self.landed.setdefault(table, []).append(str(file))

    def lists(self, load: str, *authors: str, shop: str = "m") -> None:
        self.land(load, "authors", [{"shop_key": shop, "author_id": each} for each in authors])

    def tells(self, load: str, author: str, *, is_gone: bool) -> None:
        told = {"shop_key": "m", "stream": "authors", "record_key": author, "is_gone": is_gone}
        self.land(load, "deletions", [told])

    def found(self, *pages: Sequence[str], believes_all: bool = False) -> list[tuple[str, bool]]:
        """Author and whether gone, of what a list of some pages makes known."""
        keys = [pa.table({"author_id": pa.array(page, pa.string())}) for page in pages]
        rows = sweep(
            LIST, cast("Account", ListReader()), self.landed, keys,
            key=b"k" * 32, scratch=self.folder, believes_all=believes_all,
        )  # fmt: skip
        assert rows is not None
        assert set(rows["observed_at"].to_pylist()) <= {NOW.replace(tzinfo=None)}
        return sorted(zip(rows["record_key"].to_pylist(), rows["is_gone"].to_pylist(), strict=True))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def test_who_is_no_more_in_the_list_is_gone(lake: Lake) -> None:
    lake.lists("1", "a", "b", "c")
    assert lake.found(["a"], ["c", "new"]) == [("b", True)]


def test_nobody_is_gone_where_all_are_there_also_twice(lake: Lake) -> None:
    lake.lists("1", "a", "b")
    lake.lists("2", "a", "b")
    assert lake.found(["a", "b"], ["b", "a"]) == []


def test_another_shop_s_list_says_nothing_of_ours(lake: Lake) -> None:
    lake.lists("1", "a", "b")
    lake.lists("1-other", "c", shop="other")
    assert lake.found(["a", "b"]) == []


def test_who_is_gone_is_told_once_and_comes_back_once(lake: Lake) -> None:
    lake.lists("1", "a", "b", "c")
    lake.tells("2", "b", is_gone=True)
    assert lake.found(["a", "c"]) == []
    assert lake.found(["a", "b", "c"]) == [("b", False)]
    lake.lists("3", "a", "b", "c")  # seen again, later than its tombstone: it may go again
    assert lake.found(["a", "c"]) == [("b", True)]


def test_a_list_that_lost_too_much_is_not_believed(lake: Lake) -> None:
    lake.lists("1", "a", "b", "c", "d")
    assert lake.found(["a", "b"]) == [("c", True), ("d", True)]
    with pytest.raises(ParameterRefused, match=r"lost 3 of 4 rows; none was .* --full-refresh"):
        lake.found(["a"])
    # Those that went before count no more.
    lake.tells("2", "d", is_gone=True)
    with pytest.raises(ParameterRefused, match="lost 2 of 3"):
        lake.found(["a"])
    assert lake.found(["a"], believes_all=True) == [("b", True), ("c", True)]


def test_an_empty_list_is_not_believed_even_of_one(lake: Lake) -> None:
    lake.lists("1", "a")
    with pytest.raises(ParameterRefused, match="lost 1 of 1"):
        lake.found()


def test_a_first_list_makes_nothing_known(tmp_path: Path) -> None:
    told = sweep(
        LIST, cast("Account", ListReader()), {}, [], key=b"k" * 32, scratch=tmp_path,
        believes_all=False,
    )  # fmt: skip
    assert told is None
