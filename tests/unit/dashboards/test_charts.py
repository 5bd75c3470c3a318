from __future__ import annotations

from datetime import date
from urllib.parse import unquote

import plotly.graph_objects as go
import pytest

from dashboards import charts
from dashboards.figures import PageData
from dashboards.filters import Filters
from dashboards.query import Scope, Semantics
from dashboards.spec import load_pages
from dashboards.theme import DARK, LIGHT
from tests.fakes.metric_reader import FakeMetricReader, company_reader

(OVERVIEW,) = load_pages()


@pytest.fixture(scope="module")
def company() -> FakeMetricReader:
    return company_reader()


def data_of(reader: FakeMetricReader, filters: Filters) -> PageData:
    return Semantics(lambda: reader, dict).page_data(Scope(), OVERVIEW, filters)


def test_a_day_without_data_is_a_gap_and_a_day_with_zero_is_zero(reader: FakeMetricReader) -> None:
    data = data_of(reader, Filters(date(2026, 11, 18), date(2026, 11, 21)))
    spend = charts.points(data, "ad_spend_amt")
    assert [point.value for point in spend] == [0, 500, 0, 1000]

    reader.facts = [fact for fact in reader.facts if fact.day != date(2026, 11, 20)]
    reader.published = reader.version.model_copy(update={"version": "v20261123.000000"})
    data = data_of(reader, Filters(date(2026, 11, 18), date(2026, 11, 21)))

    assert [point.value for point in charts.points(data, "ad_spend_amt")] == [0, 500, None, 1000]
    assert charts.gaps(charts.points(data, "ad_spend_amt")) == (date(2026, 11, 20),)


def test_the_figure_is_one_that_plotly_draws(company: FakeMetricReader) -> None:
    data = data_of(company, Filters(date(2026, 10, 23), date(2026, 11, 21)))

    figure = go.Figure(charts.trend_figure(data, "net_pay_amt_by_pay", LIGHT, height=272))

    before, settled, immature = figure.data
    assert (before.line.dash, settled.line.dash, immature.line.dash) == ("dot", None, "dash")
    assert figure.layout.height == 272
    assert not settled.connectgaps


def test_the_immature_part_starts_on_the_last_settled_day(company: FakeMetricReader) -> None:
    data = data_of(company, Filters(date(2026, 10, 23), date(2026, 11, 21)))

    immature = charts.trend_figure(data, "refund_rate_by_pay", LIGHT, height=272)["data"][2]

    drawn = [day for day, value in zip(immature["x"], immature["y"], strict=True) if value]
    assert (drawn[0], drawn[-1]) == ("2026-11-07", "2026-11-21")


def test_promotion_days_are_shaded_and_named(company: FakeMetricReader) -> None:
    data = data_of(company, Filters(date(2026, 10, 23), date(2026, 11, 21)))

    layout = charts.trend_figure(data, "pay_amt", LIGHT, height=272)["layout"]

    (shade,), (name,) = layout["shapes"], layout["annotations"]
    assert (shade["x0"], shade["x1"]) == ("2026-11-08 12:00", "2026-11-12 12:00")
    assert name["text"] == "双11"


def test_hover_shows_every_digit_and_the_axis_wan(reader: FakeMetricReader) -> None:
    data = data_of(reader, Filters(date(2026, 11, 20), date(2026, 11, 21)))

    _, settled = charts.trend_figure(data, "pay_amt", LIGHT, height=272)["data"]

    assert settled["customdata"] == ["12,000.00 元", "4,000.78 元"]
    assert settled["y"] == [1.2, 0.400078]
    assert charts.axis_unit(data, "pay_amt") == "万元"


@pytest.mark.parametrize(
    ("grain", "starts"),
    [
        ("week", [date(2026, 10, 26), date(2026, 11, 2), date(2026, 11, 9)]),
        ("month", [date(2026, 10, 1), date(2026, 11, 1)]),
    ],
)
def test_weeks_start_on_monday_and_months_on_the_first(grain: str, starts: list[date]) -> None:
    filters = Filters(date(2026, 10, 30), date(2026, 11, 10), grain=grain)  # type: ignore[arg-type]

    assert list(charts.buckets(filters)) == starts


def test_a_spark_line_breaks_at_a_gap() -> None:
    days = [date(2026, 11, day) for day in (1, 2, 3, 4, 5)]
    values = [1, 2, None, 3, 4]
    series = [charts.Point(day, value) for day, value in zip(days, values, strict=True)]

    svg = unquote(charts.spark(series, LIGHT))

    assert svg.count("<polyline") == 2
    assert charts.spark(series[:1], LIGHT) == ""


def test_a_month_that_is_cut_is_known() -> None:
    whole = Filters(date(2026, 10, 1), date(2026, 11, 30), grain="month")
    cut = Filters(date(2026, 10, 1), date(2026, 11, 21), grain="month")

    assert (charts.is_cut(whole), charts.is_cut(cut)) == (False, True)


def test_every_colour_of_a_figure_is_a_token(company: FakeMetricReader) -> None:
    data = data_of(company, Filters(date(2026, 10, 23), date(2026, 11, 21)))

    drawn = str(charts.trend_figure(data, "net_pay_amt_by_pay", DARK, height=272))

    assert DARK.brand in drawn
    assert LIGHT.brand not in drawn
