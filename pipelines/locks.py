"""One writer at a time: of the lake, of the build database, of the outlet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from pipelines.errors import KoujingError
from pipelines.settings import Settings


def lock_file(settings: Settings, name: str) -> FileLock:
    """A home's lock of that name; it frees itself when its process ends."""
    return FileLock(settings.locks_dir / f"{name}.lock")


@contextmanager
def held(settings: Settings, name: str, busy: str, wait_seconds: float) -> Iterator[None]:
    """Hold a home's lock.

    Args:
        settings: The home.
        name: Which lock: ``lake``, ``warehouse`` or ``publish``.
        busy: What to say where someone else holds it for longer than ``wait_seconds``.
        wait_seconds: How long to wait.

    Raises:
        KoujingError: Someone else held it all the time.
    """
    lock = lock_file(settings, name)
    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout as error:
        raise KoujingError(
            busy, "Wait for it, or end it: the lock frees itself when its process ends."
        ) from error
    try:
        yield
    finally:
        lock.release()
