"""Running the main job in this process, as `koujing run` does; recorded like any other run."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout

import dagster as dg

from pipelines.embedded import Outside
from pipelines.errors import BuildFailedError
from pipelines.gateway.catalogue import connectors
from pipelines.locks import held
from pipelines.orchestration.assembly import JOB_NAME, build_definitions
from pipelines.orchestration.instance import prepare_dagster_home
from pipelines.settings import Settings

_SHOWN = 8
_LOCK_WAIT_SECONDS = 600

Progress = Callable[[str], None]


def run_job(settings: Settings, progress: Progress, outside: Outside | None = None) -> None:
    """Run the whole way for one home, one run at a time.

    Args:
        settings: The home.
        progress: Told of each step that begins, and of what it says while it goes on.
        outside: What to pull; all channels since their watermarks where it is not said.

    Raises:
        BuildFailedError: A step or a blocking check failed; nothing new was published.
        KoujingError: Another run of this home did not end in time.
    """
    os.environ["DAGSTER_HOME"] = str(prepare_dagster_home(settings))
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    warnings.filterwarnings("ignore", category=dg.PreviewWarning)
    with (
        held(settings, "warehouse", "Another run of this home is still going.", _LOCK_WAIT_SECONDS),
        outside or Outside(settings) as pulled,
    ):
        pulled.pull_ahead()  # every connector is in the job
        progress("reading the project")
        definitions = build_definitions(settings, {"steps": _step_logger(progress)}, pulled)
        job = definitions.resolve_job_def(JOB_NAME)
        with (
            dg.DagsterInstance.get() as instance,
            (settings.dagster_home / "last_run.log").open("w", encoding="utf-8") as log,
            redirect_stdout(log),  # dbt's own lines
        ):
            result = job.execute_in_process(
                instance=instance,
                raise_on_error=False,
                # The events are kept for `dagster dev`; what failed is told in words below.
                run_config={"loggers": {"steps": {"config": {}}}},
            )
            if not result.success:
                raise _failure(result)


_STEPS = {
    "raw_inbox": "raw tables of the inbox, checked",
    "raw__registry__shops": "shops",
    "raw__registry__pulls": "how far each account was pulled",
    "dbt": "models and their tests",
    "metrics": "every metric once",
    "outlet": "export and serving",
}


def _step_name(step: str) -> str:
    channel = step.removeprefix("raw_")
    if channel in connectors():
        return f"{connectors()[channel].title}: pulling, landing, checking"
    return _STEPS.get(step, step)


def _step_logger(progress: Progress) -> dg.LoggerDefinition:
    """A Dagster logger that tells of steps that begin, and of what our own steps say."""

    class StepHandler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said = getattr(record, "dagster_meta", {})
            event = said.get("dagster_event")
            if event is None:
                progress(f"  {said.get('orig_message', '')}")
            elif event.event_type == dg.DagsterEventType.STEP_START:
                progress(_step_name(event.step_key))

    def steps(_: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("koujing_steps", level=logging.DEBUG)  # its own, not the shared one
        logger.addHandler(StepHandler())
        return logger

    return dg.LoggerDefinition(steps, description="Tells of steps and what they say.")


def _failure(result: dg.ExecuteInProcessResult) -> BuildFailedError:
    """What failed, in words: checks first, since a failed check is why a step failed."""
    checks = [
        evaluation
        for event in result.all_events
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION
        and not (evaluation := event.asset_check_evaluation_data).passed
        and evaluation.severity == dg.AssetCheckSeverity.ERROR
    ]
    lines = [
        f"  check {evaluation.check_name} on {evaluation.asset_key.to_user_string()}: "
        + "; ".join(f"{name} {value.value}" for name, value in evaluation.metadata.items())
        for evaluation in checks[:_SHOWN]
    ]
    if not lines:
        lines = [
            f"  step {event.step_key}: {_reason(event)}"
            for event in result.all_events
            if event.event_type == dg.DagsterEventType.STEP_FAILURE
        ][:_SHOWN]
    return BuildFailedError(
        "The run failed; the last good version stays published.\n" + "\n".join(lines),
        "See it whole with: koujing dev (Runs). Mend the cause, then: koujing run",
    )


def _reason(event: dg.DagsterEvent) -> str:
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip() if error is not None else "failed"
