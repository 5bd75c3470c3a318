from __future__ import annotations

from decimal import Decimal

import pytest

from dashboards.numbers import Change, change_of, full, share_text, short, tone


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "expected"),
    [
        (Decimal("62354012.50"), "CNY", 2, "6,235.4 万元"),
        (Decimal("482100"), "CNY", 2, "48.21 万元"),
        (Decimal("9999.99"), "CNY", 2, "9,999.99 元"),
        (Decimal("9999.996"), "CNY", 2, "1.00 万元"),
        (Decimal("99999999.99"), "CNY", 2, "1.00 亿元"),
        (Decimal("123456789.00"), "CNY", 2, "1.23 亿元"),
        (Decimal("-25000.00"), "CNY", 2, "-2.50 万元"),
        (Decimal("0.00"), "CNY", 2, "0.00 元"),
        (482_100, "orders", 0, "48.21 万单"),
        (7, "orders", 0, "7 单"),
        (Decimal("0.1481"), "percent", 4, "14.81%"),
        (Decimal("7.4"), "ratio", 2, "7.40"),
        (Decimal("129.305"), "CNY_per_order", 2, "129.31 元/单"),
        (3, "boxes", 0, "3 boxes"),
        (None, "CNY", 2, "—"),
    ],
    ids=str,
)
def test_the_screen_shows_wan_and_yi(
    value: Decimal | int | None, unit: str, decimals: int, expected: str
) -> None:
    assert str(short(value, unit, decimals)) == expected


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "expected"),
    [
        (Decimal("62354012.50"), "CNY", 2, "62,354,012.50 元"),
        (Decimal("90071992547409931.07"), "CNY", 2, "90,071,992,547,409,931.07 元"),
        (482_100, "orders", 0, "482,100 单"),
        (Decimal("0.1481"), "percent", 4, "14.81%"),
        (None, "CNY", 2, "—"),
    ],
    ids=str,
)
def test_the_full_figure_keeps_every_digit(
    value: Decimal | int | None, unit: str, decimals: int, expected: str
) -> None:
    assert full(value, unit, decimals) == expected


@pytest.mark.parametrize(
    ("change", "direction", "expected"),
    [
        ("0.1", "up", "good"),
        ("-0.1", "up", "bad"),
        ("0.1", "down", "bad"),
        ("-0.1", "down", "good"),
        ("0.1", "none", "flat"),
        ("-0.1", "none", "flat"),
        ("0", "up", "flat"),
    ],
)
def test_a_change_is_judged_by_the_metrics_own_direction(
    change: str, direction: str, expected: str
) -> None:
    assert tone(Decimal(change), direction) == expected


def test_money_moves_by_the_ratio_of_the_semantic_layer() -> None:
    moved = change_of(Decimal("16000.78"), Decimal("12800.00"), Decimal("0.2501"), "CNY", "up")

    assert moved == Change("▲", "25.0%", "good")


def test_a_rate_moves_in_percentage_points() -> None:
    moved = change_of(Decimal("0.1480"), Decimal("0.1610"), Decimal("-0.0807"), "percent", "down")

    assert moved == Change("▼", "1.30 百分点", "good")


def test_what_did_not_move_has_no_arrow() -> None:
    assert change_of(5, 5, Decimal(0), "orders", "up") == Change("", "持平", "flat")


def test_from_nothing_to_nothing_is_no_change_and_to_something_no_percentage() -> None:
    assert change_of(0, 0, None, "orders", "up") == Change("", "持平", "flat")
    assert change_of(5, 0, None, "orders", "up") is None


@pytest.mark.parametrize(("value", "previous"), [(None, Decimal(1)), (Decimal(1), None)])
def test_without_both_values_there_is_no_change(
    value: Decimal | None, previous: Decimal | None
) -> None:
    assert change_of(value, previous, None, "CNY", "up") is None


def test_a_tiny_share_is_not_nothing() -> None:
    assert share_text(Decimal("0.01"), Decimal(1000)) == "<0.1%"
    assert share_text(Decimal(0), Decimal(1000)) == "0.0%"
    assert share_text(Decimal("419"), Decimal(1000)) == "41.9%"
