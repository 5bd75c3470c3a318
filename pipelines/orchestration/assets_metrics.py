"""Every metric as an asset: computed once on what was built, before it is published."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import TopologicalSorter

import dagster as dg
import duckdb

from metrics_dictionary.catalog import Catalog, MetricEntry
from metrics_dictionary.engine import MetricEngine
from metrics_dictionary.query import exact
from pipelines.settings import Settings
from pipelines.warehouse import semantic_manifest_path


def build_metric_assets(settings: Settings) -> dg.AssetsDefinition:
    """One asset a metric, on the facts that it is counted from and the metrics it is made of."""
    catalog = Catalog.load(semantic_manifest_path(settings))
    specs = [
        dg.AssetSpec(
            ["metrics", entry.id],
            group_name="metrics",
            description=f"{entry.zh}：{entry.description}",
            deps=[
                *(dg.AssetKey(["marts", fact]) for fact in ("dim_dates", *entry.facts)),
                *(dg.AssetKey(["metrics", name]) for name in entry.inputs),
            ],
            metadata={
                "公式": entry.formula,
                "时间口径": entry.anchor,
                "单位": entry.unit,
                "负责": entry.business_owner,
                "版本": entry.version,
            },
            kinds={"metricflow"},
        )
        for entry in catalog.entries
    ]

    @dg.multi_asset(name="metrics", specs=specs)
    def metrics() -> Iterator[dg.MaterializeResult[None]]:
        engine = MetricEngine(semantic_manifest_path(settings))
        with duckdb.connect(str(settings.warehouse_path), read_only=True) as connection:
            # One at a time: a metric that does not compile fails under its own name.
            for entry in _inputs_first(engine.catalog):
                row = connection.execute(engine.compile((entry.id,))).fetchone()
                value = exact(row[0] if row else None, entry)
                yield dg.MaterializeResult(
                    asset_key=["metrics", entry.id],
                    metadata={"over all days": "undefined" if value is None else f"{value:,}"},
                )

    return metrics


def _inputs_first(catalog: Catalog) -> Iterator[MetricEntry]:
    """Every entry after the metrics that it is made of, as Dagster wants to hear of them."""
    graph = TopologicalSorter({entry.id: entry.inputs for entry in catalog.entries})
    return (catalog[metric] for metric in graph.static_order())
