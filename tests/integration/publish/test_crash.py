"""A publisher killed with -9 at any point leaves one whole version, old or new."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.publish.export import Manifest
from pipelines.publish.outlet import publish, repair
from pipelines.publish.versions import PublishedVersion, VersionStore
from pipelines.settings import PROJECT_ROOT, Settings
from tests.fakes.warehouse import FakeDictionary, FakeWarehouse, at
from tests.integration.publish.conftest import ask

pytestmark = pytest.mark.integration
PAID = (
    "select version, (select sum(paid_amount) from marts.fct_orders) from metrics.published_version"
)
OLD = [("v20261123.013005", Decimal("5124.61"))]
NEW = [("v20261124.013005", Decimal("5125.61"))]
AGAIN = [("v20261125.013005", Decimal("5125.61"))]

# Publishes, and is killed just before the named system event touches the named path.
KILLED = """
import os, re, signal, sys
from pathlib import Path
from pipelines.publish.outlet import publish
from pipelines.settings import Settings
from tests.fakes.warehouse import FakeDictionary, at

home, event, path = sys.argv[1:]
def die():
    os.kill(os.getpid(), signal.SIGKILL)
def watch(name, args):
    if name == event and re.search(path, str(args[1] if name == "os.rename" else args[0])):
        die()
def step(name):
    if event == "step" and name == path:
        die()
sys.addaudithook(watch)
settings = Settings(home=Path(home), keep_versions=2, _env_file=None)
publish(settings, FakeDictionary(), at("2026-11-24 01:30:05"), step)
"""


@pytest.fixture
def second(
    settings: Settings, warehouse: FakeWarehouse, first: PublishedVersion
) -> PublishedVersion:
    """Two versions stand; the build holds a third state, so that its publish prunes the first."""
    warehouse.sql("update marts.fct_orders set paid_amount = 4.30 where order_id = '1003'")
    version = publish(settings, FakeDictionary(), at("2026-11-23 01:30:05"))
    warehouse.sql("update marts.fct_orders set paid_amount = 5.30 where order_id = '1003'")
    return version


@pytest.mark.parametrize(
    ("event", "path", "expected"),
    [
        pytest.param("step", "writing the serving database", (OLD, OLD), id="folder begun"),
        pytest.param("step", "exporting what changed", (OLD, OLD), id="database half written"),
        pytest.param("os.rename", r"data/fct_orders/", (OLD, OLD), id="Parquet written aside"),
        pytest.param("os.rename", r"data/metrics_daily/", (OLD, OLD), id="some Parquet in place"),
        pytest.param("step", "auditing", (OLD, OLD), id="not audited"),
        pytest.param("os.rename", r"manifests/", (OLD, OLD), id="no manifest"),
        pytest.param("os.rename", r"version\.json$", (OLD, OLD), id="no record"),
        pytest.param("os.rename", r"versions/v[^/]*$", (OLD, OLD), id="folder without its name"),
        pytest.param("os.rename", r"current\.json$", (OLD, OLD), id="before the commit"),
        pytest.param("os.rename", r"serving/koujing\.duckdb$", (NEW, OLD), id="before the link"),
        pytest.param("os.rename", r"latest\.json$", (NEW, NEW), id="before latest.json"),
        pytest.param("shutil.rmtree", r"versions/v", (NEW, NEW), id="before pruning folders"),
        pytest.param("os.remove", r"manifests/", (NEW, NEW), id="before pruning manifests"),
        pytest.param("os.remove", r"data/.*\.parquet$", (NEW, NEW), id="before pruning Parquet"),
    ],
)
def test_a_killed_publish_leaves_one_whole_version(
    settings: Settings,
    second: PublishedVersion,
    event: str,
    path: str,
    expected: tuple[list[tuple[str, Decimal]], list[tuple[str, Decimal]]],
) -> None:
    visible, linked = expected
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(settings.home), event, path],
        cwd=PROJECT_ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    store = VersionStore(settings)
    current = store.current()
    assert current is not None
    assert current.version == visible[0][0]
    assert ask(store.database(current.version), PAID) == visible
    assert ask(settings.serving_path, PAID) == linked
    for version in store.all():
        assert ask(store.database(version.version), PAID)[0][0] == version.version

    repair(settings)
    assert ask(settings.serving_path, PAID) == visible
    assert exported(settings) == visible[0][0]

    publish(settings, FakeDictionary(), at("2026-11-25 01:30:05"))
    assert ask(settings.serving_path, PAID) == AGAIN
    assert exported(settings) == AGAIN[0][0]
    assert leftovers(settings) == set()


def exported(settings: Settings) -> str:
    latest = json.loads((settings.export_dir / "latest.json").read_text(encoding="utf-8"))
    return str(latest["version"])


def leftovers(settings: Settings) -> set[Path]:
    """Version folders, manifests and Parquet files that no kept version names."""
    store = VersionStore(settings)
    kept = [version.version for version in store.all()]
    manifests = [
        Manifest.model_validate_json(store.manifest_path(version).read_bytes()) for version in kept
    ]
    named = {store.folder(version) for version in kept}
    named |= {store.manifest_path(version) for version in kept}
    named |= {settings.export_dir / path for manifest in manifests for path in manifest.paths()}
    there = {
        *(settings.serving_path.parent / "versions").iterdir(),
        *(settings.export_dir / "manifests").iterdir(),
        *(path for path in (settings.export_dir / "data").rglob("*") if path.is_file()),
    }
    return (there ^ named) | set(settings.export_dir.glob(".building"))
