"""The dbt project keeps its own rules: layers, documents, keys, contracts, no hard-coded table."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import chinese_calendar
import duckdb
import pytest

from pipelines.settings import Settings
from pipelines.warehouse import DBT_PROJECT_DIR, run_dbt

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("golden")]

# What a layer may read: (own layer's name) -> layers and node types below it.
_MAY_READ = {
    "staging": {"source", "seed"},  # a code of the platform's may decide what a column holds
    "intermediate": {"staging", "intermediate", "seed"},
    "marts": {"intermediate", "marts", "seed"},
}
_KEY_TESTS = {"unique", "unique_grain"}


@pytest.fixture(scope="module")
def manifest(golden_home: Settings) -> dict[str, Any]:
    content = (golden_home.dbt_target_dir / "manifest.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(content)
    return loaded


def _models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert len(models) > 20
    return models


def _kind(manifest: dict[str, Any], unique_id: str) -> str:
    node = manifest["nodes"].get(unique_id)
    if node is None:
        return "source"
    return "seed" if node["resource_type"] == "seed" else str(node["fqn"][1])


def test_no_model_skips_a_layer(manifest: dict[str, Any]) -> None:
    skips = [
        f"{model['name']} reads {parent}"
        for model in _models(manifest)
        for parent in model["depends_on"]["nodes"]
        if _kind(manifest, parent) not in _MAY_READ[model["fqn"][1]]
    ]
    assert skips == []


def test_every_model_is_described_and_its_grain_tested(manifest: dict[str, Any]) -> None:
    tested = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and "test_metadata" in node
        if node["test_metadata"]["name"] in _KEY_TESTS
    }
    lacking = [
        model["name"]
        for model in _models(manifest)
        if not model["description"]
        or (model["unique_id"] not in tested and model["name"] != "int_shop_activity__observed")
    ]  # int_shop_activity__observed is a log of events: two can be alike
    assert lacking == []


def test_every_mart_column_has_a_type_and_a_chinese_description(manifest: dict[str, Any]) -> None:
    lacking = [
        f"{model['name']}.{column['name']}"
        for model in _models(manifest)
        if model["fqn"][1] == "marts"
        for column in model["columns"].values()
        if not column["data_type"] or not re.search("[\u4e00-\u9fff]", column["description"])
    ]
    assert lacking == []


def test_marts_have_enforced_contracts(manifest: dict[str, Any]) -> None:
    marts = [model for model in _models(manifest) if model["fqn"][1] == "marts"]
    assert [model["name"] for model in marts if not model["contract"]["enforced"]] == []


def test_no_model_names_a_table_outright(manifest: dict[str, Any]) -> None:
    pattern = re.compile(r"\b(?:from|join)\s+(?:raw_|staging\.|intermediate\.|marts\.)", re.I)
    assert [m["name"] for m in _models(manifest) if pattern.search(m["raw_code"])] == []


def test_unit_tests_of_the_models_pass(golden_home: Settings) -> None:
    run_dbt(golden_home, ["test", "--select", "test_type:unit"])
    results = json.loads((golden_home.dbt_target_dir / "run_results.json").read_text())["results"]
    assert len(results) >= 10
    assert {result["status"] for result in results} == {"pass"}


def test_the_calendar_agrees_with_chinese_calendar_day_by_day(golden_home: Settings) -> None:
    with duckdb.connect(str(golden_home.serving_path), read_only=True) as connection:
        rows = connection.execute(
            "SELECT date_day, is_workday, holiday_name IS NOT NULL FROM marts.dim_dates"
            " WHERE date_day BETWEEN '2015-01-01' AND '2026-12-31' ORDER BY date_day"
        ).fetchall()
    assert len(rows) == (date(2026, 12, 31) - date(2015, 1, 1)).days + 1
    wrong = [
        day
        for day, is_workday, has_name in rows
        if is_workday != chinese_calendar.is_workday(day)
        or has_name != (chinese_calendar.get_holiday_detail(day)[1] is not None)
    ]
    assert wrong == []


def test_a_year_not_announced_yet_has_weekends_and_no_guess(golden_home: Settings) -> None:
    with duckdb.connect(str(golden_home.serving_path), read_only=True) as connection:
        rows = dict(
            connection.execute(
                "SELECT date_day, is_workday FROM marts.dim_dates WHERE date_day >= '2027-03-01'"
                " AND date_day < '2027-03-08'"
            ).fetchall()
        )
    monday = date(2027, 3, 1)
    assert [rows[monday + timedelta(days=n)] for n in range(7)] == [None] * 7


def test_promotion_days_are_counted_from_their_first(golden_home: Settings) -> None:
    with duckdb.connect(str(golden_home.serving_path), read_only=True) as connection:
        rows = connection.execute(
            "SELECT promo_name, promo_day FROM marts.dim_dates WHERE date_day IN"
            " ('2026-11-11', '2026-10-30', '2026-05-31') ORDER BY date_day"
        ).fetchall()
    assert rows == [("618", 1), (None, None), ("双11", 12)]


def test_the_project_needs_no_package_from_outside() -> None:
    assert not (DBT_PROJECT_DIR / "packages.yml").exists()
    assert not (DBT_PROJECT_DIR / "dependencies.yml").exists()
