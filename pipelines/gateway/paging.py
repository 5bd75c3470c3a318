"""Reading lists to their end, whatever way a platform pages, without missing or looping."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pipelines.gateway.errors import EndlessPaging, MalformedAnswer

_MOST_PAGES = 20_000


def number_in(body: bytes, field: str) -> int:
    """A whole number that stands once in an envelope, as number or text; read without parsing all.

    Raises:
        MalformedAnswer: It is not there.
    """
    found = re.search(rb'"%b"\s*:\s*"?(\d+)"?' % field.encode(), body)
    if found is None:
        raise MalformedAnswer(f"The answer says no {field}")
    return int(found.group(1))


def backwards(
    ask: Callable[[int], bytes],
    *,
    size: int,
    total: Callable[[bytes], int],
    first: int = 0,
    opening: bytes | None = None,
) -> Iterator[bytes]:
    """All pages of a numbered list, the last page first.

    Records that change while we read leave their place and move to the end: read from the front,
    the ones behind them would slip to a page that was read already. Read from the back, they come
    twice at worst.

    Args:
        ask: The page of a number.
        size: Records a page.
        total: Records in all, as an answer says.
        first: Number of the first page (0 or 1).
        opening: The first page, where it was asked for already.

    Raises:
        EndlessPaging: More pages are promised than there can be, or one page stands for all.
    """
    opening = ask(first) if opening is None else opening
    pages = -(-total(opening) // size)
    if pages > _MOST_PAGES:
        raise EndlessPaging(f"The platform promises {pages} pages of {size}")
    before = b""
    for page in range(first + pages - 1, first, -1):
        body = ask(page)
        if body == before:
            raise EndlessPaging(
                f"The platform gives the same page for numbers {page} and {page + 1}"
            )
        before = body
        yield body
    # The first page again where there are others: what slipped onto it since is on it now.
    yield ask(first) if pages > 1 else opening


def forwards(
    ask: Callable[[str], bytes], following: Callable[[bytes, str], str | None]
) -> Iterator[bytes]:
    """All pages of a list with a cursor; ``following`` is the next cursor, None at the end.

    Raises:
        EndlessPaging: A cursor came again.
    """
    seen: set[str] = set()
    cursor: str | None = ""
    while cursor is not None:
        if cursor in seen or len(seen) >= _MOST_PAGES:
            raise EndlessPaging(f"The platform's cursor goes in circles after {len(seen)} pages")
        seen.add(cursor)
        body = ask(cursor)
        yield body
        cursor = following(body, cursor)
