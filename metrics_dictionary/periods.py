"""Which earlier period a comparison means. Months and years map as wholes, not day by day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Literal

Comparison = Literal["previous_period", "dod", "wow", "mom", "yoy"]
COMPARISONS: tuple[Comparison, ...] = ("previous_period", "dod", "wow", "mom", "yoy")
_MONTHS = {"mom": 1, "yoy": 12}
_DAYS = {"dod": 1, "wow": 7}


def earlier_range(start: date, end: date, compare: Comparison) -> tuple[date, date]:
    """The range (inclusive) that ``start`` to ``end`` is compared with.

    ``mom`` and ``yoy`` of whole months are whole months: March compares with all of February.
    """
    if compare in _MONTHS:
        whole_months = start.day == 1 and end.day == _days_in(end)
        first = _months_back(start, _MONTHS[compare])
        last = _months_back(end, _MONTHS[compare])
        return first, last.replace(day=_days_in(last)) if whole_months else last
    days = _DAYS.get(compare, (end - start).days + 1)
    return start - timedelta(days=days), end - timedelta(days=days)


def earlier_day(day: date, start: date, end: date, compare: Comparison) -> date | None:
    """The day that ``day`` is compared with; None where there is none (31 February)."""
    if compare in _MONTHS:
        earlier = _months_back(day, _MONTHS[compare])
        return earlier if earlier.day == day.day else None
    return day - timedelta(days=_DAYS.get(compare, (end - start).days + 1))


def _months_back(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _days_in(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def period_end(start_of_period: date, grain: str) -> date:
    """The last day of a period that starts on a day."""
    if grain == "day":
        return start_of_period
    if grain == "week":
        return start_of_period + timedelta(days=6)
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    return _months_back(start_of_period, -months) - timedelta(days=1)
