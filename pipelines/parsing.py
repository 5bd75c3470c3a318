"""The dbt project as the checkout has it: parsed once, whichever homes build it.

dbt parses anew for every build database, though nothing that it parses depends on one; parsing
takes longer than most builds. What it made of the project is kept beside the project by the digest
of all that was read, copied to each home, and handed to dbt by ``pipelines.dbt_command``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pipelines.settings import PROJECT_ROOT, Settings
from pipelines.warehouse import DBT_PROJECT_DIR, run_dbt, semantic_manifest_path

PARSED_FROM = "parsed_from"  # beside what dbt made: the digest of what it was made from
_KEPT = DBT_PROJECT_DIR / "target" / "parsed"
_FILES = ("manifest.json", "semantic_manifest.json", "partial_parse.msgpack")
_PARSED_FOLDERS = (
    *(DBT_PROJECT_DIR / name for name in ("models", "macros", "seeds", "tests")),
    PROJECT_ROOT / "metrics_dictionary" / "definitions",
)


def prepared_manifest(settings: Settings) -> Path:
    """The manifest of the project as it stands, in a home; parsed where nobody has yet.

    Raises:
        BuildFailedError: dbt cannot parse the project.
    """
    target, digest = settings.dbt_target_dir, project_digest()
    if not is_parsed(target, digest):
        kept = _KEPT / digest[:16]
        if is_parsed(kept, digest):
            _copy(kept, target, digest)
        else:
            run_dbt(settings, ["parse", "--no-partial-parse"])
            (target / PARSED_FROM).write_text(digest)
            _keep(target, kept, digest)
    return target / _FILES[0]


def parsed_semantic_manifest(settings: Settings) -> Path:
    """The checkout's dictionary, in a home: for looking entries up before anything is published.

    Raises:
        BuildFailedError: dbt cannot parse the project.
    """
    prepared_manifest(settings)
    return semantic_manifest_path(settings)


def is_parsed(folder: Path, digest: str) -> bool:
    """Whether a folder has all that dbt makes of the project with that digest."""
    stamp = folder / PARSED_FROM
    there = all((folder / name).exists() for name in _FILES)
    return there and stamp.exists() and stamp.read_text() == digest


def _keep(target: Path, kept: Path, digest: str) -> None:
    """Keep it for other homes; a checkout that cannot be written to goes without."""
    if not os.access(DBT_PROJECT_DIR, os.W_OK):
        return
    _KEPT.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=_KEPT))
    _copy(target, fresh, digest)
    try:
        fresh.rename(kept)
    except OSError:  # another process was first
        shutil.rmtree(fresh)


def _copy(source: Path, target: Path, digest: str) -> None:
    target.mkdir(parents=True, exist_ok=True)
    (target / PARSED_FROM).unlink(missing_ok=True)
    for name in _FILES:
        shutil.copyfile(source / name, target / name)
    (target / PARSED_FROM).write_text(digest)


@cache
def project_digest() -> str:
    """Of all that dbt reads of the checkout, and of dbt itself."""
    digest = hashlib.sha256(f"{version('dbt-core')} {version('dbt-duckdb')}".encode())
    files = [path for folder in _PARSED_FOLDERS for path in sorted(folder.rglob("*"))]
    for path in (DBT_PROJECT_DIR / "dbt_project.yml", DBT_PROJECT_DIR / "profiles.yml", *files):
        if path.is_file():
            digest.update(str(path.relative_to(PROJECT_ROOT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
