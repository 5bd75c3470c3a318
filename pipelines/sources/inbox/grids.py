"""What every format comes down to: numbered rows of text cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol


class Row(NamedTuple):
    """One row: where it stands (1-based physical line or sheet row), its cells as written.

    ``problem`` says why the cells cannot be told apart, None where they can; ``last_line`` is the
    line that it ends on.
    """

    line: int
    cells: list[str]
    problem: str | None
    last_line: int


class Grid(Protocol):
    """A table-like content that can be read from the top, as often as needed."""

    @property
    def preview(self) -> list[Row]:
        """The first rows, among which the header is looked for."""
        ...

    def rows(self, after_line: int = 0, width: int | None = None) -> Iterator[Row]:
        """Every row behind a line; ``width`` is the number of cells of a whole row."""
        ...
