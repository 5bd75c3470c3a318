"""From a file that a person downloaded to the raw lake: all of it, once, or not at all.

Data flow: path -> document -> header row and kind -> typed rows and quarantine -> one load.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from pipelines.errors import InputRefusedError, KoujingError, UsageError
from pipelines.landing import LandedFile, lake_lock, land_files
from pipelines.registry.keys import pii_key
from pipelines.registry.shops import Shop, ShopRegistry
from pipelines.settings import Settings, shanghai_now
from pipelines.sources.inbox.documents import Document, open_documents, walk
from pipelines.sources.inbox.ledger import CHANNEL, loads_of
from pipelines.sources.inbox.mapping import Mapping, raw_tables, shipped_mappings
from pipelines.sources.inbox.names import NameTimes, times_in_name
from pipelines.sources.inbox.normalise import Normaliser, Origin
from pipelines.sources.inbox.opening import Opened, open_table
from pipelines.sources.inbox.recognise import chosen_kinds

SHOWN_QUARANTINED = 20
Progress = Callable[[str], None]
ExportedAtSource = Literal["option", "file_name", "mtime"]


@dataclass
class FileSummary:
    """What became of one file (or of one file inside a .zip)."""

    file: str
    status: Literal["loaded", "already_loaded", "refused"]
    kind: str = ""
    layout: str = ""
    shop_key: str = ""
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_dropped: int = 0
    unknown_columns: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    quarantined: list[dict[str, object]] = field(default_factory=list)
    load_id: str = ""
    seconds: float = 0.0


class FilesRefusedError(InputRefusedError):
    """At least one file was refused whole; ``summaries`` says what became of each."""

    def __init__(self, message: str, hint: str, summaries: list[FileSummary]) -> None:
        super().__init__(message, hint)
        self.summaries = summaries


@dataclass(frozen=True)
class Request:
    """What was asked for, alike for every file of one call."""

    settings: Settings
    shop: str
    shop_name: str | None
    kind: str | None
    exported_at: datetime | None
    progress: Progress


def load_paths(  # noqa: PLR0913 - the options of one command
    settings: Settings,
    paths: Sequence[Path],
    shop: str,
    *,
    shop_name: str | None = None,
    kind: str | None = None,
    exported_at: datetime | None = None,
    progress: Progress | None = None,
) -> list[FileSummary]:
    """Load files and folders of files into the raw lake.

    Args:
        settings: The home and the lake.
        paths: Files or folders; folders are walked, hidden files left out.
        shop: The shop or ad account that all of them belong to; registered if not known yet.
        shop_name: Its name, should it be registered now; default: its key.
        kind: Only this kind is accepted; default: recognised by the headers.
        exported_at: When the files were exported (Beijing time); default: their names say so,
            or their modification times do.
        progress: Called with a line of text when a step begins.

    Returns:
        One summary a file, in the order of loading.

    Raises:
        UsageError: A path, the shop key or the kind does not exist; nothing was loaded.
        FilesRefusedError: Files were refused; the others are loaded, and it holds all summaries.
    """
    Shop(shop_key=shop, channel=CHANNEL, name=shop)  # a bad key is refused before any work
    chosen_kinds(shipped_mappings(), kind)
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise UsageError(f"No such file or folder: {', '.join(missing)}.", "Check the path.")
    files = walk(list(paths), _is_scrap)
    if not files:
        raise UsageError("There is no file to load.", "Name a file, or a folder with files.")
    request = Request(settings, shop, shop_name, kind, exported_at, progress or (lambda _: None))
    summaries: list[FileSummary] = []
    refusals: list[KoujingError] = []
    for path in files:
        _load_file(request, path, summaries, refusals)
    if refusals:
        raise _refused(refusals, summaries)
    return summaries


def _is_scrap(path: Path) -> bool:
    """Hidden files and the lock files that a spreadsheet leaves beside an open workbook."""
    return path.name.startswith((".", "~$"))


def _refused(refusals: list[KoujingError], summaries: list[FileSummary]) -> FilesRefusedError:
    if len(refusals) == 1:
        return FilesRefusedError(refusals[0].message, refusals[0].hint, summaries)
    return FilesRefusedError(
        f"{len(refusals)} files were refused:\n" + "\n".join(f"- {item}" for item in refusals),
        "The other files are loaded.",
        summaries,
    )


def _load_file(
    request: Request, path: Path, summaries: list[FileSummary], refusals: list[KoujingError]
) -> None:
    """Load every document of one file; a refusal is noted and stops only its own document."""

    def refuse(name: str, error: KoujingError) -> None:
        refusals.append(error)
        summaries.append(FileSummary(name, "refused", notes=[error.message]))

    with _scratch(request.settings) as scratch:
        try:
            for document in open_documents(path, scratch):
                if isinstance(document, InputRefusedError):
                    refuse(path.name, document)
                    continue
                try:
                    summaries.append(_load_document(request, document, scratch))
                except KoujingError as error:
                    refuse(document.name, error)
        except InputRefusedError as error:
            refuse(path.name, error)


@contextmanager
def _scratch(settings: Settings) -> Iterator[Path]:
    """A folder for the holder of the lake lock; a killed load's is removed by the next."""
    with lake_lock(settings, "inbox") as kept, tempfile.TemporaryDirectory(dir=kept) as folder:
        yield Path(folder)


