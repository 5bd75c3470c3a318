"""Every metric of the dictionary against a number worked out by hand (golden.py)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from metrics_dictionary.docs import render
from metrics_dictionary.query import MetricQuery, MetricReader
from pipelines.errors import UsageError
from pipelines.settings import PROJECT_ROOT, Settings
from tests.integration import golden

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("golden")]

FIRST, LAST = date(2026, 1, 30), date(2026, 2, 5)


def test_every_metric_has_a_golden_number(reader: MetricReader) -> None:
    assert {entry.id for entry in reader.catalog.entries} == set(golden.TOTALS)


@pytest.mark.parametrize("metric", sorted(golden.TOTALS))
def test_metric_equals_the_number_worked_out_by_hand(reader: MetricReader, metric: str) -> None:
    (row,) = reader.run(MetricQuery(metrics=(metric,), start=FIRST, end=LAST)).rows
    value = row[metric]
    assert (str(value) if isinstance(value, Decimal) else value) == golden.TOTALS[metric]


def test_days_are_whole_and_a_day_without_orders_is_a_zero(reader: MetricReader) -> None:
    result = reader.run(MetricQuery(metrics=("pay_amt",), by=("day",), start=FIRST, end=LAST))
    assert [(row["day"].isoformat(), str(row["pay_amt"])) for row in result.rows] == [
        ("2026-01-30", "100.00"),
        ("2026-01-31", "0.00"),
        ("2026-02-01", "140.00"),  # T4 and P1
        ("2026-02-02", "136.00"),  # T2, paid ten seconds past midnight, and P3
        ("2026-02-03", "95.00"),
        ("2026-02-04", "0.00"),
        ("2026-02-05", "0.00"),
    ]


def test_a_week_or_month_holds_only_the_days_asked_for(reader: MetricReader) -> None:
    # MetricFlow's own time range is widened to whole weeks and months; ours must not be.
    query = MetricQuery(
        metrics=("pay_amt",), by=("month",), start=date(2026, 1, 31), end=date(2026, 2, 1)
    )
    rows = [(row["month"].isoformat(), str(row["pay_amt"])) for row in reader.run(query).rows]
    assert rows == [("2026-01-01", "0.00"), ("2026-02-01", "140.00")]


def test_refunds_by_event_date_and_by_cohort_are_two_series(reader: MetricReader) -> None:
    query = MetricQuery(
        metrics=("refund_amt", "refund_amt_by_pay"),
        by=("day",),
        start=FIRST,
        end=LAST,
        where={"shop": ("golden-doudian",)},
    )
    rows = {row["day"].day: row for row in reader.run(query).rows}
    assert {day: str(row["refund_amt"]) for day, row in rows.items()} == {
        30: "0.00", 31: "0.00", 1: "0.00", 2: "0.00", 3: "20.00", 4: "0.00", 5: "11.00",
    }  # fmt: skip
    assert {day: str(row["refund_amt_by_pay"]) for day, row in rows.items()} == {
        30: "0.00", 31: "0.00", 1: "31.00", 2: "0.00", 3: "0.00", 4: "0.00", 5: "0.00",
    }  # fmt: skip


def test_a_refund_without_a_date_is_said_and_not_guessed(reader: MetricReader) -> None:
    query = MetricQuery(
        metrics=("refund_amt", "net_pay_amt", "refund_rate", "refund_amt_by_pay"),
        start=FIRST,
        end=LAST,
        where={"shop": ("golden-tmall",)},
    )
    result = reader.run(query)
    (row,), (marks,) = result.rows, result.marks
    assert row["refund_amt"] is None
    assert row["net_pay_amt"] is None
    assert row["refund_rate"] is None
    assert str(row["refund_amt_by_pay"]) == "60.00"
    for metric in ("refund_amt", "net_pay_amt", "refund_rate"):
        assert marks[metric]["undated"]["value"] == "60.00"
    assert "undated" not in marks.get("refund_amt_by_pay", {})


def test_unknown_buyers_are_unknown_and_not_zero(reader: MetricReader) -> None:
    query = MetricQuery(metrics=("pay_buyer_uv",), by=("shop",), start=FIRST, end=LAST)
    result = reader.run(query)
    values = {row["shop"]: row["pay_buyer_uv"] for row in result.rows}
    assert values == {"golden-tmall": 3, "golden-doudian": None}


def test_twins_are_marked_beside_the_spend(reader: MetricReader) -> None:
    result = reader.run(MetricQuery(metrics=("ad_spend_amt", "ad_ctr"), start=FIRST, end=LAST))
    (marks,) = result.marks
    assert marks["ad_spend_amt"]["duplicates"]["value"] == "40.00"
    assert marks["ad_ctr"]["duplicates"]["value"] == "40.00"


def test_young_cohorts_are_marked_until_their_window_closes(reader: MetricReader) -> None:
    # Exported on 6 February: refunds of 30 January may come until 30 April.
    query = MetricQuery(metrics=("refund_rate_by_pay",), by=("day",), start=FIRST, end=FIRST)
    (marks,) = reader.run(query).marks
    assert marks["refund_rate_by_pay"]["immature"]["mature_on"] == "2026-04-30"


def test_comparison_with_the_previous_period(reader: MetricReader) -> None:
    query = MetricQuery(
        metrics=("pay_amt", "avg_order_value"),
        start=date(2026, 2, 2),
        end=date(2026, 2, 3),
        compare="previous_period",
    )
    (row,) = reader.run(query).rows
    assert str(row["pay_amt"]) == "231.00"  # 136 + 95
    assert str(row["pay_amt__prev"]) == "140.00"  # 31 January and 1 February
    assert str(row["pay_amt__change"]) == "0.6500"
    assert str(row["avg_order_value__prev"]) == "70.00"


def test_by_province_uses_one_name_for_one_place(reader: MetricReader) -> None:
    query = MetricQuery(metrics=("pay_amt",), by=("province",), start=FIRST, end=LAST)
    rows = {row["province"]: str(row["pay_amt"]) for row in reader.run(query).rows}
    # 上海 and 上海市 are one; 广东省 has T1 and P1.
    assert rows == {"上海": "156.00", "广东省": "220.00", "浙江省": "95.00"}


def test_two_metrics_that_share_no_dimension_are_refused_with_what_is_possible(
    reader: MetricReader,
) -> None:
    with pytest.raises(UsageError, match="cannot be asked by 'province'") as refused:
        reader.run(MetricQuery(metrics=("pay_amt", "ad_spend_amt"), by=("province",)))
    assert "creative" in refused.value.hint


@pytest.mark.parametrize(
    ("where", "named"),
    [
        ({"shop": ("golden-tmal",)}, "golden-tmall"),
        ({"province": ("上海市",)}, "上海"),
        ({"shop": ("x') OR 1=1 --",)}, "golden-"),
        ({"shop": ("{{ 7 * 7 }}",)}, "golden-"),
    ],
)
def test_a_value_that_the_data_does_not_have_is_refused(
    reader: MetricReader, where: dict[str, tuple[str, ...]], named: str
) -> None:
    with pytest.raises(UsageError, match="in the published data") as refused:
        reader.run(MetricQuery(metrics=("pay_amt",), where=where))
    assert named in refused.value.hint


def test_stored_daily_figures_add_up_to_the_metric(
    golden_home: Settings, reader: MetricReader
) -> None:
    with duckdb.connect(str(golden_home.serving_path), read_only=True) as connection:
        stored = dict(
            connection.execute(
                "SELECT metric_id, sum(value) FROM metrics.metrics_daily GROUP BY metric_id"
            ).fetchall()
        )
    additive = [entry.id for entry in reader.catalog.entries if entry.storable_daily]
    assert set(stored) <= set(additive)
    # A metric without anything on any day has no stored row: it is 0.
    totals = {metric: Decimal(golden.TOTALS[metric]) for metric in additive}
    assert {metric: stored.get(metric, Decimal(0)) for metric in additive} == totals


def test_the_published_facts_give_the_same_numbers_by_plain_sql(golden_home: Settings) -> None:
    with duckdb.connect(str(golden_home.serving_path), read_only=True) as connection:
        row = connection.execute(
            "SELECT count(*), sum(order_amount), count(*) FILTER (is_paid), sum(paid_amount),"
            " sum(refunded_amount), count(*) FILTER (is_exception) FROM marts.fct_orders"
        ).fetchall()[0]
    assert [str(value) for value in row] == ["8", "543.00", "6", "471.00", "91.00", "1"]


def test_the_written_catalogue_is_the_dictionary(reader: MetricReader) -> None:
    written = (PROJECT_ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert written == render(reader.catalog), "run: koujing metric docs"
