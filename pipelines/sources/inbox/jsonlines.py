"""JSON lines whose documents hold a list of records: numbered rows of text cells."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from pipelines.sources.inbox.grids import Row

_HEADER_DOCUMENTS = 200


class JsonRows:
    """One row a record; its columns are the document's keys and ``<records>.<key>``.

    ``empty_documents`` counts, after reading, the documents that hold no record.
    """

    def __init__(self, path: Path, records: str) -> None:
        self._path = path
        self._records = records
        self.empty_documents = 0

    @cached_property
    def headers(self) -> list[str]:
        """The keys of the first documents, in the order in which they were met."""
        found: dict[str, None] = {}
        for _, document in itertools.islice(self._documents(), _HEADER_DOCUMENTS):
            if isinstance(document, dict):
                found |= dict.fromkeys(document)
                for record in self._of(document) or []:
                    found |= {f"{self._records}.{key}": None for key in record}
        return list(found)

    @property
    def preview(self) -> list[Row]:
        """The keys as a header row above the first line."""
        return [Row(0, self.headers, None, 0)]

    def rows(self, after_line: int = 0, width: int | None = None) -> Iterator[Row]:
        """Every record; a line that is no document is one row that cannot be read."""
        del width
        self.empty_documents = 0
        for line, document in self._documents():
            records = self._of(document)
            if line <= after_line:
                continue
            if records is None:
                yield Row(line, [str(document)], "not a JSON document of this kind", line)
                continue
            self.empty_documents += not records
            for record in records:
                flat = document | {f"{self._records}.{key}": item for key, item in record.items()}
                yield Row(line, [_cell(flat.get(key)) for key in self.headers], None, line)

    def remarks(self) -> list[str]:
        """What is worth a note after reading."""
        count = self.empty_documents
        return [f"{count} documents hold no record"] if count else []

    def _of(self, document: Any) -> list[dict[str, Any]] | None:  # noqa: ANN401 - any JSON
        records = document.get(self._records) if isinstance(document, dict) else None
        if not isinstance(records, list) or not all(isinstance(item, dict) for item in records):
            return None
        return records

    def _documents(self) -> Iterator[tuple[int, Any]]:
        with self._path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    # Numbers stay text: a float would lose digits of an id and of an amount.
                    yield number, json.loads(line, parse_float=str, parse_int=str)
                except ValueError:
                    yield number, line.rstrip("\r\n")


def _cell(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
