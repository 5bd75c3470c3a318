"""A version in the making: written into a folder nobody is told of, audited, then named.

Data flow: build database + dbt artifacts -> ``serving/versions/.building`` + ``export/`` ->
audit -> the folder's final name -> the ledger.
What does not belong here: locks, pointers, older versions (``outlet.py``, ``pointers.py``).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.errors import BuildFailedError, KoujingError
from pipelines.publish.audit import audit
from pipelines.publish.contract import Contract, SchemaChange, compare, conclude
from pipelines.publish.durable import flush_file, flush_folder, write_text
from pipelines.publish.export import Manifest, Shelf, export_table
from pipelines.publish.fingerprints import Fingerprints, digest_of, fingerprint
from pipelines.publish.metric_tables import (
    METRIC_TABLES,
    DefinedDictionary,
    Dictionary,
    write_metric_tables,
)
from pipelines.publish.pointers import kept_manifests
from pipelines.publish.serving import (
    BUILD,
    README,
    VERSION_TABLE,
    comment,
    copy_marts,
    opened_with_build,
    start_from,
    write_version,
)
from pipelines.publish.tables import Table, describe_marts
from pipelines.publish.versions import (
    RECORD_NAME,
    SEMANTIC_MANIFEST_NAME,
    Ledger,
    PublishedVersion,
    VersionRecord,
    VersionStore,
)
from pipelines.settings import DATABASE_NAME, SHANGHAI, Settings

# Patched days lie behind the others in the file; now and then it is written anew, in order.
_PATCHES_AT_MOST = 30
_BUILDING = ".building"


@dataclass(frozen=True)
class Draft:
    """A version in the making: in a folder that no reader is ever told of."""

    settings: Settings
    store: VersionStore
    ledger: Ledger | None
    name: str
    now: datetime

    @property
    def folder(self) -> Path:
        """Where it is made."""
        return self.store.folder(_BUILDING)

    @property
    def database(self) -> Path:
        """Its serving database."""
        return self.folder / f"{DATABASE_NAME}.duckdb"

    def write(
        self, dictionary: Dictionary | None, on_step: Callable[[str], None]
    ) -> tuple[VersionRecord, Contract]:
        """Write and audit everything; nothing is visible yet.

        Raises:
            BuildFailedError: There is no build to publish, or the audit found a fault.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        semantic_manifest = self._semantic_manifest()
        dictionary = dictionary or DefinedDictionary(semantic_manifest)
        base = self._base()
        with opened_with_build(self.database, self.settings) as connection:
            on_step("comparing with the build")
            marts = self._describe(connection)
            on_step("writing the serving database")
            content = _content_key(marts, semantic_manifest, dictionary)
            with _transaction(connection):
                copy_marts(connection, marts)
                if base is None or base.content_key != content:
                    on_step("computing the daily metrics")
                    write_metric_tables(connection, dictionary)
                tables = (*marts, *METRIC_TABLES)
                contract, change = self._contract(tables)
                version = self._version(connection, tables, contract.schema_version)
                write_version(connection, version)
            with _transaction(connection):
                for table in (*tables, README, VERSION_TABLE):
                    comment(connection, table)
            connection.execute(f"checkpoint {DATABASE_NAME}")
            on_step("exporting what changed")
            manifest = self._export(connection, marts, version, change)
        self._seal(semantic_manifest)
        on_step("auditing")
        audit(self.database, self.settings, marts, manifest, dictionary)
        write_text(self.settings.export_dir / manifest.contract, contract.text)
        write_text(self.store.manifest_path(self.name), manifest.model_dump_json(indent=1))
        record = VersionRecord(
            **version.model_dump(),
            content_key=content,
            patches=base.patches + 1 if base else 0,
            database_bytes=self.database.stat().st_size,
        )
        write_text(self.folder / RECORD_NAME, record.model_dump_json(indent=2))
        return record, contract

    def commit(self, record: VersionRecord, contract: Contract) -> Ledger:
        """Give the folder its name, then let the ledger name the version."""
        self.folder.rename(self.store.folder(self.name))
        flush_folder(self.folder.parent)
        published = [*(self.ledger.published if self.ledger else []), self.name]
        schemas = self.ledger.schemas if self.ledger else {}
        ledger = Ledger(
            current=self.name,
            published=published[-self.settings.keep_versions :],
            schemas=schemas | {record.schema_version: contract.digest},
        )
        self.store.commit(ledger)
        return ledger

    def _semantic_manifest(self) -> Path:
        path = self.settings.dbt_target_dir / "semantic_manifest.json"
        if not path.exists():
            raise BuildFailedError(
                f"There is no semantic manifest at {path}.", "Run `koujing run` to build first."
            )
        return path

    def _base(self) -> VersionRecord | None:
        """The current version, if its file is laid as this one's beginning."""
        if self.ledger is None:
            return None
        record = self.store.record(self.ledger.current)
        if record.patches >= _PATCHES_AT_MOST:
            return None
        began = start_from(self.store.database(record.version), self.database)
        return record if began else None

    def _describe(self, connection: duckdb.DuckDBPyConnection) -> dict[Table, Fingerprints]:
        manifest = self.settings.dbt_target_dir / "manifest.json"
        tables = describe_marts(connection, BUILD, manifest)
        return {table: fingerprint(connection, table, BUILD) for table in tables}

    def _contract(self, tables: tuple[Table, ...]) -> tuple[Contract, SchemaChange]:
        """The schema version, compared with the version that readers have now."""
        if self.ledger is None:
            return conclude(tables, SchemaChange(since=None, kind="first"), {}, None)
        current = self.store.record(self.ledger.current)
        manifests = kept_manifests(self.store, [current.version])
        if not manifests:
            raise KoujingError(
                f"The export manifest of {current.version} is missing or damaged.",
                "Roll back to another version (`koujing versions`), then publish again.",
            )
        change = compare(manifests[0].shape(), tables, current.version)
        return conclude(tables, change, self.ledger.schemas, current.schema_version)

    def _version(
        self,
        connection: duckdb.DuckDBPyConnection,
        tables: tuple[Table, ...],
        schema_version: str,
    ) -> PublishedVersion:
        data_until, as_of, shops_total, late_shops = _freshness(connection)
        counts = {
            table.key: connection.execute(f"select count(*) from {table.relation()}").fetchall()
            for table in tables
        }
        return PublishedVersion(
            version=self.name,
            published_at=self.now.astimezone(SHANGHAI).replace(microsecond=0),
            data_until=data_until,
            as_of=as_of,
            schema_version=schema_version,
            shops_total=shops_total,
            shops_fresh=shops_total - len(late_shops),
            late_shops=late_shops,
            tables={key: rows[0][0] for key, rows in sorted(counts.items())},
        )

    def _export(
        self,
        connection: duckdb.DuckDBPyConnection,
        marts: Mapping[Table, Fingerprints],
        version: PublishedVersion,
        change: SchemaChange,
    ) -> Manifest:
        shelf = Shelf(
            self.settings.export_dir,
            kept_manifests(self.store, self.ledger.published if self.ledger else []),
        )
        parts = dict(marts) | {table: fingerprint(connection, table) for table in METRIC_TABLES}
        return Manifest(
            version=version.version,
            published_at=version.published_at,
            data_until=version.data_until,
            as_of=version.as_of,
            schema_version=version.schema_version,
            contract=f"contracts/{version.schema_version}.yaml",
            schema_change=change,
            tables=[
                export_table(connection, table, parts[table], shelf, self.settings.export_dir)
                for table in sorted(parts, key=lambda table: table.key)
            ],
        )

    def _seal(self, semantic_manifest: Path) -> None:
        """Flush the folder's files to the disk; they are read-only from now on."""
        copy = self.folder / SEMANTIC_MANIFEST_NAME
        shutil.copyfile(semantic_manifest, copy)
        for path in (copy, self.database):
            flush_file(path)
            path.chmod(0o444)


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """One commit for many statements: each commit waits for the disk. A failure ends the draft."""
    connection.execute("begin")
    yield
    connection.execute("commit")


