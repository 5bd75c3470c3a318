"""How a number is written: 万/亿 on the screen, every digit in titles and downloads.

Everything stays ``Decimal`` until it is text. A metric's unit, decimals and direction come from
its dictionary entry; what does not belong here is any arithmetic between metrics.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Tone = Literal["good", "bad", "flat"]
Number = Decimal | int

WAN = Decimal(10_000)
YI = Decimal(100_000_000)
UNIT_WORDS = {
    "CNY": "元",
    "orders": "单",
    "cases": "单",
    "lines": "子订单",
    "pieces": "件",
    "people": "人",
    "times": "次",
    "days": "天",
    "hours": "小时",
    "shops": "家",
    "percent": "%",
    "ratio": "",
    "CNY_per_order": "元/单",
    "CNY_per_buyer": "元/人",
    "CNY_per_click": "元/次",
    "CNY_per_mille": "元/千次",
    "pieces_per_order": "件/单",
}
MISSING = "—"


@dataclass(frozen=True)
class Written:
    """A number in two parts, so that the unit can be set smaller."""

    value: str
    unit: str

    def __str__(self) -> str:
        return (
            f"{self.value}{self.unit}" if self.unit == "%" else f"{self.value} {self.unit}".strip()
        )


def unit_word(unit: str) -> str:
    """A unit of the dictionary in Chinese; an unknown unit is shown as it is written there."""
    return UNIT_WORDS.get(unit, unit)


def short(value: Number | None, unit: str, decimals: int) -> Written:
    """A number as the screen shows it: four or more digits that mean something, 万 and 亿.

    Args:
        value: Yuan, a count, or a rate 0..1 when ``unit`` is percent; None is undefined.
        unit: The dictionary's unit.
        decimals: The dictionary's decimals, used below 万; those of a rate count from 0..1.
    """
    if value is None:
        return Written(MISSING, "")
    number = Decimal(value)
    word = unit_word(unit)
    if unit == "percent":
        return Written(_grouped(number * 100, max(decimals - 2, 1)), word)
    if unit == "ratio":
        return Written(_grouped(number, decimals), word)
    # Compared after rounding: 9,999.996 yuan is 1.00 万元 and not 10,000.00 元.
    if abs(_rounded(number, decimals)) < WAN:
        return Written(_grouped(number, decimals), word)
    scaled = number / WAN
    if abs(_rounded(scaled, _digits(scaled))) < WAN:
        return Written(_grouped(scaled, _digits(scaled)), f"万{word}")
    scaled = number / YI
    return Written(_grouped(scaled, _digits(scaled)), f"亿{word}")


def full(value: Number | None, unit: str, decimals: int) -> str:
    """Every digit, for titles and hover: ``62,354,012.50 元``."""
    if value is None:
        return MISSING
    number = Decimal(value)
    if unit == "percent":
        return f"{_grouped(number * 100, max(decimals - 2, 1))}%"
    return f"{_grouped(number, decimals)} {unit_word(unit)}".strip()


@dataclass(frozen=True)
class Change:
    """A change against the compared period: an arrow for direction, a tone for good or bad."""

    arrow: str
    text: str
    tone: Tone


def change_of(
    value: Number | None, previous: Number | None, ratio: Decimal | None, unit: str, direction: str
) -> Change | None:
    """How a metric moved, judged by its own direction.

    A rate moves in percentage points (14.8% after 16.1% is 1.3 points less, not 8.1% less);
    everything else moves by ``ratio``, which the semantic layer has computed.

    Returns:
        None where there is nothing to compare with.
    """
    if value is None or previous is None:
        return None
    if unit == "percent":
        points = _rounded((Decimal(value) - Decimal(previous)) * 100, 2)
        return _changed(points, f"{abs(points)} 百分点", direction)
    if ratio is None:
        # From nothing to something is no percentage; from nothing to nothing is no change.
        return _changed(Decimal(0), "", direction) if value == previous else None
    percent = _rounded(ratio * 100, 1)
    return _changed(percent, f"{_grouped(abs(percent), 1)}%", direction)


def tone(change: Decimal, direction: str) -> Tone:
    """Good or bad by the metric's direction (``up``, ``down`` or ``none``)."""
    if not change or direction not in {"up", "down"}:
        return "flat"
    return "good" if (change > 0) == (direction == "up") else "bad"


def share_text(part: Decimal, whole: Decimal) -> str:
    """A part of a whole as a percentage with one decimal; tiny is not nothing."""
    percent = part / whole * 100
    return "<0.1%" if 0 < percent < Decimal("0.05") else f"{_rounded(percent, 1)}%"


def _changed(change: Decimal, size: str, direction: str) -> Change:
    if not change:
        return Change("", "持平", "flat")
    return Change("▲" if change > 0 else "▼", size, tone(change, direction))


def _digits(scaled: Decimal) -> int:
    return 1 if abs(scaled) >= 1000 else 2


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _grouped(value: Decimal, decimals: int) -> str:
    return f"{_rounded(value, decimals):,}"
