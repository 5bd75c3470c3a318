"""A document opened as the kind of table that it is: the one place that knows all formats."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.errors import InputRefusedError
from pipelines.sources.inbox.documents import Document
from pipelines.sources.inbox.grids import Grid
from pipelines.sources.inbox.jsonlines import JsonRows
from pipelines.sources.inbox.mapping import Mapping
from pipelines.sources.inbox.normalise import Normaliser
from pipelines.sources.inbox.recognise import Recognised, recognise
from pipelines.sources.inbox.sheets import HtmlRows, workbook_sheets
from pipelines.sources.inbox.text import TextRows, to_utf8


@dataclass
class Opened:
    """A recognised table: ``feed`` reads it into a normaliser; what else is worth a note."""

    recognised: Recognised
    feed: Callable[[Normaliser], None]
    notes: list[str] = field(default_factory=list)
    afterthoughts: Callable[[], list[str]] = list


def open_table(document: Document, kinds: MappingOf[str, Mapping], scratch: Path) -> Opened:
    """Open a document and find out what it is.

    Raises:
        InputRefusedError: It cannot be read, or no kind fits.
    """
    tables = {kind: mapping for kind, mapping in kinds.items() if mapping.format == "table"}
    if document.format == "workbook":
        return _open_workbook(document, tables)
    path, facts = to_utf8(document.path, document.name, scratch)
    notes = [f"read as {facts.encoding}"] if facts.encoding not in ("utf-8", "utf-8-sig") else []
    if document.format == "html":
        html = HtmlRows(path)
        return _opened_grid(html, recognise(html.preview, tables, document.name), notes)
    with path.open(encoding="utf-8-sig") as file:
        starts_with_object = file.read(256).lstrip().startswith("{")
    if starts_with_object:
        return _open_jsonl(path, document.name, kinds)
    text = TextRows(path, facts)
    recognised = recognise(text.preview, tables, document.name)
    return Opened(recognised, lambda normaliser: normaliser.read_text(path, facts, text), notes)


def _open_workbook(document: Document, tables: MappingOf[str, Mapping]) -> Opened:
    """The first sheet that is of a known kind; the others are named in a note."""
    sheets = workbook_sheets(document.path, document.name)
    refusals: list[InputRefusedError] = []
    for name, sheet in sheets.items():
        try:
            recognised = recognise(sheet.preview, tables, document.name)
        except InputRefusedError as refusal:
            refusals.append(refusal)
            continue
        others = [other for other in sheets if other != name]
        notes = [f"read sheet {name}, not: {', '.join(others)}"] if others else []
        return _opened_grid(sheet, recognised, notes)
    raise (
        refusals[0]
        if refusals
        else InputRefusedError(f"{document.name} has no sheet.", "Export it again.")
    )


def _open_jsonl(path: Path, name: str, kinds: MappingOf[str, Mapping]) -> Opened:
    """A file of JSON documents: the kind whose records it holds."""
    refusals: list[InputRefusedError] = []
    for mapping in kinds.values():
        if mapping.format == "jsonl":
            rows = JsonRows(path, mapping.records)
            try:
                recognised = recognise(rows.preview, {mapping.kind: mapping}, name)
            except InputRefusedError as refusal:
                refusals.append(refusal)
            else:
                opened = _opened_grid(rows, recognised, [])
                opened.afterthoughts = rows.remarks
                return opened
    raise (
        refusals[0]
        if refusals
        else InputRefusedError(
            f"{name} is a JSON file; no kind that was asked for is one.", "Leave --kind out."
        )
    )


def _opened_grid(grid: Grid, recognised: Recognised, notes: list[str]) -> Opened:
    columns = recognised.columns
    return Opened(
        recognised,
        lambda normaliser: normaliser.read_rows(
            grid.rows(after_line=columns.header_line, width=columns.width)
        ),
        notes,
    )
