"""`koujing sandbox`: what is asked wrongly is said, the clock moves."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from pipelines.commands.sandbox import sandbox_app
from pipelines.errors import InputRefusedError, UsageError
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.process import prepare_world, refuse_another_world
from pipelines.settings import Settings


@pytest.fixture
def home(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("KOUJING_HOME", str(settings.home))
    return settings


def test_advance_moves_the_clock_of_a_home_that_has_one(home: Settings) -> None:
    nothing = CliRunner().invoke(sandbox_app, ["advance", "1h"])
    assert isinstance(nothing.exception, UsageError)
    prepare_world(home, "small")
    done = CliRunner().invoke(sandbox_app, ["advance", "26h"])
    assert "2026-11-15 22:00:00" in done.output
    assert f"{Clock(home).now():%d %H}" == "15 22"


def test_a_home_keeps_its_world(home: Settings) -> None:
    prepare_world(home, "small")
    refuse_another_world(home, "small")
    refuse_another_world(home, "")
    asked = CliRunner().invoke(sandbox_app, ["up", "--world", "demo"])
    assert isinstance(asked.exception, UsageError)
    assert "'small' already" in asked.exception.message


def test_a_folder_that_is_no_world_is_refused(home: Settings) -> None:
    home.home.mkdir(parents=True)
    with pytest.raises(InputRefusedError, match="table company is missing"):
        prepare_world(home, home.home)
    with pytest.raises(UsageError, match="neither a size nor a folder"):
        prepare_world(home, "tiny")
    wrong = CliRunner().invoke(sandbox_app, ["up", "--faults", "chaos"])
    assert isinstance(wrong.exception, UsageError)
