"""Workbooks (.xlsx, .xls) and HTML tables that call themselves .xls, as numbered rows of text."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from pipelines.errors import InputRefusedError
from pipelines.sources.inbox.grids import Row
from pipelines.sources.inbox.headers import HEADER_SEARCH_ROWS, canonical

_EXACT_IN_A_FLOAT = 2**53
_BATCH = 20_000


def workbook_sheets(path: Path, name: str) -> dict[str, SheetRows]:
    """The sheets of a workbook, by name.

    Raises:
        InputRefusedError: Locked with a password, or not a workbook that can be read.
    """
    import fastexcel

    try:
        workbook = fastexcel.read_excel(str(path))
    except Exception as error:  # fastexcel has one exception class a cause, and panics
        text = str(error)
        locked = "password" in text.lower() or "encrypt" in text.lower()
        raise InputRefusedError(
            f"{name} is locked with a password."
            if locked
            else f"{name} cannot be read as a workbook: {text.splitlines()[0][:200]}",
            "Open it, save it without a password or as CSV, and load that.",
        ) from error
    return {sheet: SheetRows(workbook, sheet) for sheet in workbook.sheet_names}


class SheetRows:
    """The rows of one sheet; numbers are written out as the cell holds them."""

    def __init__(self, workbook: Any, sheet: str) -> None:  # noqa: ANN401 - fastexcel is untyped
        self._workbook = workbook
        self._sheet = sheet

    @cached_property
    def _table(self) -> Any:  # noqa: ANN401 - pyarrow is untyped
        return self._workbook.load_sheet(
            self._sheet, header_row=None, skip_rows=0, dtypes="string"
        ).to_arrow()

    @cached_property
    def preview(self) -> list[Row]:
        """The first rows, among which the header is looked for."""
        return list(itertools.islice(self._read(0), HEADER_SEARCH_ROWS))

    def rows(self, after_line: int = 0, width: int | None = None) -> Iterator[Row]:
        """Every row behind a sheet row; empty ones are left out, short ones filled up."""
        for row in self._read(after_line):
            cells = row.cells if width is None else _fitted(row.cells, width)
            yield row._replace(cells=cells)

    def _read(self, after_line: int) -> Iterator[Row]:
        mixed = self._columns_with_numbers
        for start in range(after_line, self._table.num_rows, _BATCH):
            columns = [
                [_shown(cell, column in mixed) for cell in cells]
                for column, cells in enumerate(
                    self._table.slice(start, _BATCH).to_pydict().values()
                )
            ]
            for offset, cells in enumerate(zip(*columns, strict=True)):
                if any(cells):
                    line = start + offset + 1
                    yield Row(line, list(cells), None, line)

    @cached_property
    def _columns_with_numbers(self) -> set[int]:
        """Columns in which a long number may have been a number cell: digits may be lost.

        A cell's type is asked for only where a text could be a rounded number: 15 digits or
        more, above 2^53, and exactly a float. In a column of text cells alone it is an id that
        happens to look like that.
        """
        suspects = {
            index
            for index, cells in enumerate(self._table.columns)
            if any(_could_be_rounded(cell) for cell in cells.to_pylist())
        }
        first = next((row.line for row in self._header_candidates()), 0)
        return {index for index in suspects if not self._is_text(index, first)}

    def _header_candidates(self) -> Iterator[Row]:
        """The widest of the first rows: below it stand the cells."""
        rows = [
            Row(number + 1, [cell or "" for cell in row.values()], None, number + 1)
            for number, row in enumerate(self._table.slice(0, HEADER_SEARCH_ROWS).to_pylist())
        ]
        yield from sorted(rows, key=lambda row: -sum(bool(canonical(cell)) for cell in row.cells))

    def _is_text(self, column: int, header_line: int) -> bool:
        """Whether all cells of a column below the header are text cells."""
        import fastexcel

        try:
            sheet = self._workbook.load_sheet(
                self._sheet,
                header_row=None,
                skip_rows=header_line,
                schema_sample_rows=None,
                dtype_coercion="strict",
                use_columns=[column],
            )
        except fastexcel.FastExcelError:
            return False  # several types in one column
        return bool(sheet.selected_columns[0].dtype == "string")


def _could_be_rounded(cell: str | None) -> bool:
    if cell is None or len(cell) < 16 or not cell.isdecimal():
        return False
    number = int(cell)
    return number > _EXACT_IN_A_FLOAT and int(float(number)) == number


def _shown(cell: str | None, may_be_rounded: bool) -> str:
    """A number cell beyond exact floats as a spreadsheet shows it, so that it counts as damaged."""
    if cell is None:
        return ""
    return f"{int(cell):.14E}" if may_be_rounded and _could_be_rounded(cell) else cell


def _fitted(cells: list[str], width: int) -> list[str]:
    """A sheet has as many columns as its widest row: fill up, and cut what is empty."""
    kept = cells[: max(width, *(index + 1 for index, cell in enumerate(cells) if cell))]
    return kept + [""] * (width - len(kept))


class HtmlRows:
    """The rows of the first table of an HTML page (千牛 sends one as .xls in GB18030)."""

    def __init__(self, path: Path) -> None:
        """``path`` is the page in UTF-8."""
        self._path = path

    @cached_property
    def preview(self) -> list[Row]:
        """The first rows, among which the header is looked for."""
        return list(itertools.islice(self.rows(), HEADER_SEARCH_ROWS))

    def rows(self, after_line: int = 0, width: int | None = None) -> Iterator[Row]:
        """Every table row behind a row number; rows without any text are left out."""
        del width  # a table row says itself where it ends
        from lxml import etree

        # The page is UTF-8 by now, whatever its <meta> says.
        rows = etree.iterparse(
            str(self._path), events=("end",), tag="tr", html=True, encoding="utf-8", huge_tree=True
        )
        for number, (_, element) in enumerate(rows, 1):
            if number > after_line:
                cells = [
                    "".join(cell.itertext())
                    for cell in element
                    if isinstance(cell.tag, str) and cell.tag in ("td", "th")
                ]
                if any(canonical(cell) for cell in cells):
                    yield Row(number, cells, None, number)
            element.clear(keep_tail=False)
