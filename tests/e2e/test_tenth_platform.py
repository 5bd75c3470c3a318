"""A tenth platform is its folders and seed rows over a copy of the project: no edit elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.settings import PROJECT_ROOT
from tests.e2e.company import books_of
from tests.e2e.conftest import Home

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("tenth")]
FOLDERS = Path(__file__).parent / "tenth_platform"
COPIED = ("pipelines", "dbt_project", "metrics_dictionary", "dashboards", "tests")
METRICS = ("order_cnt", "pay_amt", "pay_order_cnt", "pay_qty", "pay_buyer_uv", "ship_order_cnt")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the tenth platform laid over it."""
    copy = tmp_path_factory.mktemp("project")
    left = shutil.ignore_patterns("__pycache__", "target", "logs", "tenth_platform")
    for folder in COPIED:
        shutil.copytree(PROJECT_ROOT / folder, copy / folder, ignore=left)
    for file in ("pyproject.toml", "workspace.yaml"):
        shutil.copy(PROJECT_ROOT / file, copy / file)
    for path in (each for each in FOLDERS.rglob("*") if each.is_file()):
        target = copy / path.relative_to(FOLDERS)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".csv":  # seed rows, behind those that are there
            target.write_text(target.read_text().rstrip("\n") + "\n" + path.read_text())
        elif path.suffix != ".pyc":
            shutil.copy(path, target)
    return copy


def test_its_numbers_are_published_by_shop_and_day(project: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.environment["PYTHONPATH"] = str(project)
    printed = home.run("run", "--channel", "toy")
    assert "拾号: pulling" in printed
    said = {
        (row["shop"], row["day"], metric): row[metric]
        for row in home.query(",".join(METRICS), "--by", "shop,day")
        for metric in METRICS
        if row["shop"].startswith("toy") and float(row[metric] or 0)
    }
    true = {
        (toy, str(day), metric): value
        for metric, shop, day, value in books_of(home, ("mall",)).iter_rows()
        for toy in ("toy-01", "toy-02")
        if metric in METRICS and value
    }
    assert len(true) > 100
    assert {key: float(value) for key, value in said.items()} == {
        key: float(value) for key, value in true.items()
    }


def test_it_keeps_the_contract_of_every_connector(project: Path) -> None:
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
            "tests/integration/contract", "-k", "toy",
        ],
        cwd=project, env={**os.environ, "PYTHONPATH": str(project)}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert "passed" in done.stdout
