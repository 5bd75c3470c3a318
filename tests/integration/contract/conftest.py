"""A sandbox over the small world, one a worker, and homes that know all of its accounts."""

from __future__ import annotations

from tests.integration.extraction.conftest import home, running

__all__ = ["home", "running"]
