"""Running `koujing` as a person does: the installed command, in a process and a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

expect.set_options(timeout=30_000)  # as for all that is waited for: the machine may be busy
CHROMIUM = Path("/usr/bin/chromium")
KOUJING = Path(sys.executable).with_name("koujing")


class Home:
    """One KOUJING_HOME and the command that works on it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environment = {**os.environ, "KOUJING_HOME": str(path), "COLUMNS": "200"}

    def run(self, *arguments: str, exit_code: int = 0) -> str:
        """Run one command to its end; returns what it printed."""
        done = subprocess.run(
            [KOUJING, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=1800,
        )
        assert done.returncode == exit_code, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one command in a process group of its own."""
        return subprocess.Popen(
            [KOUJING, *arguments],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def query(self, metrics: str, *arguments: str) -> list[dict[str, Any]]:
        """The JSON answer to one metric query."""
        answer = self.run("metric", "query", metrics, *arguments, "--format", "json")
        rows: list[dict[str, Any]] = json.loads(answer)
        return rows


def wait_for(
    happened: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float = 1_800
) -> None:
    """Wait until something happened while a command runs."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert process.poll() is None, "the command ended before the moment came"
        assert time.monotonic() < deadline, "the moment never came"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def make_home(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Home]:
    return lambda: Home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium; CI must have one, elsewhere its absence is said."""
    if not CHROMIUM.exists():
        said = f"NO BROWSER at {CHROMIUM}: the pages were NOT tested. Run: bash tests/browser.sh"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()
