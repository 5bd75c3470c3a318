"""Rows to typed columns, in DuckDB: what can be read, what is a total, what goes to quarantine.

Data flow: cells as text -> one expression a field (``cells``) -> table ``good`` and table
``quarantine`` in a scratch database -> Parquet.

Two ways lead here. ``read_text`` lets DuckDB parse the file; ``read_rows`` takes rows that a
careful reader made. Both run the same expressions, so both come to the same values.
What does not belong here: opening files, and the lake.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipelines.sources.inbox import forms as usual
from pipelines.sources.inbox.cells import MACROS, quoted
from pipelines.sources.inbox.grids import Row
from pipelines.sources.inbox.headers import canonical
from pipelines.sources.inbox.mapping import Mapping, raw_tables
from pipelines.sources.inbox.recognise import Columns
from pipelines.sources.inbox.statements import Statements
from pipelines.sources.inbox.text import TextFacts, TextRows

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 20_000
_OVERFLOW_CELLS = 4
_HMAC_BLOCK = 64
_SAMPLE_ROWS = 5_000
_MOST_DOUBTS = 0.05
# As joins, the lists of words in IN (...) are quicker to run and slow to plan: 1 s less on 840,000
# rows of ten columns, 25 s more on three rows of seventy-five (DuckDB 2.0.0).
_PLANNED_QUICKLY = "SET disabled_optimizers = 'in_clause'"
_RUN_QUICKLY = "RESET disabled_optimizers"
_MANY_LINES = 500_000
# A sample needs no more than the first buffer; by default the reader fills 32 MB a thread.
_HEAD_ONLY = ", buffer_size=8388608"
_NOTE_STARTS = ("注", "说明", "备注", "导出", "统计", "合计", "总计", "汇总", "共", "以上", "数据")


@dataclass(frozen=True)
class Origin:
    """Where rows come from, as it is written beside each of them."""

    shop_key: str
    file_id: str
    file_name: str
    exported_at: datetime


class Normaliser:
    """One file on its way: collects good rows and quarantined ones in a scratch database."""

    def __init__(  # noqa: PLR0913 - all of it is needed before the first row
        self,
        mapping: Mapping,
        columns: Columns,
        *,
        report_day: date | None,
        key: bytes,
        scratch: Path,
        memory_limit: str,
    ) -> None:
        """Open the scratch database.

        Args:
            mapping: What the columns mean.
            columns: Where they stand.
            report_day: The day of a report whose day stands in its name only.
            key: For the keyed hash of buyers' names; passed as a variable, never as text.
            scratch: A folder that the lake lock guards; large files spill there.
            memory_limit: DuckDB's own form, such as 4GB.
        """
        self._mapping = mapping
        self._columns = columns
        self._sql = Statements(mapping, columns, report_day)
        self._db = duckdb.connect(
            config={"memory_limit": memory_limit, "temp_directory": str(scratch / "spill")}
        )
        self._db.execute(_PLANNED_QUICKLY)
        self._db.execute(MACROS)
        self._db.execute(usual.MACROS)
        block = (hashlib.sha256(key).digest() if len(key) > _HMAC_BLOCK else key).ljust(
            _HMAC_BLOCK, b"\0"
        )
        for name, mask in (("inner_pad", 0x36), ("outer_pad", 0x5C)):
            self._db.execute(f"SET VARIABLE {name} = ?::BLOB", [bytes(b ^ mask for b in block)])
        self._fast_lines: int | None = None
        self._reset()

    def close(self) -> None:
        """Free the scratch database."""
        self._db.close()

    def _reset(self) -> None:
        self.rows_total_dropped = 0
        self._fast_lines = None
        self._db.execute("DROP TABLE IF EXISTS fast")
        self._db.execute(self._sql.create_good())
        self._db.execute(self._sql.create_quarantine())
        self._db.execute(self._sql.create_grand_totals())

    def read_text(self, path: Path, facts: TextFacts, rows: TextRows) -> None:
        """Read a delimited file: by DuckDB where the file is sound, by care where it is not."""
        if facts.lines > _MANY_LINES:
            self._db.execute(_RUN_QUICKLY)
        if facts.newline is None or not self._read_fast(path, facts, rows):
            self._reset()
            header, width = self._columns.header_line, self._columns.width
            self.read_rows(rows.rows(after_line=header, width=width))

    def _read_fast(self, path: Path, facts: TextFacts, rows: TextRows) -> bool:
        """Let DuckDB read the file; False: something in it needs the careful reader."""
        text_source = self._csv(path, facts, rows, {})
        try:
            forms = self._forms(self._csv(path, facts, rows, {}, options=_HEAD_ONLY))
            self._read_forms(path, facts, rows, forms)
            if self._count("fast WHERE NOT _sure") > self._count("fast") * _MOST_DOUBTS:
                self._db.execute(self._sql.create_fast(text_source, _OVERFLOW_CELLS, {}))
        except duckdb.Error:
            return False  # the careful reader finds the line and says what is wrong
        header = self._columns.header_line
        if self._count("fast") != facts.lines - header:
            return False  # blank lines, or a cell over several lines: rows and lines differ
        self._fast_lines = header
        self._db.execute("SELECT rowid + ? FROM fast WHERE NOT _sure", [header + 1])
        doubtful = {int(line) for (line,) in self._db.fetchall()}
        if doubtful:
            self.read_rows(rows.rows_at(doubtful, self._columns.width))
        return True

    def _read_forms(
        self, path: Path, facts: TextFacts, rows: TextRows, forms: dict[str, usual.Form]
    ) -> None:
        """Make table ``fast``: the CSV reader reads times itself where it can."""
        types = self._sql.native_fields(forms)
        try:
            source = self._csv(path, facts, rows, types)
            native = frozenset(types)
            self._db.execute(self._sql.create_fast(source, _OVERFLOW_CELLS, forms, native))
        except duckdb.Error:
            # One cell of another form or one row of another width is enough: as text, only
            # those rows are looked at again.
            source = self._csv(path, facts, rows, {})
            self._db.execute(self._sql.create_fast(source, _OVERFLOW_CELLS, forms))

    def _csv(
        self,
        path: Path,
        facts: TextFacts,
        rows: TextRows,
        types: dict[str, str],
        *,
        options: str = "",
    ) -> str:
        """The file as a relation of its cells.

        As text, an empty cell is '' and a missing one null, so a short row shows, and longer rows
        flow over. Where fields have types, the reader stops at a row of another width.
        """
        by_position = {self._columns.by_field[name]: sql_type for name, sql_type in types.items()}
        names = [f"cell_{position}" for position in range(self._columns.width)]
        cells = names
        if types:
            empty = "nullstr=''"
            # Not force_not_null: with fewer columns asked for, it hits others (DuckDB 2.0.0).
            cells = [
                name if n in by_position else f"coalesce({name}, '') AS {name}"
                for n, name in enumerate(names)
            ]
        else:
            cells = names = [*names, *(f"over_{n}" for n in range(_OVERFLOW_CELLS))]
            empty = "nullstr='\x01', null_padding=true"
        columns = ", ".join(
            f"'{name}': '{by_position.get(n, 'VARCHAR')}'" for n, name in enumerate(names)
        )
        newline = "\\r\\n" if facts.newline == "\r\n" else "\\n"
        # Strict by default; said outright it finds no row behind Windows line ends (DuckDB 2.0.0).
        return (
            f"(SELECT {', '.join(cells)} FROM read_csv({quoted(str(path))},"
            f" columns={{{columns}}}, auto_detect=false, header=false,"
            f" skip={self._columns.header_line}, delim={quoted(rows.delimiter)},"
            f" quote='\"', escape='\"', new_line='{newline}', {empty},"
            f" timestampformat='%Y-%m-%d %H:%M:%S', parallel=true, max_line_size=4194304{options}))"
        )

    def _forms(self, source: str) -> dict[str, usual.Form]:
        """The usual form of each column, where the first rows have one."""
        asked = self._sql.sample(source, _SAMPLE_ROWS)
        if asked is None:
            return {}
        query, columns = asked
        shares = self._db.execute(query).fetchone() or ()
        best: dict[str, tuple[float, usual.Form]] = {}
        for (name, form), share in zip(columns, shares, strict=True):
            if share is not None and share >= max(usual.ENOUGH, best.get(name, (0.0, form))[0]):
                best.setdefault(name, (share, form))
        return {name: form for name, (_, form) in best.items()}

    def read_rows(self, rows: Iterable[Row]) -> None:
        """Read rows of text cells in batches, so that memory does not grow with the file."""
        iterator = iter(rows)
        while batch := list(itertools.islice(iterator, BATCH_ROWS)):
            filled = [row for row in batch if any(map(canonical, row.cells))]
            kept = [row for row in filled if not _is_note(row)]
            self.rows_total_dropped += len(filled) - len(kept)
            self._db.register("batch", self._arrow(kept))
            self._db.execute(self._sql.create_checked("batch"))
            self._db.unregister("batch")
            self.rows_total_dropped += self._count("checked WHERE _state IN (1, 3)")
            self._db.execute(self._sql.keep_good())
            self._db.execute(self._sql.keep_grand_totals())
            self._db.execute(self._sql.keep_broken())

    def _arrow(self, rows: list[Row]) -> pa.Table:
        """Rows as columns of text; of rows that do not fit, all cells in one list."""
        import pyarrow as pa

        width = self._columns.width
        problems = [row.problem or self._misfit(row) for row in rows]
        fitted = [
            [""] * width if problem else row.cells[:width]
            for row, problem in zip(rows, problems, strict=True)
        ]
        cells = list(zip(*fitted, strict=True)) if fitted else [()] * width
        arrays = {
            "_line": pa.array([row.line for row in rows], pa.int64()),
            "_problem": pa.array(problems, pa.string()),
            "_cells": pa.array(
                [
                    row.cells if problem else None
                    for row, problem in zip(rows, problems, strict=True)
                ],
                pa.list_(pa.string()),
            ),
        }
        arrays |= {f"cell_{i}": pa.array(cells[i], pa.string()) for i in range(width)}
        return pa.table(arrays)

    def _misfit(self, row: Row) -> str | None:
        """Why a row's cells cannot be put under the headers, None where they can."""
        width = self._columns.width
        extra = any(canonical(cell) for cell in row.cells[width:])
        if len(row.cells) < width or (extra and self._mapping.extra_cells != "cut"):
            return f"{len(row.cells)} cells where the header has {width}"
        return None

    def _count(self, what: str) -> int:
        row = self._db.execute(f"SELECT count(*) FROM {what}").fetchone()
        return int(row[0]) if row else 0

    def _sources(self) -> list[str]:
        """Where the good rows are."""
        return ["good"] if self._fast_lines is None else ["good", "(FROM fast WHERE _sure)"]

    @property
    def rows_good(self) -> int:
        """Rows that will be landed."""
        return sum(self._count(table) for table in self._sources())

    @property
    def rows_quarantined(self) -> int:
        """Rows that cannot be read."""
        return self._count("quarantine")

    def quarantined(self, limit: int) -> list[dict[str, object]]:
        """The first quarantined rows: line, column_header, cell, reason."""
        rows = self._db.execute(
            "SELECT line, column_header, cell, reason FROM quarantine ORDER BY line LIMIT ?",
            [limit],
        ).fetchall()
        return [
            dict(zip(("line", "column_header", "cell", "reason"), row, strict=True)) for row in rows
        ]

    def newest_event(self) -> datetime | None:
        """The newest time in the file at which something happened."""
        query = self._sql.newest_event(self._sources())
        row = self._db.execute(query).fetchone() if query else None
        return row[0] if row else None

    def total_gaps(self) -> list[str]:
        """Where the report's own total is not the sum of its rows: one sentence a field."""
        if self._count("grand_totals") != 1:
            return []
        gaps = []
        for name in self._mapping.compare_totals:
            query = self._sql.total_and_sum(name, self._sources())
            stated, summed = self._db.execute(query).fetchone() or (None, None)
            if stated is not None and stated != (summed or Decimal(0)):
                header = self._columns.headers[self._columns.by_field[name]]
                gaps.append(
                    f"the total row says {header} {stated}, the rows add up to {summed or 0}:"
                    f" {stated - (summed or 0)} has no row of its own"
                )
        return gaps

    def write_rows(self, target: Path, origin: Origin, load_id: str) -> list[tuple[Path, int]]:
        """Write the good rows as Parquet: each file with its rows."""
        event = self.newest_event()
        version = "|".join(
            (
                f"{origin.exported_at:%Y-%m-%dT%H:%M:%S}",
                f"{event:%Y-%m-%dT%H:%M:%S}" if event else "",
                origin.file_id,
            )
        )
        literals = self._sql.origin_columns(origin, version, load_id)
        # Columns that the file lacks are left out: reading by name, they are null there.
        names = [*self._sql.landed, "_line", *literals]
        parts = [("good", "good", "_line")]
        if self._fast_lines is not None:
            line = f"CAST(rowid + {self._fast_lines + 1} AS BIGINT)"
            parts.append(("fast", "fast WHERE _sure", line))
        written = []
        for name, source, line in parts:
            if rows := self._count(source):
                path = target / f"{name}.parquet"
                selected = ", ".join(
                    f"{line} AS _line" if n == "_line" else literals.get(n, f'"{n}"') for n in names
                )
                self._copy(f"SELECT {selected} FROM {source}", path)
                written.append((path, rows))
        return written

    def write_quarantine(
        self, path: Path, origin: Origin, load_id: str, quarantined_at: datetime
    ) -> int:
        """Write the quarantined rows as Parquet; how many there are."""
        rows = self.rows_quarantined
        if rows:
            names = ", ".join(raw_tables()["quarantine"].names)
            self._copy(
                f"SELECT {names} FROM (SELECT {quoted(origin.file_id)} AS file_id,"
                f" {quoted(origin.file_name)} AS file_name, {quoted(self._mapping.kind)} AS kind,"
                f" {quoted(origin.shop_key)} AS shop_key, line, column_header, cell, reason,"
                f" raw_row, TIMESTAMP '{quarantined_at:%Y-%m-%d %H:%M:%S}' AS quarantined_at,"
                f" {quoted(load_id)} AS _dlt_load_id FROM quarantine ORDER BY line)",
                path,
            )
        return rows

    def _copy(self, query: str, path: Path) -> None:
        # Ids and times repeat rarely: delta pages make a third less of them than dictionaries that
        # are built for thousands of values and then given up, and cost less.
        self._db.execute(
            f"COPY ({query}) TO {quoted(str(path))}"
            " (FORMAT parquet, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1000)"
        )


def _is_note(row: Row) -> bool:
    """A remark under or above the table: one cell, and it reads like one."""
    first, *others = row.cells or [""]
    return (
        row.problem is None
        and first.strip().startswith(_NOTE_STARTS)
        and not any(canonical(cell) for cell in others)
    )


Progress = Callable[[str], None]
