"""A home with the golden orders, built and published once a test worker."""

from __future__ import annotations

from datetime import datetime

import pytest

from metrics_dictionary.query import MetricReader
from pipelines.orchestration.job import run_job
from pipelines.settings import Settings
from pipelines.sources.inbox.loader import load_paths
from tests.integration import golden


@pytest.fixture(scope="session")
def golden_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("golden"), _env_file=None)
    for shop, path in golden.FILES:
        (summary,) = load_paths(settings, [path], shop, exported_at=datetime(2026, 2, 6, 9))  # noqa: DTZ001
        assert summary.rows_quarantined == 0, summary
    run_job(settings, progress=lambda _: None)
    return settings


@pytest.fixture(scope="session")
def reader(golden_home: Settings) -> MetricReader:
    return MetricReader(golden_home)
