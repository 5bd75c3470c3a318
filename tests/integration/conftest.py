"""A home with the golden orders, built and published once a test worker."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from metrics_dictionary.query import MetricReader
from pipelines.orchestration.job import run_job
from pipelines.settings import Settings
from pipelines.sources.inbox.loader import load_paths
from tests.integration import golden

_FILES = (
    ("golden-tmall", "orders.csv", golden.TMALL),
    ("golden-doudian", "doudian.csv", golden.DOUDIAN),
    ("golden-doudian", "aftersales.csv", golden.AFTERSALES),
    ("golden-ads", "全域推广数据-视频-示例.csv", golden.ADS),
)


@pytest.fixture(scope="session")
def golden_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("golden")
    settings = Settings(home=folder / "home", _env_file=None)
    for shop, name, text in _FILES:
        path: Path = folder / name
        path.write_text(text, encoding="utf-8")
        (summary,) = load_paths(settings, [path], shop, exported_at=datetime(2026, 2, 6, 9))  # noqa: DTZ001
        assert summary.rows_quarantined == 0, summary
    run_job(settings, progress=lambda _: None)
    return settings


@pytest.fixture(scope="session")
def reader(golden_home: Settings) -> MetricReader:
    return MetricReader(golden_home)
