"""`kill -9` in the middle of a run: the next run gives the same numbers."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.conftest import Home, wait_for
from tests.e2e.samples import expected, figures, load_samples

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("killed")]


_MOMENTS = ("raw_registry", "dbt_target/run", "serving/versions")  # each later than the one before


def test_a_run_killed_again_and_again_and_run_once_more_gives_the_same_numbers(
    make_home: Callable[[], Home],
) -> None:
    home = make_home()
    load_samples(home)
    for moment in _MOMENTS:
        assert not _reached(home.path, moment)
        process = home.start("run")
        wait_for(partial(_reached, home.path, moment), process)
        # Only the run itself: a dbt that it started goes on by itself, as after a real kill -9.
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    home.run("run")
    assert figures(home) == expected()


def _reached(home: Path, moment: str) -> bool:
    if moment == "raw_registry":
        return (home / "warehouse" / "koujing.duckdb").exists()
    folder = home / moment
    return folder.is_dir() and any(folder.rglob("*"))
