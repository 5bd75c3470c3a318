"""How 京东's lists are asked: windows, pages from the back, what of an answer is read for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson

from pipelines.gateway.connector import Window
from pipelines.gateway.paging import backwards, number_in
from pipelines.settings import SHANGHAI

Ask = Callable[[Window, int], bytes]


def path(method: str, *inside: str) -> tuple[str, ...]:
    """Where an answer of a method holds something; "responce" is the platform's spelling."""
    return (f"{method.replace('.', '_')}_responce", *inside)


def clock(moment: datetime) -> str:
    """A time as the platform takes it."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def happened(window: Window, time: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether a time lies in a window; one that cannot be read is to be looked at."""
    try:
        return window.start <= moment(time) < window.end
    except ValueError:
        return True


def moment(time: Any) -> datetime:  # noqa: ANN401 - JSON
    """A time in either of the platform's spellings."""
    text = str(time)
    if text.isdigit():
        return datetime.fromtimestamp(int(text) // 1000, SHANGHAI)
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def spans(start: datetime, end: datetime, longest: timedelta) -> Iterator[Window]:
    """[start, end) in windows of some length."""
    while start < end:
        stop = min(start + longest, end)
        yield Window(start, stop)
        start = stop


def numbered(span: Window, ask: Ask, total: str, *, size: int, most: int) -> Iterator[bytes]:
    """All pages of a span, the last first; one of more rows than are paged is halved."""
    opening = ask(span, 1)
    if number_in(opening, total) > most and span.end - span.start > timedelta(seconds=2):
        middle = (span.start + (span.end - span.start) / 2).replace(microsecond=0)
        yield from numbered(Window(span.start, middle), ask, total, size=size, most=most)
        yield from numbered(Window(middle, span.end), ask, total, size=size, most=most)
        return
    yield from backwards(
        lambda page: ask(span, page),
        size=size,
        total=lambda body: number_in(body, total),
        first=1,
        opening=opening,
    )


def changed(body: bytes, inside: tuple[str, ...], window: Window, version: str) -> bytes | None:
    """An answer with those records alone whose version lies in a window; None where none does.

    For lists that cannot be asked so: another window that sees a record again lands it again.
    """
    said = orjson.loads(body)
    node = said
    for name in inside[:-1]:
        node = node[name]
    listed = node[inside[-1]] or []
    kept = [each for each in listed if happened(window, each.get(version))]
    if len(kept) == len(listed):
        return body if kept else None
    node[inside[-1]] = kept
    return orjson.dumps(said) if kept else None


def records(body: bytes, inside: tuple[str, ...]) -> list[dict[str, Any]]:
    """The records of an answer, for those who need an id or a time of each."""
    node = orjson.loads(body)
    for name in inside:
        node = node[name]
    return list(node or ())
