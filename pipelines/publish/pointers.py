"""What follows from the ledger: where the serving link and ``latest.json`` point, what is kept.

Both are safe to repeat at any time: they only bring the files to what the ledger says.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import structlog
from pydantic import ValidationError

from pipelines.publish.durable import point_link, write_text
from pipelines.publish.export import Manifest
from pipelines.publish.versions import Ledger, VersionStore
from pipelines.settings import Settings

log = structlog.get_logger(__name__)


def point(settings: Settings, store: VersionStore, ledger: Ledger) -> None:
    """Let both outlets show the ledger's current version."""
    database = store.database(ledger.current)
    link = settings.serving_path
    if not link.is_symlink() or link.resolve() != database.resolve():
        point_link(link, database)
    latest = settings.export_dir / "latest.json"
    text = _latest(store, ledger)
    if not latest.exists() or latest.read_text(encoding="utf-8") != text:
        write_text(latest, text)


def _latest(store: VersionStore, ledger: Ledger) -> str:
    record = store.record(ledger.current)
    manifest = store.manifest_path(ledger.current)
    return json.dumps(
        {
            "version": record.version,
            "manifest": f"manifests/{manifest.name}",
            "manifest_sha256": hashlib.sha256(manifest.read_bytes()).hexdigest(),
            "contract": f"contracts/{record.schema_version}.yaml",
            "schema_version": record.schema_version,
            "published_at": record.published_at.isoformat(),
            "data_until": record.data_until.isoformat(),
            "as_of": record.as_of.isoformat(),
        },
        indent=2,
    )


def kept_manifests(store: VersionStore, versions: Iterable[str]) -> list[Manifest]:
    """The manifests of some versions; one that cannot be read is left out, and logged."""
    found = []
    for version in versions:
        try:
            text = store.manifest_path(version).read_bytes()
            found.append(Manifest.model_validate_json(text))
        except (FileNotFoundError, ValidationError) as error:
            log.warning("manifest unreadable", version=version, error=str(error))
    return found


def sweep(settings: Settings, store: VersionStore, ledger: Ledger) -> None:
    """Remove what no published version names: pruned versions, and what a killed publish left."""
    for folder in store.folder(ledger.current).parent.iterdir():
        if folder.name not in ledger.published:
            shutil.rmtree(folder)
    export = settings.export_dir
    shutil.rmtree(export / ".building", ignore_errors=True)
    _keep_only(export / "manifests", {f"{version}.json" for version in ledger.published})
    _keep_only(export / "contracts", {f"{version}.yaml" for version in ledger.schemas})
    manifests = kept_manifests(store, ledger.published)
    # A manifest that cannot be read might name any file: then none is removed.
    if len(manifests) == len(ledger.published):
        named = {path for manifest in manifests for path in manifest.paths()}
        _remove_unnamed(export, named)


def _keep_only(folder: Path, names: set[str]) -> None:
    for path in folder.iterdir() if folder.exists() else ():
        if path.name not in names:
            path.unlink()


def _remove_unnamed(export: Path, named: set[str]) -> None:
    for path in [path for path in (export / "data").rglob("*") if path.is_file()]:
        if path.relative_to(export).as_posix() not in named:
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
