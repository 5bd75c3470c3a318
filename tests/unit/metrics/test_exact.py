from __future__ import annotations

from decimal import Decimal

import pytest

from metrics_dictionary.query import exact
from tests.unit.metrics.test_catalog import entry


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (2.01 / 2, 2, "1.01"),  # 1.005 as a double is below the half; on paper it is the half
        (15.3049999999995, 2, "15.31"),  # 15.305 hours, made of quotients with twelve places
        (15.30499999, 2, "15.30"),
        (36359.35 / 38, 2, "956.83"),  # and so far below here that its shortest text is, too
        (1 / 3, 4, "0.3333"),
        (2 / 3, 4, "0.6667"),
        (Decimal("2474823.07"), 2, "2474823.07"),
        (-0.125, 2, "-0.13"),
        (1e-7, 4, "0.0000"),
    ],
)
def test_a_quotient_is_rounded_as_on_paper(
    value: float | Decimal, decimals: int, expected: str
) -> None:
    assert str(exact(value, entry("m", "某", decimals=decimals))) == expected


def test_counts_are_integers_and_undefined_stays_undefined() -> None:
    assert exact(24087, entry("m", "某", decimals=0)) == 24087
    assert exact(None, entry("m", "某")) is None
