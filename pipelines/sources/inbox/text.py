"""Delimited text: its encoding, its delimiter, and its rows with exact line numbers.

Two readers see the same file: DuckDB (``normalise``), which is quick and gives up on any structural
doubt, and ``TextRows`` here, which is careful: a quote that never closes costs its own line only.
"""

from __future__ import annotations

import codecs
import csv
import itertools
import mmap
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pipelines.errors import InputRefusedError
from pipelines.sources.inbox.grids import Row

_CHUNK = 8 * 1024 * 1024
_DELIMITERS = (",", "\t", ";", "|")
_MAX_RECORD_LINES = 200
_MAX_PREVIEW_BYTES = 1024 * 1024


@dataclass(frozen=True)
class TextFacts:
    """What one pass over the bytes tells.

    ``lines`` counts physical lines without blank ones at the end; ``newline`` is None where line
    ends are mixed.
    """

    encoding: str
    lines: int
    newline: str | None


def to_utf8(path: Path, name: str, scratch: Path) -> tuple[Path, TextFacts]:
    """The file as UTF-8 without BOM, and what it was.

    The whole file decides: a GBK file whose first kilobytes are ASCII passes on a sample.

    Args:
        path: The content.
        name: For the message.
        scratch: Where a transcoded copy is written; a UTF-8 file is read where it lies.

    Raises:
        InputRefusedError: Neither UTF-8, GB18030 nor UTF-16 with a BOM.
    """
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif (facts := _facts(path, "utf-8")) is not None:
        return path, facts
    else:
        encoding = "gb18030"
    try:
        target = _transcoded(path, encoding, scratch)
    except UnicodeDecodeError as error:
        raise InputRefusedError(
            f"{name} is neither UTF-8 nor GB18030; it looks like {_guess(path)}.",
            "Export it again, or save it as UTF-8 CSV.",
        ) from error
    transcoded = _facts(target, encoding)
    assert transcoded is not None, "what was just encoded as UTF-8 is UTF-8"
    return target, transcoded


def _decodes(piece: memoryview) -> bool:
    """Whether bytes are UTF-8, by Arrow: five times as quick as bytes.decode, and no copy."""
    import pyarrow as pa

    offsets = pa.py_buffer(struct.pack("<qq", 0, len(piece)))
    content = pa.py_buffer(piece) if piece else None
    array = pa.Array.from_buffers(pa.large_binary(), 1, [None, offsets, content])
    try:
        array.cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _transcoded(path: Path, encoding: str, scratch: Path) -> Path:
    target = scratch / "utf8"
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as source, target.open("wb") as file:
        while piece := source.read(_CHUNK):
            file.write(decoder.decode(piece).encode())
        file.write(decoder.decode(b"", final=True).encode())
    return target


def _guess(path: Path) -> str:
    from charset_normalizer import from_bytes

    with path.open("rb") as file:
        best = from_bytes(file.read(_MAX_PREVIEW_BYTES)).best()
    return best.encoding if best is not None else "no text at all"


def _facts(path: Path, encoding: str) -> TextFacts | None:
    """One pass over a UTF-8 file, without building its strings; None: it is not UTF-8."""
    feeds = returns = pairs = 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        start, size = 0, len(content)
        while start < size:
            # A cut behind a line feed splits no character and no line end.
            end = content.rfind(b"\n", start, min(start + _CHUNK, size)) + 1
            end = end or content.find(b"\n", start) + 1 or size
            with memoryview(content) as whole, whole[start:end] as piece:
                if not _decodes(piece):
                    return None
            text = content[start:end]
            feeds += text.count(b"\n")
            if b"\r" in text:
                returns += text.count(b"\r")
                pairs += text.count(b"\r\n")
            start = end
        tail = content[-4096:]
    blank = len(tail) - len(tail.rstrip(b"\r\n"))
    after = tail[len(tail) - blank :].count(b"\n")
    newline = "\n" if returns == 0 else "\r\n" if feeds == returns == pairs else None
    return TextFacts(encoding, feeds - after + 1, newline)


