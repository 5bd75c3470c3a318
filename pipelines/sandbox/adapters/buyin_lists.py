"""What the alliance's order lists are asked by: a time range or order ids, page size and cursor.

Refusals are numbered as in platform notes buyin.md section 5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from pipelines.sandbox.adapter import Answer, Outside
from pipelines.sandbox.adapters import doudian_gateway as gateway
from pipelines.sandbox.listing import Listing, page_from
from pipelines.settings import SHANGHAI

_SPAN = timedelta(days=90)
_TOO_OLD = gateway.parameter(1039, "开始时间不能早于90天前")

# (world, its owner's id there, clock, the time that it is ordered by)
Make = Callable[[Mapping[str, pl.DataFrame], str, datetime, str], Listing]


class Refused(Exception):  # noqa: N818 - named by what happened
    """A call that is answered with a refusal."""

    def __init__(self, refusal: gateway.Refusal) -> None:
        super().__init__(refusal[2])
        self.refusal = refusal


@dataclass(frozen=True)
class OrderList:
    """A list endpoint: ``cursor`` is "0" first, then what was given; an empty one is the end.

    Attributes:
        make: Renders the whole list.
        largest: Most rows a page.
        most_ids: Most order ids a call.
        times: ``time_type`` to the column that it means; the first is the default.
        too_old: Its words for a range that begins too early.
    """

    make: Make
    largest: int
    most_ids: int
    times: Mapping[str, str]
    too_old: gateway.Refusal = _TOO_OLD

    def __call__(self, call: gateway.Call, outside: Outside) -> Answer:
        """One page."""
        asked = call.params
        size = whole(asked, "size", self.largest, default=self.largest)
        cursor = str(asked.get("cursor") or "0")
        if not cursor.isdigit():
            raise Refused(gateway.parameter(284, "cursor不合法"))
        by = self.times.get(str(asked.get("time_type") or next(iter(self.times))))
        if by is None:
            raise Refused(gateway.parameter(257, "time_type不合法"))
        ids = self._ids(asked)
        start, end = self._range(asked, outside.now(), needed=not ids)
        owner = call.subject.world_id
        listing = outside.rendered(
            (call.method, owner, by), lambda: self.make(outside.frames, owner, outside.now(), by)
        )
        positions: Sequence[int] = listing.window(start, end)
        if ids:
            positions = [n for n in positions if listing.ids[n].partition("/")[0] in ids]
        chosen, following = page_from(positions, int(cursor), size)
        after = b"" if following is None else str(following).encode()
        body = b'{"data":{"orders":[' + listing.page(chosen) + b'],"cursor":"' + after + b'"}}'
        return call.granted(body)

    def _ids(self, asked: Mapping[str, Any]) -> set[str]:
        ids = {each.strip() for each in str(asked.get("order_ids") or "").split(",")} - {""}
        if len(ids) > self.most_ids:
            raise Refused(gateway.parameter(1032, f"order_ids不能超过{self.most_ids}个"))
        return ids

    def _range(
        self, asked: Mapping[str, Any], now: datetime, *, needed: bool
    ) -> tuple[int | None, int | None]:
        """Start and end in epoch seconds; none where orders are named and no range is."""
        if not (asked.get("start_time") or asked.get("end_time")):
            if needed:
                raise Refused(gateway.parameter(1033, "时间范围与订单号至少一项"))
            return None, None
        start, end = _moment(asked, "start_time", 1034), _moment(asked, "end_time", 1035)
        if start > end or end - start > _SPAN:
            raise Refused(gateway.parameter(1036, "时间范围不合法"))
        if start < now - _SPAN:
            raise Refused(self.too_old)
        return int(start.timestamp()), int(end.timestamp())


def whole(asked: Mapping[str, Any], name: str, most: int, *, default: int) -> int:
    """A page size or number, from 1 to a most."""
    text = str(asked.get(name, default))
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise Refused(gateway.parameter(1031, f"{name}不合法"))
    return int(text)


def _moment(asked: Mapping[str, Any], name: str, number: int) -> datetime:
    try:
        moment = datetime.strptime(str(asked.get(name)), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        raise Refused(gateway.parameter(number, f"{name}不合法")) from None
    return moment.replace(tzinfo=SHANGHAI)
