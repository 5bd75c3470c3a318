"""The sandbox as a process: started for a run, or joined where this home already has one."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import polars as pl

from pipelines.errors import KoujingError, UsageError
from pipelines.sandbox.clock import Clock
from pipelines.sandbox.world.draws import SIZES
from pipelines.sandbox.world.storage import is_world
from pipelines.settings import SHANGHAI, Settings

_READY_WITHIN_SECONDS = 120


@dataclass(frozen=True)
class SandboxHandle:
    """A running sandbox, steered over its control paths."""

    url: str

    def accounts(self) -> list[dict[str, Any]]:
        """Who can log in, with credentials."""
        accounts: list[dict[str, Any]] = self._ask("GET", "accounts")
        return accounts

    def stats(self) -> dict[str, int]:
        """Requests by platform method since it was started."""
        stats: dict[str, int] = self._ask("GET", "stats")
        return stats

    def now(self) -> datetime:
        """What its clock shows."""
        return datetime.fromisoformat(self._ask("GET", "health")["now"]).astimezone(SHANGHAI)

    def advance(self, seconds: int) -> None:
        """Move its clock on."""
        self._ask("POST", "advance", {"seconds": seconds})

    def faults(self, profile: str, seed: int = 1) -> None:
        """Change the fault profile."""
        self._ask("POST", "faults", {"profile": profile, "seed": seed})

    def kill_tokens(self, shop_key: str) -> None:
        """End all tokens of one account, and its authorisation."""
        self._ask("POST", "tokens/kill", {"shop_key": shop_key})

    def _ask(self, verb: str, what: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        answer = httpx.request(verb, f"{self.url}/_sandbox/{what}", json=body, timeout=60)
        if answer.status_code != httpx.codes.OK:
            raise KoujingError(f"The sandbox refused {what}: {answer.text}")
        return answer.json()


@contextmanager
def sandbox(
    settings: Settings, *, world: str | Path = "small", faults: str = "none", port: int = 0
) -> Iterator[SandboxHandle]:
    """A sandbox over this home's world: the one that is running, else one for this block.

    Args:
        settings: The home; the world is made in it on the first call.
        world: ``small``, ``demo``, ``large`` or a folder; only read where the home has none yet.
        faults: Fault profile of one that is started here.
        port: 0 takes a free one.

    Raises:
        InputRefusedError: The folder is not a world.
        KoujingError: It did not start.
    """
    if (running := running_sandbox(settings)) is not None:
        yield running
        return
    prepare_world(settings, world)
    port = port or _free_port()
    # Its standard input is a pipe from here: it ends when this process does, however that ends.
    # It runs what this process runs (-P), whatever lies in the folder where the command was given.
    module = ("-P", "-m", "pipelines.sandbox.serve")
    child = subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, *module, str(settings.home), str(port), faults],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "KOUJING_HOME": str(settings.home)},
    )
    try:
        handle = SandboxHandle(f"http://127.0.0.1:{port}")
        _wait_until_ready(handle, child)
        threading.Thread(target=_drain, args=(child,), daemon=True).start()
        yield handle
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def prepare_world(settings: Settings, world: str | Path) -> Path:
    """The home's world, made (or copied from a folder) on the first call; sets the clock.

    Raises:
        InputRefusedError: The folder is not a world.
        UsageError: No such size and no such folder.
    """
    from pipelines.sandbox.world.generate import generate
    from pipelines.sandbox.world.storage import read_world, write_world

    target = settings.home / "sandbox" / "world"
    if not is_world(target):
        if str(world) in SIZES:
            frames = generate(str(world))
        elif Path(world).is_dir():
            frames = read_world(Path(world))
        else:
            raise UsageError(
                f"'{world}' is neither a size nor a folder.", f"Sizes: {', '.join(SIZES)}."
            )
        write_world(target, frames)
        Clock(settings).set(frames["company"]["clock_at"][0])
    return target


def refuse_another_world(settings: Settings, world: str) -> None:
    """Say so where a home is asked for another world than the one that it has.

    Raises:
        UsageError: It has another one already.
    """
    target = settings.home / "sandbox" / "world"
    if not (world and is_world(target)):
        return
    size = pl.read_parquet(target / "company.parquet")["size"][0]
    if world != size:
        raise UsageError(
            f"This home's sandbox has the world '{size}' already.",
            f"Take another KOUJING_HOME for '{world}'.",
        )


def running_sandbox(settings: Settings) -> SandboxHandle | None:
    """The one that ``koujing sandbox up`` runs for this home, if it answers."""
    note = settings.home / "sandbox" / "server.json"
    if not note.exists():
        return None
    try:
        url = json.loads(note.read_text(encoding="utf-8"))["url"]
        httpx.get(f"{url}/_sandbox/health", timeout=5).raise_for_status()
    except (httpx.HTTPError, ValueError, KeyError):
        return None
    return SandboxHandle(url)


def _wait_until_ready(handle: SandboxHandle, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _READY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            said = child.stderr.read().decode(errors="replace")[-2000:] if child.stderr else ""
            raise KoujingError(f"The sandbox did not start: {said}")
        try:
            httpx.get(f"{handle.url}/_sandbox/health", timeout=2).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise KoujingError(
        "The sandbox did not answer in time.", "Is the machine very busy? Try again."
    )


def _drain(child: subprocess.Popen[bytes]) -> None:
    """Read what it says, so that it never waits for a reader."""
    assert child.stderr is not None, "piped above"
    for _ in child.stderr:
        pass


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
