from __future__ import annotations

from datetime import date
from decimal import Decimal

from dashboards.filters import Filters
from dashboards.query import Scope, Semantics
from dashboards.spec import WatchBlock, load_pages
from dashboards.watch import Sentence, sentences
from tests.fakes.metric_reader import Fact, FakeMetricReader

(OVERVIEW,) = load_pages()
(BLOCK,) = [block for block in OVERVIEW.blocks() if isinstance(block, WatchBlock)]


def found(reader: FakeMetricReader) -> list[Sentence]:
    filters = Filters(date(2026, 11, 20), date(2026, 11, 21))
    return sentences(Semantics(lambda: reader, dict).page_data(Scope(), OVERVIEW, filters), BLOCK)


def test_the_most_money_comes_first(reader: FakeMetricReader) -> None:
    reader.facts.append(Fact(date(2026, 11, 18), "dy-book", "doudian", None, Decimal("8000.00"), 9))
    reader.marks["refund_amt"] = {
        "undated": {
            "zh": "有 1,500.00 元退款没有时间",
            "metric": "refund_amt_by_pay",
            "value": "1500.00",
        }
    }

    told = [(each.subject, each.money) for each in found(reader)]

    assert told == [
        ("抖店图书专营", Decimal("7456.00")),
        ("天猫旗舰店", Decimal("2000.00")),
        ("退款金额", Decimal("1500.00")),
        ("抖店旗舰店", Decimal("656.78")),
    ]


def test_a_mover_is_told_with_both_sizes_and_a_way_to_it(reader: FakeMetricReader) -> None:
    (mover, _) = found(reader)

    assert mover.text == "支付金额较上一周期增加 2,000.00 元（20.0%），现为 1.20 万元。"
    assert mover.narrow_to == ("shop", "tmall-demo")


def test_a_silent_shop_is_told_with_what_it_sold_before(reader: FakeMetricReader) -> None:
    reader.facts = [fact for fact in reader.facts if fact.day != date(2026, 11, 20)]

    assert found(reader)[0].subject == "天猫旗舰店"
    assert "上一周期有 1.00 万元" in found(reader)[0].text


def test_small_moves_are_not_news(reader: FakeMetricReader) -> None:
    reader.facts = [fact for fact in reader.facts if fact.shop == "tmall-demo"]
    reader.facts[1] = Fact(
        date(2026, 11, 20), "tmall-demo", "taobao", "浙江省", Decimal("11999.99"), 4
    )
    reader.facts.append(Fact(date(2026, 11, 21), "tmall-demo", "taobao", None, Decimal(0)))

    assert found(reader) == []
