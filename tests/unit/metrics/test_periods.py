from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics_dictionary.periods import Comparison, earlier_day, earlier_range, period_end


@pytest.mark.parametrize(
    ("compare", "start", "end", "expected"),
    [
        (
            "previous_period",
            date(2026, 11, 8),
            date(2026, 11, 10),
            (date(2026, 11, 5), date(2026, 11, 7)),
        ),
        ("dod", date(2026, 11, 8), date(2026, 11, 10), (date(2026, 11, 7), date(2026, 11, 9))),
        ("wow", date(2026, 11, 8), date(2026, 11, 10), (date(2026, 11, 1), date(2026, 11, 3))),
        # A whole month compares with a whole month, whatever their lengths.
        ("mom", date(2026, 3, 1), date(2026, 3, 31), (date(2026, 2, 1), date(2026, 2, 28))),
        ("mom", date(2026, 2, 1), date(2026, 2, 28), (date(2026, 1, 1), date(2026, 1, 31))),
        ("mom", date(2026, 3, 10), date(2026, 3, 31), (date(2026, 2, 10), date(2026, 2, 28))),
        ("yoy", date(2024, 2, 29), date(2024, 2, 29), (date(2023, 2, 28), date(2023, 2, 28))),
        ("yoy", date(2026, 1, 1), date(2026, 12, 31), (date(2025, 1, 1), date(2025, 12, 31))),
    ],
)  # fmt: skip
def test_earlier_range(
    compare: Comparison, start: date, end: date, expected: tuple[date, date]
) -> None:
    assert earlier_range(start, end, compare) == expected


def test_a_day_without_a_counterpart_compares_with_nothing() -> None:
    assert earlier_day(date(2026, 3, 31), date(2026, 3, 1), date(2026, 3, 31), "mom") is None
    assert earlier_day(date(2026, 3, 28), date(2026, 3, 1), date(2026, 3, 31), "mom") == date(
        2026, 2, 28
    )


@pytest.mark.parametrize(
    ("grain", "start", "end"),
    [
        ("day", date(2026, 2, 1), date(2026, 2, 1)),
        ("week", date(2026, 2, 2), date(2026, 2, 8)),
        ("month", date(2024, 2, 1), date(2024, 2, 29)),
        ("quarter", date(2026, 10, 1), date(2026, 12, 31)),
        ("year", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_period_end(grain: str, start: date, end: date) -> None:
    assert period_end(start, grain) == end


@given(
    start=st.dates(date(2016, 1, 1), date(2026, 1, 1)),
    days=st.integers(0, 400),
)
def test_the_previous_period_is_as_long_and_ends_the_day_before(start: date, days: int) -> None:
    end = date.fromordinal(start.toordinal() + days)
    first, last = earlier_range(start, end, "previous_period")
    assert (last - first).days == days
    assert (start - last).days == 1
