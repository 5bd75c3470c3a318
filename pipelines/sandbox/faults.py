"""What goes wrong on the way: fault profiles, seeded, never changing what is finally true.

A fault is decided per request from the profile's seed and the request's number. Faults of the wire
hit any answer; faults of records hit lists, on their way out. Which records are committed late or
while being paged is decided per record (``commits``). Nothing here touches the world.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.errors import UsageError
from pipelines.sandbox.adapter import Adapter
from pipelines.sandbox.commits import Commits

# Shares of requests, of records for late and moving; a profile's wire faults sum to well under 1.
PROFILES: Mapping[str, Mapping[str, float]] = {
    "none": {},
    "realistic": {
        "server_error": 0.015, "reset": 0.01, "slow": 0.02, "rate_limited": 0.01, "busy": 0.01,
        "token_dead": 0.005, "duplicate": 0.05, "unknown_field": 0.03,
        "moving": 0.1, "late": 0.1,
    },
    "hostile": {
        "server_error": 0.04, "reset": 0.03, "slow": 0.02, "rate_limited": 0.04, "busy": 0.03,
        "token_dead": 0.02, "half_sent": 0.03, "wrong_type": 0.02, "duplicate": 0.15,
        "unknown_field": 0.1, "type_flip": 0.05, "page_loop": 0.01, "moving": 0.3, "late": 0.3,
    },
}  # fmt: skip
WIRE = (
    "server_error", "reset", "slow", "rate_limited", "busy", "token_dead", "half_sent",
    "wrong_type",
)  # fmt: skip
RECORDS = ("duplicate", "unknown_field", "type_flip", "page_loop")
KINDS = (*WIRE, *RECORDS, "moving", "late")
_ALONE = 0.05  # the share of a fault that is asked for by its own name
_BURST = 3
_NEW_FIELD = b'"field_of_next_year":{"added":"2027-01","value":7},'


@dataclass
class Faults:
    """Decides and applies a profile's faults, of all channels or (``reset@jd``) of one."""

    profile: str = "none"
    seed: int = 1

    def __post_init__(self) -> None:
        name, _, self.channel = self.profile.partition("@")
        kinds = name.split("+")
        known = {*WIRE, *RECORDS} if self.channel else {*KINDS}
        if not known.issuperset(kinds) and (self.channel or name not in PROFILES):
            raise UsageError(
                f"No fault profile '{self.profile}'.",
                f"Profiles: {', '.join(PROFILES)}. Faults by name: {', '.join(KINDS)};"
                " several: duplicate+type_flip; in every answer of one channel: reset@jd.",
            )
        self._random = random.Random(self.seed)  # noqa: S311 - repeatable on purpose
        self._limited_for = 0
        alone = dict.fromkeys(kinds, 1 if self.channel else _ALONE)
        self._shares = PROFILES.get(name, alone)

    def _meets(self, channel: str) -> bool:
        return self.channel in ("", channel)

    def on_the_wire(self, channel: str) -> str | None:
        """Which fault of the wire this request meets, if any; limits come in bursts."""
        if not self._meets(channel):
            return None
        if self._limited_for > 0:
            self._limited_for -= 1
            return "rate_limited"
        drawn = self._random.random()
        for kind in WIRE:
            drawn -= self._shares.get(kind, 0)
            if drawn < 0:
                self._limited_for = _BURST if kind == "rate_limited" else 0
                return kind
        return None

    def commits(self) -> Commits:
        """Which changes lists show late, or move records while they are paged."""
        return Commits(self.seed, self._shares.get("late", 0), self._shares.get("moving", 0))

    def seconds_of_delay(self) -> float:
        """How long a slow answer takes."""
        return self._random.uniform(0.05, 0.3)

    def spoil(self, body: bytes, adapter: Adapter) -> bytes:
        """Faults of records, on an answer that holds a list of them."""
        if not self._meets(adapter.channel):
            return body
        for kind in RECORDS:
            if self._random.random() < self._shares.get(kind, 0):
                body = _SPOILERS[kind](body, adapter)
        return body

    def half(self, body: bytes) -> bytes:
        """What arrives of an answer that breaks off."""
        return body[: max(1, int(len(body) * self._random.uniform(0.2, 0.9)))]


# Everything that can open, close or hide a bracket: whole texts are passed over at once.
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}]')


def _list_in(body: bytes, adapter: Adapter) -> int | None:
    """Where the first record of the answer's list begins."""
    names = "|".join(map(re.escape, adapter.record_lists)).encode()
    found = re.search(rb'"(?:%b)":\[(?=\{)' % names, body)
    return None if found is None else found.end()


def _first_record(body: bytes, adapter: Adapter) -> tuple[int, int] | None:
    """Where the first record of the answer's list stands."""
    start = _list_in(body, adapter)
    if start is None:
        return None
    depth = 0
    for token in _TOKENS.finditer(body, start):
        depth += {b"{": 1, b"}": -1}.get(token.group(), 0)
        if depth == 0:
            return start, token.end()
    return None


def _duplicate(body: bytes, adapter: Adapter) -> bytes:
    where = _first_record(body, adapter)
    if where is None:
        return body
    start, end = where
    return body[:end] + b"," + body[start:end] + body[end:]


def _unknown_field(body: bytes, adapter: Adapter) -> bytes:
    start = _list_in(body, adapter)
    return body if start is None else body[: start + 1] + _NEW_FIELD + body[start + 1 :]


def _type_flip(body: bytes, adapter: Adapter) -> bytes:
    where = _first_record(body, adapter)
    if where is None:
        return body
    start, end = where
    name = adapter.flipped_field.encode()
    field = re.compile(rb'"%b":("(?:[^"\\]|\\.)*"|-?[\d.]+)' % re.escape(name))
    flipped = field.sub(rb'"%b":{"value":\1}' % name, body[start:end], count=1)
    return body[:start] + flipped + body[end:]


def _page_loop(body: bytes, adapter: Adapter) -> bytes:
    return adapter.endless(body)


_SPOILERS = {
    "duplicate": _duplicate,
    "unknown_field": _unknown_field,
    "type_flip": _type_flip,
    "page_loop": _page_loop,
}
