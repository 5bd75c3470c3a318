"""The dbt project as Dagster sees it: parsed when it changed, keyed by layer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator

from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.warehouse import DBT_PROJECT_DIR, run_dbt

_PARSED_FOLDERS = (
    *(DBT_PROJECT_DIR / name for name in ("models", "macros", "seeds", "tests")),
    PROJECT_ROOT / "metrics_dictionary" / "definitions",
)


def prepared_manifest(settings: Settings) -> Path:
    """The manifest of the project as it stands; parsed anew only when a file changed.

    Raises:
        BuildFailedError: dbt cannot parse the project.
    """
    manifest = settings.dbt_target_dir / "manifest.json"
    stamp = settings.dbt_target_dir / "parsed_from"
    digest = _project_digest()
    if not (manifest.exists() and stamp.exists() and stamp.read_text() == digest):
        run_dbt(settings, ["parse"])
        stamp.write_text(digest)
    return manifest


def _project_digest() -> str:
    digest = hashlib.sha256()
    files = [path for folder in _PARSED_FOLDERS for path in sorted(folder.rglob("*"))]
    for path in (DBT_PROJECT_DIR / "dbt_project.yml", DBT_PROJECT_DIR / "profiles.yml", *files):
        if path.is_file():
            digest.update(str(path.relative_to(PROJECT_ROOT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


class LayerTranslator(DagsterDbtTranslator):  # type: ignore[misc] # dagster_dbt is not typed here
    """Names a model ``<layer>/<model>`` and a dbt source by the raw asset that lands it."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """``raw/<channel>/<table>``, ``seeds/<seed>`` or ``<layer>/<model>``."""
        kind = dbt_resource_props["resource_type"]
        if kind == "source":
            return dg.AssetKey(
                ["raw", dbt_resource_props["source_name"], dbt_resource_props["name"]]
            )
        if kind == "model":
            return dg.AssetKey([dbt_resource_props["fqn"][1], dbt_resource_props["name"]])
        if kind == "seed":
            return dg.AssetKey(["seeds", dbt_resource_props["name"]])
        return dg.AssetKey(dbt_resource_props["fqn"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The layer."""
        if dbt_resource_props["resource_type"] == "seed":
            return "seeds"
        return str(dbt_resource_props["fqn"][1])
