"""Published versions as readers see them: which there are, which one is current, where it lies.

``serving/current.json`` (the ledger) is the one commit point: a version folder that it does not
name was never published, and the serving link and ``export/latest.json`` follow it.
What does not belong here: making a version (``outlet.py``).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from pipelines.errors import KoujingError, UsageError
from pipelines.publish.durable import write_text
from pipelines.settings import DATABASE_NAME, Settings

RECORD_NAME = "version.json"
SEMANTIC_MANIFEST_NAME = "semantic_manifest.json"


class PublishedVersion(BaseModel):
    """One published version.

    Attributes:
        version: Its name, from the moment of publishing: ``v20261122.013005``.
        published_at: That moment, aware, Asia/Shanghai.
        data_until: The newest business event in the data, aware, Asia/Shanghai.
        as_of: When the newest export in it was taken from a platform, aware, Asia/Shanghai.
        schema_version: Version of the tables' contract, ``major.minor.patch``.
        shops_total: Shops in use; not ad accounts, nor shops of others that are only observed.
        shops_fresh: Those whose data is complete until at most a day before ``as_of``.
        late_shops: The names of the others.
        tables: Rows by table, ``marts.fct_orders`` and so on.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: str
    published_at: datetime
    data_until: datetime
    as_of: datetime
    schema_version: str
    shops_total: int
    shops_fresh: int
    late_shops: tuple[str, ...] = ()
    tables: dict[str, int]


class VersionRecord(PublishedVersion):
    """A version as its own folder records it: with what the next publish builds on.

    Attributes:
        content_key: Digest of everything the version was made of; equal keys, equal content.
        patches: How many publishes in a row patched a copy instead of writing afresh.
        database_bytes: Size of the serving database.
    """

    content_key: str
    patches: int
    database_bytes: int


class Ledger(BaseModel):
    """The commit point: what is published, and which version readers get.

    Attributes:
        current: The version readers get; after a rollback not the newest one.
        published: The kept versions, oldest first, in the order of publishing.
        schemas: Every contract version ever published, with the digest of its contract.
    """

    current: str
    published: list[str]
    schemas: dict[str, str]


class VersionStore:
    """Finds the published versions of one home. Reads only; needs no lock and no database."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def current(self) -> PublishedVersion | None:
        """The version that readers get; None before the first publish."""
        ledger = self.ledger()
        return None if ledger is None else _public(self.record(ledger.current))

    def all(self) -> list[PublishedVersion]:
        """Every version that can still be read or rolled back to, newest first."""
        ledger = self.ledger()
        names = [] if ledger is None else ledger.published
        return [_public(self.record(name)) for name in reversed(names)]

    def database(self, version: str) -> Path:
        """The version's own database file, which never changes.

        Raises:
            UsageError: No such version is kept.
        """
        return self._kept(version) / f"{DATABASE_NAME}.duckdb"

    def semantic_manifest(self, version: str) -> Path:
        """The semantic manifest that the version's metrics were defined by.

        Raises:
            UsageError: No such version is kept.
        """
        return self._kept(version) / SEMANTIC_MANIFEST_NAME

    @property
    def ledger_path(self) -> Path:
        """The commit point's file."""
        return self._settings.serving_path.parent / "current.json"

    def folder(self, version: str) -> Path:
        """Where a version lies, published or not."""
        return self._settings.serving_path.parent / "versions" / version

    def manifest_path(self, version: str) -> Path:
        """The version's export manifest."""
        return self._settings.export_dir / "manifests" / f"{version}.json"

    def ledger(self) -> Ledger | None:
        """What is published; None before the first publish.

        Raises:
            KoujingError: The ledger is not readable.
        """
        try:
            return Ledger.model_validate_json(self.ledger_path.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise KoujingError(
                f"{self.ledger_path} is damaged: {error.error_count()} fields do not read.",
                "Restore it from a backup, or remove it and run `koujing publish`: the outlet "
                "then starts anew from the warehouse.",
            ) from error

    def commit(self, ledger: Ledger) -> None:
        """Make a ledger the truth, in one atomic step."""
        write_text(self.ledger_path, ledger.model_dump_json(indent=2))

    def record(self, version: str) -> VersionRecord:
        """A version's record.

        Raises:
            KoujingError: The ledger names the version, yet its folder is gone or damaged.
        """
        path = self.folder(version) / RECORD_NAME
        try:
            return VersionRecord.model_validate_json(path.read_bytes())
        except (FileNotFoundError, ValidationError) as error:
            raise KoujingError(
                f"Version {version} is published, but {path} is missing or damaged.",
                f"Restore the folder from a backup, or remove {self.ledger_path} and run "
                "`koujing publish`: the outlet then starts anew from the warehouse.",
            ) from error

    def _kept(self, version: str) -> Path:
        ledger = self.ledger()
        kept = [] if ledger is None else ledger.published
        if version not in kept:
            raise unknown_version(version, kept)
        return self.folder(version)


def unknown_version(version: str, kept: list[str]) -> UsageError:
    """The error for a version that is not there: it names those that are."""
    hint = f"Kept are: {', '.join(reversed(kept))}." if kept else "Nothing is published yet."
    return UsageError(f"There is no published version '{version}'.", hint)


def _public(record: VersionRecord) -> PublishedVersion:
    return PublishedVersion.model_validate(record.model_dump())
