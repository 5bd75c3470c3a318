"""Lists are read to their end, without missing and without looping."""

from __future__ import annotations

import json

import pytest

from pipelines.gateway.errors import EndlessPaging, MalformedAnswer
from pipelines.gateway.paging import backwards, forwards, number_in


class MovingList:
    """A numbered list whose first record moves to the end at each question."""

    def __init__(self, count: int, *, moves: bool) -> None:
        self.records = list(range(count))
        self.moves = moves

    def ask(self, page: int) -> bytes:
        shown = self.records[page * 10 : page * 10 + 10]
        answer = json.dumps({"total": len(self.records), "list": shown}).encode()
        if self.moves:
            self.records.append(self.records.pop(0))
        return answer


def _total(body: bytes) -> int:
    return number_in(body, "total")


@pytest.mark.parametrize("count", [0, 1, 10, 11, 95])
def test_every_record_of_a_still_list_comes(count: int) -> None:
    pages = backwards(MovingList(count, moves=False).ask, size=10, total=_total)
    seen = [record for page in pages for record in json.loads(page)["list"]]
    assert sorted(set(seen)) == list(range(count))


def test_records_that_move_while_we_read_hide_no_other() -> None:
    moving = MovingList(95, moves=True)
    pages = list(backwards(moving.ask, size=10, total=_total))
    seen = {record for page in pages for record in json.loads(page)["list"]}
    moved = set(range(len(pages) + 1))  # these come with the window that holds their new time
    assert set(range(95)) - seen <= moved


def test_a_list_that_promises_too_much_is_left() -> None:
    with pytest.raises(EndlessPaging, match="promises"):
        list(backwards(lambda _: b'{"total":99999999}', size=10, total=_total))


def test_a_cursor_that_comes_again_is_left() -> None:
    with pytest.raises(EndlessPaging, match="circles"):
        list(forwards(lambda _: b"{}", lambda *_: "again"))


def test_numbers_may_come_as_text() -> None:
    assert number_in(b'{"total" : "102"}', "total") == 102
    with pytest.raises(MalformedAnswer):
        number_in(b"{}", "total")
