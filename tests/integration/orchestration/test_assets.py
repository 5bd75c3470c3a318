"""What Dagster shows: the whole way with real dependencies, and checks that stop a publish."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from metrics_dictionary.query import MetricQuery, MetricReader
from pipelines.errors import BuildFailedError
from pipelines.gateway.catalogue import connectors
from pipelines.orchestration.assembly import JOB_NAME, build_definitions
from pipelines.orchestration.instance import prepare_dagster_home
from pipelines.orchestration.job import run_job
from pipelines.publish.versions import VersionStore
from pipelines.settings import Settings
from pipelines.sources.inbox.loader import load_paths
from tests.integration import golden

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("golden")]


@pytest.fixture(scope="module")
def graph(golden_home: Settings) -> Any:  # noqa: ANN401 - Dagster's own graph type is internal
    return build_definitions(golden_home).resolve_asset_graph()


def _key(path: str) -> dg.AssetKey:
    return dg.AssetKey(path.split("/"))


@pytest.mark.parametrize(
    ("asset", "parent"),
    [
        ("staging/stg_inbox_taobao__order_lines", "raw/inbox/taobao_orders"),
        ("staging/stg_registry__shops", "raw/registry/shops"),
        ("raw/doudian/orders", "raw/registry/shops"),
        ("staging/stg_doudian__order_lines", "raw/doudian/orders"),
        ("intermediate/int_order_lines__unioned", "staging/stg_inbox_doudian__order_lines"),
        ("intermediate/int_order_lines__standardised", "seeds/order_status_map"),
        ("intermediate/int_order_lines__enriched", "intermediate/int_order_lines__standardised"),
        ("marts/fct_order_lines", "intermediate/int_order_lines__enriched"),
        ("metrics/pay_amt", "marts/fct_order_lines"),
        ("metrics/refund_rate_by_pay", "metrics/pay_amt"),
        ("outlet/export", "metrics/pay_amt"),
        ("outlet/serving", "marts/agg_shop_daily"),
        ("pages/overview", "outlet/serving"),
        ("pages/overview", "metrics/pay_amt"),
    ],
)
def test_lineage_goes_from_raw_to_page(graph: Any, asset: str, parent: str) -> None:  # noqa: ANN401
    assert _key(parent) in graph.get(_key(asset)).parent_keys


def test_every_asset_has_a_description_and_a_group(graph: Any) -> None:  # noqa: ANN401
    nodes = [graph.get(key) for key in graph.get_all_asset_keys()]
    assert len(nodes) > 80
    assert [node.key.to_user_string() for node in nodes if not node.description] == []
    assert {node.group_name for node in nodes} == {
        "intermediate", "marts", "metrics", "outlet", "pages",
        "raw_inbox", "raw_registry", "seeds", "staging", *(f"raw_{name}" for name in connectors()),
    }  # fmt: skip


def test_dbt_tests_and_pandera_checks_are_asset_checks(graph: Any) -> None:  # noqa: ANN401
    checks = {(key.asset_key.to_user_string(), key.name) for key in graph.asset_check_keys}
    assert ("raw/inbox/taobao_orders", "landed_rows_fit_the_mapping") in checks
    assert ("raw/doudian/orders", "landed_rows_fit_the_declaration") in checks
    assert ("raw/doudian/pulls", "every_shop_answered") in checks
    assert ("marts/fct_orders", "orders_equal_their_lines") in checks
    assert ("marts/fct_orders", "unique_fct_orders_order_key") in checks


def test_a_run_leaves_row_counts_and_columns_as_metadata(
    golden_home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(prepare_dagster_home(golden_home)))
    with dg.DagsterInstance.get() as instance:
        found = {}
        for path in ("raw/inbox/doudian_orders", "marts/fct_orders", "marts/fct_refunds"):
            event = instance.get_latest_materialization_event(_key(path))
            assert event is not None
            assert event.asset_materialization is not None
            metadata = event.asset_materialization.metadata
            columns = metadata["dagster/column_schema"].value
            assert isinstance(columns, dg.TableSchema)
            found[path] = (metadata["dagster/row_count"].value, len(columns.columns) > 10)
        run = instance.get_runs(limit=1)[0]
    assert run.job_name == JOB_NAME
    assert found == {
        "raw/inbox/doudian_orders": (4, True),
        "marts/fct_orders": (8, True),
        "marts/fct_refunds": (4, True),
    }


def test_a_failed_check_keeps_the_last_good_version(golden_home: Settings, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", _env_file=None)
    shutil.copytree(golden_home.home, settings.home)
    before = VersionStore(settings).current()

    # A status that no seed names: neither a default nor a guess may publish it.
    header, row = golden.TAOBAO_ORDERS.read_text(encoding="utf-8").splitlines()[:2]
    bad = tmp_path / "bad.csv"
    changed = row.replace("T1,", "T9,").replace("交易成功", "火星状态")
    bad.write_text(f"{header}\n{changed}\n", encoding="utf-8")
    load_paths(settings, [bad], "golden-tmall", exported_at=datetime(2026, 2, 7))  # noqa: DTZ001
    with pytest.raises(BuildFailedError) as failed:
        run_job(settings, progress=lambda _: None)

    assert "mapped_code_int_order_lines__standardised" in failed.value.message
    assert VersionStore(settings).current() == before
    (row_now,) = MetricReader(settings).run(MetricQuery(metrics=("order_cnt",))).rows
    assert row_now["order_cnt"] == golden.TOTALS["order_cnt"]