class TextRows:
    """The rows of a delimited text file, read with care."""

    def __init__(self, path: Path, facts: TextFacts, delimiter: str | None = None) -> None:
        self.path = path
        self.facts = facts
        self.delimiter = delimiter or self._likely_delimiter()

    def _likely_delimiter(self) -> str:
        """The delimiter that makes the widest row within the first lines."""
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(itertools.islice(file, 20))
        widths = {
            mark: max(
                (len(next(csv.reader([line], delimiter=mark), [])) for line in lines), default=0
            )
            for mark in _DELIMITERS
        }
        return max(_DELIMITERS, key=lambda mark: widths[mark])

    @cached_property
    def preview(self) -> list[Row]:
        """The first rows, among which the header is looked for."""
        return list(itertools.islice(self.rows(), 20))

    def rows(self, after_line: int = 0, width: int | None = None) -> Iterator[Row]:
        """Every row behind a physical line (1-based), blank lines left out.

        Args:
            after_line: The header's last line.
            width: Cells of a whole row; a quote left open is recognised by a next line that
                is a whole row by itself.
        """
        with self.path.open(encoding="utf-8-sig", newline="\n") as file:
            numbered = ((number, line) for number, line in enumerate(file, 1))
            yield from self._records(
                itertools.dropwhile(lambda item: item[0] <= after_line, numbered), width
            )

    def rows_at(self, lines: set[int], width: int) -> Iterator[Row]:
        """The rows that stand on certain physical lines, each of one line."""
        with self.path.open(encoding="utf-8-sig", newline="\n") as file:
            chosen = ((number, line) for number, line in enumerate(file, 1) if number in lines)
            yield from self._records(chosen, width)

    def _records(self, lines: Iterator[tuple[int, str]], width: int | None) -> Iterator[Row]:
        ahead: list[tuple[int, str]] = []
        while True:
            item = ahead.pop(0) if ahead else next(lines, None)
            if item is None:
                return
            number, line = item
            if not line.strip("\r\n\ufeff"):
                continue
            cells, problem = self._parsed(line)
            if problem == _OPEN_QUOTE:
                closed, used, ahead = self._continued(line, ahead, lines, width)
                if closed is not None:
                    cells, problem = closed, None
                yield Row(number, cells, problem, number + used)
            else:
                yield Row(number, cells, problem, number)

    def _continued(
        self,
        line: str,
        ahead: list[tuple[int, str]],
        lines: Iterator[tuple[int, str]],
        width: int | None,
    ) -> tuple[list[str] | None, int, list[tuple[int, str]]]:
        """Read on behind an open quote: the cells if it closes, the lines to read again if not."""
        text = line
        taken: list[tuple[int, str]] = []
        for _ in range(_MAX_RECORD_LINES):
            item = ahead.pop(0) if ahead else next(lines, None)
            if item is None:
                break
            taken.append(item)
            if width is not None and self._is_whole_row(item[1], width):
                break  # the quote above was never closed
            text += item[1]
            cells, problem = self._parsed(text)
            if problem is None:
                return cells, len(taken), ahead
            if problem != _OPEN_QUOTE:
                break
        return None, 0, taken + ahead

    def _is_whole_row(self, line: str, width: int) -> bool:
        """Whether a line is a row by itself: the cells count, and no quote stands loose in it."""
        cells, problem = self._parsed(line)
        if problem is not None or len(cells) != width:
            return False
        mark = re.escape(self.delimiter)
        cell = rf'(?:=?"(?:[^"]|"")*"|[^"{mark}]*)'
        return re.fullmatch(rf"{cell}(?:{mark}{cell})*", line.rstrip("\r\n")) is not None

    def _parsed(self, text: str) -> tuple[list[str], str | None]:
        if '"' not in text:
            return text.rstrip("\r\n").split(self.delimiter), None
        try:
            # strict: an open or a stray quote is an error here, not a guess.
            return next(csv.reader([text], delimiter=self.delimiter, strict=True)), None
        except csv.Error as error:
            problem = _OPEN_QUOTE if "unexpected end" in str(error) else _STRAY_QUOTE
            return text.rstrip("\r\n").split(self.delimiter), problem


_OPEN_QUOTE = "a quote that is never closed"
_STRAY_QUOTE = "a quote inside a quoted cell that is not doubled"
