"""``koujing sandbox``: the simulated outside, for trying, developing and proving."""

from __future__ import annotations

import json
import os
import signal
from typing import Annotated

import typer

from pipelines.errors import UsageError
from pipelines.settings import Settings

sandbox_app = typer.Typer(
    help="The outside in a box: platforms that answer over a made-up company.", no_args_is_help=True
)


@sandbox_app.command("up")
def up(
    world: Annotated[
        str, typer.Option(help="small, demo, large, or a folder with a world (docs/world.md).")
    ] = "",
    faults: Annotated[
        str, typer.Option(help="none, realistic, hostile, or a fault's name.")
    ] = "none",
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
) -> None:
    """Serve this home's sandbox until Ctrl-C; runs of this home then talk to it.

    The world is made on the first start and kept in the home.

    Example: koujing sandbox up --world demo --faults realistic --port 8090
    """
    from pipelines.sandbox.faults import Faults
    from pipelines.sandbox.process import refuse_another_world, running_sandbox, sandbox

    settings = Settings()
    refuse_another_world(settings, world)
    Faults(faults)  # a wrong name is said before anything starts
    if (running := running_sandbox(settings)) is not None:
        raise UsageError(f"This home's sandbox runs already at {running.url}.", "Use that one.")
    note = settings.home / "sandbox" / "server.json"
    with sandbox(settings, world=world or settings.world, faults=faults, port=port) as handle:
        note.write_text(json.dumps({"url": handle.url, "pid": os.getpid()}), encoding="utf-8")
        typer.echo(f"Sandbox: {handle.url}  (stop with Ctrl-C)")
        typer.echo("Its clock stands still; move it on with: koujing sandbox advance 1h")
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            signal.pause()
        except KeyboardInterrupt:
            typer.echo("Stopped.")
        finally:
            note.unlink(missing_ok=True)


@sandbox_app.command("advance")
def advance(
    span: Annotated[str, typer.Argument(help="Such as 30m, 1h, 26h or 2d.")],
) -> None:
    """Move the sandbox's clock on: orders are placed, parcels arrive, refunds are paid.

    Example: koujing sandbox advance 26h
    """
    from pipelines.sandbox.clock import Clock, span_of
    from pipelines.sandbox.process import running_sandbox

    settings = Settings()
    length = span_of(span)
    running = running_sandbox(settings)
    if running is not None:
        running.advance(int(length.total_seconds()))
        shown = Clock(settings).now()
    else:
        shown = Clock(settings).advance(length)
    typer.echo(f"The sandbox's clock shows {shown:%Y-%m-%d %H:%M:%S}. Next: koujing run")
