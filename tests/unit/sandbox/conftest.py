"""A clock, and the hand-made world over it; a module over another world brings its own."""

from __future__ import annotations

import pytest

from pipelines.sandbox.adapter import Outside
from pipelines.sandbox.clock import Clock
from pipelines.settings import Settings
from tests.unit.sandbox.advertised import one_shop


@pytest.fixture
def clock(settings: Settings) -> Clock:
    return Clock(settings)


@pytest.fixture
def outside(clock: Clock) -> Outside:
    return one_shop(clock)
