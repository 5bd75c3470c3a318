"""What `dagster dev` and `koujing run` load: the whole way, from raw table to page."""

from __future__ import annotations

from pipelines.orchestration.assembly import build_definitions
from pipelines.settings import Settings

defs = build_definitions(Settings())
