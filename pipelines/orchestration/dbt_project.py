"""The dbt project as Dagster sees it: keyed by layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator


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
