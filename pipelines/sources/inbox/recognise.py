"""Which kind a file is: by its header row, never by its name; and how far off if unknown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass

from pipelines.errors import InputRefusedError, UsageError
from pipelines.sources.inbox.grids import Row
from pipelines.sources.inbox.headers import (
    HEADER_SEARCH_ROWS,
    canonical,
    find_header,
    looks_personal,
    without_trailing_blanks,
)
from pipelines.sources.inbox.mapping import Layout, Mapping

_SHOWN_HEADERS = 12


@dataclass(frozen=True)
class Columns:
    """A header row under a mapping: which column is which, by position.

    ``headers`` are made unique (备注, 备注#2). ``extra`` columns are kept as they are. ``masked``
    ones hold personal data: only their presence is ever shown.
    """

    headers: list[str]
    by_field: dict[str, int]
    extra: list[int]
    personal: list[int]
    masked: frozenset[int]
    header_line: int

    @property
    def width(self) -> int:
        """Cells of a whole row."""
        return len(self.headers)


@dataclass(frozen=True)
class Recognised:
    """What a file is."""

    mapping: Mapping
    layout: str
    columns: Columns


def recognise(preview: Sequence[Row], mappings: MappingOf[str, Mapping], name: str) -> Recognised:
    """Find the header row and the kind of a file.

    Args:
        preview: The first rows.
        mappings: The kinds that come into question.
        name: The file's name, for the message.

    Raises:
        InputRefusedError: No kind fits; names the nearest one and the headers that differ.
    """
    fitting = [
        (len(columns.by_field), -row.line, mapping, columns)
        for row in _candidates(preview)
        for mapping in mappings.values()
        if has_signature(mapping, row.cells)
        for columns in [bind(mapping, row)]
    ]
    if not fitting:
        raise InputRefusedError(*_refusal(preview, mappings, name))
    fitting.sort(key=lambda item: item[:2], reverse=True)
    _, _, mapping, columns = fitting[0]
    return Recognised(mapping, nearest_layout(mapping, columns.headers)[1].name, columns)


def has_signature(mapping: Mapping, headers: Sequence[str]) -> bool:
    """Whether a header row holds everything that the kind requires."""
    return all(find_header(headers, names) is not None for names in mapping.requires)


def bind(mapping: Mapping, row: Row) -> Columns:
    """Place each column of a header row: a field, personal data, or extra."""
    headers = _unique(without_trailing_blanks(row.cells))
    by_field = {
        field.name: position
        for field in mapping.fields
        for position in [find_header(headers, field.headers)]
        if position is not None
    }
    hidden = {by_field[f.name] for f in mapping.fields if f.pii and f.name in by_field}
    dropped = {canonical(name) for name in mapping.dropped}
    extra: list[int] = []
    personal: list[int] = []
    for position in sorted(set(range(len(headers))) - set(by_field.values())):
        if canonical(headers[position].split("#")[0]) in dropped:
            hidden.add(position)
        elif headers[position] == mapping.records:
            continue  # the list that holds the records, not a column
        else:
            (personal if looks_personal(headers[position]) else extra).append(position)
    masked = frozenset({*hidden, *personal})
    return Columns(headers, by_field, extra, personal, masked, row.last_line)


def _unique(headers: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    unique = []
    for position, header in enumerate(headers, 1):
        name = "".join(header.split()).strip("\ufeff\u200b") or f"({position})"
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return unique


def _candidates(preview: Sequence[Row]) -> Iterator[Row]:
    """Rows that could be a header: nobody's header row has fewer than two names."""
    for row in preview[:HEADER_SEARCH_ROWS]:
        if sum(bool(canonical(cell)) for cell in row.cells) >= 2:
            yield row


def nearest_layout(mapping: Mapping, headers: Sequence[str]) -> tuple[float, Layout]:
    """The layout of a kind that shares most headers with a row, and the share (0 to 1)."""
    return max(
        ((_share(layout.headers, headers), layout) for layout in mapping.layouts),
        key=lambda item: item[0],
    )


def _share(known: Iterable[str], seen: Iterable[str]) -> float:
    left, right = {canonical(item) for item in known}, {canonical(item) for item in seen}
    return len(left & right) / len(left | right) if left | right else 0.0


def _refusal(
    preview: Sequence[Row], mappings: MappingOf[str, Mapping], name: str
) -> tuple[str, str]:
    """What to say of a file that no kind fits. Cells are shown only if they are headers."""
    kinds = "See what is recognised with: koujing inbox kinds"
    nearest = max(
        (
            (share, row, mapping, layout)
            for row in _candidates(preview)
            for mapping in mappings.values()
            for share, layout in [nearest_layout(mapping, row.cells)]
        ),
        key=lambda item: item[0],
        default=None,
    )
    if nearest is None or nearest[0] == 0:
        # The row may be data with buyers in it, so it is not quoted.
        return (
            f"{name} is no known kind of export: none of its first {HEADER_SEARCH_ROWS} rows"
            " holds a header that any kind knows.",
            f"Export it again with the header row. {kinds}",
        )
    _, row, mapping, layout = nearest
    seen = {canonical(cell) for cell in row.cells}
    known = {canonical(header) for header in layout.headers}
    lacking = [" or ".join(names) for names in mapping.requires if not _any_in(names, seen)]
    missing = [header.strip() for header in layout.headers if canonical(header) not in seen]
    other = [cell.strip() for cell in row.cells if canonical(cell) and canonical(cell) not in known]
    return (
        f"{name} is no known kind of export. Nearest: {mapping.kind} ({mapping.title}), layout"
        f" {layout.name}; header in row {row.line}. It must have: {_listed(lacking)}."
        f" Headers of that layout that the file lacks: {_listed(missing)}."
        f" Headers of the file that the layout lacks: {_listed(other)}.",
        f"Export it with those columns, or add a mapping (inbox/README.md). {kinds}",
    )


def _any_in(names: Iterable[str], seen: set[str]) -> bool:
    return any(canonical(name) in seen for name in names)


def _listed(headers: Sequence[str]) -> str:
    shown = [header[:40] for header in headers[:_SHOWN_HEADERS]]
    more = len(headers) - len(shown)
    return (", ".join(shown) or "none") + (f" and {more} more" if more else "")


def chosen_kinds(mappings: MappingOf[str, Mapping], kind: str | None) -> MappingOf[str, Mapping]:
    """The kinds that come into question: all, or the one that was asked for.

    Raises:
        UsageError: No such kind.
    """
    if kind is None:
        return mappings
    if kind not in mappings:
        near = difflib.get_close_matches(kind, mappings, 1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UsageError(f"No kind '{kind}'.", f"{hint}Known: {', '.join(sorted(mappings))}.")
    return {kind: mappings[kind]}