def _load_document(request: Request, document: Document, scratch: Path) -> FileSummary:
    started = time.monotonic()
    request.progress(f"{document.name}: reading")
    if (known := _known(request, document)) is not None:
        return known
    opened = open_table(document, chosen_kinds(shipped_mappings(), request.kind), scratch)
    mapping = opened.recognised.mapping
    times = times_in_name(mapping, document.name)
    summary = FileSummary(
        document.name,
        "loaded",
        kind=mapping.kind,
        layout=opened.recognised.layout,
        shop_key=request.shop,
        notes=list(opened.notes),
    )
    report_day = _report_day(mapping, opened, times, document.name)
    summary.notes += _shop_notes(request, mapping)
    normaliser = Normaliser(
        mapping,
        opened.recognised.columns,
        report_day=report_day,
        key=pii_key(request.settings),
        scratch=scratch,
        memory_limit=request.settings.duckdb_memory_limit,
    )
    try:
        opened.feed(normaliser)
        _describe(summary, opened, normaliser)
        request.progress(f"{document.name}: landing {summary.rows_loaded:,} rows")
        summary.load_id = _land(request, document, summary, normaliser, times)
    finally:
        normaliser.close()
    summary.seconds = round(time.monotonic() - started, 2)
    return summary


def _known(request: Request, document: Document) -> FileSummary | None:
    """The summary of a content that the lake holds already, None where it does not.

    Raises:
        InputRefusedError: It was loaded for another shop.
    """
    for row in loads_of(request.settings, document.file_id):
        if row["shop_key"] != request.shop:
            raise InputRefusedError(
                f"{document.name} was loaded for shop '{row['shop_key']}' already"
                f" (as {row['file_name']}, {row['loaded_at']:%Y-%m-%d %H:%M}).",
                f"One export belongs to one shop: use --shop {row['shop_key']}, or export again.",
            )
        return FileSummary(
            document.name,
            "already_loaded",
            kind=row["kind"],
            layout=row["layout"],
            shop_key=row["shop_key"],
            notes=[f"the same content was loaded on {row['loaded_at']:%Y-%m-%d %H:%M}"],
            load_id=row["_dlt_load_id"],
        )
    return None


def _report_day(mapping: Mapping, opened: Opened, times: NameTimes, name: str) -> date | None:
    """The day of a report without a day column.

    Raises:
        InputRefusedError: Neither a column nor the name says it, or the name says several.
    """
    needs = [item for item in mapping.fields if item.from_file_name]
    if not needs or needs[0].name in opened.recognised.columns.by_field:
        return None
    if times.report_from is None:
        raise InputRefusedError(
            f"{name} has no column {needs[0].headers[0]}, and its name does not say the day.",
            "Keep the name that the back office gave the file (…_2026-06-01 00_00_00-…).",
        )
    if times.report_from != times.report_to:
        raise InputRefusedError(
            f"{name} adds up {times.report_from} to {times.report_to} without a day column.",
            "Export it day by day, or with the day as a column.",
        )
    return times.report_from


