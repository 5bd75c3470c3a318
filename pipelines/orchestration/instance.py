"""Dagster's own home, under ``KOUJING_HOME``."""

from __future__ import annotations

from pathlib import Path

from pipelines.settings import Settings

_DAGSTER_YAML = """\
# Written by koujing where it is missing; yours to change.
telemetry:
  enabled: false
event_log_storage:
  module: pipelines.orchestration.event_log
  class: KeptEventLog
  config:
    base_dir: {env: DAGSTER_HOME}
"""


def prepare_dagster_home(settings: Settings) -> Path:
    """Make the instance folder with its configuration; returns it."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    config = settings.dagster_home / "dagster.yaml"
    if not config.exists():
        config.write_text(_DAGSTER_YAML, encoding="utf-8")
    return settings.dagster_home
