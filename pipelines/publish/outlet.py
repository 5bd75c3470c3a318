"""Publish a version, go back to one: write, audit, flip.

Data flow: build database + dbt artifacts -> version folder + Parquet -> audit -> the ledger
(``serving/current.json``), the one commit point. The serving link and ``export/latest.json``
follow the ledger and are repaired by the next call, should a process die in between.

Every publish makes a version, even if nothing changed: it then costs a copy of one file and a
manifest, and says that the numbers were looked at and are the same.
What does not belong here: how each part is written (the modules beside this one).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from filelock import Timeout

from pipelines.errors import KoujingError
from pipelines.locks import held, lock_file
from pipelines.publish.draft import Draft
from pipelines.publish.metric_tables import Dictionary
from pipelines.publish.pointers import kept_manifests, point, sweep
from pipelines.publish.versions import (
    PublishedVersion,
    VersionRecord,
    VersionStore,
    unknown_version,
)
from pipelines.settings import SHANGHAI, Settings, shanghai_now


def publish(
    settings: Settings,
    dictionary: Dictionary | None = None,
    clock: Callable[[], datetime] = shanghai_now,
    on_step: Callable[[str], None] = lambda _: None,
) -> PublishedVersion:
    """Publish the build: all its marts and metrics become visible at once, or nothing does.

    Args:
        settings: The home. Its build database must not be written to meanwhile.
        dictionary: The metric dictionary; by default the one of dbt's semantic manifest.
        clock: Names the version.
        on_step: Told what is being done.

    Returns:
        The version, which readers now get.

    Raises:
        BuildFailedError: There is no build, or the audit found a fault. The last good version
            stays.
        KoujingError: Another publish has not ended within ten minutes.
    """
    with publish_lock(settings):
        store = VersionStore(settings)
        ledger = store.ledger()
        if ledger:
            point(settings, store, ledger)
            sweep(settings, store, ledger)
        now = clock()
        draft = Draft(settings, store, ledger, _new_name(now, store), now)
        try:
            record, contract = draft.write(dictionary, on_step)
        except BaseException:
            shutil.rmtree(draft.folder, ignore_errors=True)
            if ledger:
                sweep(settings, store, ledger)
            raise
        on_step("making it visible")
        ledger = draft.commit(record, contract)
        point(settings, store, ledger)
        sweep(settings, store, ledger)
        return PublishedVersion.model_validate(record.model_dump())


def rollback(settings: Settings, version: str) -> PublishedVersion:
    """Let readers of both outlets get an older version again. Later versions are kept.

    Returns:
        The version, which readers now get.

    Raises:
        UsageError: No such version is kept; the error names those that are.
        KoujingError: The version's files are damaged, or a publish is under way.
    """
    with publish_lock(settings):
        store = VersionStore(settings)
        ledger = store.ledger()
        if ledger is None or version not in ledger.published:
            raise unknown_version(version, ledger.published if ledger else [])
        record = store.record(version)
        lacking = _lacking(settings, store, record)
        if lacking:
            raise KoujingError(
                f"Version {version} cannot be served: {lacking[0]} is missing or damaged"
                + (f", and {len(lacking) - 1} more files." if lacking[1:] else "."),
                "Roll back to another version (`koujing versions`), or restore it from a backup.",
            )
        ledger = ledger.model_copy(update={"current": version})
        store.commit(ledger)
        point(settings, store, ledger)
        return PublishedVersion.model_validate(record.model_dump())


def repair(settings: Settings) -> None:
    """Let the pointers follow the ledger, if a process died between the two.

    Returns at once if a publish is under way: it does the same.
    """
    store = VersionStore(settings)
    ledger = store.ledger()
    if ledger is None:
        return
    lock = lock_file(settings, "publish")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return
    try:
        point(settings, store, store.ledger() or ledger)
    finally:
        lock.release()


def _lacking(settings: Settings, store: VersionStore, record: VersionRecord) -> list[str]:
    """Files of a version that are not there as they were published."""
    database = store.database(record.version)
    if not database.exists() or database.stat().st_size != record.database_bytes:
        return [str(database)]
    manifests = kept_manifests(store, [record.version])
    if not manifests:
        return [str(store.manifest_path(record.version))]
    return manifests[0].lacking(settings.export_dir)


@contextmanager
def publish_lock(settings: Settings, wait_seconds: float = 600) -> Iterator[None]:
    """Be the only publisher of a home. The lock frees itself when its process ends.

    Raises:
        KoujingError: Another publisher held it for longer than ``wait_seconds``.
    """
    busy = "Another publish of this home is still under way."
    with held(settings, "publish", busy, wait_seconds):
        yield


def _new_name(now: datetime, store: VersionStore) -> str:
    """The version's name; a second one within the second gets a suffix."""
    name = now.astimezone(SHANGHAI).strftime("v%Y%m%d.%H%M%S")
    taken = {path.name for path in store.folder(name).parent.glob(f"{name}*")}
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name}-{number}"
    return free
