"""``python -m pipelines.sandbox.serve HOME PORT FAULTS``: the sandbox's own process."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import uvicorn

from pipelines.sandbox.adapter import Outside
from pipelines.sandbox.app import Sandbox
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.faults import Faults
from pipelines.sandbox.world.storage import load_world
from pipelines.settings import Settings


def application(settings: Settings, faults: str) -> Sandbox:
    """The sandbox over a home's world, which was proved when it was brought in."""
    clock = Clock(settings)
    frames = load_world(settings.home / "sandbox" / "world")
    return Sandbox(Outside(frames, clock), clock, Faults(faults))


def main(home: str, port: str, faults: str) -> None:
    """Serve until the parent ends."""
    settings = Settings(home=Path(home))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    served = application(settings, faults)
    try:
        uvicorn.run(
            served,
            host="127.0.0.1",
            port=int(port),
            log_level="critical",  # a cut connection is asked for here
            access_log=False,
            date_header=False,
            server_header=False,
            lifespan="off",
        )
    finally:
        served.databases.stop()


def _end_with_parent() -> None:
    """The parent holds the other end of standard input; nothing is ever written to it."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
