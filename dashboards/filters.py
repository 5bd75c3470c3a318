"""The filters of a page and their one form in the address: shareable, and never a crash.

Data flow: query string -> ``parse`` -> ``Filters`` + notices in words -> ``to_search`` -> query
string. What a reader may see is not decided here (``query.py``); this only knows what exists for
them, so a value outside is "unknown" whether it is misspelt or somebody else's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal, cast, get_args
from urllib.parse import parse_qsl, urlencode

Compare = Literal["previous_period", "yoy"]
Grain = Literal["day", "week", "month"]

COMPARE_WORDS: dict[Compare, str] = {"previous_period": "上一周期", "yoy": "去年同期"}
GRAIN_WORDS: dict[Grain, str] = {"day": "日", "week": "周", "month": "月"}
DEFAULT_DAYS = 30
LONGEST_SEARCH = 4000
_LONGEST_ECHO = 40
_WORDS = {"shop": "店铺", "channel": "渠道", "compare": "对比方式", "grain": "粒度", "sort": "排序"}


@dataclass(frozen=True)
class Choices:
    """What can be chosen: the days with data, and the members that this reader may see."""

    first: date
    last: date
    shops: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    sorts: tuple[str, ...] = ()

    @property
    def default_start(self) -> date:
        """The first of the last 30 days that have data."""
        return max(self.first, self.last - timedelta(days=DEFAULT_DAYS - 1))


@dataclass(frozen=True)
class Filters:
    """What a reader asks for; ``start`` and ``end`` are inclusive business days.

    ``grain`` None follows the length of the range; ``sort`` is a metric id, ``-`` first to turn
    the order round.
    """

    start: date
    end: date
    shops: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    compare: Compare = "previous_period"
    grain: Grain | None = None
    sort: str = ""

    @property
    def days(self) -> int:
        """The length of the range in days."""
        return (self.end - self.start).days + 1

    @property
    def drawn_grain(self) -> Grain:
        """The grain of the trend: the chosen one, else the one that suits the range."""
        if self.grain:
            return self.grain
        return "day" if self.days <= 62 else "week" if self.days <= 400 else "month"

    @property
    def compare_words(self) -> str:
        """The comparison in words."""
        return COMPARE_WORDS[self.compare]


def defaults(choices: Choices) -> Filters:
    """The filters of an address without a query string."""
    return Filters(start=choices.default_start, end=choices.last)


def parse(search: str, choices: Choices) -> tuple[Filters, tuple[str, ...]]:
    """Read a query string; whatever cannot be used is left out and said.

    Args:
        search: With or without the leading ``?``; untrusted.
        choices: What exists for this reader.

    Returns:
        The filters, and one Chinese sentence for each thing that was left out.
    """
    notices: list[str] = []
    if len(search) > LONGEST_SEARCH:
        return defaults(choices), ("网址里的筛选太长，已全部忽略。",)
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(search.removeprefix("?"), keep_blank_values=True):
        given.setdefault(name, []).append(value)
    filters = replace(
        _dates(given, choices, notices),
        shops=_members("shop", given, choices.shops, notices),
        channels=_members("channel", given, choices.channels, notices),
        compare=cast(
            "Compare",
            _one("compare", given, get_args(Compare), notices) or "previous_period",
        ),
        grain=cast("Grain | None", _one("grain", given, get_args(Grain), notices) or None),
        sort=_one("sort", given, _sorts(choices), notices),
    )
    notices += [f"网址里的参数「{_echo(name)}」不认识，已忽略。" for name in given]
    return filters, tuple(notices)


def to_search(filters: Filters, choices: Choices) -> str:
    """The query string of some filters, without what is the default; empty for the defaults."""
    usual = defaults(choices)
    pairs: list[tuple[str, str]] = []
    if (filters.start, filters.end) != (usual.start, usual.end):
        pairs += [("from", filters.start.isoformat()), ("to", filters.end.isoformat())]
    pairs += [("channel", key) for key in filters.channels]
    pairs += [("shop", key) for key in filters.shops]
    if filters.compare != usual.compare:
        pairs.append(("compare", filters.compare))
    if filters.grain:
        pairs.append(("grain", filters.grain))
    if filters.sort:
        pairs.append(("sort", filters.sort))
    return f"?{urlencode(pairs)}" if pairs else ""


def _dates(given: dict[str, list[str]], choices: Choices, notices: list[str]) -> Filters:
    usual = defaults(choices)
    texts = {name: given.pop(name)[-1] for name in ("from", "to") if name in given}
    if not texts:
        return usual
    try:
        # A link with one end keeps that end; the other one is the edge of the data.
        start = date.fromisoformat(texts["from"]) if "from" in texts else choices.first
        end = date.fromisoformat(texts["to"]) if "to" in texts else choices.last
    except ValueError:
        notices.append(
            f"网址里的日期「{_echo(' 至 '.join(texts.values()))}」不是有效日期，"
            "已改用最近 30 个有数据的日子。"
        )
        return usual
    if start > end:
        notices.append(f"网址里的开始日期 {start} 晚于结束日期 {end}，已改用默认日期。")
        return usual
    return _within(Filters(start=start, end=end), choices, notices)


def _within(asked: Filters, choices: Choices, notices: list[str]) -> Filters:
    """Days without data at the ends are cut, so that a change compares like with like."""
    start, end = max(asked.start, choices.first), min(asked.end, choices.last)
    if start > end:
        notices.append(
            f"{asked.start} 至 {asked.end} 没有数据：数据从 {choices.first} 到 {choices.last}，"
            "已改用最近 30 个有数据的日子。"
        )
        return defaults(choices)
    if (start, end) != (asked.start, asked.end):
        notices.append(f"所选 {asked.start} 至 {asked.end} 超出数据范围，已截为 {start} 至 {end}。")
    return Filters(start=start, end=end)


def _members(
    name: str, given: dict[str, list[str]], known: Mapping[str, str], notices: list[str]
) -> tuple[str, ...]:
    asked = list(dict.fromkeys(value for value in given.pop(name, []) if value))
    unknown = [value for value in asked if value not in known]
    if unknown:
        shown = "、".join(_echo(value) for value in unknown[:3])
        more = f" 等 {len(unknown)} 个" if len(unknown) > 3 else ""
        notices.append(f"{_WORDS[name]}「{shown}」{more}不存在或不在你的数据范围内，已忽略。")
    return tuple(value for value in asked if value in known)


def _one(
    name: str, given: dict[str, list[str]], allowed: tuple[str, ...], notices: list[str]
) -> str:
    value = given.pop(name, [""])[-1]
    if not value or value in allowed:
        return value
    notices.append(f"网址里的{_WORDS[name]}「{_echo(value)}」不认识，已忽略。")
    return ""


def _sorts(choices: Choices) -> tuple[str, ...]:
    return (*choices.sorts, *(f"-{name}" for name in choices.sorts))


def _echo(text: str) -> str:
    return text if len(text) <= _LONGEST_ECHO else f"{text[:_LONGEST_ECHO]}…"
