"""今日值得看: sentences that follow from the figures and their marks, and from nothing else.

Each says who, what and how much, and is ordered by the money it touches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from dashboards.figures import Figures, PageData
from dashboards.numbers import short
from dashboards.spec import MarkRule, MoversRule, SilentRule, WatchBlock

LOUD_CHANGE = Decimal("0.2")


@dataclass(frozen=True)
class Sentence:
    """One thing worth a look.

    Attributes:
        subject: Who or what, set bold.
        text: What happened, in words.
        money: The yuan that it touches; the order of the list.
        metric: The metric whose definition explains it.
        narrow_to: Dimension and member to look at alone, where there is one.
    """

    subject: str
    text: str
    money: Decimal
    metric: str
    narrow_to: tuple[str, str] | None = None


def sentences(data: PageData, block: WatchBlock) -> list[Sentence]:
    """What the rules of a block find, the most money first."""
    found: list[Sentence] = []
    for rule in block.rules:
        match rule:
            case MarkRule():
                found += _marked(data, rule)
            case SilentRule():
                found += _silent(data, rule)
            case MoversRule():
                found += _movers(data, rule)
    return sorted(found, key=lambda sentence: sentence.money, reverse=True)


def _marked(data: PageData, rule: MarkRule) -> Iterator[Sentence]:
    mark = data.totals.marks_of(rule.metric).get(rule.mark)
    if mark is None:
        return
    bearer = data.entries.get(str(mark.get("metric")))
    # A mark counts what it is about in its own metric; only money has a place in this order.
    money = _money(mark.get("value")) if bearer and bearer.unit == "CNY" else Decimal(0)
    text = str(mark.get("zh") or rule.mark).rstrip("。")
    yield Sentence(data.entries[rule.metric].zh, f"{text}。", money, rule.metric)


def _silent(data: PageData, rule: SilentRule) -> Iterator[Sentence]:
    entry = data.entries[rule.metric]
    for key, row in _members(data, rule.by):
        before = row.previous(rule.metric)
        if row.number(rule.metric) or not before:
            continue
        amount = short(before, entry.unit, entry.decimals)
        yield Sentence(
            data.label(rule.by, key),
            f"所选日期内没有{entry.zh}，{data.filters.compare_words}有 {amount}。"
            "请确认是停业还是数据未到。",
            Decimal(before),
            rule.metric,
        )


def _movers(data: PageData, rule: MoversRule) -> list[Sentence]:
    entry = data.entries[rule.metric]
    moved: list[tuple[Decimal, str, Figures]] = []
    for key, row in _members(data, rule.by):
        value, before, change = (
            row.number(rule.metric),
            row.previous(rule.metric),
            row.change(rule.metric),
        )
        if not value or before is None or change is None or abs(change) < LOUD_CHANGE:
            continue
        moved.append((Decimal(value) - Decimal(before), key, row))
    moved.sort(key=lambda item: abs(item[0]), reverse=True)
    return [
        Sentence(
            data.label(rule.by, key),
            f"{entry.zh}较{data.filters.compare_words}{'增加' if delta > 0 else '减少'} "
            f"{short(abs(delta), entry.unit, entry.decimals)}"
            f"（{short(row.change(rule.metric), 'percent', 1)}），"
            f"现为 {short(row.number(rule.metric), entry.unit, entry.decimals)}。",
            abs(delta),
            rule.metric,
            (rule.by, key),
        )
        for delta, key, row in moved[: rule.limit]
    ]


def _members(data: PageData, by: str) -> Iterator[tuple[str, Figures]]:
    for row in data.breakdowns.get(by, ()):
        key = row.values.get(by)
        if key:
            yield str(key), row


def _money(value: object) -> Decimal:
    try:
        return Decimal(str(value)) if value is not None else Decimal(0)
    except InvalidOperation:
        return Decimal(0)
