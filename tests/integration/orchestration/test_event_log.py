"""The event log that keeps its files open says the same as Dagster's own, which may read it too."""

from __future__ import annotations

import dagster as dg
import pytest

from pipelines.orchestration.event_log import KeptEventLog
from pipelines.orchestration.instance import prepare_dagster_home
from pipelines.settings import Settings

pytestmark = pytest.mark.integration


@dg.asset
def counted() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"rows": 7})


def told(instance: dg.DagsterInstance) -> list[tuple[str, list[str]]]:
    """What each run says happened, in order."""
    return [
        (run.run_id, [each.message for each in instance.all_logs(run.run_id)])
        for run in instance.get_runs()
    ]


def test_dagsters_own_log_reads_what_ours_wrote(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = prepare_dagster_home(settings)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.event_log_storage, KeptEventLog)
        for _ in range(10):  # more runs than files that stay open
            assert dg.materialize([counted], instance=instance).success
        ours = told(instance)
        newest = instance.get_latest_materialization_event(counted.key)
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    with dg.DagsterInstance.get() as stock:
        assert not isinstance(stock.event_log_storage, KeptEventLog)
        assert told(stock) == ours
        assert stock.get_latest_materialization_event(counted.key) == newest
    assert len(ours) == 10
    assert all(len(lines) > 5 for _, lines in ours)


def test_wiping_forgets_all_of_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(prepare_dagster_home(settings)))
    with dg.DagsterInstance.get() as instance:
        assert dg.materialize([counted], instance=instance).success
        instance.event_log_storage.wipe()
        assert instance.get_latest_materialization_event(counted.key) is None
        assert dg.materialize([counted], instance=instance).success
        assert instance.get_latest_materialization_event(counted.key) is not None
