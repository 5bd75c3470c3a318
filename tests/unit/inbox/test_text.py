"""Delimited text read with care: quotes, line numbers, and a broken line that costs only itself."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sources.inbox.text import TextRows, to_utf8


def _rows(folder: Path, text: str) -> TextRows:
    path = folder / "x.csv"
    path.write_text(text, encoding="utf-8", newline="")
    path, facts = to_utf8(path, "x.csv", folder)
    return TextRows(path, facts)


def test_a_quote_that_never_closes_costs_its_own_line(tmp_path: Path) -> None:
    rows = _rows(tmp_path, 'a,b,c\n1,"x,3\n2,"y",3\n3,z,"4\n5"\n6,"7,8\n')
    found = [(r.line, r.cells, r.problem is None) for r in rows.rows(after_line=1, width=3)]
    assert found == [
        (2, ["1", '"x', "3"], False),
        (3, ["2", "y", "3"], True),
        (4, ["3", "z", "4\n5"], True),
        (6, ["6", '"7', "8"], False),
    ]


def test_a_stray_quote_inside_a_quoted_cell_is_not_guessed_away(tmp_path: Path) -> None:
    (row,) = _rows(tmp_path, 'a,b\n"1"2,3\n').rows(after_line=1, width=2)
    assert row.problem == "a quote inside a quoted cell that is not doubled"


def test_the_delimiter_is_the_one_that_makes_the_widest_row(tmp_path: Path) -> None:
    assert _rows(tmp_path, "note, with a comma\na\tb\tc\n1\t2\t3\n").delimiter == "\t"


def test_lines_are_counted_without_blank_ones_at_the_end(tmp_path: Path) -> None:
    assert _rows(tmp_path, "a,b\n1,2\n\n\n").facts.lines == 2
    assert _rows(tmp_path, "a,b\r\n1,2").facts.lines == 2
    assert _rows(tmp_path, "a,b\r\n1,2\r\n").facts.newline == "\r\n"
    assert _rows(tmp_path, "a,b\r\n1,2\n").facts.newline is None


# A line break and delimiters in one cell could be a row by themselves: no reader can tell.
_CELL = st.text(alphabet='ab,";\t 元', max_size=8) | st.text(alphabet='ab"\n;\t 元', max_size=8)


@settings(deadline=None)
@given(table=st.lists(st.tuples(_CELL, _CELL, _CELL, st.just("end")), min_size=1, max_size=8))
def test_whatever_is_quoted_properly_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str, str, str]]
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(table)
    folder = tmp_path_factory.mktemp("csv")
    path = folder / "x.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    path, facts = to_utf8(path, "x.csv", folder)
    rows = TextRows(path, facts, ",").rows(width=4)
    assert [tuple(row.cells) for row in rows] == table