def _content_key(
    marts: Mapping[Table, Fingerprints], semantic_manifest: Path, dictionary: Dictionary
) -> str:
    """Digest of all that a version's tables are made of; equal keys, equal daily metrics."""
    rows = sorted(
        (table.key, str(day), part.digest)
        for table, parts in marts.items()
        for day, part in parts.items()
    )
    entries = [entry.model_dump(mode="json") for entry in dictionary.entries]
    shapes = [
        [table.key, [column.data_type for column in table.columns]] for table in METRIC_TABLES
    ]
    return digest_of(rows, semantic_manifest.read_text(encoding="utf-8"), entries, shapes)


def _freshness(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[datetime, datetime, int, tuple[str, ...]]:
    """Data until, as of, shops in all, late shops: from the build's own freshness table."""
    try:
        row = connection.execute(
            """
            with newest as (select max(newest_export_at) as as_of from marts.data_freshness)

            select
                max(newest_event_at), any_value(as_of),
                count(*) filter (where kind = 'shop'),
                list(shop_key order by shop_key) filter (
                    where kind = 'shop'
                    and coalesce(newest_export_at < as_of - interval 1 day, true)
                )
            from marts.data_freshness cross join newest
            """
        ).fetchone()
    except duckdb.CatalogException as error:
        raise BuildFailedError(
            "The warehouse holds no table marts.data_freshness.", "Run `koujing run` to build it."
        ) from error
    assert row is not None
    if row[0] is None or row[1] is None:
        raise BuildFailedError(
            "Nothing to publish: marts.data_freshness holds no shop with data.",
            "Load something first: `koujing inbox load PATH`, then `koujing run`.",
        )
    until, as_of = (moment.replace(tzinfo=SHANGHAI) for moment in row[:2])
    return until, as_of, row[2], tuple(row[3] or ())
