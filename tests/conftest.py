"""Fixtures that all tests share."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_ROOT, Settings


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets; not licensed for this repository, so it lies beside it."""
    folder = Path(os.environ.get("KOUJING_SHARED_DATA", PROJECT_ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data sets at {folder}: set KOUJING_SHARED_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def export_headers() -> dict[str, list[str]]:
    """The confirmed header rows of back-office exports; the notes lie beside the repository."""
    default = PROJECT_ROOT.parent / "shared" / "exports_headers.json"
    path = Path(os.environ.get("KOUJING_SHARED_HEADERS", default))
    if not path.is_file():
        pytest.skip(f"no header rows at {path}: set KOUJING_SHARED_HEADERS to their file")
    headers: dict[str, list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return headers


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty home of its own."""
    return Settings(home=tmp_path / "home", _env_file=None)


@pytest.fixture(scope="session")
def platform_samples() -> Path:
    """Composed sample responses of the platforms; they lie beside the repository."""
    default = PROJECT_ROOT.parent / "shared" / "platforms"
    folder = Path(os.environ.get("KOUJING_SHARED_PLATFORMS", default)) / "samples"
    if not folder.is_dir():
        pytest.skip(f"no platform samples at {folder}: set KOUJING_SHARED_PLATFORMS")
    return folder
