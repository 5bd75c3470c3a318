"""`kill -9` in the middle of a run: the next run gives the same numbers."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Home, wait_for
from tests.e2e.samples import expected, figures, load_samples

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("killed")]


@pytest.mark.parametrize("moment", ["raw_registry", "dbt_target/run", "serving/versions"])
def test_a_run_killed_at_any_step_and_run_again_gives_the_same_numbers(
    make_home: Callable[[], Home], moment: str
) -> None:
    home = make_home()
    load_samples(home)
    process = home.start("run")
    wait_for(lambda: _reached(home.path, moment), process)
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
