"""One admitted call of 千川's API, its parameters checked.

Source: platform notes qianchuan.md sections 1 and 4.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

import orjson

from pipelines.sandbox.adapter import Request
from pipelines.sandbox.adapters.qianchuan_answers import Refused
from pipelines.sandbox.adapters.qianchuan_tokens import Owner

T = TypeVar("T")
REQUIRED = "(required)"  # no word of the platform
GOALS: Mapping[str, str] = {"LIVE_PROM_GOODS": "live", "VIDEO_PROM_GOODS": "video"}


@dataclass(frozen=True)
class Asked:
    """Its query, decoded, and whose token it came with."""

    owner: Owner
    query: Mapping[str, Any]

    @classmethod
    def of(cls, owner: Owner, request: Request) -> Asked:
        """Lists and objects of a query are JSON; some clients send a GET with a JSON body."""
        body = request.json()
        query: dict[str, Any] = dict(body) if isinstance(body, dict) else {}
        for name, text in request.query.items():
            try:
                query[name] = orjson.loads(text) if text[:1] in ("[", "{") else text
            except orjson.JSONDecodeError:
                raise Refused(40000, f"{name}: Invalid JSON") from None
        return cls(owner, query)

    def but_page(self) -> tuple[str, bytes]:
        """Tells one list from another; its pages are all of one."""
        same = {name: self.query[name] for name in self.query if name not in ("page", "page_size")}
        return self.owner.key, orjson.dumps(same, option=orjson.OPT_SORT_KEYS)

    def text(self, name: str) -> str:
        """A parameter that has to be there."""
        if not self.query.get(name):
            raise Refused(40000, f"{name}: Field required")
        return str(self.query[name])

    def one_of(self, name: str, words: Sequence[str], *, within: str = "") -> str:
        """One of the platform's words, by itself or within an object.

        The first word stands where nothing is said; ``REQUIRED`` there asks for one to be said.
        """
        held = self._object(within) if within else self.query
        said = str(held.get(name, words[0]))
        path = f"{within}.{name}".strip(".")
        if said == REQUIRED:
            raise Refused(40000, f"{path}: Field required")
        if said not in words:
            known = ", ".join(word for word in words if word != REQUIRED)
            raise Refused(40000, f"{path}: Input should be one of {known}")
        return said

    def advertiser(self) -> str:
        """The advertiser asked for, which must be the token's own."""
        if not self.query.get("advertiser_id"):
            raise Refused(40000, "无法解析本次请求所需的账户ID")
        account = self.text("advertiser_id")
        if account not in self.owner.advertisers:
            raise Refused(40002)
        return account

    def span(
        self, most: int, start: str = "start_date", end: str = "end_date"
    ) -> tuple[date, date]:
        """The days asked for, both ends in it; a time of day is passed over."""
        first, last = self.day(start), self.day(end)
        if not 0 <= (last - first).days < most:
            raise Refused(40000, f"{end}: the span is at most {most} days")
        return first, last

    def day(self, name: str) -> date:
        """A day, as yyyy-mm-dd or with a time."""
        try:
            return datetime.fromisoformat(self.text(name)).date()
        except ValueError:
            raise Refused(40000, f"{name}: Input should be a valid date") from None

    def metrics(self, known: Mapping[str, T]) -> dict[str, T]:
        """The asked ones; what the sandbox knows nothing of is left out."""
        found = {name: known[name] for name in self.fields() if name in known}
        if not found:
            raise Refused(40000, "fields: Input should name a metric of this report")
        return found

    def fields(self) -> list[str]:
        """Names of the asked metrics."""
        names = self.query.get("fields")
        if not isinstance(names, list) or not names:
            raise Refused(40000, "fields: Field required")
        return [str(name) for name in names]

    def _object(self, name: str) -> Mapping[str, Any]:
        held = self.query.get(name, {})
        if not isinstance(held, dict):
            raise Refused(40000, f"{name}: Input should be a valid object")
        return held

    def page(self, sizes: Container[int]) -> tuple[int, int]:
        """Page from 1, and size."""
        page, size = self._whole("page", 1), self._whole("page_size", 10)
        if page < 1:
            raise Refused(40000, "page: Input should be greater than or equal to 1")
        if size not in sizes:
            raise Refused(40000, "page_size: Input is out of range")
        return page, size

    def _whole(self, name: str, default: int) -> int:
        said = str(self.query.get(name, default))
        if not said.isdecimal():
            raise Refused(40000, f"{name}: Input should be a valid integer")
        return int(said)
