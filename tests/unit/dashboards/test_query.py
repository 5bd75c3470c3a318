from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dashboards.figures import PageData
from dashboards.filters import Filters
from dashboards.query import OutOfScopeError, Scope, Semantics
from dashboards.spec import load_pages
from metrics_dictionary.query import MetricQuery
from pipelines.errors import NothingPublishedError
from tests.fakes.metric_reader import FakeMetricReader, published

CHANNELS = {"tmall-demo": "taobao", "dy-demo": "doudian", "dy-book": "doudian"}
LAST_TWO_DAYS = Filters(date(2026, 11, 20), date(2026, 11, 21))
EVERYTHING = Scope()
TMALL = Scope(shops=frozenset({"tmall-demo"}))
DOUYIN = Scope(channels=frozenset({"doudian"}))
(OVERVIEW,) = load_pages()


@pytest.fixture
def semantics(reader: FakeMetricReader) -> Semantics:
    return Semantics(lambda: reader, lambda: CHANNELS)


def ask(**parts: object) -> MetricQuery:
    return MetricQuery.model_validate(
        {"metrics": ("pay_amt",), "start": date(2026, 11, 20), "end": date(2026, 11, 21)} | parts
    )


def page_data(semantics: Semantics, scope: Scope = EVERYTHING, **parts: object) -> PageData:
    filters = Filters(date(2026, 11, 20), date(2026, 11, 21), **parts)  # type: ignore[arg-type]
    return semantics.page_data(scope, OVERVIEW, filters)


def test_the_totals_are_those_of_the_range(semantics: Semantics) -> None:
    totals = page_data(semantics).totals

    assert totals.number("pay_amt") == Decimal("16000.78")
    assert totals.previous("pay_amt") == Decimal("12800.00")
    assert totals.number("pay_order_cnt") == 7
    assert totals.number("shop_roi") == Decimal("16.00")


def test_a_page_asks_once_for_each_grouping_and_not_once_for_each_card(
    semantics: Semantics, reader: FakeMetricReader
) -> None:
    page_data(semantics)

    assert sorted((query.by, query.compare) for query in reader.queries if query.compare) == [
        ((), "previous_period"),
        (("day",), "previous_period"),
        (("province",), "previous_period"),
        (("shop",), "previous_period"),
    ]
    assert [query.by for query in reader.queries if not query.compare] == [("shop",)]


def test_the_same_page_is_answered_from_memory_until_a_version_is_published(
    semantics: Semantics, reader: FakeMetricReader
) -> None:
    page_data(semantics)
    asked = len(reader.queries)
    page_data(semantics)
    assert len(reader.queries) == asked

    reader.published = published("v20261123.013005")
    data = page_data(semantics)

    assert len(reader.queries) == 2 * asked
    assert data.version.version == "v20261123.013005"


def test_the_memory_is_bounded(
    semantics: Semantics, reader: FakeMetricReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboards.query.CACHED_RESULTS", 2)
    for shop in CHANNELS:
        semantics.run(EVERYTHING, ask(where={"shop": (shop,)}))
    semantics.run(EVERYTHING, ask(where={"shop": ("dy-book",)}))
    assert len(reader.queries) == 3

    semantics.run(EVERYTHING, ask(where={"shop": ("tmall-demo",)}))

    assert len(reader.queries) == 4


def test_a_scope_narrows_a_query_that_names_no_shop(semantics: Semantics) -> None:
    assert semantics.run(TMALL, ask()).rows == [{"pay_amt": Decimal("12000.00")}]
    assert semantics.run(DOUYIN, ask()).rows == [{"pay_amt": Decimal("4000.78")}]


def test_a_query_for_a_foreign_shop_is_refused(
    semantics: Semantics, reader: FakeMetricReader
) -> None:
    with pytest.raises(OutOfScopeError):
        semantics.run(TMALL, ask(where={"shop": ("dy-demo",)}))

    assert reader.queries == []


def test_of_several_shops_only_the_allowed_ones_are_counted(semantics: Semantics) -> None:
    asked = ask(where={"shop": ("dy-demo", "tmall-demo")})

    assert semantics.run(TMALL, asked).rows == [{"pay_amt": Decimal("12000.00")}]


def test_a_breakdown_within_a_scope_names_nobody_else(semantics: Semantics) -> None:
    rows = semantics.run(TMALL, ask(by=("shop",))).rows

    assert [row["shop"] for row in rows] == ["tmall-demo"]


def test_two_readers_never_share_an_answer(semantics: Semantics, reader: FakeMetricReader) -> None:
    everything = semantics.run(EVERYTHING, ask()).rows[0]["pay_amt"]
    narrowed = semantics.run(TMALL, ask()).rows[0]["pay_amt"]

    assert (everything, narrowed) == (Decimal("16000.78"), Decimal("12000.00"))


def test_a_metric_that_cannot_be_narrowed_is_refused_to_a_narrowed_reader(
    semantics: Semantics,
) -> None:
    with pytest.raises(OutOfScopeError, match="全店ROI"):
        semantics.run(TMALL, ask(metrics=("shop_roi",)))

    data = page_data(semantics, TMALL)
    assert data.totals.number("shop_roi") is None
    assert data.left_out["shop_roi"] == "不能按店铺统计"


def test_a_shop_filter_leaves_out_what_cannot_be_counted_by_shop(semantics: Semantics) -> None:
    data = page_data(semantics, shops=("dy-demo",))

    assert data.left_out == {"shop_roi": "不能按店铺统计"}
    assert data.totals.number("pay_amt") == Decimal("3456.78")


def test_the_shop_filter_offers_only_the_scope(semantics: Semantics) -> None:
    assert list(semantics.members(EVERYTHING, "shop")) == ["tmall-demo", "dy-demo", "dy-book"]
    assert list(semantics.members(TMALL, "shop")) == ["tmall-demo"]
    assert list(semantics.members(DOUYIN, "shop")) == ["dy-demo", "dy-book"]
    assert list(semantics.members(DOUYIN, "channel")) == ["doudian"]


def test_members_that_would_name_other_shops_goods_are_refused(semantics: Semantics) -> None:
    with pytest.raises(OutOfScopeError):
        semantics.members(TMALL, "product")


def test_a_shop_that_sold_before_and_not_now_is_found(
    semantics: Semantics, reader: FakeMetricReader
) -> None:
    reader.facts = [fact for fact in reader.facts if fact.day != date(2026, 11, 20)]

    rows = page_data(semantics).breakdowns["shop"]

    assert [(row.values["shop"], row.number("pay_amt"), row.previous("pay_amt")) for row in rows][
        -1
    ] == ("tmall-demo", None, Decimal("10000.00"))


def test_before_the_first_publish_every_question_says_so(
    semantics: Semantics, reader: FakeMetricReader
) -> None:
    reader.published = None

    with pytest.raises(NothingPublishedError):
        page_data(semantics)


@pytest.mark.parametrize(
    ("first", "why"), [(19, "上一周期数据不全"), (20, "上一周期无数据"), (18, "")]
)
def test_nothing_is_compared_with_a_period_that_the_data_does_not_reach(
    semantics: Semantics, reader: FakeMetricReader, first: int, why: str
) -> None:
    reader.facts = [fact for fact in reader.facts if fact.day >= date(2026, 11, first)]

    data = page_data(semantics)

    assert data.uncompared == why
    assert (data.totals.previous("pay_amt") is None) == bool(why)
