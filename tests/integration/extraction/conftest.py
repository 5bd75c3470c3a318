"""A sandbox over the small world, one a module, and homes that know all of its accounts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tenacity import wait_none

from pipelines.gateway import session
from pipelines.sandbox.process import SandboxHandle, sandbox
from pipelines.settings import Settings
from tests.integration.extraction.lake import home_of


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    settings = Settings(home=tmp_path_factory.mktemp("outside"), _env_file=None)
    with sandbox(settings) as handle:
        yield handle


def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits: not after a failure, not for what a platform allows a second."""

    class Unlimited:
        def try_acquire(self, name: str, *, blocking: bool) -> None:
            """There is always room."""

    monkeypatch.setattr(session, "_BACKOFF", wait_none())
    monkeypatch.setattr(session, "_limiter", lambda _name, _per_second: Unlimited())


@pytest.fixture
def home(
    tmp_path: Path, running: SandboxHandle, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    in_no_time(monkeypatch)
    yield home_of(tmp_path / "home", running)
    running.faults("none")
