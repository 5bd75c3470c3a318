"""Puts assets, checks, job and schedule together. No logic of its own."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg

from pipelines.embedded import Outside
from pipelines.gateway.catalogue import connectors
from pipelines.orchestration.assets_dbt import build_dbt_assets
from pipelines.orchestration.assets_metrics import build_metric_assets
from pipelines.orchestration.assets_outlet import build_outlet_asset, page_specs
from pipelines.orchestration.assets_raw import (
    build_connector_asset,
    build_inbox_asset,
    build_pulls_asset,
    build_registry_asset,
)
from pipelines.parsing import prepared_manifest
from pipelines.settings import Settings

JOB_NAME = "koujing_run"


def build_definitions(
    settings: Settings,
    loggers: Mapping[str, dg.LoggerDefinition] | None = None,
    outside: Outside | None = None,
) -> dg.Definitions:
    """Everything Dagster shows and runs for one home.

    Parses the dbt project where it changed since the last time; opens no database and talks to
    no platform.
    """
    outside = outside or Outside(settings)
    manifest = prepared_manifest(settings)
    job = dg.define_asset_job(
        JOB_NAME,
        selection=dg.AssetSelection.all(),
        description="The whole way: raw tables, dbt models and tests, metrics, export and serving.",
        executor_def=dg.in_process_executor,  # one process writes the build database
    )
    return dg.Definitions(
        assets=[
            build_registry_asset(settings, outside),
            build_inbox_asset(settings),
            *(build_connector_asset(settings, each, outside) for each in connectors().values()),
            build_pulls_asset(settings),
            build_dbt_assets(settings, manifest),
            build_metric_assets(settings),
            build_outlet_asset(settings),
            *page_specs(settings),
        ],
        jobs=[job],
        loggers=loggers,
        schedules=[
            dg.ScheduleDefinition(
                name="hourly",
                job=job,
                cron_schedule="5 * * * *",
                execution_timezone="Asia/Shanghai",
                description="Five past every hour; switch it on in the Automation tab.",
            )
        ],
    )
