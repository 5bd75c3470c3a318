from __future__ import annotations

from datetime import date
from decimal import Decimal

from dash.development.base_component import Component

from dashboards.filters import Choices, Filters
from dashboards.pieces import Canvas
from dashboards.query import Scope, Semantics
from dashboards.rankings import ranking, table
from dashboards.spec import RankingBlock, TableBlock, load_pages
from dashboards.theme import LIGHT
from tests.fakes.metric_reader import Fact, FakeMetricReader

(OVERVIEW,) = load_pages()
DAY = date(2026, 11, 21)
PROVINCES = RankingBlock(kind="ranking", title="省份", metric="pay_amt", by="province", limit=3)
(SHOPS,) = [block for block in OVERVIEW.blocks() if isinstance(block, TableBlock)]


def canvas(reader: FakeMetricReader, sort: str = "") -> Canvas:
    semantics = Semantics(lambda: reader, dict)
    data = semantics.page_data(Scope(), OVERVIEW, Filters(date(2026, 11, 20), DAY, sort=sort))
    return Canvas(data, Choices(DAY, DAY, shops=reader.names["shop"]), LIGHT)


def texts(component: Component, style: str) -> list[str]:
    """The texts of the parts with a CSS class, in the order they are drawn."""
    found = [part for part in component._traverse() if getattr(part, "className", "") == style]
    return [_text(part) for part in found]


def _text(part: object) -> str:
    if isinstance(part, Component):
        return _text(getattr(part, "children", ""))
    if isinstance(part, list | tuple):
        return "".join(_text(each) for each in part)
    return "" if part is None else str(part)


def test_the_unknown_has_its_own_bar_and_never_hides_in_the_rest(reader: FakeMetricReader) -> None:
    for number, name in enumerate(("江苏省", "山东省", "四川省")):
        paid = Decimal(f"{100 - number}.00")
        reader.facts.append(Fact(DAY, "dy-demo", "doudian", name, paid, 1))

    drawn = ranking(canvas(reader), PROVINCES, "here")

    assert texts(drawn, "bar-name") == ["浙江省", "广东省", "江苏省", "其余 2 个", "未知"]
    assert texts(drawn, "bar-value") == [
        "1.20 万元73.6%",
        "3,456.78 元21.2%",
        "100.00 元0.6%",
        "197.00 元1.2%",
        "544.00 元3.3%",
    ]


def test_undefined_values_come_last_in_either_order(reader: FakeMetricReader) -> None:
    reader.facts.append(Fact(DAY, "dy-demo", "doudian", None, refunded=Decimal("100.00")))
    reader.facts = [fact for fact in reader.facts if fact.shop != "dy-book"]
    reader.facts.append(Fact(DAY, "dy-book", "doudian", None, placed=1))

    down = _shops(table(canvas(reader, "refund_rate_by_pay"), SHOPS))
    up = _shops(table(canvas(reader, "-refund_rate_by_pay"), SHOPS))

    assert down == ["tmall-demo", "dy-demo", "dy-book"]
    assert up == ["dy-demo", "tmall-demo", "dy-book"]


def _shops(drawn: Component) -> list[str]:
    return [
        part.to_plotly_json()["props"]["data-key"] for part in drawn._traverse() if _is_row(part)
    ]


def _is_row(part: object) -> bool:
    return isinstance(part, Component) and "data-key" in part.to_plotly_json()["props"]