def _shop_notes(request: Request, mapping: Mapping) -> list[str]:
    """Register a shop that is not known yet; what to tell about it.

    Raises:
        InputRefusedError: The shop is another channel's, or of a kind that has no such files.
    """
    registry = ShopRegistry(request.settings)
    shop = registry.get(request.shop)
    if shop is None:
        registry.add(
            Shop(
                shop_key=request.shop,
                channel=mapping.channel,
                kind=mapping.shop_kind,
                name=request.shop_name or request.shop,
                origin=CHANNEL,
            )
        )
        kind = mapping.shop_kind.replace("_", " ")
        return [f"registered {kind} '{request.shop}' on channel {mapping.channel}"]
    if shop.channel != mapping.channel:
        raise InputRefusedError(
            f"Shop '{shop.shop_key}' is on channel {shop.channel}; {mapping.kind} is an export of"
            f" {mapping.channel}.",
            "Name the shop that the file belongs to with --shop, or a new key for a new shop.",
        )
    if mapping.shop_kind not in ("observed", shop.kind):
        raise InputRefusedError(
            f"'{shop.shop_key}' is registered as {shop.kind.replace('_', ' ')}; {mapping.kind}"
            f" belongs to a {mapping.shop_kind.replace('_', ' ')}.",
            "Name the right one with --shop, or a new key for a new one.",
        )
    return []


def _describe(summary: FileSummary, opened: Opened, normaliser: Normaliser) -> None:
    """Put what the reading told into the summary."""
    columns = opened.recognised.columns
    summary.rows_loaded = normaliser.rows_good
    summary.rows_quarantined = normaliser.rows_quarantined
    summary.rows_dropped = normaliser.rows_total_dropped
    summary.quarantined = normaliser.quarantined(SHOWN_QUARANTINED)
    summary.unknown_columns = [columns.headers[position] for position in columns.extra]
    if columns.personal:
        names = ", ".join(columns.headers[position] for position in columns.personal)
        summary.notes.append(f"columns that look personal were not kept: {names}")
    summary.notes += normaliser.total_gaps()
    summary.notes += opened.afterthoughts()
    if not (summary.rows_loaded or summary.rows_quarantined or summary.rows_dropped):
        summary.notes.append("the file holds a header row and nothing else")


def _exported_at(
    request: Request, document: Document, times: NameTimes
) -> tuple[datetime, ExportedAtSource]:
    if request.exported_at is not None:
        return request.exported_at, "option"
    if times.exported_at is not None:
        return times.exported_at, "file_name"
    return document.modified_at.replace(microsecond=0), "mtime"


def _land(
    request: Request,
    document: Document,
    summary: FileSummary,
    normaliser: Normaliser,
    times: NameTimes,
) -> str:
    """Land rows, quarantine and the ledger's row as one load; the load id."""
    mapping = shipped_mappings()[summary.kind]
    exported_at, source = _exported_at(request, document, times)
    origin = Origin(request.shop, document.file_id, document.name, exported_at)
    now = shanghai_now().replace(tzinfo=None, microsecond=0)
    ledger_row: dict[str, Any] = {
        "file_id": document.file_id,
        "file_name": document.name,
        "kind": summary.kind,
        "layout": summary.layout,
        "shop_key": request.shop,
        "exported_at": exported_at,
        "exported_at_source": source,
        "rows_loaded": summary.rows_loaded,
        "rows_quarantined": summary.rows_quarantined,
        "rows_total_dropped": summary.rows_dropped,
        "loaded_at": now,
    }

    def write(load_id: str, folder: Path) -> list[LandedFile]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        tables = raw_tables()
        files = [
            LandedFile(mapping.kind, path, rows)
            for path, rows in normaliser.write_rows(folder, origin, load_id)
        ]
        refuse = folder / "quarantine.parquet"
        if rows := normaliser.write_quarantine(refuse, origin, load_id, now):
            files.append(LandedFile("quarantine", refuse, rows))
        ledger = folder / "files.parquet"
        row = ledger_row | {"_dlt_load_id": load_id}
        pq.write_table(pa.Table.from_pylist([row], schema=tables["files"]), ledger)
        return [*files, LandedFile("files", ledger, 1)]

    return land_files(request.settings, CHANNEL, [mapping.kind, "quarantine", "files"], write)
