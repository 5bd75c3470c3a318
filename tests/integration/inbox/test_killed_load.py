"""A load killed at any step leaves all or nothing; the next one makes it whole, once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from pipelines.landing import RawLake
from pipelines.settings import Settings
from pipelines.sources.inbox.ledger import landed
from pipelines.sources.inbox.loader import load_paths
from tests.integration.inbox import made_up

pytestmark = pytest.mark.integration

ROWS = 60_000
LOAD = (
    "import sys; from pathlib import Path; from pipelines.settings import Settings;"
    "from pipelines.sources.inbox.loader import load_paths;"
    "load_paths(Settings(home=Path(sys.argv[1]), _env_file=None), [Path(sys.argv[2])], 'tmall')"
)
# What lies in the home when the load has come this far.
STEPS = {
    "registered": "registry/registry.sqlite",
    "scratch written": "tmp/inbox/*/*.parquet",
    "load package": "tmp/inbox/*/dlt/**/new_jobs/*.parquet",
    "first file in the lake": "raw/raw_inbox/*/*/*.parquet",
}


@pytest.mark.parametrize("pattern", STEPS.values(), ids=STEPS)
def test_killed_load_then_the_same_again(tmp_path: Path, pattern: str) -> None:
    settings = Settings(home=tmp_path / "home", _env_file=None)
    path = tmp_path / "orders.csv"
    header = ",".join(made_up.headers("taobao_orders", "short-7"))
    rows = "".join(f"{n},1.00,1.00,上海,2026-07-01 10:00:00,,0.0\n" for n in range(ROWS))
    path.write_text(f"{header}\n{rows}x,broken,0,上海,2026-07-01,,0\n", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", LOAD, str(settings.home), str(path)], stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 120
    while not any(settings.home.glob(pattern)) and process.poll() is None:
        assert time.monotonic() < deadline, "the load did not come that far"
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the load was over before it was killed"

    seen = _visible(settings)
    assert seen in (0, ROWS)
    (summary,) = load_paths(settings, [path], "tmall")
    assert summary.status == ("already_loaded" if seen else "loaded")
    assert _visible(settings) == ROWS
    assert landed(settings, "files").num_rows == 1
    assert landed(settings, "quarantine").num_rows == 1


def _visible(settings: Settings) -> int:
    """Rows of complete loads, as the warehouse sees them."""
    files = RawLake(settings).tables("inbox").get("taobao_orders", [])
    if not files:
        return 0
    with duckdb.connect() as db:
        row = db.execute("SELECT count(*) FROM read_parquet(?)", [files]).fetchone()
    return int(row[0]) if row else 0
