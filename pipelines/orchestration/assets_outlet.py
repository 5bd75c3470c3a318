"""The outlet and the pages: what managers, analysts and the data platform get."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import yaml

from metrics_dictionary.catalog import Catalog
from pipelines.publish.outlet import publish
from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.warehouse import semantic_manifest_path

_EXPORT = dg.AssetKey(["outlet", "export"])
_SERVING = dg.AssetKey(["outlet", "serving"])
_PAGES_DIR = PROJECT_ROOT / "dashboards" / "pages"


def build_outlet_asset(settings: Settings) -> dg.AssetsDefinition:
    """Export and serving, published together: readers get both or neither."""
    catalog = Catalog.load(semantic_manifest_path(settings))
    metrics = [dg.AssetKey(["metrics", entry.id]) for entry in catalog.entries]
    marts = [
        dg.AssetKey(["marts", name])
        for name in (
            "dim_channels",
            "dim_shops",
            "fct_orders",
            "fct_listing_snapshots",
            "agg_shop_daily",
            "data_freshness",
        )
    ]

    @dg.multi_asset(
        name="outlet",
        specs=[
            dg.AssetSpec(
                _EXPORT,
                deps=[*metrics, *marts],
                group_name="outlet",
                description="Immutable Parquet with a manifest a version, for the data platform.",
                kinds={"parquet"},
            ),
            dg.AssetSpec(
                _SERVING,
                deps=[*metrics, *marts],
                group_name="outlet",
                description="The published DuckDB that analysts and pages open read-only.",
                kinds={"duckdb"},
            ),
        ],
    )
    def outlet() -> Iterator[dg.MaterializeResult[None]]:
        version = publish(settings)
        told: dict[str, dg.RawMetadataValue] = {
            "version": version.version,
            "data until": f"{version.data_until:%Y-%m-%d %H:%M:%S}",
            "schema version": version.schema_version,
            "dagster/row_count": sum(version.tables.values()),
        }
        yield dg.MaterializeResult(
            asset_key=_EXPORT, metadata={**told, "path": str(settings.export_dir)}
        )
        yield dg.MaterializeResult(
            asset_key=_SERVING, metadata={**told, "path": str(settings.serving_path)}
        )

    return outlet


def page_specs(settings: Settings) -> list[dg.AssetSpec]:
    """The pages, each on the serving database and the metrics that it shows."""
    known = {entry.id for entry in Catalog.load(semantic_manifest_path(settings)).entries}
    specs = []
    for path in sorted(_PAGES_DIR.glob("*.yml")):
        page = yaml.safe_load(path.read_text(encoding="utf-8"))
        shown = sorted(known & _words(page))
        specs.append(
            dg.AssetSpec(
                ["pages", path.stem],
                deps=[_SERVING, *(dg.AssetKey(["metrics", metric]) for metric in shown)],
                group_name="pages",
                description=f"{page['title']}: reads the published version, follows newer ones.",
                kinds={"plotly"},
            )
        )
    return specs


def _words(node: object) -> set[str]:
    """Every text value in a page's YAML; the metric ids are among them."""
    if isinstance(node, dict):
        return set().union(*(_words(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_words(value) for value in node))
    return {node} if isinstance(node, str) else set()
